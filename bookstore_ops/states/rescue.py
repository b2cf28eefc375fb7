"""Writing a state object where Terraform cannot: it reads the old one first, and that is gone.

The one place that writes a state behind Terraform's back. The lock is taken as Terraform takes it,
so that neither meets the other half-way, and the lock table's digest is kept in step.

Source: https://developer.hashicorp.com/terraform/language/backend/s3
"""

import hashlib
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bookstore_ops.errors import OperationFailed, StateLocked
from bookstore_ops.files import write_atomically
from bookstore_ops.journal import who
from bookstore_ops.terraform.backends import LocalBackend, S3Backend, StateBackend


def write_state(backend: StateBackend, content: bytes, *, operation: str) -> None:
    """Make ``content`` the stored state, under the lock.

    Raises:
        StateLocked: somebody holds it.
        OperationFailed: it could not be written.
    """
    if isinstance(backend, S3Backend):
        with _locked(backend, operation):
            _put(backend, content)
    elif isinstance(backend, LocalBackend):
        locks = backend.read_locks()
        if locks:
            raise _held(backend)
        write_atomically(backend.path, content)


def digest_of(content: bytes) -> str:
    """What the lock table keeps of a state object: its MD5, in hex."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _put(backend: S3Backend, content: bytes) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        backend.client("s3").put_object(
            Bucket=backend.bucket,
            Key=backend.key,
            Body=content,
            ContentType="application/json",
            **_encryption(backend),
        )
        if backend.lock_table:
            backend.client("dynamodb").put_item(
                TableName=backend.lock_table,
                Item={
                    "LockID": {"S": f"{backend.lock_item}-md5"},
                    "Digest": {"S": digest_of(content)},
                },
            )
    except (ClientError, BotoCoreError) as error:
        raise _unwritable(backend, error) from error


def _encryption(backend: S3Backend) -> dict[str, str]:
    if backend.kms_key_id:
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": backend.kms_key_id}
    return {"ServerSideEncryption": "AES256"} if backend.encrypt else {}


@contextmanager
def _locked(backend: S3Backend, operation: str) -> Iterator[None]:
    """Hold the lock object and, where there is one, the lock table's item."""
    from botocore.exceptions import BotoCoreError, ClientError

    info = json.dumps(
        {
            "ID": str(uuid.uuid4()),
            "Operation": operation,
            "Info": "",
            "Who": who(),
            "Version": "",
            "Created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "Path": f"{backend.bucket}/{backend.key}",
        }
    )
    s3, table = backend.client("s3"), backend.lock_table and backend.client("dynamodb")
    key = {"LockID": {"S": backend.lock_item}}
    try:
        s3.put_object(
            Bucket=backend.bucket, Key=backend.lock_key, Body=info.encode(), IfNoneMatch="*"
        )
        try:
            if table:
                table.put_item(
                    TableName=backend.lock_table,
                    Item={**key, "Info": {"S": info}},
                    ConditionExpression="attribute_not_exists(LockID)",
                )
            try:
                yield
            finally:
                if table:
                    table.delete_item(TableName=backend.lock_table, Key=key)
        finally:
            s3.delete_object(Bucket=backend.bucket, Key=backend.lock_key)
    except ClientError as error:
        codes = {"PreconditionFailed", "ConditionalCheckFailedException", "412"}
        if error.response["Error"]["Code"] in codes:
            raise _held(backend) from error
        raise _unwritable(backend, error) from error
    except BotoCoreError as error:
        raise _unwritable(backend, error) from error


def _held(backend: StateBackend) -> StateLocked:
    holder = next(iter(backend.read_locks()), None)
    return StateLocked(
        f"the state at {backend.describe()} is locked",
        why=f"held by {holder.who or 'nobody named'} ({holder.command}) since {holder.created}, "
        f"ID {holder.id}"
        if holder
        else "it was a moment ago",
        next_step="wait for its holder, then run the command again",
    )


def _unwritable(backend: S3Backend, error: Exception) -> OperationFailed:
    return OperationFailed(
        f"cannot write the state to {backend.describe()}",
        why=str(error),
        next_step="check the network and the credentials, then run the command again",
    )


def new_copy(directory: Path, content: bytes) -> Path:
    """A private file with a state that is about to be pushed."""
    path = directory / f".pushing-{uuid.uuid4().hex}.tfstate"
    write_atomically(path, content, mode=0o600)
    return path
