"""What the policies of the workspace say of a plan, and what that means for an environment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from bookstore_ops.environments import (
    Environment,
    Exemption,
    PolicySettings,
    environment_names,
    load_environment,
)
from bookstore_ops.errors import ConfigurationError, Refused
from bookstore_ops.operations.session import Session
from bookstore_ops.policies.catalogue import Catalogue, Fixture, read_catalogue
from bookstore_ops.policies.findings import Failure, Finding, Verdict
from bookstore_ops.policies.runner import run_policies
from bookstore_ops.terraform.plan import covers
from bookstore_ops.terraform.policy_input import policy_input
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.records import SavedPlan
from bookstore_ops.workspace import Workspace

_SHOWN = 10


@dataclass(frozen=True)
class Exempted:
    """A finding that the environment's file tells to pass over."""

    finding: Finding
    rule: Exemption


@dataclass(frozen=True)
class Judgement:
    """A verdict, as one environment takes it. ``held`` are policies with nothing to say.

    ``expired`` are exemptions whose day has gone, ``idle`` those that nothing needs here.
    """

    denied: tuple[Finding, ...] = ()
    warned: tuple[Finding, ...] = ()
    exempted: tuple[Exempted, ...] = ()
    failures: tuple[Failure, ...] = ()
    held: tuple[str, ...] = ()
    expired: tuple[Exemption, ...] = ()
    idle: tuple[Exemption, ...] = ()

    @property
    def denies(self) -> bool:
        """Whether a plan with this judgement may not be applied."""
        return bool(self.denied or self.failures)


@dataclass(frozen=True)
class Trial:
    """What became of one fixture; ``problem`` is empty where the policy did as it must."""

    policy: str
    fixture: str
    problem: str


def judge(verdict: Verdict, settings: PolicySettings, today: date) -> Judgement:
    """What a verdict means under an environment's settings ``today``."""
    counting = [name for name in verdict.policies if name not in settings.off]
    valid = [rule for rule in settings.exempt if rule.until >= today]
    denied, warned, exempted = [], [], []
    for finding in verdict.findings:
        if finding.policy not in counting:
            continue
        rule = next((rule for rule in valid if _exempts(rule, finding)), None)
        if rule is not None:
            exempted.append(Exempted(finding, rule))
        elif finding.warns or finding.policy in settings.warn:
            warned.append(finding)
        else:
            denied.append(finding)
    failed = [each for each in verdict.failures if each.policy in counting]
    # One that only warns cannot stop anything, not even by its own fault.
    warned += [
        Finding(policy=each.policy, message=f"it failed itself: {each.why}")
        for each in failed
        if each.policy in settings.warn
    ]
    used = [each.rule for each in exempted]
    spoke = {each.policy for each in verdict.findings} | {each.policy for each in failed}
    return Judgement(
        denied=tuple(denied),
        warned=tuple(warned),
        exempted=tuple(exempted),
        failures=tuple(each for each in failed if each.policy not in settings.warn),
        held=tuple(name for name in counting if name not in spoke),
        expired=tuple(rule for rule in settings.exempt if rule.until < today),
        idle=tuple(rule for rule in valid if rule not in used),
    )


def _exempts(rule: Exemption, finding: Finding) -> bool:
    if rule.policy != finding.policy:
        return False
    return rule.address is None or covers(rule.address, finding.address)


def judge_now(verdict: Verdict, environment: Environment) -> Judgement:
    """What a verdict means for an environment today."""
    return judge(verdict, environment.policies, datetime.now(UTC).date())


def ask_policies(
    workspace: Workspace, environment: Environment, document: bytes, *, destroy: bool
) -> Verdict | None:
    """What the policies say of a plan (``terraform show -json``); None where there are none.

    Raises:
        ConfigurationError: the environment's file names a policy that does not exist.
    """
    catalogue = read_catalogue(workspace)
    catalogue.check_settings(environment)
    if not catalogue.policies:
        return None
    return run_policies(catalogue, policy_input(document, environment.name, destroy=destroy))


def check_policies(session: Session, saved: SavedPlan, watch: Watch) -> None:
    """Refuse what a policy denies, and what one could not judge.

    A plan that was saved without its details is read now.

    Raises:
        Refused: a policy denies, or failed.
        BsopsError: the plan cannot be read.
    """
    judgement = judge_saved(session, saved, watch)
    if judgement is None or not judgement.denies:
        return
    name = session.environment.name
    check = session.command_line("policy check", *_named(session, saved))
    if judgement.failures:
        first = judgement.failures[0]
        raise Refused(
            f"the policy {first.policy} failed itself",
            why="\n".join(f"{each.policy}: {each.why}" for each in judgement.failures),
            next_step=f"mend it in environments/policies, plan anew; until then: off = "
            f'["{first.policy}"] under [policies] in environments/{name}.toml',
        )
    raise Refused(
        f"the policies of {name} deny this plan",
        why=_listed(judgement.denied),
        next_step=f"change the tree or the values, and plan anew   ({check} shows all; what is "
        f"right for now: [[policies.exempt]] in environments/{name}.toml)",
    )


