"""Reading Terraform's event stream, as recorded and as broken as it can come."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookstore_ops.terraform import events
from bookstore_ops.terraform.events import EventReader

DATA = Path(__file__).parent / "data"


def line(kind: str, **more: Any) -> bytes:
    return json.dumps({"@level": "info", "@message": "m", "type": kind, **more}).encode()


def recorded(name: str) -> list[events.Event]:
    reader = EventReader()
    found = [reader.read(each) for each in (DATA / name).read_bytes().splitlines()]
    assert reader.strays == []
    return [event for event in found if event is not None]


def test_every_event_of_a_plan_is_read() -> None:
    kinds = Counter(type(event).__name__ for event in recorded("plan.jsonl"))
    assert kinds == {
        "Version": 1,
        "RefreshStart": 4,
        "RefreshComplete": 4,
        "PlannedChange": 5,
        "ChangeSummary": 1,
        "Outputs": 1,
        "DiagnosticEvent": 1,
    }


def test_every_event_of_a_failed_apply_is_read_but_for_those_of_provisioners() -> None:
    kinds = Counter(type(event).__name__ for event in recorded("apply-failed.jsonl"))
    assert kinds == {
        "Version": 1,
        "PlannedChange": 4,
        "ApplyStart": 5,
        "ApplyComplete": 4,
        "ApplyErrored": 1,
        "DiagnosticEvent": 1,
    }


def test_a_planned_change_has_its_address_action_and_reason() -> None:
    changes = [e.change for e in recorded("plan.jsonl") if isinstance(e, events.PlannedChange)]
    found = {change.resource.addr: (change.action, change.reason) for change in changes}
    assert found == {
        "terraform_data.a": ("update", ""),
        "terraform_data.b": ("replace", "cannot_update"),
        "terraform_data.gone": ("remove", "delete_because_no_resource_config"),
        "terraform_data.imp": ("import", ""),
        "terraform_data.new": ("move", ""),
    }


def test_the_summary_counts_imports_apart() -> None:
    (summary,) = [e for e in recorded("plan.jsonl") if isinstance(e, events.ChangeSummary)]
    assert summary.changes == events.Counts(1, 1, 1, 1, "plan")


def test_a_sensitive_output_comes_without_its_value() -> None:
    (outputs,) = [e for e in recorded("plan.jsonl") if isinstance(e, events.Outputs)]
    assert outputs.outputs["pass"] == events.OutputEvent(sensitive=True, action="update")


def test_an_error_names_its_resource_and_its_place() -> None:
    (error,) = [e for e in recorded("apply-failed.jsonl") if isinstance(e, events.DiagnosticEvent)]
    diagnostic = error.diagnostic
    assert diagnostic.is_error
    assert diagnostic.address == "terraform_data.broken"
    assert diagnostic.range is not None
    assert (diagnostic.range.filename, diagnostic.range.start.line) == ("main.tf", 15)


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param(line("ephemeral_op_start", hook={}), id="a later type"),
        pytest.param(line("init_output", message_code="x"), id="of init"),
        pytest.param(line("apply_start"), id="incomplete"),
        pytest.param(line("apply_start", hook={"resource": {"addr": 5}}), id="other types"),
        pytest.param(b'{"@message": "x"}', id="no type"),
        pytest.param(b"{}", id="empty object"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[1, 2]", id="a list"),
        pytest.param(b"", id="empty line"),
        pytest.param(b"   ", id="blank line"),
    ],
)
def test_what_this_version_does_not_know_is_passed_over(unknown: bytes) -> None:
    reader = EventReader()
    assert reader.read(unknown) is None
    assert reader.strays == []


def test_fields_of_later_versions_are_passed_over() -> None:
    event = EventReader().read(line("version", terraform="1.99.0", ui="9.9", more={"a": [1]}))
    assert event == events.Version("1.99.0")


@pytest.mark.parametrize(
    "stray",
    [
        b"panic: runtime error: invalid memory address",
        b'{"@level":"info","@mess',
        b"\x1b[31mError\x1b[0m",
        b"goroutine 1 [running]:",
    ],
)
def test_what_is_no_event_is_kept_to_be_shown(stray: bytes) -> None:
    reader = EventReader()
    assert reader.read(stray) is None
    assert reader.strays == [stray.decode()]


def test_bytes_that_are_no_text_are_kept_as_far_as_they_go() -> None:
    reader = EventReader()
    reader.read(b"panic: \xff\xfe")
    assert reader.strays == ["panic: \ufffd\ufffd"]


def test_only_the_last_strays_are_kept() -> None:
    reader = EventReader()
    for number in range(1000):
        reader.read(f"line {number}".encode())
    assert len(reader.strays) < 50
    assert reader.strays[-1] == "line 999"


@given(content=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode()))
def test_no_line_is_an_error(content: bytes) -> None:
    EventReader().read(content)


PIECES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(
    kind=st.sampled_from(["version", "apply_start", "planned_change", "outputs", "diagnostic"]),
    hook=PIECES,
    change=PIECES,
    diagnostic=PIECES,
)
def test_no_object_is_an_error(kind: str, hook: Any, change: Any, diagnostic: Any) -> None:
    EventReader().read(line(kind, hook=hook, change=change, diagnostic=diagnostic, outputs=change))
