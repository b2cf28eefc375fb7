"""What a caller's policies allow, asked of IAM's policy simulator.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html: it knows
policies of users, groups and roles, permissions boundaries and those of an organization; it does
not know the policy of one session, nor those of resources.
"""

import queue
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from bookstore_ops.aws.actions import places_of
from bookstore_ops.aws.iam import NotAsked, ask_iam

_EVERYTHING = "*"
# What a policy may say of the service that a role is passed to, or made for.
_SERVICE_KEYS = ("iam:PassedToService", "iam:AWSServiceName")

_THREADS = 8
# Actions on resources in one question: the API names no limit, and answers a hundred at a time.
_PAIRS = 100
_DIFFERENT = "require different authorization information"
_GROUP = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True)
class Verdict:
    """What the simulator says of one action.

    ``reason`` is why it is not allowed. ``unknown_keys`` are the condition keys of policies whose
    values only a real request has: with them it might be allowed.
    """

    action: str
    allowed: bool
    reason: str = ""
    unknown_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where and on what an environment acts; ``name`` is one as its resources have."""

    partition: str
    region: str
    account: str
    name: str

    def arn(self, shape: str, service: str) -> str:
        """An ARN of a shape."""
        return shape.format(
            partition=self.partition,
            region=self.region,
            account=self.account,
            name=self.name,
            service=service,
        )


@dataclass(frozen=True)
class _Question:
    """Whether each of ``actions`` is allowed on any of ``resources``, for a ``service``."""

    resources: Sequence[str]
    service: str
    actions: Sequence[str]


def find_denied(iam: Any, caller: str, actions: Iterable[str], place: Place) -> list[Verdict]:
    """What of ``actions`` is not allowed to ``caller``, neither on everything nor in ``place``.

    ``iam:PassRole@SERVICE`` is passing a role to that service.

    Raises:
        NotAsked: the caller may not ask, or AWS does not answer.
    """
    first = _simulate(iam, caller, _parts([_EVERYTHING], "", sorted(actions)), place)
    denied = {verdict.action: verdict for verdict in first if not verdict.allowed}
    # A policy that names resources allows nothing on all of them.
    for verdict in _simulate(iam, caller, _by_name(denied, place), place):
        if verdict.allowed:
            del denied[verdict.action]
        else:
            denied[verdict.action] = verdict
    return sorted(denied.values(), key=lambda verdict: verdict.action)


def _by_name(actions: Iterable[str], place: Place) -> list[_Question]:
    """Questions on such resources as those of ``place``: one service of AWS at a time."""
    groups: dict[tuple[str, str], list[str]] = {}
    for action in actions:
        name, _, service = action.partition("@")
        groups.setdefault((name.partition(":")[0], service), []).append(action)
    found = []
    for (prefix, service), held in groups.items():
        shapes = [_EVERYTHING] if service else []
        shapes += places_of(prefix)
        if shapes:
            resources = [place.arn(shape, service or place.name) for shape in shapes]
            found += _parts(resources, service, held)
    return found


def _parts(resources: Sequence[str], service: str, actions: Sequence[str]) -> list[_Question]:
    size = max(1, _PAIRS // len(resources))
    return [
        _Question(resources, service, actions[start : start + size])
        for start in range(0, len(actions), size)
    ]


def _simulate(iam: Any, caller: str, questions: Sequence[_Question], place: Place) -> list[Verdict]:
    def calling(question: _Question) -> Callable[[], list[Verdict]]:
        return lambda: _ask(iam, caller, question, place)

    answers = _side_by_side([calling(question) for question in questions])
    return [verdict for answer in answers for verdict in answer]


def _ask(iam: Any, caller: str, question: _Question, place: Place) -> list[Verdict]:
    try:
        return ask_iam("iam:SimulatePrincipalPolicy", lambda: _put(iam, caller, question, place))
    except NotAsked as refused:
        groups = _apart(str(refused.__cause__), question.actions)
        if not groups:
            raise
    return [
        verdict
        for group in groups
        for verdict in _ask(iam, caller, replace(question, actions=group), place)
    ]


def _apart(said: str, actions: Sequence[str]) -> list[Sequence[str]]:
    """The groups in which the simulator takes these actions, where it refuses them together.

    No document says which those are, but its refusal does: ``[a, b] and [c] require different
    authorization information``. One that names them otherwise halves them.
    """
    if len(actions) < 2 or _DIFFERENT not in said:
        return []
    named = [{name.strip() for name in group.split(",")} for group in _GROUP.findall(said)]
    groups = [[a for a in actions if a.partition("@")[0] in names] for names in named]
    if len(named) > 1 and all(groups) and sorted(a for g in groups for a in g) == sorted(actions):
        return list(groups)
    middle = len(actions) // 2
    return [actions[:middle], actions[middle:]]


def _put(iam: Any, caller: str, question: _Question, place: Place) -> list[Verdict]:
    context = {"aws:RequestedRegion": place.region}
    if question.service:
        context |= dict.fromkeys(_SERVICE_KEYS, question.service)
    pages = iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=caller,
        ActionNames=list(dict.fromkeys(a.partition("@")[0] for a in question.actions)),
        ResourceArns=list(question.resources),
        ContextEntries=[
            {"ContextKeyName": key, "ContextKeyType": "string", "ContextKeyValues": [value]}
            for key, value in context.items()
        ],
    )
    results: dict[str, list[Mapping[str, Any]]] = {}
    for page in pages:
        for result in page["EvaluationResults"]:
            # On several resources there is a result for each, or one that holds them.
            each = result.get("ResourceSpecificResults", ())
            results.setdefault(result["EvalActionName"].lower(), []).extend((result, *each))
    return [
        _verdict(action, results[action.partition("@")[0].lower()]) for action in question.actions
    ]


def _verdict(action: str, results: Sequence[Mapping[str, Any]]) -> Verdict:
    decisions = [r.get("EvalDecision") or r["EvalResourceDecision"] for r in results]
    keys = {key for result in results for key in result.get("MissingContextValues", ())}
    # Without the service nothing is said of a policy that speaks of it.
    if "allowed" in decisions and not ("@" in action and keys.intersection(_SERVICE_KEYS)):
        return Verdict(action, allowed=True)
    reason = "a policy denies it" if "explicitDeny" in decisions else "no policy allows it"
    if _refuses(results, "PermissionsBoundaryDecisionDetail", "AllowedByPermissionsBoundary"):
        reason = "the permissions boundary does not allow it"
    if _refuses(results, "OrganizationsDecisionDetail", "AllowedByOrganizations"):
        reason = "a policy of the organization does not allow it"
    return Verdict(action, False, reason, tuple(sorted(keys)))


def _refuses(results: Sequence[Mapping[str, Any]], detail: str, field: str) -> bool:
    return any(not result.get(detail, {}).get(field, True) for result in results)


T = TypeVar("T")


def _side_by_side(calls: Sequence[Callable[[], T]]) -> list[T]:
    """What each call gives; the first error is everyone's.

    The threads are daemons, unlike those of a pool: a command ends without waiting for them.
    """
    waiting: queue.SimpleQueue[tuple[int, Callable[[], T]]] = queue.SimpleQueue()
    for numbered in enumerate(calls):
        waiting.put(numbered)
    given: dict[int, T] = {}
    errors: list[BaseException] = []

    def work() -> None:
        while not errors:
            try:
                number, call = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                given[number] = call()
            except BaseException as error:  # noqa: BLE001  (raised again in the caller's thread)
                errors.append(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(_THREADS, len(calls)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [given[number] for number in range(len(calls))]
