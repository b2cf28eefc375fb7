"""Where the flags of an environment are: the outputs of its state, without Terraform."""

import msgspec

from bookstore_ops.errors import Refused
from bookstore_ops.releases.places import read_outputs


class FlagPlace(msgspec.Struct, frozen=True, kw_only=True):
    """AppConfig's names of the flags; ``apply`` is the command that makes them."""

    application_id: str
    environment_id: str
    profile_id: str
    strategy_id: str
    apply: str


class _Flags(msgspec.Struct):
    """``flags`` in the output ``monitoring``; see ``outputs.tf``."""

    application_id: str
    environment_id: str
    profile_id: str
    strategy_ids: dict[str, str]


class _Monitoring(msgspec.Struct):
    flags: _Flags


def read_flag_place(content: bytes | None, environment: str, apply: str) -> FlagPlace:
    """Where the flags are, from a state file; ``apply`` is the command that writes it.

    Raises:
        Refused: there is no state, or it does not tell.
        OperationFailed: it is no state.
    """
    outputs = read_outputs(content, environment, apply, "flags")
    try:
        flags = msgspec.convert(outputs["monitoring"], _Monitoring).flags
        strategy = flags.strategy_ids["all-at-once"]
    except (msgspec.ValidationError, KeyError) as error:
        raise Refused(
            f"the state of {environment} does not tell where its flags are",
            why=f"output monitoring: {error}; it was applied by an older tree",
            next_step=apply,
        ) from error
    return FlagPlace(
        application_id=flags.application_id,
        environment_id=flags.environment_id,
        profile_id=flags.profile_id,
        strategy_id=strategy,
        apply=apply,
    )
