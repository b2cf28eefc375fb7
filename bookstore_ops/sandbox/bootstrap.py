"""The state bucket and the lock table of an environment, in the sandbox."""

import hashlib
import http.client
import json

from bookstore_ops.environments import Environment
from bookstore_ops.errors import OperationFailed
from bookstore_ops.files import write_atomically
from bookstore_ops.sandbox.accounts import access_key
from bookstore_ops.sandbox.health import HEALTH, STATE_HEADER, ask
from bookstore_ops.sandbox.lifecycle import Server
from bookstore_ops.workspace import Workspace

_TIMEOUT = 30.0
_VERSIONING = (
    '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Status>Enabled</Status></VersioningConfiguration>"
)
_LOCATION = (
    '<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
)
_MADE_BEFORE = ("BucketAlreadyOwnedByYou", "ResourceInUseException")


def bootstrap(workspace: Workspace, environment: Environment, server: Server) -> None:
    """Make the versioned bucket and the lock table, once per server.

    Raises:
        OperationFailed: the sandbox does not make them.
    """
    state = environment.state
    made = "\n".join(
        (
            server.instance,
            environment.account_id,
            environment.state_region,
            state.bucket,
            state.lock_table,
        )
    )
    marker = workspace.sandbox / "state" / hashlib.sha256(made.encode()).hexdigest()[:16]
    if marker.is_file():
        return
    location = "" if environment.state_region == "us-east-1" else _LOCATION
    table = {
        "TableName": state.lock_table,
        "AttributeDefinitions": [{"AttributeName": "LockID", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "LockID", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    bucket = f"/{state.bucket}"
    _send(server, environment, "s3", bucket, location.format(region=environment.state_region))
    _send(server, environment, "s3", f"{bucket}?versioning", _VERSIONING)
    _send(server, environment, "dynamodb", "/", json.dumps(table))
    write_atomically(marker, made, mode=0o600)


def not_to_be_counted(server: Server, name: str) -> None:
    """Tell the server that a bucket, a table or a key is there for the state, now or soon."""
    ask(server.port, HEALTH, timeout=_TIMEOUT, headers={STATE_HEADER: name})


def _send(server: Server, environment: Environment, service: str, path: str, body: str) -> None:
    scope = f"{access_key(environment.account_id)}/20200101/{environment.state_region}/{service}"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}/aws4_request, "
        "SignedHeaders=host, Signature=sandbox",
        "Content-Type": "application/x-amz-json-1.0" if service == "dynamodb" else "text/xml",
    }
    headers[STATE_HEADER] = (
        environment.state.lock_table if service == "dynamodb" else environment.state.bucket
    )
    if service == "dynamodb":
        headers["X-Amz-Target"] = "DynamoDB_20120810.CreateTable"
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_TIMEOUT)
    try:
        method = "POST" if service == "dynamodb" else "PUT"
        connection.request(method, path, body.encode(), headers)
        response = connection.getresponse()
        answer = response.read().decode(errors="replace")
        failed = response.status >= 400 and not any(code in answer for code in _MADE_BEFORE)
    except (OSError, http.client.HTTPException) as error:
        failed, answer = True, str(error)
    finally:
        connection.close()
    if failed:
        raise OperationFailed(
            f"the sandbox does not make the state of {environment.name} ({service} {path})",
            why=answer[:500],
            next_step="bsops sandbox reset",
        )
