"""All checks in the order in which they are shown, and choosing among them."""

from collections.abc import Sequence

from bookstore_ops.environments import nearest
from bookstore_ops.errors import UsageError
from bookstore_ops.preflight import (
    account,
    backups,
    credentials,
    files,
    mfa,
    network,
    permissions,
    quotas,
    rollouts,
    sandbox,
    service_roles,
    shell,
    state,
    tools,
    values,
)
from bookstore_ops.preflight.check import Check, Group

CHECKS: tuple[Check, ...] = (
    *tools.CHECKS,
    *shell.CHECKS,
    *files.CHECKS,
    *values.CHECKS,
    *credentials.CHECKS,
    *mfa.CHECKS,
    *account.CHECKS,
    *permissions.CHECKS,
    *service_roles.CHECKS,
    *state.CHECKS,
    *quotas.CHECKS,
    *network.CHECKS,
    *backups.CHECKS,
    *sandbox.CHECKS,
    *rollouts.CHECKS,
)


def select(only: Sequence[str], skip: Sequence[str]) -> list[Check]:
    """The checks meant by codes and groups: those of ``only`` (else all), but for ``skip``.

    Raises:
        UsageError: a word is neither.
    """
    wanted, unwanted = _codes(only), _codes(skip)
    return [
        check
        for check in CHECKS
        if (not only or check.code in wanted) and check.code not in unwanted
    ]


def _codes(words: Sequence[str]) -> set[str]:
    return {check.code for word in words for check in _meant(word)}


def _meant(word: str) -> list[Check]:
    found = [c for c in CHECKS if word.lower() in {c.code.lower(), c.group.value.lower()}]
    if not found:
        names = [group.value for group in Group] + [check.code for check in CHECKS]
        guess = nearest(word, [name.lower() for name in names])
        raise UsageError(
            f"there is no check and no group {word!r}",
            why=f"groups: {', '.join(group.value for group in Group)}",
            next_step="bsops doctor --list" + (f"   (did you mean {guess}?)" if guess else ""),
        )
    return found
