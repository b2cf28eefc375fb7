"""The alarms of the Terraform tree, and the runbook that each names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

_MODULE = Path("modules/cloudwatch/main.tf")
_CIS = Path("modules/cloudwatch/cis/filters.yaml")
# The key of an alarm in a map, or what a for expression makes of it.
_KEY = re.compile(
    r'^\s*(?:\}\s*\)?\s*|for [^:]+:\s*)?"?((?:[\w.-]|\$\{[^}]*\})+)"?\s*(?:=>?)\s*(?:merge\(.*)?\{'
)
_MADE = re.compile(r':\s*"((?:[\w.-]|\$\{[^}]*\})+)"\s*=>')
_NAME = re.compile(r'^\s*alarm_name\s*=\s*"\$\{var\.name\}-([^"]+)"')
_RUNBOOK = re.compile(r'runbook\s*=\s*"([a-z0-9-]+)"|Runbook: ([a-z0-9-]+)"')
_HOLE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True)
class Alarm:
    """An alarm's name without the platform's prefix, ``*`` for what differs, and its runbook."""

    pattern: str
    runbook: str | None

    def fits(self, name: str) -> bool:
        """Whether an alarm's name, with or without the prefix, is one of these."""
        return fnmatchcase(name, self.pattern) or fnmatchcase(name, f"*-{self.pattern}")


def read_alarms(tree: Path) -> list[Alarm]:
    """The alarms of the tree's cloudwatch module; none where there is no such module."""
    try:
        text = (tree / _MODULE).read_text(encoding="utf-8")
    except OSError:
        return []
    found = dict.fromkeys(_alarms(text.splitlines()))
    return [*found, *_cis_alarms(tree / _CIS)]


def _cis_alarms(path: Path) -> list[Alarm]:
    import yaml

    try:
        filters = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return []
    return [Alarm(f"cis-{name}", each.get("runbook")) for name, each in filters.items()]


def _alarms(lines: Iterable[str]) -> Iterable[Alarm]:
    key = ""
    says = False
    for line in lines:
        name = _NAME.match(line)
        built = _MADE.search(line)
        made = built or _KEY.match(line)
        if name:
            key = _HOLE.sub("*", name[1])
            says = key not in {"*", "*-*"}
        elif made:
            key = _HOLE.sub("*", made[1])
            says = False
        says = says or bool(re.search(r"\bsays\s*=", line))
        runbook = _RUNBOOK.search(line)
        if built and not runbook:
            yield Alarm(key, None)
        elif key and runbook and (says or built):
            yield Alarm(key, runbook[1] or runbook[2])


def known(written: str, alarms: Iterable[Alarm]) -> bool:
    """Whether a page's alarm is one of the tree's, or covers some of them."""
    return any(fnmatchcase(each.pattern, written) or each.fits(written) for each in alarms)
