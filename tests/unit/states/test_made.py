"""What the events of an apply made, held against a state."""

import json
from pathlib import Path
from typing import Any

import pytest

from bookstore_ops.states.made import Unknown, named_in, unknown_to
from bookstore_ops.terraform.state import StateSummary


def event(kind: str, address: str, action: str = "create", **hook: Any) -> str:
    resource = {"addr": address, "resource_type": "aws_sqs_queue"}
    return json.dumps({"type": kind, "hook": {"resource": resource, "action": action, **hook}})


def events(path: Path, *lines: str) -> list[Path]:
    file = path / "2-apply.jsonl"
    file.write_text("\n".join(lines) + "\n")
    return [file]


def made(address: str, identifier: str) -> tuple[str, str]:
    return (
        event("apply_start", address),
        event("apply_complete", address, id_key="id", id_value=identifier),
    )


def test_what_was_made_and_is_not_in_the_state_is_named_with_its_id(tmp_path: Path) -> None:
    files = events(tmp_path, *made("a.known", "1"), *made("a.lost", "2"))
    state = StateSummary("abc", 1, frozenset({"a.known"}))
    assert unknown_to(state, files) == [Unknown("a.lost", "2")]


def test_without_a_state_everything_is_unknown(tmp_path: Path) -> None:
    assert unknown_to(None, events(tmp_path, *made("a.a", "1"))) == [Unknown("a.a", "1")]


def test_what_was_begun_and_never_ended_is_in_doubt(tmp_path: Path) -> None:
    files = events(tmp_path, event("apply_start", "a.begun"), '{"type": "apply_st')
    assert unknown_to(None, files) == [Unknown("a.begun")]


def test_what_was_destroyed_is_not_lost(tmp_path: Path) -> None:
    gone = (event("apply_start", "a.a", "delete"), event("apply_complete", "a.a", "delete"))
    assert unknown_to(None, events(tmp_path, *made("a.a", "1"), *gone)) == []


def test_a_replacement_has_its_new_id(tmp_path: Path) -> None:
    gone = (event("apply_start", "a.a", "delete"), event("apply_complete", "a.a", "delete"))
    assert unknown_to(None, events(tmp_path, *gone, *made("a.a", "2"))) == [Unknown("a.a", "2")]


def test_a_creation_that_failed_made_nothing(tmp_path: Path) -> None:
    files = events(tmp_path, event("apply_start", "a.a"), event("apply_errored", "a.a"))
    assert unknown_to(None, files) == []


@pytest.mark.parametrize(
    ("word", "named"),
    [
        ("module.m", True),
        ("module.m.a.b", True),
        ('module.m.a.b["k"]', True),
        ("module.m.a.b2", False),
        ("module.n", False),
    ],
)
def test_a_command_line_names_an_address_by_module_resource_or_instance(
    word: str, named: bool
) -> None:
    assert named_in(["state", "rm", "dev", word], 'module.m.a.b["k"]') is named
