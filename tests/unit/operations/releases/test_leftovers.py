"""After a destroy: it went well, whatever becomes of what releases left."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bookstore_ops.operations.releases import leftovers as release_leftovers
from bookstore_ops.operations.releases.leftovers import clear_releases
from bookstore_ops.terraform.backends import LocalBackend, S3Backend


class Bucket:
    """An S3 in which there is nothing, or which does not answer."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.deleted: list[str] = []

    def delete_object(self, **asked: Any) -> None:
        if self._error:
            raise self._error
        self.deleted.append(asked["Key"])

    def get_object(self, **_asked: Any) -> None:
        from botocore.exceptions import ClientError

        metadata: Any = {"HTTPStatusCode": 404}
        answer: Any = {"Error": {"Code": "NoSuchKey"}, "ResponseMetadata": metadata}
        raise ClientError(answer, "GetObject")


def session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, backend: Any) -> Any:
    """What it needs of a session."""
    monkeypatch.setattr(release_leftovers, "open_backend", lambda _root, _environ: backend)
    return SimpleNamespace(
        root=tmp_path, environ={}, command_line=lambda command: f"bsops {command} dev"
    )


def in_s3(bucket: Bucket) -> S3Backend:
    backend = S3Backend("b", "dev/terraform.tfstate", "eu-west-1", None, {})
    backend.adopt({"s3": bucket})
    return backend


def test_a_state_in_a_file_has_no_releases(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    local = LocalBackend(tmp_path / "terraform.tfstate")
    assert clear_releases(session(monkeypatch, tmp_path, local)) is None


def test_without_releases_nothing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bucket = Bucket()
    assert clear_releases(session(monkeypatch, tmp_path, in_s3(bucket))) is None
    assert bucket.deleted == ["dev/terraform.tfstate.flags"]


def test_what_could_not_be_taken_away_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from botocore.exceptions import EndpointConnectionError

    away = Bucket(EndpointConnectionError(endpoint_url="https://s3"))
    said = clear_releases(session(monkeypatch, tmp_path, in_s3(away)))
    assert said is not None
    assert said.startswith("what releases registered is still there: cannot delete")
