"""Keeping secrets out of what is shown and written of a run."""

import json
import re
import shlex
from collections.abc import Iterable
from urllib.parse import quote

from bookstore_ops.runbooks.values import Value, as_text
from bookstore_ops.terraform.masking import MASK, is_secret_name, mask

# password = "…", token: …, as programs print them. A name is not looked for from its middle: in a
# very long one that would take the square of its length.
_ASSIGNMENT = re.compile(
    r"""(["']?)(?<![\w.-])([\w.-]{3,})\1(\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;{}\[\]"']+)"""
)


class Masker:
    """Masks the run's secret values, in the forms in which programs print them.

    What goes by a secret's name is masked, too.
    """

    def __init__(self) -> None:
        self._forms: set[str] = set()

    def add(self, values: Iterable[Value]) -> None:
        """Mask these from now on."""
        for value in values:
            text = as_text(value)
            for form in (text, *text.splitlines()):
                if form.strip():
                    self._forms |= {form, json.dumps(form)[1:-1], shlex.quote(form), quote(form)}

    @property
    def longest(self) -> int:
        """The length of the longest secret."""
        return max(map(len, self._forms), default=0)

    def holds_secret(self, value: Value) -> bool:
        """Whether a value is a secret of the run, or holds one."""
        text = as_text(value)
        return self.line(text) != text

    def values(self, text: str) -> str:
        """``text`` without the secret values."""
        for form in sorted(self._forms, key=len, reverse=True):
            text = text.replace(form, MASK)
        return text

    def line(self, text: str) -> str:
        """``text`` without the secret values, and without what its names say is secret."""
        return _ASSIGNMENT.sub(_named, self.values(text))

    def document(self, text: str) -> str:
        """The same of JSON, whose structure says more; other text is masked as lines are."""
        try:
            document = json.loads(text)
        except ValueError:
            return self.line(text)
        return self.values(json.dumps(mask(document, False), indent=2, ensure_ascii=False))


def _named(found: re.Match[str]) -> str:
    mark, name, sign, value = found.groups()
    bare = value.strip("\"'")
    if not is_secret_name(name) or not bare or bare.startswith("arn:") or bare == MASK:
        return found[0]
    return f"{mark}{name}{mark}{sign}{MASK}"
