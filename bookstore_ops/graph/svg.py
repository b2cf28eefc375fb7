"""A graph as one self-contained SVG: a box for each module (or resource), an arrow for each need.

No program is needed to draw it and no font to read it: text is set in a fixed pitch, and each
line is told its length, so that nothing overlaps whatever font a reader's machine has.
"""

import colorsys
from xml.sax.saxutils import escape, quoteattr

from bookstore_ops.graph.layout import Arrow, Box, Layout, lay_out
from bookstore_ops.graph.picture import Card, Picture

_SIZE = 12
_CHARACTER = 7.25
_LINE = 16
_PADDING = 10
_MARGIN = 32
_HEAD = 60
_HEAD_LENGTH = 8

_STYLE = """\
text { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; \
font-size: 12px; fill: #1f2933; }
.title { font-size: 20px; font-weight: 600; }
.note, .row { fill: #52606d; }
.name { font-weight: 600; }
.box rect { fill: #ffffff; stroke: #7b8794; stroke-width: 1.2; }
.box .head { fill: #e4e7eb; stroke: none; }
.chosen rect { stroke: #b44d12; stroke-width: 2.4; }
.chosen .head { fill: #fde3d0; }
.arrow path { fill: none; stroke-width: 1.4; }
.arrow:hover path { stroke-width: 3.6; }
.arrow .wide { stroke-width: 12; stroke: transparent; }
.arrow:hover .wide { stroke-width: 12; }
"""


def render_svg(picture: Picture) -> str:
    """The whole picture, as a document."""
    sizes = {card.name: _size(card) for card in picture.cards}
    layout = lay_out(sizes, picture.needs)
    notes = [*picture.notes, *_implied(layout)]
    head = _HEAD + _LINE * max(len(notes) - 1, 0)
    texts = [len(picture.title) * _CHARACTER * 20 / _SIZE, *(len(n) * _CHARACTER for n in notes)]
    width = max(layout.width, *texts) + 2 * _MARGIN
    height = layout.height + head + 2 * _MARGIN
    cards = {card.name: card for card in picture.cards}
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label={quoteattr(picture.title)}>',
        f"<title>{escape(picture.title)}</title>",
        f"<style>{_STYLE}</style>",
        '<rect width="100%" height="100%" fill="#f8f9fb"/>',
        f'<text class="title" x="{_MARGIN}" y="{_MARGIN + 20}">{escape(picture.title)}</text>',
        *(
            f'<text class="note" x="{_MARGIN}" y="{_MARGIN + 44 + index * _LINE}">'
            f"{escape(note)}</text>"
            for index, note in enumerate(notes)
        ),
        f'<g transform="translate({_MARGIN} {_MARGIN + head})">',
        *(_arrow(arrow, picture, _hue(index, layout)) for index, arrow in enumerate(layout.arrows)),
        *(_box(box, cards[box.name]) for box in layout.boxes),
        "</g>",
        "</svg>",
    ]
    return "\n".join(body) + "\n"


def _implied(layout: Layout) -> list[str]:
    if not layout.implied:
        return []
    return [f"{layout.implied} arrows that follow from others are left out."]


def _size(card: Card) -> tuple[float, float]:
    longest = max(len(card.label) + len(card.count) + 2, *(len(row) for row in card.rows), 0)
    return longest * _CHARACTER + 2 * _PADDING, _LINE * (1 + len(card.rows)) + 2 * _PADDING


def _hue(index: int, layout: Layout) -> str:
    """A colour of its own for the arrows of each box, dark enough to be read on white."""
    names = list(dict.fromkeys(arrow.start for arrow in layout.arrows))
    position = names.index(layout.arrows[index].start)
    turn = position * 0.618034 % 1
    red, green, blue = colorsys.hls_to_rgb(turn, (0.3, 0.42, 0.36)[position % 3], 0.7)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def _arrow(arrow: Arrow, picture: Picture, colour: str) -> str:
    (x, y), *_, (tip, level) = points = arrow.points
    backwards = x > tip
    back = tip + (_HEAD_LENGTH if backwards else -_HEAD_LENGTH)
    steps = [f"M{x:.1f} {y:.1f}"]
    for index in range(0, len(points), 2):
        (enters, y), (leaves, _) = points[index], points[index + 1]
        if index:
            x, before = points[index - 1]
            middle = (x + enters) / 2
            steps.append(f"C{middle:.1f} {before:.1f} {middle:.1f} {y:.1f} {enters:.1f} {y:.1f}")
        steps.append(f"H{back if index == len(points) - 2 else leaves:.1f}")
    path = "".join(steps)
    dashed = ' stroke-dasharray="6 4"' if backwards else ""
    words = picture.describe(arrow.start, arrow.end)
    heads = _tip(tip, level, back, colour)
    if arrow.mutual:
        words += f"; {picture.describe(arrow.end, arrow.start)}"
        first, first_level = points[0]
        heads += _tip(first, first_level, first + tip - back, colour)
    return (
        f'<g class="arrow"><title>{escape(words)}</title>'
        f'<path class="wide" d="{path}"/><path d="{path}" stroke="{colour}"{dashed}/>'
        f"{heads}</g>"
    )


def _tip(x: float, y: float, back: float, colour: str) -> str:
    corners = ((x, y), (back, y - 4), (back, y + 4))
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    return f'<polygon points="{points}" fill="{colour}"/>'


def _box(box: Box, card: Card) -> str:
    head = _LINE + _PADDING + 2
    chosen = " chosen" if card.chosen else ""
    lines = [
        f'<g class="box{chosen}" data-name={quoteattr(card.name)}>'
        f"<title>{escape(chr(10).join([card.name, *card.members]))}</title>",
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="4"/>',
        f'<rect class="head" x="{box.x + 1:.1f}" y="{box.y + 1:.1f}" '
        f'width="{box.width - 2:.1f}" height="{head - 1:.1f}" rx="3"/>',
        _text("name", box.x + _PADDING, box.y + _LINE + 1, card.label),
    ]
    if card.count:
        right = box.x + box.width - _PADDING - len(card.count) * _CHARACTER
        lines.append(_text("row", right, box.y + _LINE + 1, card.count))
    lines += [
        _text("row", box.x + _PADDING, box.y + head + _LINE * (index + 1) - 3, row)
        for index, row in enumerate(card.rows)
    ]
    return "\n".join([*lines, "</g>"])


def _text(kind: str, x: float, y: float, words: str) -> str:
    length = len(words) * _CHARACTER
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" textLength="{length:.1f}" '
        f'lengthAdjust="spacingAndGlyphs" xml:space="preserve">{escape(words)}</text>'
    )
