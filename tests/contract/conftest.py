"""One sandbox server for the session, and boto3 clients that know nothing but it."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import botocore.config
import pytest

from bookstore_ops.sandbox import lifecycle
from bookstore_ops.sandbox.accounts import access_key
from bookstore_ops.sandbox.lifecycle import Server
from bookstore_ops.workspace import Workspace

ACCOUNT = "111111111111"
OTHER_ACCOUNT = "222222222222"
REGION = "eu-west-1"
OTHER_REGION = "eu-central-1"

Client = Callable[..., Any]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The sandbox server that the whole session shares."""
    workspace = Workspace(tmp_path_factory.mktemp("workspace"))
    yield lifecycle.ensure(workspace)
    lifecycle.stop(workspace)


@pytest.fixture(scope="session")
def client(server: Server) -> Client:
    """Makes boto3 clients: ``client("rds")``, ``client("rds", region=..., account=...)``."""

    make_client: Callable[..., Any] = boto3.client

    def make(service: str, *, region: str = REGION, account: str = ACCOUNT) -> Any:
        return make_client(
            service,
            endpoint_url=server.url,
            region_name=region,
            aws_access_key_id=access_key(account),
            aws_secret_access_key="sandbox",
            config=botocore.config.Config(s3={"addressing_style": "path"}),
        )

    return make


@pytest.fixture
def key_arn(client: Client) -> str:
    """A KMS key."""
    return str(client("kms").create_key()["KeyMetadata"]["Arn"])


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A resource name that no other test uses."""
    return str(request.node.name).replace("_", "-").replace("[", "-").rstrip("]")[-50:].strip("-")
