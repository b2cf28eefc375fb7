"""Where the flags are, as a state tells it."""

import json

import pytest

from bookstore_ops.errors import OperationFailed, Refused
from bookstore_ops.flags.places import read_flag_place

FLAGS = {
    "application_id": "app",
    "environment_id": "env",
    "profile_id": "pro",
    "strategy_ids": {"all-at-once": "now", "gradual": "slow"},
}


def state(flags: object) -> bytes:
    outputs = {"monitoring": {"value": {"flags": flags}}}
    return json.dumps({"version": 4, "outputs": outputs}).encode()


def test_the_state_tells_where_they_are() -> None:
    place = read_flag_place(state(FLAGS), "dev", "bsops apply dev")
    assert (place.application_id, place.profile_id, place.strategy_id) == ("app", "pro", "now")


@pytest.mark.parametrize(
    "content",
    [
        None,
        b'{"version": 4}',
        state({key: value for key, value in FLAGS.items() if key != "strategy_ids"}),
        state({**FLAGS, "strategy_ids": {"gradual": "slow"}}),
    ],
)
def test_a_state_that_does_not_tell_says_what_to_apply(content: bytes | None) -> None:
    with pytest.raises(Refused) as refused:
        read_flag_place(content, "dev", "bsops apply dev")
    assert refused.value.next_step == "bsops apply dev"


@pytest.mark.parametrize("content", [b"{", b"{}"])
def test_what_is_no_state_is_no_reason_to_apply(content: bytes) -> None:
    with pytest.raises(OperationFailed, match="dev is not a valid Terraform state") as damaged:
        read_flag_place(content, "dev", "bsops apply dev")
    assert damaged.value.runbook == "state-trouble"
