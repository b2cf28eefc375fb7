"""The alarms of the Terraform tree, and the runbook that each names.

Read from the text of the tree: no plan is there when an alarm rings. That nothing is missed is
held against real plans by the tests of the tree.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

_MODULE = Path("modules/cloudwatch/main.tf")
_CIS = Path("modules/cloudwatch/cis/filters.yaml")
_PIPELINE = Path("modules/pipeline/main.tf")
_WORD = r"(?:[\w.-]|\$\{[^}]*\})+"
# The key of an alarm in a map, or what a for expression makes of it.
_KEY = re.compile(
    rf'^\s*(?:\}}\s*\)?\s*|for [^:]+:\s*)?"?({_WORD})"?\s*(?:=>?)\s*(?:merge\(.*)?\{{'
)
_MADE = re.compile(rf':\s*"({_WORD})"\s*=>')
# Maps whose keys are the ends of alarms' keys.
_ENDS = re.compile(r"\bfor \w+, \w+ in (?:merge\(|\{)\s*$")
_LOCAL = re.compile(r"^  (\w+)\s+=\s")
_FOR_EACH = re.compile(r"^\s*for_each\s*=\s*local\.(\w+)")
_NAME = re.compile(r'^\s*alarm_name\s*=\s*"\$\{var\.name\}-([^"]+)"')
_RUNBOOK = re.compile(r'runbook\s*=\s*"([a-z0-9-]+)"|Runbook: ([a-z0-9-]+)\W*$')
_HOLE = re.compile(r"\$\{[^}]*\}")
_PIPELINE_NAME = re.compile(r'^\s*pipeline\s*=\s*"\$\{var\.name\}-([^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Alarm:
    """An alarm's name without the platform's prefix, ``*`` for what differs, and its runbook."""

    pattern: str
    runbook: str

    def fits(self, name: str) -> bool:
        """Whether an alarm's name, with or without the prefix, is one of these."""
        return fits(self.pattern, name)


def fits(pattern: str, name: str) -> bool:
    """Whether an alarm's name, with or without the platform's prefix, is one of a pattern's."""
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"*-{pattern}")


def exactness(pattern: str) -> int:
    """How much of a name a pattern says: of two that fit, the one that says more is meant."""
    return len(pattern.replace("*", ""))


def known(written: str, alarms: Iterable[Alarm]) -> bool:
    """Whether a page's alarm is one of the tree's, or covers some of them."""
    return any(fnmatchcase(each.pattern, written) or each.fits(written) for each in alarms)


def read_alarms(tree: Path) -> list[Alarm]:
    """The alarms of the tree, and what its pipeline tells of failures; none without the module."""
    try:
        text = (tree / _MODULE).read_text(encoding="utf-8")
    except OSError:
        return []
    found = dict.fromkeys(_Reader().alarms(text.splitlines()))
    return [*found, *_cis_alarms(tree / _CIS), *_pipeline_alarms(tree / _PIPELINE)]


def _cis_alarms(path: Path) -> list[Alarm]:
    import yaml

    try:
        filters = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return []
    return [Alarm(f"cis-{name}", each["runbook"]) for name, each in filters.items()]


def _pipeline_alarms(path: Path) -> list[Alarm]:
    """Its failures come without an alarm of CloudWatch: what is told is the pipeline's name."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return []
    name = _PIPELINE_NAME.search(text)
    runbooks = [found[2] for row in text.splitlines() if (found := _RUNBOOK.search(row))]
    return [Alarm(name[1], runbook) for runbook in runbooks if name and runbook]


class _Reader:
    """Reads the module line by line: keys of maps, what is made of them, and resources."""

    def __init__(self) -> None:
        self._key = ""
        self._local = ""
        self._for_each = ""
        # All keys of a local value: a resource may be made for each.
        self._keys: dict[str, list[str]] = defaultdict(list)
        # The ends of keys with their runbooks, until it is known what they are the ends of.
        self._ends: list[Alarm] | None = None

    def alarms(self, lines: Iterable[str]) -> Iterator[Alarm]:
        for line in lines:
            self._place(line)
            name, built = _NAME.match(line), _MADE.search(line)
            key = name or built or _KEY.match(line)
            if built:
                yield from self._ended(built[1])
            elif _ENDS.search(line):
                self._ends = []
            if key:
                self._key = _HOLE.sub("*", key[1])
                self._keys[self._local].append(self._key)
            runbook = _RUNBOOK.search(line)
            if runbook:
                yield from self._led_to(runbook[1] or runbook[2])

    def _place(self, line: str) -> None:
        local, resource = _LOCAL.match(line), _FOR_EACH.match(line)
        self._local = local[1] if local else self._local
        self._for_each = resource[1] if resource else self._for_each

    def _ended(self, built: str) -> Iterator[Alarm]:
        """``function-${key}-${suffix}``: in place of its last hole stands each end."""
        head = _HOLE.sub("*", built[: built.rfind("${")])
        yield from (Alarm(f"{head}{end.pattern}", end.runbook) for end in self._ends or ())
        self._ends = None

    def _led_to(self, runbook: str) -> Iterator[Alarm]:
        if self._ends is not None:
            self._ends.append(Alarm(self._key, runbook))
        elif self._key == "*":
            yield from (Alarm(key, runbook) for key in self._keys[self._for_each])
        elif self._key:
            yield Alarm(self._key, runbook)
