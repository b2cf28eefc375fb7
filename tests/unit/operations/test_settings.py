"""Every setting of an environment, and where its value comes from."""

from pathlib import Path

import pytest

from bookstore_ops.environments import load_environment
from bookstore_ops.operations.settings import settings
from tests.unit.support import make_workspace, mirror, terraform_answering


def found(tmp_path: Path, **given: object) -> dict[str, tuple[str, str]]:
    workspace = make_workspace(tmp_path / "workspace")
    (workspace.environments / "dev.toml").open("a").write('lock = "dynamodb"\n')
    given.setdefault("terraform_bin", None)
    environment = load_environment(workspace, "dev")
    return {
        each.name: (each.value, each.source) for each in settings(workspace, environment, given)
    }


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def test_values_of_the_file_and_defaults_are_told_apart(tmp_path: Path) -> None:
    assert (
        found(tmp_path).items()
        >= {
            "account_id": ("111111111111", "environments/dev.toml"),
            "state.lock": ("dynamodb", "environments/dev.toml"),
            "state.lock_table": ("bookstore-terraform-locks", "default"),
            "plan_ttl": ("8h", "default"),
            "protected": ("false", "default"),
            "profile": ("-", "default"),
        }.items()
    )


def test_what_bsops_found_by_itself_says_so(tmp_path: Path) -> None:
    settings_found = found(tmp_path)
    assert settings_found["terraform"][1] == "found: PATH"
    assert settings_found["workspace"] == (str(tmp_path / "workspace"), "found")
    assert settings_found["sandbox"] == ("false", "default")
    assert settings_found["environment"] == ("dev", "argument")


def test_flags_are_named(tmp_path: Path) -> None:
    named = terraform_answering(tmp_path / "tf", "1.9.0")
    settings_found = found(tmp_path, terraform_bin=str(named), sandbox=True, workspace="x")
    assert settings_found["terraform"] == (f"{named} (1.9.0)", "flag --terraform-bin")
    assert settings_found["sandbox"] == ("true", "flag --sandbox")
    assert settings_found["workspace"][1] == "flag --workspace"


def test_environment_variables_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = terraform_answering(tmp_path / "tf", "1.9.0")
    held = mirror(tmp_path / "mirror")
    for name, value in {
        "BSOPS_TERRAFORM_BIN": str(named),
        "BSOPS_SANDBOX": "1",
        "BSOPS_ENV": "dev",
        "BSOPS_PROVIDER_MIRROR": str(held),
    }.items():
        monkeypatch.setenv(name, value)
    settings_found = found(tmp_path, terraform_bin=str(named), sandbox=True)
    assert settings_found["terraform"][1] == "environment variable BSOPS_TERRAFORM_BIN"
    assert settings_found["sandbox"][1] == "environment variable BSOPS_SANDBOX"
    assert settings_found["environment"][1] == "environment variable BSOPS_ENV"
    assert settings_found["providers"] == (
        f"mirror {held}",
        "environment variable BSOPS_PROVIDER_MIRROR",
    )


def test_a_flag_or_argument_that_overrode_the_variable_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = terraform_answering(tmp_path / "tf", "1.9.0")
    monkeypatch.setenv("BSOPS_TERRAFORM_BIN", "/other/terraform")
    monkeypatch.setenv("BSOPS_ENV", "prod")
    settings_found = found(tmp_path, terraform_bin=str(named))
    assert settings_found["terraform"][1] == "flag --terraform-bin"
    assert settings_found["environment"] == ("dev", "argument")