def recorded_judgement(session: Session, saved: SavedPlan) -> Judgement | None:
    """What the policies, as far as they were asked when it was made, mean for a saved plan."""
    verdict = saved.record.policies
    return judge_now(verdict, session.environment) if verdict else None


def judge_saved(session: Session, saved: SavedPlan, watch: Watch) -> Judgement | None:
    """What the policies mean for a saved plan; None where there are none, or nothing to judge.

    Raises:
        BsopsError: they have to be asked, and the plan cannot be read.
    """
    if saved.record.refresh_only:
        return None
    read_catalogue(session.request.workspace).check_settings(session.environment)
    return recorded_judgement(session, saved) or _ask_now(session, saved, watch)


def judge_anew(session: Session, saved: SavedPlan, watch: Watch) -> Judgement:
    """What the policies, as they are now, mean for a saved plan.

    Raises:
        BsopsError: the plan cannot be read.
    """
    session.initialise(watch)
    return _ask_now(session, saved, watch) or Judgement()


def _ask_now(session: Session, saved: SavedPlan, watch: Watch) -> Judgement | None:
    workspace = session.request.workspace
    if not read_catalogue(workspace).policies:
        return None
    run, document = session.terraform.show(watch, saved.path)
    if not run.may_go_on:
        raise session.failure(run, "the plan cannot be read back")
    verdict = ask_policies(workspace, session.environment, document, destroy=saved.record.destroy)
    return judge_now(verdict, session.environment) if verdict else None


def judge_file(workspace: Workspace, environment: Environment, path: Path) -> Judgement:
    """What the policies mean for a plan that Terraform wrote as JSON.

    Raises:
        ConfigurationError: it is no such file, or there is no policy.
    """
    try:
        verdict = ask_policies(workspace, environment, path.read_bytes(), destroy=False)
    except OSError as error:
        raise ConfigurationError(
            f"cannot read {path}", why=error.strerror, next_step="correct the path"
        ) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigurationError(
            f"{path} is not a plan in JSON",
            why=str(error),
            next_step=f"terraform show -json PLAN > {path}",
        ) from error
    return judge_now(verdict, environment) if verdict else Judgement()


def list_policies(workspace: Workspace) -> list[tuple[str, str, str, dict[str, str]]]:
    """Each policy's name, language and own words, and how it counts in each environment.

    Raises:
        ConfigurationError: an environment's file is wrong.
    """
    catalogue = read_catalogue(workspace)
    environments = [load_environment(workspace, name) for name in environment_names(workspace)]
    for environment in environments:
        catalogue.check_settings(environment)
    return [
        (
            policy.name,
            policy.language,
            policy.describe(),
            {each.name: _counts_as(policy.name, each.policies) for each in environments},
        )
        for policy in catalogue.policies.values()
    ]


def _counts_as(name: str, settings: PolicySettings) -> str:
    kind = "off" if name in settings.off else "warn" if name in settings.warn else "deny"
    exempt = sum(rule.policy == name for rule in settings.exempt)
    return f"{kind} ({exempt} exempt)" if exempt else kind


def try_fixtures(workspace: Workspace, only: str | None) -> list[Trial]:
    """Run every policy, or ``only`` one, on its fixtures.

    Raises:
        ConfigurationError: there is no such policy, or a fixture is no plan.
    """
    catalogue = read_catalogue(workspace)
    names = [catalogue.named(only).name] if only else list(catalogue.policies)
    fixtures = [each for each in catalogue.fixtures() if each.policy in names]
    trials = []
    for name in names:
        own = [each for each in fixtures if each.policy == name]
        for kind, wanted in (("fails", True), ("passes", False)):
            if not any(each.fails is wanted for each in own):
                where = f"environments/policies/fixtures/{name}/{kind}*.json"
                trials.append(Trial(name, "-", f"it has no fixture {where}"))
        trials += [_try(catalogue, each) for each in own]
    return trials


def _try(catalogue: Catalogue, fixture: Fixture) -> Trial:
    document: dict[str, Any] = fixture.read()
    about = document.get("bookstore", {})
    plan = policy_input(
        msgspec.json.encode(document),
        about.get("environment", "prod"),
        destroy=about.get("destroy", False),
    )
    verdict = run_policies(catalogue.only(fixture.policy), plan)
    problem = ""
    if verdict.failures:
        problem = verdict.failures[0].why
    elif fixture.fails and not verdict.findings:
        problem = "it must be against this plan, and has nothing to say"
    elif not fixture.fails and verdict.findings:
        problem = f"it must let this plan pass, but: {verdict.findings[0].message}"
    return Trial(fixture.policy, fixture.path.name, problem)


def _named(session: Session, saved: SavedPlan) -> list[str]:
    inside = saved.path.parent == session.plans
    return ["--plan", saved.name if inside else str(saved.path)]


def _listed(findings: Sequence[Finding]) -> str:
    lines = [
        f"{each.policy}: {f'{each.address}: ' if each.address else ''}{each.message}"
        for each in findings[:_SHOWN]
    ]
    if len(findings) > _SHOWN:
        lines.append(f"… and {len(findings) - _SHOWN} more")
    return "\n".join(lines)
