"""``backend.tf``: what is written is read again, formatted as Terraform does it."""

import subprocess
from pathlib import Path

import pytest

from bookstore_ops.bootstrap.backend_file import (
    other_backends,
    parse,
    read_backend,
    render,
    wanted_backend,
)
from tests.unit.support import environ, environment


def policy(lock: str = "s3") -> object:
    return {"bucket": "b-u-c", "key": "dev/s", "region": "us-east-1", "lock": lock}


@pytest.mark.parametrize(
    ("lock", "object_", "table"),
    [
        ("s3", True, None),
        ("dynamodb", False, "bookstore-terraform-locks"),
        ("both", True, "bookstore-terraform-locks"),
    ],
)
def test_what_is_written_is_read_again_and_formatted(
    tmp_path: Path, lock: str, *, object_: bool, table: str | None
) -> None:
    backend = wanted_backend(environment(state=policy(lock)))
    assert (backend.lock_file, backend.lock_table) == (object_, table)
    file = tmp_path / "backend.tf"
    file.write_text(render(backend, "dev"))
    assert read_backend(file) == backend
    done = subprocess.run(
        ["terraform", "fmt", "-check", str(file)], env=environ(), check=False, capture_output=True
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "text",
    [
        "",
        'terraform {\n  backend "s3" {}\n}\n',
        "# Written by bsops bootstrap\n",
        '# Written by bsops bootstrap\n    bucket = "b"\n    key = oops\n',
    ],
)
def test_any_other_file_is_not_ours(text: str) -> None:
    assert parse(text) is None


def test_another_backend_in_the_root_is_found_but_for_overrides(tmp_path: Path) -> None:
    block = 'terraform {\n  backend "s3" {\n  }\n}\n'
    for name in ("versions.tf", "backend.tf", "path_override.tf", "override.tf"):
        (tmp_path / name).write_text(block)
    (tmp_path / "main.tf").write_text('# backend "s3"\n')
    assert other_backends(tmp_path) == [tmp_path / "versions.tf"]
