"""What is wrong with a page: where, what, and the edit that mends it."""

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong. A ``warning`` keeps no page from running."""

    line: int
    what: str
    fix: str
    warning: bool = False


class Unreadable(Exception):
    """A part of a page that says nothing bsops could run; ``fix`` is the edit to make."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix
