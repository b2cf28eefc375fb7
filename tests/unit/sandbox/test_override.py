"""The override file: the state in the sandbox, and every provider as it needs to be there."""

from pathlib import Path

import pytest

from bookstore_ops.bootstrap.backend_file import wanted_backend
from bookstore_ops.environments import Environment, StateSettings
from bookstore_ops.sandbox.hcl import provider_aliases, resource_names
from bookstore_ops.sandbox.override import override_file, waits_override


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root module with a default and an aliased provider."""
    (tmp_path / "main.tf").write_text(
        'provider "aws" {\n  region = "eu-west-1"\n}\nprovider "aws" {\n  alias = "replica"\n}\n'
    )
    return tmp_path


def policy(**state: str) -> Environment:
    return Environment(
        name="dev",
        account_id="111111111111",
        region="eu-west-1",
        state=StateSettings(**({"bucket": "b-u-c", "key": "dev/state"} | state)),  # type: ignore[arg-type]
    )


def test_the_backend_holds_the_environments_state(root: Path) -> None:
    text = override_file(root, wanted_backend(policy(region="us-east-1")))
    assert 'bucket                      = "b-u-c"' in text
    assert 'key                         = "dev/state"' in text
    assert 'region                      = "us-east-1"' in text


def test_the_lock_is_s3s_own_where_terraform_knows_it(root: Path) -> None:
    text = override_file(root, wanted_backend(policy()))
    assert "use_lockfile" in text
    assert "dynamodb_table" not in text


def test_the_lock_is_a_table_where_the_environment_wants_one(root: Path) -> None:
    text = override_file(root, wanted_backend(policy(lock="dynamodb", lock_table="locks")))
    assert 'dynamodb_table              = "locks"' in text
    assert "use_lockfile" not in text


def test_without_a_backend_the_state_is_in_a_file(root: Path) -> None:
    assert 'backend "local" {}' in override_file(root, None)


def test_every_provider_is_overridden_by_its_alias(root: Path) -> None:
    text = override_file(root, wanted_backend(policy()))
    assert text.count('provider "aws" {') == 2
    assert text.count('alias                       = "replica"') == 1


def test_the_default_provider_is_overridden_even_where_it_is_not_written(tmp_path: Path) -> None:
    assert 'provider "aws" {' in override_file(tmp_path, wanted_backend(policy()))


def test_neither_endpoints_nor_keys_are_written(root: Path) -> None:
    text = override_file(root, wanted_backend(policy()))
    assert "endpoint" not in text.split("terraform {", 1)[1]
    assert "access_key" not in text


DOMAIN = 'resource "aws_opensearch_domain" "search" {\n  domain_name = "d"\n}\n'


def test_a_domains_timeouts_are_short() -> None:
    text = waits_override(["", DOMAIN])
    assert text.count('resource "aws_opensearch_domain" "search" {') == 1
    assert text.count('= "5s"') == 3


def test_every_domain_of_a_module_is_overridden() -> None:
    text = waits_override([DOMAIN, DOMAIN.replace('"search"', '"logs"')])
    assert resource_names(text, "aws_opensearch_domain") == ["search", "logs"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        'resource "aws_db_instance" "d" {}',
        'data "aws_opensearch_domain" "d" {\n  domain_name = "d"\n}',
        '# resource "aws_opensearch_domain" "d" {\n# }',
        'output "arn" {\n  value = aws_opensearch_domain.d.arn\n}',
    ],
)
def test_a_module_without_a_domain_is_left_alone(text: str) -> None:
    assert waits_override([text]) == ""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('resource "k" "one" {\n  a {\n  }\n}\nresource "k" "two" {\n}', ["one", "two"]),
        ('resource "other" "one" {\n}', []),
        ("locals {\n  resource = { k = { one = {} } }\n}", []),
        ("resource k one {\n}", ["one"]),
    ],
)
def test_resources_are_read_from_hcl(text: str, names: list[str]) -> None:
    assert resource_names(text, "k") == names


@pytest.mark.parametrize(
    ("text", "aliases"),
    [
        ('provider "aws" {}', set()),
        ('provider "aws" {\n  alias = "one"\n}', {"one"}),
        ('provider aws {\n  alias = "one"\n}', {"one"}),
        ('# provider "aws" {\n#  alias = "no"\n# }', set()),
        ('/* provider "aws" { alias = "no" } */', set()),
        ('provider "random" {\n  alias = "no"\n}', set()),
        ('provider "aws" {\n  assume_role {\n    alias = "no"\n  }\n  alias = "one"\n}', {"one"}),
        ('provider "aws" {\n  default_tags {\n    tags = { alias = "no" }\n  }\n}', set()),
        ('locals {\n  text = "provider \\"aws\\" { alias = x }"\n}', set()),
        ('locals {\n  text = <<-EOT\n  provider "aws" {\n  alias = "no"\n  }\n  EOT\n}', set()),
        (
            'provider "aws" {\n  alias = "one"\n}\nprovider "aws" {\n  alias = "two"\n}',
            {"one", "two"},
        ),
        ('resource "x" "y" {\n  provider = aws.no\n}\nprovider "aws" {\n  alias="one"\n}', {"one"}),
        ('provider "aws" {\n  region = "${var.a}{}"\n  alias = "one"\n}', {"one"}),
    ],
)
def test_aliases_are_read_from_hcl(tmp_path: Path, text: str, aliases: set[str]) -> None:
    (tmp_path / "main.tf").write_text(text)
    assert provider_aliases(tmp_path) == aliases


@pytest.mark.parametrize(
    ("text", "aliases"),
    [
        ('{"provider": {"aws": [{"region": "r"}, {"alias": "one"}]}}', {"one"}),
        ('{"provider": {"aws": {"alias": "one"}}}', {"one"}),
        ('{"provider": [{"aws": {"alias": "one"}}]}', {"one"}),
        ("{", set()),
    ],
)
def test_aliases_are_read_from_json(tmp_path: Path, text: str, aliases: set[str]) -> None:
    (tmp_path / "main.tf.json").write_text(text)
    assert provider_aliases(tmp_path) == aliases
