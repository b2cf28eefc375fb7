"""A graph in the languages of other programs: Graphviz's DOT and Mermaid."""

from bookstore_ops.graph.picture import Card, Picture


def render_dot(picture: Picture) -> str:
    """For Graphviz: ``dot -Tpdf``."""
    lines = [
        "digraph {",
        f"  label = {_quoted(picture.title)}",
        "  labelloc = t",
        "  rankdir = LR",
        '  node [shape = box, fontname = "monospace", fontsize = 10, style = filled, '
        'fillcolor = "#ffffff"]',
    ]
    for card in picture.cards:
        colour = ', color = "#b44d12", penwidth = 2' if card.chosen else ""
        lines.append(f"  {_quoted(card.name)} [label = {_quoted(_words(card))}{colour}]")
    for start, ends in picture.needs.items():
        for end, count in ends.items():
            label = f" [label = {_quoted(str(count))}]" if count > 1 else ""
            lines.append(f"  {_quoted(start)} -> {_quoted(end)}{label}")
    return "\n".join([*lines, "}"]) + "\n"


def render_mermaid(picture: Picture) -> str:
    """For Mermaid, as GitHub and GitLab draw it in Markdown."""
    identifiers = {card.name: f"n{index}" for index, card in enumerate(picture.cards)}
    lines = ["---", f"title: {_yaml(picture.title)}", "---", "flowchart LR"]
    for card in picture.cards:
        chosen = ":::chosen" if card.chosen else ""
        label = _words(card).replace('"', "#quot;").replace("\n", "<br/>")
        lines.append(f'  {identifiers[card.name]}["{label}"]{chosen}')
    for start, ends in picture.needs.items():
        lines += [f"  {identifiers[start]} --> {identifiers[end]}" for end in ends]
    if any(card.chosen for card in picture.cards):
        lines.append("  classDef chosen stroke:#b44d12,stroke-width:3px")
    return "\n".join(lines) + "\n"


def _words(card: Card) -> str:
    resources = "resource" if card.count == "1" else "resources"
    return "\n".join(
        [card.label, f"{card.count} {resources}" if card.count else " ".join(card.rows)]
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _yaml(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
