"""Preparing a run: the copy, its override, and the state it will use."""

import http.client
import shutil
import time

import pytest

from bookstore_ops.bootstrap.backend_file import render, wanted_backend
from bookstore_ops.environments import Environment, StateSettings
from bookstore_ops.errors import ConfigurationError
from bookstore_ops.sandbox import lifecycle
from bookstore_ops.sandbox.accounts import access_key
from bookstore_ops.sandbox.lifecycle import Server
from bookstore_ops.sandbox.override import OVERRIDE_FILE, WAITS_FILE
from bookstore_ops.sandbox.tree import backend_file, prepare
from bookstore_ops.workspace import Workspace


def test_the_result_is_the_environments_root_in_the_copy(
    workspace: Workspace, environment: Environment, server: Server
) -> None:
    root = prepare(workspace, environment, server, native_locking=True)
    assert root == workspace.sandbox / "tree/infrastructure/aws/environments/dev"
    assert (root / "main.tf").is_file()


def test_the_override_is_in_the_copy_only(
    workspace: Workspace, environment: Environment, server: Server
) -> None:
    root = prepare(workspace, environment, server, native_locking=True)
    assert (root / OVERRIDE_FILE).is_file()
    assert not (workspace.environment_root("dev") / OVERRIDE_FILE).exists()


def test_waits_are_short_in_the_copy_while_the_module_has_what_waits(
    workspace: Workspace, environment: Environment, server: Server
) -> None:
    module = workspace.root / "infrastructure/aws/modules/search"
    module.mkdir(parents=True)
    (module / "main.tf").write_text('resource "aws_opensearch_domain" "this" {\n}\n')
    prepare(workspace, environment, server, native_locking=True)
    override = workspace.sandbox / "tree/infrastructure/aws/modules/search" / WAITS_FILE
    assert 'create = "5s"' in override.read_text()
    assert not (module / WAITS_FILE).exists()
    (module / "main.tf").write_text("")
    prepare(workspace, environment, server, native_locking=True)
    assert not override.exists()


def test_a_module_that_is_gone_leaves_no_short_waits(
    workspace: Workspace, environment: Environment, server: Server
) -> None:
    module = workspace.root / "infrastructure/aws/modules/search"
    module.mkdir(parents=True)
    (module / "main.tf").write_text('resource "aws_opensearch_domain" "this" {\n}\n')
    prepare(workspace, environment, server, native_locking=True)
    shutil.rmtree(module)
    prepare(workspace, environment, server, native_locking=True)
    prepare(workspace, environment, server, native_locking=True)
    assert not (workspace.sandbox / "tree/infrastructure/aws/modules/search").exists()


def test_a_link_to_nowhere_is_left_to_terraform(
    workspace: Workspace, environment: Environment, server: Server
) -> None:
    (workspace.root / "infrastructure/gone.tf").symlink_to("there-is-none.tf")
    prepare(workspace, environment, server, native_locking=True)
    assert (workspace.sandbox / "tree/infrastructure/gone.tf").is_symlink()


def test_a_second_preparation_writes_nothing(
    workspace: Workspace, environment: Environment, server: Server
) -> None:
    root = prepare(workspace, environment, server, native_locking=True)
    before = {path: path.stat().st_mtime_ns for path in workspace.sandbox.rglob("*")}
    prepare(workspace, environment, server, native_locking=True)
    assert {path: path.stat().st_mtime_ns for path in workspace.sandbox.rglob("*")} == before
    assert root.is_dir()


def test_a_second_preparation_takes_a_few_milliseconds(
    workspace: Workspace, environment: Environment, server: Server
) -> None:
    prepare(workspace, environment, server, native_locking=True)
    start = time.perf_counter()
    prepare(workspace, environment, server, native_locking=True)
    assert time.perf_counter() - start < 0.03


def versioning(server: lifecycle.Server, environment: Environment) -> bytes:
    """What S3 says of the state bucket."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    scope = f"{access_key(environment.account_id)}/20200101/eu-west-1/s3/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=x"}
    connection.request("GET", f"/{environment.state.bucket}?versioning", headers=headers)
    return connection.getresponse().read()


def test_the_state_bucket_is_there_before_terraform_asks(
    workspace: Workspace, environment: Environment
) -> None:
    server = lifecycle.ensure(workspace)
    prepare(workspace, environment, server, native_locking=True)
    assert b"<Status>Enabled</Status>" in versioning(server, environment)


def test_the_state_bucket_is_made_anew_in_a_new_server(
    workspace: Workspace, environment: Environment
) -> None:
    prepare(workspace, environment, lifecycle.ensure(workspace), native_locking=True)
    server = lifecycle.reset(workspace)
    prepare(workspace, environment, server, native_locking=True)
    assert b"<Status>Enabled</Status>" in versioning(server, environment)


def test_what_bsops_makes_for_the_state_is_not_counted(
    workspace: Workspace, environment: Environment
) -> None:
    server = lifecycle.ensure(workspace)
    prepare(workspace, environment, server, native_locking=True)
    assert lifecycle.status(workspace).resources == {}


def test_an_environment_without_a_root_is_named(workspace: Workspace, server: Server) -> None:
    other = Environment(
        name="other",
        account_id="222222222222",
        region="eu-west-1",
        state=StateSettings(bucket="b-u-c", key="k"),
    )
    with pytest.raises(ConfigurationError, match="other"):
        prepare(workspace, other, server, native_locking=True)


def test_a_terraform_without_s3s_lock_gets_the_table(
    workspace: Workspace, environment: Environment, server: Server
) -> None:
    root = prepare(workspace, environment, server, native_locking=False)
    text = (root / OVERRIDE_FILE).read_text()
    assert "dynamodb_table" in text
    assert "use_lockfile" not in text


def test_in_a_bare_sandbox_the_state_is_in_a_file_until_it_is_bootstrapped(
    workspace: Workspace, environment: Environment
) -> None:
    server = lifecycle.ensure(workspace, bare=True)
    root = prepare(workspace, environment, server, native_locking=True)
    assert 'backend "local"' in (root / OVERRIDE_FILE).read_text()
    file = backend_file(workspace, environment)
    file.parent.mkdir(parents=True)
    file.write_text(render(wanted_backend(environment), "dev"))
    prepare(workspace, environment, server, native_locking=True)
    assert 'backend "s3"' in (root / OVERRIDE_FILE).read_text()
    server = lifecycle.reset(workspace, bare=True)
    prepare(workspace, environment, server, native_locking=True)
    assert 'backend "local"' in (root / OVERRIDE_FILE).read_text()
