"""What policies say of a plan, on the screen and in JSON."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from bookstore_ops.environments import Exemption
    from bookstore_ops.operations.policing import Judgement, Trial
    from bookstore_ops.policies.findings import Finding
    from bookstore_ops.ui.terminal import Terminal

_SHOWN = 10


def show_judgement(terminal: "Terminal", judgement: "Judgement | None") -> None:
    """What the policies mean for a plan that is shown: one line, and one for each that speaks."""
    if judgement is None:
        return
    for failure in judgement.failures:
        terminal.warn(f"the policy {failure.policy} failed itself: {failure.why}")
    _show_findings(terminal, "denied by", judgement.denied)
    _show_findings(terminal, "policy", judgement.warned)
    for rule in judgement.expired:
        terminal.warn(f"the exemption from {rule.policy} ended on {rule.until} ({rule.reason})")
    terminal.say(f"Policies: {_totals(judgement)}")


def show_check(terminal: "Terminal", environment: str, judgement: "Judgement") -> None:
    """The same as a result of its own, with everything that was found."""
    rows = [
        *(("failed", each.policy, "", each.why) for each in judgement.failures),
        *(("denied", each.policy, each.address, each.message) for each in judgement.denied),
        *(("warning", each.policy, each.address, each.message) for each in judgement.warned),
        *(
            ("exempt", each.finding.policy, each.finding.address, _exempt(each.finding, each.rule))
            for each in judgement.exempted
        ),
    ]
    if rows:
        terminal.table(("", "policy", "address", "finding"), rows)
    for rule in judgement.expired:
        terminal.warn(f"the exemption from {rule.policy} ended on {rule.until} ({rule.reason})")
    for rule in judgement.idle:
        where = f" of {rule.address}" if rule.address else ""
        terminal.say(f"nothing in this plan needs the exemption{where} from {rule.policy}")
    terminal.result(f"Policies of {environment}: {_totals(judgement)}")
    terminal.document(
        "bsops.policy-check/1", {"environment": environment, **judgement_document(judgement)}
    )


def judgement_document(judgement: "Judgement") -> dict[str, object]:
    """A judgement in JSON."""
    return {
        "denies": judgement.denies,
        "denied": msgspec.to_builtins(judgement.denied),
        "warned": msgspec.to_builtins(judgement.warned),
        "exempted": [
            {**msgspec.to_builtins(each.finding), "reason": each.rule.reason}
            for each in judgement.exempted
        ],
        "failed": msgspec.to_builtins(judgement.failures),
        "held": list(judgement.held),
        "expired": msgspec.to_builtins(judgement.expired),
        "idle": msgspec.to_builtins(judgement.idle),
    }


def show_policies(
    terminal: "Terminal", policies: Sequence[tuple[str, str, str, Mapping[str, str]]]
) -> None:
    """The policies: name, language, what it says of itself, and how it counts by environment."""
    environments = list(policies[0][3]) if policies else []
    if policies:
        rows = [(name, *counts.values(), says) for name, _, says, counts in policies]
        terminal.table(("policy", *environments, "says"), rows)
    else:
        terminal.result("No policies: environments/policies holds none.")
    terminal.document(
        "bsops.policies/1",
        {
            "policies": [
                {"name": name, "language": language, "says": says, "environments": dict(counts)}
                for name, language, says, counts in policies
            ]
        },
    )


def show_trials(terminal: "Terminal", trials: Sequence["Trial"]) -> None:
    """What became of each fixture."""
    if trials:
        rows = [(t.policy, t.fixture, t.problem or "as it must") for t in trials]
        terminal.table(("policy", "fixture", "outcome"), rows)
    wrong = sum(bool(trial.problem) for trial in trials)
    terminal.result(f"{len(trials)} tried, {wrong} not as they must be.")
    terminal.document(
        "bsops.policy-test/1",
        {"succeeded": not wrong, "trials": [msgspec.to_builtins(trial) for trial in trials]},
    )


def _show_findings(terminal: "Terminal", word: str, findings: Sequence["Finding"]) -> None:
    for each in findings[:_SHOWN]:
        where = f"{each.address}: " if each.address else ""
        terminal.warn(f"{word} {each.policy}: {where}{each.message}")
    if len(findings) > _SHOWN:
        terminal.warn(f"… and {len(findings) - _SHOWN} more of that kind")


def _exempt(finding: "Finding", rule: "Exemption") -> str:
    return f"{finding.message} ({rule.reason}; until {rule.until})"


def _totals(judgement: "Judgement") -> str:
    counts = {
        "failed": len(judgement.failures),
        "denied": len(judgement.denied),
        "warnings": len(judgement.warned),
        "exempt": len(judgement.exempted),
    }
    said = [f"{number} {word}" for word, number in counts.items() if number]
    return ", ".join([*said, f"{len(judgement.held)} hold"])
