"""Write docs/doctor.md from the checks' own texts."""

from itertools import groupby
from pathlib import Path

from bookstore_ops.preflight.catalogue import CHECKS
from bookstore_ops.preflight.check import Check, Scope

TARGET = Path(__file__).with_name("doctor.md")
_HEAD = """\
# What doctor checks

Written by `python docs/generate.py --write` from the checks' own texts; a test \
holds the two together.

```bash
bsops doctor                        # what is on this machine, for every environment
bsops doctor prod                   # and its credentials, account, state, quotas and network
bsops doctor prod --short           # only what is not ok
bsops doctor prod --only State      # one group, or one code
bsops doctor prod --offline         # neither AWS nor the registry
bsops doctor prod --fix             # mend what is local and can be undone
```

| Status | Means |
| --- | --- |
| ok | all is well |
| warning | it works, and may not for long |
| error | a run would fail, or do what it should not |
| unknown | it could not be told; that is never ok |
| skipped | it does not apply here |

The checks are made side by side. One that takes longer than its deadline is unknown, and nobody \
waits for it. Nothing is changed without `--fix`.

An error makes the exit code that of its kind, named with each check. Where there are several, \
5 goes before 7, 6, 4 and 1. With `--fail-on warning`, warnings and what is unknown do so too.
"""
_FOR = {
    Scope.MACHINE: "Made once",
    Scope.ENVIRONMENT: "Made for each environment",
    Scope.AWS: "Asks AWS; only where ENV is named",
}


def page() -> str:
    """The text of doctor.md."""
    sections = [_HEAD]
    for group, checks in groupby(CHECKS, key=lambda check: check.group):
        sections.append(f"## {group.value}\n")
        sections += [_section(check) for check in checks]
    return "\n".join(sections)


def _section(check: Check) -> str:
    fix = " `--fix` mends it." if check.fix else ""
    about = f"{_FOR[check.scope]}. Exit code {check.exit_code.value}. "
    about += f"Deadline {check.deadline:g} s.{fix}"
    if check.runbook:
        about += f" Runbook: [{check.runbook}](../runbooks/{check.runbook}.md)."
    return (
        f"### {check.code}\n\n**{check.title}.** {check.matters}\n\n"
        f"To mend: {check.mend}\n\n{about}\n"
    )
