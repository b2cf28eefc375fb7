"""The other region on the screen: what is ready there, and what would be lost."""

from typing import TYPE_CHECKING

from bookstore_ops.ui.text import Screen, Span, age, plain, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bookstore_ops.operations.recovery.readiness import Recovery
    from bookstore_ops.recovery.model import Piece
    from bookstore_ops.runbooks.dry_run import Foreseen
    from bookstore_ops.runbooks.page import Page
    from bookstore_ops.ui.terminal import Terminal

_STYLES = {"ready": "green", "late": "bold yellow", "missing": "bold red", "unknown": "bold yellow"}
# Words narrower than that are put on lines of their own.
_NARROWEST = 24


def show_recovery(terminal: "Terminal", recovery: "Recovery") -> None:
    """Every piece, and the document."""
    terminal.result(_screen(recovery, terminal.width))
    terminal.document("bsops.dr-status/1", _document(recovery))


def show_pieces(terminal: "Terminal", recovery: "Recovery") -> None:
    """Every piece, before something else is done."""
    terminal.show(_screen(recovery, terminal.width))


def show_rehearsal(
    terminal: "Terminal",
    recovery: "Recovery",
    page: "Page",
    foreseen: "Sequence[Foreseen]",
    *,
    proven: bool,
) -> None:
    """What the runbook would do; the pieces were shown before."""
    from bookstore_ops.runbooks.dry_run import WORDS

    terminal.say("")
    rows = [(each.step, each.block, WORDS[each.verdict], each.why or "-") for each in foreseen]
    title = f"{page.name}: what a move would do"
    terminal.table(("step", "block", "what", "why"), rows, title=title, fold=True)
    terminal.document(
        "bsops.dr-rehearsal/1",
        {
            **_document(recovery),
            "runbook": page.name,
            "blocks": [vars(each) for each in foreseen],
            "proven": proven,
        },
    )


def _screen(recovery: "Recovery", width: int) -> Screen:
    screen = Screen()
    screen.add(Span(f"{recovery.environment}: {recovery.region} to {recovery.away}", "bold"))
    for line in wrap(f"what there is to move: {plain(recovery.source)}", width):
        screen.add(Span(line, "dim"))
    name = max(len(piece.name) for piece in recovery.pieces)
    # "lost now" and "may be lost" are as wide as their headings.
    head = f"{'':{name}}  {'ready?':7}  {'lost now':8}  {'may lose':8}  "
    indent = len(head) if width - len(head) >= _NARROWEST else 4
    screen.add(Span(head, "dim"))
    for piece in recovery.pieces:
        row: list[str | Span] = [
            Span(f"{piece.name:{name}}  ", "bold"),
            Span(f"{piece.readiness:7}", _STYLES[piece.readiness]),
            f"  {_lost(piece):8}  {_limit(piece):8}  ",
        ]
        words = wrap(plain(piece.words), width - indent)
        if indent == len(head):
            screen.add(*row, words[0])
            words = words[1:]
        else:
            screen.add(*row)
        for line in words:
            screen.add(" " * indent, line)
        for line in wrap(f"next: {plain(piece.mend)}", width - indent) if piece.mend else ():
            screen.add(" " * indent, Span(line, "dim"))
    ready = len(recovery.pieces) - len(recovery.gaps)
    style = "bold green" if not recovery.gaps else "bold red"
    screen.add(Span(f"{ready} of {len(recovery.pieces)} ready", style))
    return screen


def _lost(piece: "Piece") -> str:
    if piece.lost_seconds is not None:
        return age(piece.lost_seconds)
    if not piece.holds_data:
        return "-"
    return "all" if piece.readiness == "missing" else "?"


def _limit(piece: "Piece") -> str:
    return "-" if piece.objective_seconds is None else age(piece.objective_seconds)


def _document(recovery: "Recovery") -> dict[str, object]:
    return {
        "environment": recovery.environment,
        "region": recovery.region,
        "other_region": recovery.away,
        "source": recovery.source,
        "ready": not recovery.gaps,
        "pieces": [
            {
                "name": piece.name,
                "readiness": str(piece.readiness),
                "words": piece.words,
                "holds_data": piece.holds_data,
                "lost_seconds": piece.lost_seconds,
                "objective_seconds": piece.objective_seconds,
                "mend": piece.mend or None,
            }
            for piece in recovery.pieces
        ],
    }
