"""Tables of inputs, outputs and resources in the READMEs of the Terraform tree.

``python tests/infrastructure/readmes.py`` names the READMEs whose tables are out of date and
exits 1; ``--write`` brings them up to date. It reads what ``terraform fmt`` has laid out, so run
that first.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TREE = Path(__file__).resolve().parents[2] / "infrastructure" / "aws"
BEGIN = "<!-- generated: python tests/infrastructure/readmes.py --write -->\n"
END = "<!-- end generated -->\n"

_BLOCK = re.compile(
    r'^(?P<kind>variable|output|resource|data|module) "(?P<first>[^"]+)"(?: "(?P<second>[^"]+)")? '
    r"\{\n(?P<body>.*?)^\}\n",
    re.MULTILINE | re.DOTALL,
)
_ARGUMENT = re.compile(
    r"^  (?P<name>\w+) += (?P<value>.*?)(?=^  \w|^$|\Z)", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    kind: str
    labels: tuple[str, ...]
    arguments: dict[str, str]

    @property
    def description(self) -> str:
        return self.arguments["description"].strip('"').replace('\\"', '"')


def blocks(directory: Path) -> Iterator[Block]:
    """The blocks of a module's ``.tf`` files, with their top-level arguments on one line each."""
    for file in sorted(directory.glob("*.tf")):
        for match in _BLOCK.finditer(file.read_text(encoding="utf-8")):
            arguments = {
                found["name"]: _one_line(found["value"])
                for found in _ARGUMENT.finditer(match["body"])
            }
            labels = tuple(label for label in (match["first"], match["second"]) if label)
            yield Block(match["kind"], labels, arguments)


def reference(directory: Path) -> str:
    """The generated part of a module's README."""
    found = list(blocks(directory))
    sections = [
        _table(
            "Inputs",
            ("Name", "Description", "Type", "Default"),
            [
                (
                    f"`{block.labels[0]}`",
                    block.description,
                    _code(block.arguments["type"]),
                    _code(block.arguments["default"])
                    if "default" in block.arguments
                    else "required",
                )
                for block in found
                if block.kind == "variable"
            ],
        ),
        _table(
            "Outputs",
            ("Name", "Description"),
            [
                (f"`{block.labels[0]}`", block.description)
                for block in found
                if block.kind == "output"
            ],
        ),
        _table(
            "Resources",
            ("Type", "Names"),
            _by_type(block for block in found if block.kind == "resource"),
        ),
        _table(
            "Modules",
            ("Name", "Source"),
            [
                (f"`{block.labels[0]}`", _code(block.arguments["source"].strip('"')))
                for block in found
                if block.kind == "module"
            ],
        ),
    ]
    return "\n".join(section for section in sections if section)


def updated(readme: Path) -> str:
    """What the README should say: its own text, with the generated part made anew."""
    text = readme.read_text(encoding="utf-8")
    before, opening, rest = text.partition(BEGIN)
    _, closing, after = rest.partition(END)
    if not (opening and closing):
        raise ValueError(f"{readme} needs the two lines\n{BEGIN}{END}")
    return f"{before}{opening}\n{reference(readme.parent)}\n{closing}{after}"


def stale() -> list[Path]:
    """READMEs whose tables differ from the code."""
    readmes = [TREE / "README.md", *sorted(TREE.glob("modules/*/README.md"))]
    return [readme for readme in readmes if updated(readme) != readme.read_text(encoding="utf-8")]


def _by_type(found: Iterator[Block]) -> list[tuple[str, ...]]:
    names: dict[str, list[str]] = {}
    for block in found:
        names.setdefault(block.labels[0], []).append(block.labels[1])
    return [
        (f"`{kind}`", ", ".join(f"`{name}`" for name in sorted(names[kind])))
        for kind in sorted(names)
    ]


def _table(title: str, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    lines = [header, tuple("---" for _ in header), *rows]
    table = "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )
    return f"### {title}\n\n{table}\n"


def _code(text: str) -> str:
    return f"`{text}`"


def _one_line(value: str) -> str:
    """An expression on one line, written as it would be by hand."""
    lines = [line.split(" # ")[0].strip() for line in value.strip().splitlines()]
    text = ""
    for line in lines:
        adjoins = not text or text.endswith(("{", "[", "(")) or line.startswith(("}", "]", ")"))
        text = f"{text}{'' if adjoins else ', '}{line}".removesuffix(",")
    text = re.sub(r" +=", " =", text)
    return re.sub(r"\{(?=\S)(?!\})", "{ ", re.sub(r"(?<=[^\s{])\}", " }", text))


def main() -> int:
    parser = argparse.ArgumentParser(description="Tables in the READMEs of the Terraform tree.")
    parser.add_argument("--write", action="store_true", help="bring them up to date")
    write: bool = parser.parse_args().write
    for readme in (found := stale()):
        if write:
            readme.write_text(updated(readme), encoding="utf-8")
        sys.stdout.write(f"{'wrote' if write else 'out of date'}: {readme.relative_to(TREE)}\n")
    return 1 if found and not write else 0


if __name__ == "__main__":
    sys.exit(main())
