"""The values of an environment, written and mended with the installed bsops."""

from pathlib import Path

import pexpect
import pytest

from bookstore_ops.exit_codes import ExitCode
from tests.e2e.workspaces import BSOPS, Bench, make_bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


def test_values_are_written_checked_and_mended(bench: Bench) -> None:
    values = bench.environment_root("dev") / "terraform.tfvars"
    values.unlink()
    lacking = bench.run("tfvars", "new", "dev")
    assert lacking.code == ExitCode.USAGE
    assert "bsops tfvars new dev --set size=VALUE" in lacking.said
    assert not values.exists()
    assert bench.run("tfvars", "new", "dev", "--set", "size=3").code == ExitCode.DONE
    assert "size = 3\n" in values.read_text()
    assert "terraform.tfvars" not in bench.run("fmt", "--check").out

    values.write_text(values.read_text().replace("size = 3", "size = 0\nsizes = 1"))
    wrong = bench.run("tfvars", "check", "dev", "--json")
    assert wrong.code == ExitCode.CONFIGURATION
    assert [(f["kind"], f["key"]) for f in wrong.json["findings"]] == [
        ("validation", "size"),
        ("unknown", "sizes"),
    ]
    assert wrong.json["findings"][0]["write"] == "size must be at least 1: write size = 1."
    values.write_text(values.read_text().replace("sizes = 1\n", ""))
    assert bench.run("tfvars", "set", "dev", "size", "2").code == ExitCode.DONE
    assert bench.run("tfvars", "check", "dev").code == ExitCode.DONE
    assert bench.run("tfvars", "diff", "dev", "prod").out.splitlines()[1].split() == [
        *("size", "2", "1"),
    ]
    assert "hunter2" not in bench.run("tfvars", "explain", "secret").out


def test_a_person_is_asked_for_what_has_no_default(bench: Bench) -> None:
    values = bench.environment_root("dev") / "terraform.tfvars"
    values.unlink()
    child = pexpect.spawn(
        str(BSOPS),
        ["tfvars", "new", "dev"],
        cwd=bench.root,
        env=bench.env(),
        encoding="utf-8",
        timeout=60,
    )
    child.expect("size: ")
    child.sendline("7")
    child.expect("wrote ")
    child.expect(pexpect.EOF)
    assert "size = 7\n" in values.read_text()
