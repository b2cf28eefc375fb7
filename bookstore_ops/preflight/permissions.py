"""Checks of what the caller may do, by what the environment needs."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bookstore_ops.aws.iam import find_caller
from bookstore_ops.aws.simulation import Place, Verdict, find_denied
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.preflight.check import (
    Check,
    Group,
    Outcome,
    Scope,
    error,
    ok,
    skipped,
    unknown,
    warning,
)
from bookstore_ops.preflight.context import Context
from bookstore_ops.preflight.needs import Kind, Needs

_TYPES_SHOWN = 3
_ACTIONS_SHOWN = 2
# Policies that name single resources are asked about each kind of them: a hundred questions.
_DEADLINE = 15.0


@dataclass(frozen=True)
class _Asked:
    """What one check asks: ``wanted`` are the actions that ``work`` needs, by what needs each."""

    code: str
    work: str
    wanted: Mapping[str, set[Kind]]
    needs: Needs
    environment: str
    caller: str

    @property
    def all_of_it(self) -> str:
        """The command that shows every detail."""
        return f"bsops doctor {self.environment} --only {self.code} --json"


def _allowed(
    context: Context, code: str, work: str, wanted_of: Callable[[Needs], Mapping[str, set[Kind]]]
) -> Outcome:
    if context.sandbox:
        return skipped("the sandbox judges no policy", why="it allows everything")
    identity, needs = context.cloud().identity(), context.needed()
    wanted, strange = wanted_of(needs), [str(kind) for kind in needs.not_known()]
    if not wanted and not strange:
        return skipped(f"{work} needs nothing of AWS, by {needs.source}")
    iam = context.cloud().client("iam")
    caller = find_caller(str(identity["Arn"]), iam)
    if caller.arn is None:
        return ok("you are the root user, whom no policy of the account limits")
    asked = _Asked(code, work, wanted, needs, context.policy().name, caller.arn)
    denied = find_denied(iam, caller.arn, asked.wanted, place_of(context))
    if denied:
        sure = [verdict for verdict in denied if not verdict.unknown_keys]
        return _denied(asked, sure) if sure else _depends(asked, denied)
    if strange:
        return unknown(
            f"nothing is known of what {_some(strange)} {'needs' if len(strange) == 1 else 'need'}",
            why=f"the {len(asked.wanted)} actions that {work} needs for the rest are allowed",
        )
    return ok(f"the {len(asked.wanted)} actions that {work} needs are allowed, by {needs.source}")


def place_of(context: Context) -> Place:
    """What the environment's resources are called, for policies that name them."""
    answer, policy = context.cloud().identity(), context.policy()
    return Place(
        partition=str(answer["Arn"]).split(":")[1],
        region=policy.region,
        account=str(answer["Account"]),
        name=f"{context.needed().prefix}-example",
    )


def _denied(asked: _Asked, denied: Sequence[Verdict]) -> Outcome:
    by_kind: dict[Kind, list[str]] = defaultdict(list)
    serious = False
    for action in [verdict.action for verdict in denied]:
        # Each is told once: with something that needs it for sure, if there is such.
        doubt, _, kind = min(
            (not asked.needs.is_certain(action, kind), str(kind), kind)
            for kind in asked.wanted[action]
        )
        by_kind[kind].append(action)
        serious = serious or not doubt
    reasons = Counter(verdict.reason for verdict in denied)
    why = "; ".join(f"{reason} ({count})" for reason, count in reasons.most_common())
    what = (
        f"{len(denied)} of the {len(asked.wanted)} actions that {asked.work} needs, "
        f"by {asked.needs.source}, are denied: {_shown(by_kind)}"
    )
    details = tuple(f"{kind}: {action}" for kind in by_kind for action in by_kind[kind])
    if not serious:
        return warning(
            what,
            why=f"{why}, for {asked.caller}; only a saved plan tells whether "
            f"{asked.environment} needs them",
            next_step=f"bsops plan {asked.environment}   (then look again)",
            details=details,
        )
    return error(
        what,
        why=f"{why}, for {asked.caller}",
        next_step=f"{asked.all_of_it}   (its details are what to allow)",
        details=details,
    )


def _shown(by_kind: Mapping[Kind, Sequence[str]]) -> str:
    """The first actions of the first types."""
    shown = list(by_kind.items())[:_TYPES_SHOWN]
    more = len(by_kind) - len(shown)
    parts = [f"{kind} ({_some(actions, _ACTIONS_SHOWN)})" for kind, actions in shown]
    return ", ".join(parts) + (f", and {more} more of the types" if more else "")


def _some(names: Sequence[str], number: int = _TYPES_SHOWN) -> str:
    more = len(names) - number
    return ", ".join(names[:number]) + (f" and {more} more" if more > 0 else "")


def _depends(asked: _Asked, denied: Sequence[Verdict]) -> Outcome:
    keys = sorted({key for verdict in denied for key in verdict.unknown_keys})
    actions = [verdict.action for verdict in denied]
    return unknown(
        f"{len(denied)} of the {len(asked.wanted)} actions that {asked.work} needs are allowed "
        f"under conditions, if at all: {_some(actions)}",
        why=f"what a real request says of {_some(keys)} is not known before, for {asked.caller}",
        next_step=f"{asked.all_of_it}   (its details are all of them)",
        details=tuple(actions),
    )


CHECKS = (
    Check(
        "BS551",
        Group.PERMISSIONS,
        "A plan may read all that it reads",
        "The types of resources in the newest saved plan, or in the tree where there is none, say "
        "which actions of IAM a plan needs. IAM's policy simulator says which are allowed to you: "
        "on all resources, or on such as this environment's. It knows policies, permissions "
        "boundaries and those of an organization; it does not know a session's own policy, nor "
        "those of buckets and keys. Without a plan, what only some environments use is a warning.",
        "Allow the actions that `--json` lists under `details`. To look needs "
        "`iam:SimulatePrincipalPolicy`, for roles also `iam:GetRole`.",
        partial(_allowed, code="BS551", work="a plan", wanted_of=Needs.reading),
        scope=Scope.AWS,
        exit_code=ExitCode.CREDENTIALS,
        deadline=_DEADLINE,
    ),
    Check(
        "BS552",
        Group.PERMISSIONS,
        "An apply may change all that it changes",
        "As BS551, for what the plan creates, updates and deletes; without a plan, for all of "
        "that with each type in the tree, and what only deleting needs is a warning. An apply "
        "that is refused something halfway leaves the rest undone.",
        "As BS551.",
        partial(_allowed, code="BS552", work="an apply", wanted_of=Needs.changing),
        scope=Scope.AWS,
        exit_code=ExitCode.CREDENTIALS,
        deadline=_DEADLINE,
    ),
)
