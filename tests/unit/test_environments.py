"""environments/*.toml: what is accepted, and how each mistake is answered."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookstore_ops.environments import (
    Environment,
    environment_names,
    load_environment,
    moved_to,
    nearest,
    parse_environment,
    read_raw,
)
from bookstore_ops.errors import ConfigurationError
from bookstore_ops.exit_codes import ExitCode
from tests.unit.support import POLICY, environment, make_workspace


def parse(tmp_path: Path, text: str | bytes) -> Environment:
    path = tmp_path / "dev.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return parse_environment(path)


def refusal(tmp_path: Path, text: str | bytes) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as raised:
        parse(tmp_path, text)
    assert raised.value.exit_code == ExitCode.CONFIGURATION
    return raised.value


def test_a_minimal_file_gets_the_defaults(tmp_path: Path) -> None:
    found = parse(tmp_path, POLICY)
    assert found == environment()
    assert (found.protected, found.plan_ttl, found.state.lock) == (False, "8h", "s3")
    assert (found.profile, found.role_arn, found.description) == (None, None, "")


def test_the_environment_is_named_after_its_file(tmp_path: Path) -> None:
    (tmp_path / "load-test.toml").write_text(POLICY)
    assert parse_environment(tmp_path / "load-test.toml").name == "load-test"


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_the_files_bsops_ships_are_valid(name: str) -> None:
    shipped = Path(__file__).parents[2] / "environments" / f"{name}.toml"
    assert parse_environment(shipped).protected == (name == "prod")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(POLICY.replace("\n", "\r\n"), id="Windows line ends"),
        pytest.param("\ufeff" + POLICY, id="byte order mark"),
        pytest.param("# comment\n\n" + POLICY, id="comments"),
    ],
)
def test_files_of_any_editor_are_read(tmp_path: Path, text: str) -> None:
    assert parse(tmp_path, text) == environment()


@pytest.mark.parametrize(
    ("ttl", "seconds"), [("45s", 45), ("90m", 5400), ("8h", 28800), ("2d", 172800)]
)
def test_the_time_to_live_of_a_plan_has_a_unit(ttl: str, seconds: int) -> None:
    assert environment(plan_ttl=ttl).plan_ttl_seconds == seconds


def test_the_state_lies_in_the_environments_region_unless_it_says_another() -> None:
    assert environment().state_region == "eu-west-1"
    elsewhere = {"bucket": "bookstore", "key": "state", "region": "us-east-1"}
    assert environment(state=elsewhere).state_region == "us-east-1"


@pytest.mark.parametrize(
    ("text", "place", "key", "guess"),
    [
        pytest.param("acount_id = '1'\n" + POLICY, ":1", "acount_id", "account_id", id="typo"),
        pytest.param(POLICY + "buckt = 'x'\n", ":7", "state.buckt", "bucket", id="in a table"),
        pytest.param(
            POLICY.partition("[state]")[0] + "state.buckt = 'x'\n",
            ":4",
            "state.buckt",
            "bucket",
            id="dotted",
        ),
        pytest.param(POLICY + "[stat]\nx = 1\n", ":7", "stat", "state", id="table"),
        pytest.param('"Region" = "x"\n' + POLICY, ":1", "Region", "region", id="quoted"),
    ],
)
def test_an_unknown_key_is_answered_with_its_line_and_the_nearest_spelling(
    tmp_path: Path, text: str, place: str, key: str, guess: str
) -> None:
    error = refusal(tmp_path, text)
    assert error.what == f"{tmp_path}/dev.toml{place}: unknown key {key}"
    assert error.next_step == f"write {guess} instead of {key.rpartition('.')[2]}"
    assert error.why is not None
    assert error.why.startswith("known keys: ")


def test_an_unknown_key_like_no_other_is_to_be_removed(tmp_path: Path) -> None:
    error = refusal(tmp_path, "zzz = 1\n" + POLICY)
    assert error.next_step == f"remove zzz from {tmp_path}/dev.toml"


def test_the_name_cannot_be_set_in_the_file(tmp_path: Path) -> None:
    error = refusal(tmp_path, "name = 'production'\n" + POLICY)
    assert error.what.endswith("dev.toml:1: unknown key name")
    assert error.why == "the file's name is the environment's name"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('account_id = "111111111111"\n', "account_id"),
        ('region = "eu-west-1"\n', "region"),
        ('bucket = "bookstore-dev-tfstate"\n', "state.bucket"),
        ('key = "dev/terraform.tfstate"\n', "state.key"),
    ],
)
def test_a_missing_key_is_named_in_full(tmp_path: Path, line: str, key: str) -> None:
    error = refusal(tmp_path, POLICY.replace(line, ""))
    assert error.what.endswith(f": missing key {key}")
    assert error.next_step == f"add {key} in {tmp_path}/dev.toml"


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path, POLICY.partition("[state]")[0]).what.endswith(": missing key state")


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("account_id", "111111111111", "twelve digits in quotes"),
        ("account_id", '"1234"', "twelve digits"),
        ("account_id", '"111111111111\\n"', "twelve digits"),
        ("region", '"Ireland"', "an AWS region"),
        ("region", "true", "an AWS region"),
        ("plan_ttl", "8", "a number and a unit"),
        ("plan_ttl", '"0h"', "a number and a unit"),
        ("role_arn", '"deploy"', "the ARN of an IAM role"),
        ("protected", '"yes"', "Expected bool, got str"),
        ("profile", '""', "length >= 1"),
        ("description", "1979-05-27", "Expected str"),
        ("state", '"s3"', "Expected object, got str"),
    ],
)
def test_a_wrong_value_is_answered_with_its_line_and_the_rule(
    tmp_path: Path, key: str, value: str, rule: str
) -> None:
    kept = [line for line in POLICY.splitlines() if not line.startswith(key)]
    if key == "state":
        kept = kept[: kept.index("[state]")]
    error = refusal(tmp_path, "\n".join([f"{key} = {value}", *kept]))
    assert error.what == f"{tmp_path}/dev.toml:1: wrong value for {key}"
    assert error.why is not None
    assert rule in error.why


@pytest.mark.parametrize(
    ("key", "value", "rule"),
    [
        ("bucket", '"Not_A_Bucket"', "an S3 bucket name"),
        ("key", "[]", "Expected str, got array"),
        ("lock", '"consul"', '"s3", "dynamodb" or "both"'),
        ("region", '"x"', "an AWS region"),
    ],
)
def test_a_wrong_value_in_a_table_is_answered_with_its_line(
    tmp_path: Path, key: str, value: str, rule: str
) -> None:
    head, _, table = POLICY.partition("[state]\n")
    kept = [line for line in table.splitlines() if not line.startswith(key)]
    error = refusal(tmp_path, "\n".join([head + "[state]", f"{key} = {value}", *kept]))
    assert error.what == f"{tmp_path}/dev.toml:5: wrong value for state.{key}"
    assert rule in str(error.why)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("region = \n", "at line 1, column 10", id="no value"),
        pytest.param(POLICY + "key = 'again'\n", "line 7", id="twice the same key"),
        pytest.param(f"plan_ttl = {'1' * 5000}", "", id="a number without end"),
        pytest.param(f"x = {'[' * 5000}", "", id="nested without end"),
    ],
)
def test_what_is_no_toml_is_answered_with_its_place(tmp_path: Path, text: str, why: str) -> None:
    error = refusal(tmp_path, text)
    assert error.what == f"{tmp_path}/dev.toml is not valid TOML"
    assert why in str(error.why)


GUARDS = """
[destroy]
allowed = false
max = 5

