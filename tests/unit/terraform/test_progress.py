"""What a run has done so far, folded from its events; and the ledger drawn up at its end."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bookstore_ops.terraform import events
from bookstore_ops.terraform.events import Diagnostic, Hook, Planned, Resource
from bookstore_ops.terraform.ledger import Ledger, draw_up, explain_doubts
from bookstore_ops.terraform.progress import Progress, Step, StepState
from bookstore_ops.terraform.state import StateSummary

DATA = Path(__file__).parent / "data"


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def hook(address: str, action: str = "create", seconds: float = 0) -> Hook:
    return Hook(Resource(address), action, seconds)


def planned(address: str, action: str = "create") -> Planned:
    return Planned(Resource(address), action)


def start(address: str, action: str = "create") -> events.Event:
    return events.ApplyStart(hook(address, action))


def done(address: str, action: str = "create") -> events.Event:
    return events.ApplyComplete(hook(address, action))


def errored(address: str, action: str = "create") -> events.Event:
    return events.ApplyErrored(hook(address, action))


def error(address: str, summary: str = "it exists", detail: str = "") -> events.Event:
    return events.DiagnosticEvent(Diagnostic("error", summary, detail, address))


def progress(*happened: events.Event, clock: Clock | None = None) -> Progress:
    made = Progress(clock=clock or Clock())
    for event in happened:
        made.add(event)
    return made


def recorded(name: str) -> Progress:
    reader, made = events.EventReader(), Progress()
    for line in (DATA / name).read_bytes().splitlines():
        event = reader.read(line)
        if event is not None:
            made.add(event)
    return made


class TestProgress:
    def test_a_recorded_plan(self) -> None:
        found = recorded("plan.jsonl")
        assert found.terraform_version == "1.11.4"
        assert {step.state for step in found.reads.values()} == {StepState.DONE}
        assert list(found.planned) == [
            "terraform_data.gone",
            "terraform_data.new",
            "terraform_data.imp",
            "terraform_data.b",
            "terraform_data.a",
        ]
        assert set(found.outputs) == {"pass", "size"}
        assert found.counts == events.Counts(1, 1, 1, 1, "plan")
        assert (found.errors, len(found.warnings)) == ([], 1)
        assert found.running() == []

    def test_a_recorded_apply_that_failed(self) -> None:
        found = recorded("apply-failed.jsonl")
        assert [step.address for step in found.in_state(StepState.FAILED)] == [
            "terraform_data.broken"
        ]
        assert found.steps["terraform_data.broken"].message.startswith(
            "local-exec provisioner error\n"
        )

    def test_work_takes_from_its_start_to_its_end(self) -> None:
        clock = Clock()
        run = progress(start("a"), clock=clock)
        clock.now += 5
        assert run.steps["a"].elapsed(clock()) == 5
        run.add(done("a"))
        clock.now += 5
        assert run.steps["a"].elapsed(clock()) == 5

    def test_the_run_itself_takes_from_its_first_moment(self) -> None:
        clock = Clock()
        run = progress(clock=clock)
        clock.now += 7
        assert run.elapsed == 7

    def test_the_slowest_under_way_comes_first(self) -> None:
        clock = Clock()
        run = progress(events.RefreshStart(hook("slow")), clock=clock)
        for address in ("b", "a"):
            clock.now += 1
            run.add(start(address))
        run.add(done("b"))
        assert [step.address for step in run.running()] == ["slow", "a"]

    def test_an_end_without_its_start_counts_back_by_what_it_took(self) -> None:
        clock = Clock()
        run = progress(events.ApplyComplete(hook("a", seconds=30)), clock=clock)
        assert run.steps["a"] == Step("a", "create", StepState.DONE, 70.0, 100.0)

    def test_reads_and_changes_of_one_resource_are_kept_apart(self) -> None:
        run = progress(
            events.RefreshStart(hook("a")), events.RefreshComplete(hook("a")), start("a")
        )
        assert run.reads["a"].state is StepState.DONE
        assert run.steps["a"].state is StepState.RUNNING

    def test_progress_in_between_changes_nothing(self) -> None:
        run = progress(start("a"), events.ApplyProgress(hook("a", seconds=10)))
        assert run.steps["a"].state is StepState.RUNNING

    def test_the_second_half_of_a_replacement_knows_the_first(self) -> None:
        run = progress(start("a", "delete"), done("a", "delete"), start("a"))
        assert (run.steps["a"].action, run.steps["a"].before) == ("create", ("delete",))

    def test_drift_is_kept_apart_from_the_plan(self) -> None:
        run = progress(events.ResourceDrift(planned("a", "update")))
        assert list(run.drift) == ["a"]
        assert run.planned == {}

    def test_an_error_goes_to_the_work_it_speaks_of(self) -> None:
        run = progress(start("a"), start("b"), error("b", "it exists", "choose another name"))
        assert run.steps["a"].message == ""
        assert run.steps["b"].message == "it exists\nchoose another name"

    def test_a_warning_does_not(self) -> None:
        warning = events.DiagnosticEvent(Diagnostic("warning", "deprecated", address="a"))
        run = progress(start("a"), warning)
        assert run.steps["a"].message == ""
        assert (len(run.warnings), len(run.errors)) == (1, 0)

    def test_an_error_of_no_resource_is_kept(self) -> None:
        assert [each.summary for each in progress(error("")).errors] == ["it exists"]


class TestLedger:
    def addresses(self, ledger: Ledger) -> dict[str, list[str]]:
        return {
            "applied": [step.address for step in ledger.applied],
            "failed": [step.address for step in ledger.failed],
            "in_doubt": [step.address for step in ledger.in_doubt],
            "not_started": [change.resource.addr for change in ledger.not_started],
        }

    def test_every_planned_change_is_accounted_for_once(self) -> None:
        run = progress(
            start("done"), start("failed"), start("doubt"), done("done"), errored("failed")
        )
        plan = tuple(map(planned, ("done", "failed", "doubt", "behind")))
        assert self.addresses(draw_up(run, plan)) == {
            "applied": ["done"],
            "failed": ["failed"],
            "in_doubt": ["doubt"],
            "not_started": ["behind"],
        }

    def test_a_recorded_apply_that_failed(self) -> None:
        run = recorded("apply-failed.jsonl")
        ledger = draw_up(run, tuple(run.planned.values()))
        assert self.addresses(ledger) == {
            "applied": ["terraform_data.web", "terraform_data.after"],
            "failed": ["terraform_data.broken"],
            "in_doubt": [],
            "not_started": ["terraform_data.behind"],
        }

    @pytest.mark.parametrize("action", ["noop", "read"])
    def test_what_changes_nothing_is_left_out(self, action: str) -> None:
        assert draw_up(progress(), (planned("a", action),)).not_started == ()

    @pytest.mark.parametrize(("first", "second"), [("delete", "create"), ("create", "delete")])
    def test_half_a_replacement_is_not_a_whole_one(self, first: str, second: str) -> None:
        plan = (planned("a", "replace"),)
        half = progress(start("a", first), done("a", first))
        assert self.addresses(draw_up(half, plan))["applied"] == ["a"]
        assert draw_up(half, plan).not_started == (planned("a", second),)
        half.add(start("a", second))
        half.add(done("a", second))
        assert draw_up(half, plan).not_started == ()

    @pytest.mark.parametrize(
        "message",
        [
            "operation error EC2: RunInstances, request canceled, context canceled",
            "rpc error: code = Canceled desc = operation was canceled",
        ],
    )
    def test_a_request_that_was_cancelled_is_in_doubt_not_failed(self, message: str) -> None:
        run = progress(start("a"), errored("a"), error("a", "creating", message))
        assert self.addresses(draw_up(run, (planned("a"),)))["in_doubt"] == ["a"]

    @pytest.mark.parametrize(
        ("action", "state", "says"),
        [
            ("create", None, "it is not in the state: if AWS made it, import it"),
            ("create", StateSummary("l", 1), "it is not in the state: if AWS made it, import it"),
            (
                "create",
                StateSummary("l", 1, frozenset({"a"}), frozenset({"a"})),
                "it is in the state, tainted",
            ),
            ("update", StateSummary("l", 1, frozenset({"a"})), "it is in the state: the next plan"),
            ("delete", StateSummary("l", 1), "it is gone from the state"),
        ],
    )
    def test_each_doubt_is_explained_by_the_state(
        self, action: str, state: StateSummary | None, says: str
    ) -> None:
        ledger = draw_up(progress(start("a", action)), (planned("a", action),))
        (step,) = explain_doubts(replace(ledger, state=state)).in_doubt
        assert step.message.startswith(says)

    def test_nothing_is_explained_by_a_state_that_cannot_be_read(self) -> None:
        ledger = replace(draw_up(progress(start("a")), ()), state_problem="gone")
        assert explain_doubts(ledger) == ledger

    @pytest.mark.parametrize(
        ("problem", "leftover", "saved"),
        [
            (None, None, True),
            ("it cannot be read", None, False),
            (None, Path("errored.tfstate"), False),
        ],
    )
    def test_the_state_is_saved_when_it_can_be_read_and_nothing_lies_beside_it(
        self, problem: str | None, leftover: Path | None, saved: bool
    ) -> None:
        ledger = Ledger((), (), (), (), state_problem=problem, errored_state=leftover)
        assert ledger.state_saved is saved
