"""Files of values and of environments as people leave them: told with the place, left alone."""

from pathlib import Path

import pytest

from bookstore_ops.exit_codes import ExitCode
from tests.e2e.workspaces import Bench, make_bench

PLACE = "infrastructure/aws/environments/dev/terraform.tfvars"
SECRET = "hunter2-in-a-map"
DATABASE = """\
variable "database" {
  type    = object({ port = optional(number, 5432), tags = optional(map(string), {}) })
  default = {}
}

variable "account_id" {
  type    = string
  default = null
}
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = make_bench(tmp_path)
    for name in ("dev", "prod"):
        (made.environment_root(name) / "more.tf").write_text(DATABASE)
    return made


def megabyte() -> str:
    lines = (f'    key-{n:05} = "some value {n:05}"' for n in range(30_000))
    return "size = 1\ndatabase = {\n  tags = {\n" + "\n".join(lines) + "\n  }\n}\n"


@pytest.mark.parametrize(
    ("content", "said", "write"),
    [
        pytest.param(
            b'size = 1\naccount_id = "333333333333"\n',
            f'{PLACE}:2: account_id is "333333333333", which is prod\'s',
            'account_id = "111111111111"',
            id="another environment's",
        ),
        pytest.param(
            b"size = 1\ndatabase = { prot = 5433 }\n",
            f"{PLACE}:2: the tree has no database.prot",
            "port instead of prot",
            id="misspelt",
        ),
        pytest.param(
            b"size = 1\ndatabase = [5433]\n",
            f"{PLACE}:2: database takes an object and has a list",
            "database = { … }",
            id="list",
        ),
        pytest.param(
            f'size = 1\ndatabase = {{ tags = {{ db_password = "{SECRET}" }} }}\n'.encode(),
            f"{PLACE}:2: database.tags.db_password looks like a secret",
            "remove it",
            id="secret",
        ),
        pytest.param(
            b"\xef\xbb\xbfsize = 1\n",
            f"{PLACE}:1: the file begins with a byte order mark",
            "save it as UTF-8 without one",
            id="BOM",
        ),
        pytest.param(
            b"size = 1\r\n",
            f"{PLACE}:1: the line ends with a carriage return",
            "save the file with LF line ends",
            id="CRLF",
        ),
    ],
)
def test_a_wrong_file_is_told_with_its_place_and_left_alone(
    bench: Bench, content: bytes, said: str, write: str
) -> None:
    file = bench.environment_root("dev") / "terraform.tfvars"
    file.write_bytes(content)
    checked = bench.run("tfvars", "check", "dev")
    assert checked.code == ExitCode.CONFIGURATION
    assert said in checked.out + checked.said
    assert write in checked.out + checked.said
    everything = [checked]
    for words in (("diff", "dev", "prod"), ("set", "dev", "size", "2")):
        everything.append(bench.run("tfvars", *words))
        assert everything[-1].code in {
            *(ExitCode.DONE, ExitCode.CONFIGURATION, ExitCode.REFUSED, ExitCode.USAGE)
        }
        if everything[-1].code != ExitCode.DONE:
            assert "next: " in everything[-1].err
    assert not any(SECRET in each.out + each.err for each in everything)
    # Set where it could be, in one place; else untouched.
    assert file.read_bytes() in {content, content.replace(b"size = 1", b"size = 2")}
    assert [path.name for path in file.parent.glob(".*")] == [".terraform.lock.hcl"]


def test_a_megabyte_of_values_is_checked_and_changed(bench: Bench) -> None:
    file = bench.environment_root("dev") / "terraform.tfvars"
    file.write_text(megabyte())
    assert file.stat().st_size > 900_000
    assert bench.run("tfvars", "check", "dev", timeout=60).code == ExitCode.DONE
    changed = bench.run("tfvars", "set", "dev", "database.tags.key-15000", "other", timeout=60)
    assert changed.code == ExitCode.DONE, changed.err
    assert file.read_text() == megabyte().replace('"some value 15000"', '"other"')


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"\xff\xfea\x00", "it is not UTF-8 text", id="UTF-16"),
        pytest.param(b'account_id = "1111', "is not valid TOML", id="torn"),
        pytest.param(b"account_id = 111111111111\n", "twelve digits in quotes", id="number"),
        pytest.param(b"[[state]]\n", "state", id="list of tables"),
        pytest.param(b"", "missing key account_id", id="empty"),
        pytest.param(b'x = "' + b"y" * 1_000_000 + b'"\n', "unknown key x", id="a megabyte"),
    ],
)
def test_a_wrong_environment_file_stops_one_environment_and_no_other(
    bench: Bench, content: bytes, said: str
) -> None:
    file = bench.workspace.environments / "dev.toml"
    file.write_bytes(content)
    done = bench.run("plan", "dev")
    assert done.code == ExitCode.CONFIGURATION
    assert said in done.said
    assert "next: " in done.err
    assert bench.run("envs").code == ExitCode.DONE
    assert file.read_bytes() == content