[source]
committed = true
pushed = true
branches = ["main"]

[policies]
warn = ["tags"]

[[policies.exempt]]
policy = "tags"
reason = "soon"
until = 2027-03-31

[[freeze]]
weekly = "Fri 16:00 - Mon 08:00"
zone = "Europe/Berlin"
reason = "weekend"

[[freeze]]
from = 2026-12-18T16:00:00
until = 2027-01-04T08:00:00Z
reason = "sale"
"""


def test_guards_are_read(tmp_path: Path) -> None:
    found = parse(tmp_path, POLICY + GUARDS)
    assert (found.destroy.allowed, found.destroy.max) == (False, 5)
    assert found.source.asks_git
    assert found.policies.exempt[0].address is None
    assert [each.zone for each in found.freeze] == ["Europe/Berlin", "UTC"]


def test_without_a_word_of_them_no_guard_is_in_the_way() -> None:
    found = environment()
    assert (found.destroy.allowed, found.destroy.max, found.freeze) == (True, None, [])
    assert not found.source.asks_git


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("[destroy]\nmx = 5\n", ":8", "write max instead of mx"),
        ("[source]\npush = true\n", ":8", "write pushed instead of push"),
        ("[policies]\nwarns = []\n", ":8", "write warn instead of warns"),
        ("[[freeze]]\nform = 2026-01-01T00:00:00\n", ":8", "write from instead of form"),
        ("[[policies.exempt]]\npolcy = 'x'\n", ":8", "write policy instead of polcy"),
        ("[notify]\nsns = 'releases'\n", ":8", "the ARN of an SNS topic"),
        ("[notify]\nwebhook = 'CHAT'\n", ":8", "write webhook_env instead of webhook"),
        ("[destroy]\nmax = -1\n", ":8", "how many resources one plan may destroy"),
        ("[destroy]\nmax = 1.5\n", ":8", "how many resources one plan may destroy"),
        ("[source]\nbranches = 'main'\n", ":8", "names of branches in quotes"),
        ("[source]\nbranches = [1]\n", "", "names of branches in quotes"),
        ("[[freeze]]\nreason = 'x'\n", ":7", "it needs from and until, or weekly"),
        ("[[freeze]]\nreason = 'x'\nfrom = 2026-01-01T00:00:00\n", ":7", "it needs from and until"),
        ("[[freeze]]\nreason = 'x'\nfrom = 2026-01-01\n", ":9", "a date and time without quotes"),
        (
            "[[freeze]]\nreason = 'x'\nfrom = 2026-01-02T00:00:00\nuntil = 2026-01-01T00:00:00\n",
            ":7",
            "until must be later than from",
        ),
        (
            "[[freeze]]\nreason = 'x'\nfrom = 0001-01-01T00:00:00\nuntil = 9999-12-31T23:59:59\n",
            ":7",
            "between the years 2000 and 2999",
        ),
        ("[[freeze]]\nreason = 'x'\nweekly = 'weekends'\n", ":9", "days and times in quotes"),
        (
            "[[freeze]]\nreason = 'x'\nweekly = 'Fri 16:00 - Fri 16:00'\n",
            ":7",
            "weekly must end at another time than it begins",
        ),
        (
            "[[freeze]]\nreason = 'x'\nweekly = 'Fri 16:00 - Mon 08:00'\nzone = 'Europe/Berln'\n",
            ":7",
            "did you mean Europe/Berlin?",
        ),
        (
            "[[freeze]]\nreason = 'x'\nweekly = 'Fri 16:00 - Mon 08:00'\nzone = '../etc/passwd'\n",
            ":7",
            "is no IANA time zone",
        ),
        ("[[freeze]]\nweekly = 'Fri 16:00 - Mon 08:00'\n", "", "add freeze[0].reason"),
    ],
)
def test_a_mistake_in_a_guard_is_answered_with_its_line_and_what_to_write(
    tmp_path: Path, text: str, place: str, said: str
) -> None:
    error = refusal(tmp_path, POLICY + text)
    assert error.what.startswith(f"{tmp_path}/dev.toml{place}: ")
    assert said in f"{error.why}\n{error.next_step}"


def test_a_file_in_another_encoding_cannot_be_read(tmp_path: Path) -> None:
    error = refusal(tmp_path, 'description = "Gruß"'.encode("latin-1"))
    assert error.why == "it is not UTF-8 text"


def test_a_file_that_is_a_directory_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "dev.toml").mkdir()
    with pytest.raises(ConfigurationError, match="cannot read"):
        parse_environment(tmp_path / "dev.toml")


def test_a_missing_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        read_raw(tmp_path / "dev.toml")


def test_raw_settings_hold_no_defaults(tmp_path: Path) -> None:
    (tmp_path / "dev.toml").write_text(POLICY)
    assert read_raw(tmp_path / "dev.toml").keys() == {"account_id", "region", "state"}


def test_environments_are_listed_in_the_order_of_promotion(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, "prod", "demo", "staging", "dev", "canary")
    assert environment_names(workspace) == ["dev", "staging", "prod", "canary", "demo"]


def test_what_an_editor_leaves_beside_a_file_is_no_environment(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    (workspace.environments / ".#dev.toml").symlink_to("nowhere")
    (workspace.environments / "dev.toml~").write_text("")
    assert environment_names(workspace) == ["dev"]


@pytest.mark.parametrize(
    ("name", "next_step"),
    [
        ("prd", "did you mean prod?  bsops envs lists them"),
        ("PROD", "did you mean prod?  bsops envs lists them"),
        ("zzz", "bsops envs"),
        ("../prod", "did you mean prod?  bsops envs lists them"),
    ],
)
def test_an_environment_that_does_not_exist_is_answered_with_those_that_do(
    tmp_path: Path, name: str, next_step: str
) -> None:
    workspace = make_workspace(tmp_path, "dev", "prod")
    with pytest.raises(ConfigurationError) as raised:
        load_environment(workspace, name)
    assert raised.value.what == f"there is no environment {name!r}"
    assert raised.value.why == "this workspace has: dev, prod"
    assert raised.value.next_step == next_step


def test_an_environment_that_exists_is_loaded(tmp_path: Path) -> None:
    assert load_environment(make_workspace(tmp_path, "qa"), "qa").name == "qa"


def test_the_nearest_word_is_none_when_nothing_is_near() -> None:
    assert nearest("backup", ["prod", "dev"]) is None


KEYS = [
    *("account_id", "region", "state", "state.bucket", "name", "plan_ttl", '"a.b"', "x", "État"),
    *("destroy", "max", "allowed", "source", "branches", "policies", "policies.warn", "exempt"),
    *("freeze", "from", "until", "weekly", "zone", "reason", "policy", "address"),
]
VALUES = [
    '"eu-west-1"',
    '"111111111111"',
    "true",
    "1",
    "1e400",
    "-0x1",
    "0x7fffffffffffffffffff",
    "nan",
    "[]",
    "[{}]",
    "{}",
    "{ bucket = 'abc', key = 'k' }",
    "{ bucket = { bucket = 1 } }",
    "2020-01-01",
    "2020-01-01T00:00:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    '"Fri 16:00 - Mon 08:00"',
    '"Europe/Berlin"',
    '"Europe"',
    "['main']",
    "{ weekly = 'Sun 23:59 - Mon 00:00', reason = 'x' }",
    "[{ policy = 'x', reason = 'y', until = 2020-01-01 }]",
    "25:61:00",
    '"\\u0000"',
    '"""a\nb"""',
    "'",
    "\ud800",
    "",
]
LINES = st.one_of(
    st.builds("{} = {}".format, st.sampled_from(KEYS), st.sampled_from(VALUES)),
    st.builds("{} = {!r}".format, st.sampled_from(KEYS), st.text(max_size=15)),
    st.sampled_from(["[state]", "[[state]]", "[x.y]", "[", "]", "# comment", *POLICY.splitlines()]),
    st.sampled_from([line for line in GUARDS.splitlines() if line]),
    st.text(max_size=25),
)


@given(lines=st.lists(LINES, max_size=8), policy=st.booleans())
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_is_an_environment_or_a_configuration_error(
    tmp_path: Path, lines: list[str], policy: bool
) -> None:
    text = (POLICY if policy else "") + "\n".join(lines)
    path = tmp_path / "dev.toml"
    path.write_bytes(text.encode(errors="surrogatepass"))
    try:
        found = parse_environment(path)
    except ConfigurationError as error:
        assert error.next_step  # noqa: PT017  (any other error fails the test)
    else:
        assert len(found.account_id) == 12
        assert found.plan_ttl_seconds > 0
        for each in found.freeze:
            each.window_at(datetime.now(UTC))


@given(content=st.binary(max_size=200))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_configuration_error(tmp_path: Path, content: bytes) -> None:
    refusal(tmp_path, content)


def test_reading_changes_nothing(tmp_path: Path) -> None:
    parse(tmp_path, POLICY)
    (path,) = tmp_path.iterdir()
    assert path.read_text() == POLICY
    assert stat.S_ISREG(path.stat().st_mode)


@pytest.mark.parametrize("key", ["webhook_env", "webhook_secret"])
def test_an_address_where_its_name_belongs_is_refused_and_not_repeated(
    tmp_path: Path, key: str
) -> None:
    workspace = make_workspace(tmp_path, "dev")
    path = workspace.environments / "dev.toml"
    address = "https://hooks.example.com/s3cret"
    path.write_text(f'{path.read_text()}\n[notify]\n{key} = "{address}"\n')
    with pytest.raises(ConfigurationError) as raised:
        load_environment(workspace, "dev")
    error = raised.value
    assert "which is a secret" in str(error.why) or "not the address itself" in str(error.why)
    assert "s3cret" not in f"{error.what} {error.why} {error.next_step}"


def test_an_environment_that_has_moved_keeps_its_state_where_it_is(tmp_path: Path) -> None:
    home = load_environment(make_workspace(tmp_path, "dev"), "dev")
    moved = moved_to(home, "eu-central-1")
    assert (moved.region, moved.state_region) == ("eu-central-1", home.region)
    assert moved.account_id == home.account_id
