"""The archive for an issue: no secret in it, whatever surrounds it, and no more than was listed."""

import json
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

import pexpect
import pytest

from bookstore_ops.exit_codes import ExitCode
from tests.e2e.workspaces import BSOPS, Bench, make_bench

RUN = "20261126T101500-apply-dev-3f9c"
OLDER = "20261126T101000-plan-prod-11aa"

# One for each place; none is known by its form.
PLANTED = {
    name: f"planted-{name}-7Qx!"
    for name in (
        *("journal", "torn", "event", "output", "stderr", "shell", "token", "variable", "values"),
        *("policy", "server", "credentials", "report", "state", "plan", "shown", "argument"),
    )
}
ACCESS_KEY = "ASIA" + "IOSFODNN7EXAMPLE"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = make_bench(tmp_path)
    (tmp_path / "tmp").mkdir()
    made.environ["TMPDIR"] = str(tmp_path / "tmp")
    return made


def plant(bench: Bench) -> dict[str, str]:
    """Put a secret into everything that a bundle reads, and beside it; the shell's variables."""
    data = bench.workspace.make_data_directory()
    run = bench.workspace.make_data_directory("runs", RUN)
    older = bench.workspace.make_data_directory("runs", OLDER)
    start = {"event": "start", "run": RUN, "arguments": ["apply", "--var", "x=1"]}
    note = {"event": "end", "run": RUN, "error": f"refused: api_token={PLANTED['journal']}"}
    torn = f'{{"event": "end", "password": "{PLANTED["torn"]}'
    (data / "journal.jsonl").write_text("\n".join([json.dumps(start), json.dumps(note), torn]))
    events = [
        {"@level": "info", "@message": "Plan: 1 to add", "type": "change_summary"},
        {"@message": f"connecting to postgres://app:{PLANTED['event']}@db", "type": "log"},
        {"type": "outputs", "outputs": {"k": {"sensitive": True, "value": PLANTED["output"]}}},
        {"@message": f"got {PLANTED['values']}, {PLANTED['credentials']}, {PLANTED['token']}"},
    ]
    (run / "1-apply.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in events))
    (run / "1-apply.stderr").write_text(
        f"X-Amz-Security-Token: {PLANTED['stderr']}\nkey {ACCESS_KEY} of 111111111111\n"
    )
    (older / "1-plan.jsonl").write_text('{"@message": "older"}\n')
    for name, secret in (
        ("errored.tfstate", "state"),
        ("a.tfplan", "plan"),
        ("2-show.jsonl", "shown"),
    ):
        (run / name).write_text(PLANTED[secret])
    (bench.environment_root("dev") / "terraform.tfvars").write_text(
        f'size   = 1\nsecret = "{PLANTED["values"]}" # as it was\n'
    )
    (bench.environment_root("dev") / "terraform.tfstate").write_text(PLANTED["state"])
    policy = bench.workspace.environments / "prod.toml"
    policy.write_text(f"# password: {PLANTED['policy']}\n{policy.read_text()}")
    bench.workspace.make_data_directory("sandbox")
    (bench.workspace.sandbox / "server.log").write_text(
        f"Authorization: Bearer {PLANTED['server']}\n"
    )
    home = Path(bench.env()["HOME"])
    (home / ".aws").mkdir()
    (home / ".aws" / "credentials").write_text(
        f"[old]\naws_secret_access_key = {PLANTED['credentials']}\n"
    )
    report = Path(bench.environ["TMPDIR"]) / "bsops-report-x1.txt"
    report.write_text(f"Traceback\nValueError: passphrase='{PLANTED['report']}'\n")
    return {
        "AWS_SESSION_TOKEN": PLANTED["shell"],
        "SHOP_API_TOKEN": PLANTED["token"],
        "TF_VAR_secret": PLANTED["variable"],
        "TF_CLI_ARGS_plan": f"-var size={PLANTED['argument']}",
        "AWS_PROFILE": "shop",
    }


def opened(path: Path) -> dict[str, bytes]:
    """Every file of an archive by its name, without the folder they are all in."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {
            name.removeprefix(f"{name.split('/')[0]}/"): archive.read(name)
            for name in archive.namelist()
        }


def test_no_secret_of_any_source_is_in_it(bench: Bench) -> None:
    shell = plant(bench)
    done = bench.run("support", "bundle", "dev", "--yes", "--json", "-o", "b.zip", env=shell)
    assert done.code == ExitCode.DONE, done.err
    archive = bench.root / "b.zip"
    assert archive.stat().st_mode & 0o777 == 0o600
    files = opened(archive)
    assert {name: len(content) for name, content in files.items()} == {
        each["name"]: each["bytes"] for each in done.json["files"]
    }
    assert {
        *("manifest.json", "versions.json", "variables.json", "doctor.json", "journal.jsonl"),
        *("environments/dev.toml", "environments/prod.toml", "config/dev.json"),
        *("values/dev/terraform.tfvars", "sandbox/server.log", "reports/bsops-report-x1.txt"),
        *(f"runs/{RUN}/1-apply.jsonl", f"runs/{RUN}/1-apply.stderr"),
    } <= set(files)
    everything = b"\n".join([*files.values(), *(name.encode() for name in files)]).decode()
    for place, secret in {**PLANTED, "form": ACCESS_KEY, "account": "111111111111"}.items():
        assert secret not in everything + done.out + done.err, place
    # It is of use all the same.
    assert json.loads(files["doctor.json"])["schema"] == "bsops.doctor/1"
    assert json.loads(files["variables.json"])["AWS_PROFILE"] == "shop"
    assert files["values/dev/terraform.tfvars"].decode() == (
        'size   = 1\nsecret = "(sensitive)" # as it was\n'
    )
    first = files[f"runs/{RUN}/1-apply.jsonl"].decode().splitlines()[0]
    assert json.loads(first)["@message"] == "Plan: 1 to add"
    assert b"of account-" in files[f"runs/{RUN}/1-apply.stderr"]
    kept = bench.run(
        *("support", "bundle", "prod", "--yes", "--account-ids", "-o", "c.zip", "-q"), env=shell
    )
    assert kept.code == ExitCode.DONE
    files = opened(bench.root / "c.zip")
    assert b'"111111111111"' in files["environments/dev.toml"]
    assert f"runs/{OLDER}/1-plan.jsonl" in files


def test_it_is_listed_before_it_is_written_and_nobody_is_asked_in_vain(bench: Bench) -> None:
    plant(bench)
    listed = bench.run("support", "bundle", "--list")
    assert listed.code == ExitCode.DONE
    assert f"runs/{RUN}/1-apply.jsonl" in listed.out
    refused = bench.run("support", "bundle", "--run", OLDER)
    assert refused.code == ExitCode.REFUSED
    assert f"runs/{OLDER}/1-plan.jsonl" in refused.err
    assert "next: the same command with --yes" in refused.err
    unknown = bench.run("support", "bundle", "--run", "nothing", "--yes")
    assert unknown.code == ExitCode.CONFIGURATION
    assert f"next: bsops support bundle --run {RUN}" in unknown.err
    assert bench.run("support", "bundle", "prd", "--yes").code == ExitCode.CONFIGURATION
    assert not list(bench.root.glob("*.zip"))


@pytest.mark.parametrize(("answer", "code"), [("n", ExitCode.REFUSED), ("y", ExitCode.DONE)])
def test_a_person_is_asked(bench: Bench, answer: str, code: ExitCode) -> None:
    child = pexpect.spawn(
        str(BSOPS),
        ["support", "bundle"],
        cwd=bench.root,
        env=bench.env(),
        encoding="utf-8",
        timeout=60,
    )
    child.expect("versions.json")
    child.expect("Write all this to .*zip")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == code
    assert len(list(bench.root.glob("bsops-support-*.zip"))) == (answer == "y")


def _missing(done_json: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["why"] for each in done_json["missing"]}


def test_what_is_broken_is_told_and_keeps_nothing_else_back(bench: Bench) -> None:
    shell = plant(bench)
    (bench.workspace.environments / "dev.toml").write_text(f'password = "{PLANTED["policy"]}\n[')
    (bench.environment_root("dev") / "terraform.tfvars").write_text(
        f'size = [1\ndb_password = "{PLANTED["values"]}"\n'
    )
    (bench.environment_root("prod") / "main.tf").write_text('variable "x" {\n')
    bench.workspace.journal.unlink()
    bench.workspace.journal.mkdir()
    done = bench.run(
        *("support", "bundle", "dev", "--yes", "--json", "-o", "b.zip"),
        env={**shell, "BSOPS_TERRAFORM_BIN": "/nonexistent/terraform", "HOME": "/nonexistent"},
    )
    assert done.code == ExitCode.DONE, done.err
    missing = _missing(done.json)
    assert missing["journal.jsonl"] == "cannot read journal.jsonl; Is a directory"
    assert "terraform.tfvars:2: " in missing["values/dev"]
    assert "cannot be read" in missing["values/prod"]
    assert "not valid TOML" in missing["config/dev.json"]
    files = opened(bench.root / "b.zip")
    assert {"doctor.json", "versions.json", "environments/dev.toml"} <= set(files)
    assert json.loads(files["versions.json"])["parts"]["Terraform"]["version"] == "missing"
    assert json.loads(files["manifest.json"])["missing"] == done.json["missing"]
    everything = b"\n".join(files.values()).decode()
    # HOME leads nowhere: what only the credentials file knew to be a secret is not known.
    known = {place: each for place, each in PLANTED.items() if place != "credentials"}
    assert not [place for place, secret in known.items() if secret in everything]


def test_without_a_workspace_it_says_so_and_writes_what_there_is(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    (tmp_path / "tmp").mkdir()
    bench = Bench(nowhere, {"TMPDIR": str(tmp_path / "tmp")})
    done = bench.run("support", "bundle", "dev", "--yes", "--json")
    assert done.code == ExitCode.DONE
    assert "no bsops workspace" in _missing(done.json)["workspace"]
    assert set(opened(Path(done.json["written"]))) == {
        *("manifest.json", "versions.json", "variables.json")
    }


def test_a_workspace_that_cannot_be_written_is_no_hindrance(bench: Bench) -> None:
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c",
         'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && cd "$1" &&'
         ' exec "$2" support bundle --yes --json',
         "sh", str(bench.root), str(BSOPS)],
        env=bench.env(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )  # fmt: skip
    assert done.returncode == ExitCode.DONE, done.stderr
    written = Path(json.loads(done.stdout)["written"])
    assert str(written.parent) == bench.environ["TMPDIR"]
    assert "doctor.json" in opened(written)


def test_where_it_cannot_be_written_another_place_is_named(bench: Bench) -> None:
    (bench.root / "file").write_text("")
    done = bench.run("support", "bundle", "--yes", "-o", "file/x.zip")
    assert done.code == ExitCode.ENVIRONMENT
    assert f"next: bsops support bundle --output {bench.environ['TMPDIR']}/bsops-" in done.err


def test_a_log_of_100_megabytes_is_cut_to_its_end(bench: Bench) -> None:
    plant(bench)
    log = bench.workspace.data / "runs" / RUN / "1-apply.stderr"
    with log.open("wb") as handle:
        handle.seek(96_000_000)
        handle.write(b"\n" + b"2026-11-26 [TRACE] dag/walk: vertex waits\n" * 100_000)
        handle.write(f"password={PLANTED['stderr']}\nthe last line\n".encode())
    began = time.monotonic()
    done = bench.run("support", "bundle", "--yes", "--json", "-o", "b.zip")
    assert time.monotonic() - began < 30
    name = f"runs/{RUN}/1-apply.stderr"
    content = opened(bench.root / "b.zip")[name]
    assert content.endswith(b"password=(sensitive)\nthe last line\n")
    assert content.startswith(b"2026-11-26 [TRACE] ")
    assert len(content) <= 2 * 1024 * 1024
    [note] = [each["note"] for each in done.json["files"] if each["name"] == name]
    assert note == f"cut: the first {log.stat().st_size - len(content) - 8:,} bytes are left out"
