"""Just enough HCL to find a root's provider blocks and a module's resources."""

import json
import re
from pathlib import Path
from typing import Any

_TOKENS = re.compile(
    r"""
    (?P<skip>\#[^\n]*|//[^\n]*|/\*.*?\*/|<<-?\s*(?P<mark>\w+)\n.*?^\s*(?P=mark)\s*$)
    | (?P<string>"(?:\\.|[^"\\\n])*")
    | (?P<word>[\w.-]+)
    | (?P<mark_>[{}=])
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)

_HEADER = ["provider", "aws"]


def provider_aliases(root: Path) -> set[str]:
    """The aliases of ``provider "aws"`` blocks in a root module's own files."""
    aliases: set[str] = set()
    for path in sorted(root.iterdir()):
        if path.name.endswith(".tf"):
            aliases |= _aliases_in(path.read_text(errors="replace"))
        elif path.name.endswith(".tf.json"):
            aliases |= _aliases_in_json(path)
    return aliases


def _aliases_in(text: str) -> set[str]:
    words = [match[0] for match in _TOKENS.finditer(text) if not match["skip"]]
    aliases: set[str] = set()
    depth, inside = 0, False
    for index, word in enumerate(words):
        if word == "{":
            header = [part.strip('"') for part in words[max(0, index - 2) : index]]
            inside = inside or (depth == 0 and header == _HEADER)
            depth += 1
        elif word == "}":
            depth -= 1
            inside = inside and depth > 0
        elif inside and depth == 1 and words[index : index + 2] == ["alias", "="]:
            aliases.update(value.strip('"') for value in words[index + 2 : index + 3])
    return aliases


def resource_names(text: str, kind: str) -> list[str]:
    """The names of the resources of a type in the text of one file, in order."""
    words = [match[0] for match in _TOKENS.finditer(text) if not match["skip"]]
    names, depth = [], 0
    for index, word in enumerate(words):
        if word == "{":
            header = [part.strip('"') for part in words[max(0, index - 3) : index]]
            if depth == 0 and header[:2] == ["resource", kind]:
                names.append(header[2])
            depth += 1
        elif word == "}":
            depth -= 1
    return names


def _aliases_in_json(path: Path) -> set[str]:
    try:
        providers = json.loads(path.read_text()).get("provider", [])
    except (ValueError, AttributeError):
        return set()
    # A block, or a list of blocks, at either level.
    blocks = [b for each in _listed(providers) for b in _listed(each.get("aws", []))]
    return {str(block["alias"]) for block in blocks if "alias" in block}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
