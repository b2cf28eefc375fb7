import json
from pathlib import Path

from bookstore_ops.locks.lock import Lock, LockKind
from bookstore_ops.terraform.events import OutputEvent, Planned
from bookstore_ops.terraform.ledger import Ledger
from bookstore_ops.terraform.progress import Step, StepState
from bookstore_ops.terraform.state import StateSummary
from bookstore_ops.ui.ledger import ledger_document, render_ledger, render_success
from tests.unit.ui.support import Run, resource


def step(address: str, state: StepState, message: str = "") -> Step:
    ended = None if state is StepState.RUNNING else 108.0
    return Step(address, "create", state, 0.0, ended, message)


LEDGER = Ledger(
    applied=(step("aws_vpc.this", StepState.DONE),),
    failed=(step("aws_db_instance.this", StepState.FAILED, "DBInstanceAlreadyExists: it exists"),),
    in_doubt=(step("aws_lb.this", StepState.RUNNING),),
    not_started=(Planned(resource("aws_ecs_service.api"), "create"),),
    state=StateSummary("abc", 43, frozenset({"aws_vpc.this"})),
)


def test_a_ledger_tells_what_was_done_what_was_not_and_what_is_left_behind() -> None:
    screen = render_ledger(LEDGER, environment="prod", next_commands=["bsops plan prod"])
    assert str(screen) == (
        "The apply to prod did not finish\n"
        "1 applied, 1 failed, 1 in doubt, 1 not started\n"
        "\n"
        "Applied\n"
        "  +   aws_vpc.this  1m48s\n"
        "\n"
        "Not started\n"
        "  +   aws_ecs_service.api\n"
        "\n"
        "In doubt: begun, not ended; check AWS\n"
        "  +   aws_lb.this\n"
        "\n"
        "Failed\n"
        "  +   aws_db_instance.this  1m48s\n"
        "      DBInstanceAlreadyExists: it exists\n"
        "\n"
        "State  saved, serial 43, 1 resource\n"
        "Lock   free\n"
        "Next   bsops plan prod"
    )


def test_a_destroy_is_called_one() -> None:
    screen = render_ledger(LEDGER, environment="prod", next_commands=[], destroying=True)
    assert str(screen).startswith("The destroy of prod did not finish\n")


def ending(ledger: Ledger) -> list[str]:
    screen = render_ledger(ledger, environment="prod", next_commands=["one", "two"])
    return str(screen).splitlines()[-4:]


def nothing(**left: object) -> Ledger:
    return Ledger((), (), (), (), **left)  # type: ignore[arg-type]


def test_a_state_that_could_not_be_written_names_the_file_that_holds_it() -> None:
    ledger = nothing(errored_state=Path("errored.tfstate"))
    assert ending(ledger)[0] == "State  NOT SAVED: keep errored.tfstate, it is only there"


def test_a_state_that_cannot_be_read_says_why() -> None:
    assert ending(nothing(state_problem="no route"))[0] == "State  CANNOT BE READ: no route"


def test_no_state_yet_is_no_alarm() -> None:
    assert ending(nothing())[0] == "State  nothing saved yet"


def test_a_lock_that_nobody_could_look_at_is_not_called_free() -> None:
    assert ending(nothing(state_problem="no route"))[1] == "Lock   not known"


def test_a_lock_left_behind_names_its_holder() -> None:
    lock = Lock(
        kind=LockKind.S3,
        place="s3://bucket/key.tflock",
        id="1-2",
        who="ann@laptop",
        operation="OperationTypeApply",
        created="2026-03-01T03:04:05Z",
    )
    assert ending(nothing(lock=lock))[1] == (
        "Lock   HELD by ann@laptop (OperationTypeApply) since 2026-03-01T03:04:05Z, ID 1-2"
    )


def test_every_next_command_has_a_line() -> None:
    assert ending(nothing())[2:] == ["Next   one", "       two"]


def test_a_long_list_of_what_went_well_is_folded() -> None:
    many = tuple(step(f"aws_x.n{n}", StepState.DONE) for n in range(50))
    ledger = Ledger(many, (), (), ())
    folded = str(render_ledger(ledger, environment="dev", next_commands=[]))
    whole = str(render_ledger(ledger, environment="dev", next_commands=[], verbose=True))
    assert "\n  … 40 more\n" in folded
    assert whole.count("aws_x") == 50


def test_the_document_holds_all_of_it() -> None:
    assert json.loads(json.dumps(ledger_document(LEDGER))) == {
        "applied": [
            {"address": "aws_vpc.this", "action": "create", "seconds": 108.0, "message": None}
        ],
        "failed": [
            {
                "address": "aws_db_instance.this",
                "action": "create",
                "seconds": 108.0,
                "message": "DBInstanceAlreadyExists: it exists",
            }
        ],
        "in_doubt": [
            {"address": "aws_lb.this", "action": "create", "seconds": None, "message": None}
        ],
        "not_started": [{"address": "aws_ecs_service.api", "action": "create"}],
        "state": {
            "saved": True,
            "problem": None,
            "errored_state": None,
            "lineage": "abc",
            "serial": 43,
            "resources": 1,
        },
        "lock": None,
    }


def test_success_is_one_line_and_the_outputs_with_secrets_masked() -> None:
    run = Run()
    for address, action in (("aws_x.a", "create"), ("aws_x.b", "update"), ("aws_x.c", "read")):
        run.starts(address, action)
        run.wait(5)
        run.ends(address, action)
    run.progress.outputs = {
        "url": OutputEvent(value="https://x"),
        "db_password": OutputEvent(value="hunter2"),
        "token": OutputEvent(sensitive=True),
        "replicas": OutputEvent(value={"api": 2}),
    }
    assert str(render_success(run.progress, "dev")) == (
        "Applied to dev in 15s: 1 created, 1 changed\n"
        "  db_password  (sensitive)\n"
        '  replicas     {"api": 2}\n'
        "  token        (sensitive)\n"
        '  url          "https://x"'
    )
