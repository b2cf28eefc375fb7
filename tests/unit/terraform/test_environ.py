"""The environment Terraform gets: a table of variables and what becomes of each."""

import pytest

from bookstore_ops.errors import Refused
from bookstore_ops.terraform.environ import curate
from tests.unit.support import environment

SANDBOX = {"AWS_ENDPOINT_URL": "http://127.0.0.1:5000", "AWS_ACCESS_KEY_ID": "sandbox"}

PASSED = [
    "PATH",
    "HOME",
    "LANG",
    "TF_CLI_CONFIG_FILE",
    "AWS_PROFILE",
    "AWS_REGION",
    "SSH_AUTH_SOCK",
]
DROPPED = [
    "TF_CLI_ARGS",
    "TF_CLI_ARGS_plan",
    "TF_CLI_ARGS_apply",
    "TF_WORKSPACE",
    "TF_DATA_DIR",
    "TF_LOG_PATH",
]
DROPPED_SILENTLY = ["TF_INPUT", "TF_IN_AUTOMATION"]
TOLD = [
    "TF_VAR_image",
    "TF_LOG",
    "TF_LOG_CORE",
    "TF_LOG_PROVIDER",
    "TF_REATTACH_PROVIDERS",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
]


@pytest.mark.parametrize("name", PASSED)
def test_passed_on_without_a_word(name: str) -> None:
    child = curate({name: "x"}, environment(protected=True), sandbox=None)
    assert child.variables[name] == "x"
    assert child.notes == ()


@pytest.mark.parametrize("name", DROPPED)
def test_dropped_and_told(name: str) -> None:
    child = curate({name: "x"}, environment(), sandbox=None)
    assert name not in child.variables
    (note,) = child.notes
    assert note.startswith(f"{name} is set in your environment: ignored (")


@pytest.mark.parametrize("name", DROPPED_SILENTLY)
def test_replaced_without_a_word(name: str) -> None:
    child = curate({name: "x"}, environment(protected=True), sandbox=None)
    assert child.variables[name] != "x"
    assert child.notes == ()


@pytest.mark.parametrize("name", TOLD)
def test_passed_on_and_told(name: str) -> None:
    child = curate({name: "x"}, environment(), sandbox=None)
    assert child.variables[name] == "x"
    assert child.notes == (f"{name} is set in your environment: it takes part in this run",)


@pytest.mark.parametrize("name", [*DROPPED, *TOLD])
def test_refused_for_a_protected_environment(name: str) -> None:
    with pytest.raises(Refused) as raised:
        curate({name: "x"}, environment(name="prod", protected=True), sandbox=None)
    assert raised.value.what.startswith("prod is protected")
    assert name in str(raised.value.why)
    assert raised.value.next_step == f"unset {name}"


@pytest.mark.parametrize("name", [*DROPPED, *TOLD])
def test_set_to_nothing_is_not_set(name: str) -> None:
    assert curate({name: ""}, environment(protected=True), sandbox=None).notes == ()


def test_the_refusal_names_every_variable_at_once() -> None:
    inherited = {"TF_VAR_a": "1", "TF_CLI_ARGS": "-lock=false"}
    with pytest.raises(Refused) as raised:
        curate(inherited, environment(protected=True), sandbox=None)
    assert raised.value.next_step == "unset TF_CLI_ARGS TF_VAR_a"


def test_no_note_quotes_a_value() -> None:
    child = curate({"TF_VAR_password": "hunter2"}, environment(), sandbox=None)
    assert "hunter2" not in "".join(child.notes)


def test_terraform_never_asks_and_never_looks_for_newer_versions() -> None:
    variables = curate({}, environment(), sandbox=None).variables
    assert variables == {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}


@pytest.mark.parametrize(
    "name",
    [
        "AWS_PROFILE",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_ENDPOINT_URL_S3",
        "AWS_CA_BUNDLE",
        "HTTPS_PROXY",
        "https_proxy",
        "no_proxy",
        "ALL_PROXY",
    ],
)
def test_the_sandbox_inherits_nothing_of_aws_and_no_proxy(name: str) -> None:
    child = curate({name: "real"}, environment(protected=True), sandbox=SANDBOX)
    assert name not in child.variables
    assert child.notes == ()


def test_the_sandbox_brings_its_own() -> None:
    child = curate({"AWS_ACCESS_KEY_ID": "real"}, environment(), sandbox=SANDBOX)
    assert child.variables.items() >= SANDBOX.items()


def test_the_sandbox_of_a_protected_environment_refuses_nothing() -> None:
    child = curate({"TF_VAR_a": "1"}, environment(protected=True), sandbox=SANDBOX)
    assert child.notes
