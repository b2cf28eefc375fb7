"""How bsops speaks: to people, to scripts, on narrow screens, without a terminal."""

import json
import os
import stat
from collections.abc import Iterator

import pexpect
import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.workspaces import BSOPS, Bench, make_bench


@pytest.fixture
def bench(warm_bench: Bench) -> Bench:
    """The workspace that tests hand on to each other."""
    return warm_bench


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A workspace whose dev was planned and applied; its tests only look."""
    made = make_bench(tmp_path_factory.mktemp("applied"))
    assert made.apply().code == 0
    yield made
    lifecycle.stop(made.workspace)


def on_a_terminal(bench: Bench, answer: str) -> int | None:
    """The exit status of an apply whose question is answered so."""
    child = pexpect.spawn(
        str(BSOPS),
        ["apply", "dev", "--sandbox"],
        cwd=str(bench.root),
        env=bench.env({"TERM": "xterm"}),
        encoding="utf-8",
        timeout=60,
    )
    child.expect("Apply to dev in the sandbox")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    status: int | None = child.exitstatus
    return status


def test_without_a_terminal_nothing_is_asked_and_the_flag_is_named(bench: Bench) -> None:
    done = bench.run("apply", "dev", "--sandbox")
    assert done.code == 3
    assert "--yes" in done.said
    assert bench.parameters() == set()


def test_on_a_terminal_a_no_changes_nothing_and_a_yes_applies(bench: Bench) -> None:
    assert bench.run("plan", "dev", "--sandbox", "--no-details").code == 0
    assert on_a_terminal(bench, "n") == 3
    assert bench.parameters() == set()
    assert on_a_terminal(bench, "y") == 0
    assert len(bench.parameters()) == 2


def test_forty_columns_hold_every_line_of_prose_and_no_escape_reaches_a_pipe(bench: Bench) -> None:
    done = bench.run("plan", "dev", "--sandbox", env={"COLUMNS": "40"})
    assert done.code == 0
    assert max(len(line) for line in done.out.splitlines()) <= 40
    assert "\x1b" not in done.out + done.err
    plain = bench.run("plan", "dev", "--sandbox", env={"NO_COLOR": "1"})
    assert plain.code == 0
    assert "\x1b" not in plain.out + plain.err


def test_a_plan_in_json_is_one_document_that_says_sandbox_and_is_read_back(bench: Bench) -> None:
    document = bench.run("plan", "dev", "--sandbox", "--json").json
    assert document["schema"] == "bsops.plan/1"
    assert document["sandbox"] is True
    assert document["counts"]["create"] == 2
    shown = bench.run("show", "dev", document["name"], "--sandbox", "--json").json
    assert shown["counts"]["create"] == 2
    assert shown["record"]["environment"] == "dev"


def test_a_failure_with_json_is_a_document_too(bench: Bench) -> None:
    done = bench.run("plan", "nowhere", "--sandbox", "--json")
    assert done.json["exit_code"] == done.code == 6
    assert done.json["next"]


def test_inherited_terraform_arguments_are_told_and_not_obeyed(bench: Bench) -> None:
    bench.write_chain(14)
    assert bench.run("plan", "dev", "--sandbox", "--no-details").code == 0
    running = bench.start("apply", "dev", "--sandbox", "--yes", env={"TF_CLI_ARGS": "-lock=false"})
    running.wait_for_event("apply", "apply_complete", 1)
    with bench.terraform_suspended():
        locked = bench.lock_is_held()
    done = running.finish()
    assert locked
    assert "TF_CLI_ARGS is set in your environment: ignored" in done.said
    bench.assert_nothing_lost()


def test_a_protected_environment_refuses_what_would_change_a_run(bench: Bench) -> None:
    done = bench.run("plan", "prod", env={"TF_VAR_size": "9"})
    assert done.code == 3
    assert "next: unset TF_VAR_size" in done.said


def test_secrets_appear_nowhere(bench: Bench) -> None:
    secret = "hunter2-hunter2"
    root = bench.environment_root("dev")
    (root / "secret.tf").write_text(
        'resource "aws_ssm_parameter" "s" {\n  name = "/s"\n  type = "SecureString"\n'
        "  value = var.secret\n}\n"
    )
    runs = [
        bench.run("plan", "dev", "--sandbox", "--verbose", "--var", f"secret={secret}"),
        bench.run("apply", "dev", "--sandbox", "--yes", "--verbose"),
        bench.run("output", "dev", "--sandbox"),
        bench.run("output", "dev", "--sandbox", "--json"),
        bench.run("show", "dev", "--sandbox", "--json"),
    ]
    assert [run.code for run in runs] == [0] * len(runs)
    written = [
        path
        for path in (bench.root / ".bsops").rglob("*")
        if path.is_file() and path.suffix in {".jsonl", ".stderr", ".json", ".log", ".tfrc"}
    ]
    for text in [run.out + run.err for run in runs] + [path.read_text() for path in written]:
        assert secret not in text


def test_reveal_prints_a_sensitive_output(applied: Bench) -> None:
    shown = applied.run("output", "dev", "secret", "--sandbox", "--reveal")
    assert shown.out == "hunter2-hunter2\n"


def test_what_bsops_writes_only_its_owner_can_read(bench: Bench) -> None:
    assert bench.run("plan", "dev", "--sandbox", "--verbose", "--no-details").code == 0
    data = bench.root / ".bsops"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    for path in (
        *data.glob("plans/**/*"),
        *data.glob("sandbox/plans/**/*"),
        data / "journal.jsonl",
    ):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_history_tells_who_did_what_and_how_it_ended(applied: Bench) -> None:
    runs = applied.run("history", "dev", "--json").json["runs"][:2]
    assert [(run["command"], run["outcome"]) for run in runs] == [
        ("plan", "done"),
        ("apply", "done"),
    ]
    assert runs[1]["counts"] == {"create": 2}
    assert runs[1]["serial"] >= 1


def test_show_lists_what_the_state_holds(applied: Bench) -> None:
    resources = applied.run("show", "dev", "--sandbox", "--json").json["resources"]
    assert [r["address"] for r in resources] == ["aws_ssm_parameter.p00", "aws_ssm_parameter.p01"]


def test_detailed_exitcode_tells_changes_from_none(applied: Bench) -> None:
    words = ("plan", "dev", "--sandbox", "--no-details", "--detailed-exitcode")
    assert applied.run(*words).code == 0
    assert applied.run(*words, "--var", "size=2").code == 2


def test_config_show_says_where_each_setting_comes_from(bench: Bench) -> None:
    settings = bench.run("config", "show", "dev", "--json").json["settings"]
    assert settings["account_id"] == {"value": "111111111111", "from": "environments/dev.toml"}
    assert settings["profile"] == {"value": "-", "from": "default"}


def test_fmt_names_and_mends_what_is_not_formatted(bench: Bench) -> None:
    path = bench.environment_root("dev") / "ugly.tf"
    path.write_text('locals {\na="b"\n}\n')
    assert bench.run("fmt", "--check").code == 1
    assert bench.run("fmt").code == 0
    assert path.read_text() == 'locals {\n  a = "b"\n}\n'


def test_completion_offers_commands_and_environments(bench: Bench) -> None:
    def complete(line: str) -> list[str]:
        words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
        return bench.run(env={"_BSOPS_COMPLETE": "complete_bash", **words}).out.split()

    assert "plan" in complete("bsops pl")
    assert complete("bsops plan p") == ["prod"]


def test_a_warm_run_does_not_initialise_again(bench: Bench) -> None:
    assert bench.run("init", "dev", "--sandbox").code == 0
    (bench.environment_root("dev") / "chain.tf").write_text("")
    done = bench.run("plan", "dev", "--sandbox", "--no-details")
    assert "initialising" not in done.err


def test_no_real_credential_is_read_and_nothing_leaves_the_sandbox(bench: Bench) -> None:
    home = bench.root.parent / "home"
    (home / ".aws").mkdir(parents=True)
    (home / ".aws/credentials").write_text(
        "[default]\naws_access_key_id = AKIASENTINELSENTINEL\naws_secret_access_key = sentinel\n"
    )
    real = {
        "AWS_ACCESS_KEY_ID": "AKIASENTINELSENTINE2",
        "AWS_SECRET_ACCESS_KEY": "sentinel",
        "AWS_PROFILE": "no-such-profile",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }
    lifecycle.stop(bench.workspace)  # the server, too, is to be started from such a shell
    done = bench.apply(env=real)
    assert done.code == 0, done.err
    state = json.dumps(bench.state())
    assert "arn:aws:ssm:eu-west-1:111111111111" in state
    for path in (bench.root / ".bsops").rglob("*"):
        if path.is_file() and not path.is_symlink() and os.access(path, os.R_OK):
            assert b"SENTINEL" not in path.read_bytes(), path
