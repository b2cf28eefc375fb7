"""What doctor found, for programs: `bsops doctor --json`."""

from collections import Counter
from collections.abc import Sequence

from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.preflight.check import Status
from bookstore_ops.preflight.runner import Result

SCHEMA = "bsops.doctor/1"


def findings(
    environment: str | None, results: Sequence[Result], exit_code: ExitCode
) -> dict[str, object]:
    """The document, but for what every document has."""
    counts = Counter(result.outcome.status for result in results)
    return {
        "environment": environment,
        "checks": [_finding(result) for result in results],
        "totals": {str(status): counts[status] for status in Status},
        "exit_code": int(exit_code),
    }


def _finding(result: Result) -> dict[str, object]:
    check, outcome = result.job.check, result.outcome
    return {
        "code": check.code,
        "group": check.group.value,
        "title": check.title,
        "environment": None if check.scope.name == "MACHINE" else result.job.context.name,
        "status": str(outcome.status),
        "what": outcome.what,
        "why": outcome.why,
        "next": outcome.next_step,
        "runbook": check.runbook,
        "details": list(outcome.details),
        "docs": check.docs,
        "fixed": list(result.fixed),
        "seconds": round(result.seconds, 3),
    }
