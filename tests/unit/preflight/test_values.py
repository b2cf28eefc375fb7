"""Each check of the values fails for its own reason."""

import shutil

import pytest

from bookstore_ops.preflight.check import Status
from tests.unit.preflight.support import Ground


def test_a_valid_policy_is_shown(well: Ground) -> None:
    assert well.at("BS301").what == "account 111111111111, eu-west-1, not protected"


def test_a_misspelt_key_is_an_error_with_the_nearest_one(well: Ground) -> None:
    path = well.context.workspace.environments / "dev.toml"
    path.write_text(path.read_text().replace("region =", "regoin ="))
    found = well.at("BS301")
    assert found.status is Status.ERROR
    assert "write region instead of regoin" in str(found.next_step)
    assert well.at("BS303", environment=None).status is Status.UNKNOWN


def test_values_that_are_missing_are_an_error(well: Ground) -> None:
    assert well.at("BS302").status is Status.OK
    (well.context.root / "terraform.tfvars").unlink()
    found = well.at("BS302")
    assert found.status is Status.ERROR
    assert found.next_step == "bsops tfvars new dev"
    assert well.at("BS303").status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xef\xbb\xbfa = 1\n", "terraform.tfvars:1: the file begins with a byte order mark"),
        (b'a = 1\nb = "x"\r\n', "terraform.tfvars:2: the line ends with a carriage return"),
        (b"a = 1\nb = {\n", "terraform.tfvars:2: this { is never closed"),
        (b"a = \xff\n", "terraform.tfvars:1: this is not UTF-8"),
    ],
)
def test_values_that_are_torn_are_an_error_with_their_line(
    well: Ground, content: bytes, said: str
) -> None:
    (well.context.root / "terraform.tfvars").write_bytes(content)
    found = well.at("BS302")
    assert found.status is Status.ERROR
    assert found.what.endswith(said)
    assert found.next_step


def test_a_root_that_is_missing_is_an_error(well: Ground) -> None:
    shutil.rmtree(well.context.root)
    assert "no Terraform root module" in well.at("BS302").what


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('account_id  = "222222222222"\n', "account_id is 222222222222"),
        ('region = "us-east-1"\n', "region is us-east-1"),
    ],
)
def test_values_of_another_environment_are_an_error(well: Ground, text: str, said: str) -> None:
    values = well.context.root / "terraform.tfvars"
    values.write_text('account_id = "111111111111"\nregion = "eu-west-1"\n')
    assert well.at("BS303").status is Status.OK
    values.write_text(text)
    found = well.at("BS303")
    assert found.status is Status.ERROR
    assert said in found.what
