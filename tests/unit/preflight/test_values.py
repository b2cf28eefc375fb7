"""Each check of the values fails for its own reason."""

import shutil

import pytest

from bookstore_ops.operations.checking import value_problems
from bookstore_ops.preflight.check import Once, Outcome, Status
from tests.unit.preflight.support import Ground
from tests.unit.support import environment


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


class TestAgainstTheTree:
    VARIABLES = """\
variable "network" {
  type = object({ cidr = string, zones = optional(number, 3) })
}
variable "api_key" {
  type    = string
  default = null
}
"""
    SOUND = 'network = { cidr = "10.0.0.0/16" }\n'

    def _at(self, well: Ground, code: str, text: str) -> Outcome:
        (well.context.root / "variables.tf").write_text(self.VARIABLES)
        (well.context.root / "terraform.tfvars").write_text(text)
        workspace = well.context.workspace
        return well.at(code, values=Once(lambda: value_problems(workspace, environment())))

    @pytest.mark.parametrize("code", ["BS303", "BS304", "BS305"])
    def test_values_that_fit_are_well(self, well: Ground, code: str) -> None:
        assert self._at(well, code, self.SOUND).status is Status.OK

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('network = { cidr = "10.0.0.0/16", zoness = 2 }\n', "the tree has no network.zoness"),
            ("network = [1]\n", "network takes"),
            ("", "network is missing"),
        ],
    )
    def test_values_that_do_not_are_an_error_with_the_place(
        self, well: Ground, text: str, said: str
    ) -> None:
        found = self._at(well, "BS304", text)
        assert found.status is Status.ERROR
        assert said in found.what
        assert found.what.startswith("infrastructure/aws/environments/dev/terraform.tfvars")
        assert str(found.next_step).startswith("bsops tfvars check dev ")
        assert self._at(well, "BS305", text).status is Status.OK

    def test_several_are_counted(self, well: Ground) -> None:
        found = self._at(well, "BS304", "a = 1\nb = 2\n")
        assert found.what.endswith(", and 2 more")

    def test_a_secret_is_an_error_and_not_shown(self, well: Ground) -> None:
        found = self._at(well, "BS305", f'{self.SOUND}api_key = "hunter2"\n')
        assert found.status is Status.ERROR
        assert "api_key looks like a secret" in found.what
        assert "hunter2" not in str(found)

    def test_a_file_that_cannot_be_parsed_is_an_error(self, well: Ground) -> None:
        assert self._at(well, "BS304", "network = {\n").status is Status.ERROR
        for code in ("BS303", "BS305"):
            assert self._at(well, code, "network = {\n").status is Status.UNKNOWN

    def test_values_that_are_missing_or_of_nobody_are_unknown(self, well: Ground) -> None:
        for code in ("BS304", "BS305"):
            assert well.at(code, environment=None).status is Status.UNKNOWN
        (well.context.root / "terraform.tfvars").unlink()
        for code in ("BS304", "BS305"):
            assert well.at(code).status is Status.UNKNOWN
