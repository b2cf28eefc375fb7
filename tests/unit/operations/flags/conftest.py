"""A shop in memory whose flags are set and rolled out, and whose services are released."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from bookstore_ops.flags.appconfig import AppConfig, Deployed
from bookstore_ops.flags.document import Value, with_values
from bookstore_ops.flags.store import FlagStore
from bookstore_ops.journal import Journal, new_run_id
from bookstore_ops.operations.confirmation import Confirmation
from bookstore_ops.operations.flags.session import FlagSession
from bookstore_ops.operations.releases.notifying import Notifying
from bookstore_ops.operations.releases.session import ReleaseSession
from bookstore_ops.operations.request import Request
from bookstore_ops.releases.analysis import Sample
from bookstore_ops.releases.aws import Aws
from bookstore_ops.releases.driver import Health
from bookstore_ops.releases.images import Image
from bookstore_ops.releases.model import Place, Release, Revision
from bookstore_ops.releases.settings import FILE
from bookstore_ops.releases.store import Store
from bookstore_ops.terraform.backends import S3Backend
from tests.unit.releases.world import INTERNAL, OLD, PLACE
from tests.unit.support import environment, make_workspace

BUCKET, KEY = "bookstore-dev-tfstate", "dev/terraform.tfstate"
SETTINGS = """\
[[defaults.criteria]]
name = "errors"
source = "errors"
at_most = 5.0
"""
PERCENT = {"percent": {"constraints": {"type": "number", "minimum": 0, "maximum": 100}}}
DOCUMENT = {
    "flags": {
        "beta": {"name": "beta", "attributes": PERCENT},
        "gift": {"name": "gift", "attributes": PERCENT},
        "banner": {"name": "banner"},
    },
    "values": {
        "beta": {"enabled": False, "percent": 0},
        "gift": {"enabled": False, "percent": 30},
        "banner": {"enabled": False},
    },
}


class Bucket:
    """An S3 that writes on condition."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get_object(self, *, Key: str, **_asked: str) -> dict[str, Any]:  # noqa: N803
        if Key not in self.objects:
            raise _error("NoSuchKey", 404)
        return {
            "Body": BytesIO(self.objects[Key]),
            "ETag": self._etag(Key),
            "LastModified": datetime.now(UTC),
        }

    def put_object(self, *, Key: str, Body: bytes, **asked: Any) -> dict[str, Any]:  # noqa: N803
        if asked.get("IfMatch", self._etag(Key)) != self._etag(Key):
            raise _error("PreconditionFailed", 412)
        if "IfNoneMatch" in asked and Key in self.objects:
            raise _error("PreconditionFailed", 412)
        self.objects[Key] = Body
        return {"ETag": self._etag(Key)}

    def _etag(self, key: str) -> str:
        return str(hash(self.objects.get(key)))


def _error(code: str, status: int) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": metadata}, "an operation")


class Deployments:
    """The flags as they are deployed."""

    def __init__(self) -> None:
        self.document: Mapping[str, Any] = DOCUMENT
        self.version = 1

    def read(self) -> Deployed:
        return Deployed(self.version, self.version, self.document)

    def change(self, flag: str, values: Mapping[str, Value], _why: str) -> Deployed:
        self.document = with_values(self.document, flag, values)
        self.version += 1
        return self.read()


class Calm(Aws):
    """An AWS in which all is well and whatever is asked for is done."""

    def __init__(self) -> None:
        super().__init__(lambda _service: None, "again")

    def weights(self, place: Place) -> dict[str, int]:
        return dict(zip(sorted(place.services), (100, 0), strict=False))

    def alarms(self, place: Place) -> list[str]:  # noqa: ARG002
        return []

    def image(self, place: Place, named: str) -> Image:
        return Image(f"{place.repository}@sha256:{named}", named)

    def running(self, place: Place, color: str) -> Revision:
        return Revision(color=color, task_definition=OLD, image=f"{place.repository}:1")

    def register(self, release: Release) -> str:  # noqa: ARG002
        return "family:2"

    def wake(self, release: Release) -> int:  # noqa: ARG002
        return 2

    def health(self, release: Release) -> Health:  # noqa: ARG002
        return Health(2, 2, 2, ready=True)

    def shift(self, release: Release) -> None:
        pass

    def leave(self, release: Release) -> None:
        pass


class Watched(FlagSession):
    """A session whose service answers well."""

    def _measured(self, *_asked: object) -> Sample:
        return Sample(1000.0, {"errors": 0.5})


class Person:
    """Agrees to everything, and remembers the questions."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, confirmation: Confirmation) -> bool:
        self.asked.append(confirmation.question)
        return True


@pytest.fixture
def person() -> Person:
    """Who is asked."""
    return Person()


@pytest.fixture
def open_session(tmp_path: Path) -> Callable[[], FlagSession]:
    """Opens a session on the same shop, as another bsops would."""
    workspace = make_workspace(tmp_path / "workspace")
    (workspace.tree / FILE).write_text(SETTINGS)
    bucket, deployments = Bucket(), cast("AppConfig", Deployments())

    def opened() -> FlagSession:
        request = Request(workspace, environment(), "flags", arguments=[])
        backend = S3Backend(BUCKET, KEY, "eu-west-1", None, {})
        backend.adopt({"s3": bucket})
        held = ReleaseSession(
            request,
            new_run_id("flags", "dev"),
            "111111111111",
            {},
            backend,
            Store(bucket, BUCKET, KEY, "again"),
            Calm(),
            Journal(workspace.make_data_directory() / "journal.jsonl"),
            lambda _: None,
            Notifying(request, {}, lambda _: None, lambda _: None),
            _places={
                **{name: replace(PLACE, service=name) for name in ("catalog", "orders")},
                "inventory": INTERNAL,
            },
        )
        return Watched(held, FlagStore(bucket, BUCKET, KEY, "again"), deployments)

    return opened


@pytest.fixture
def session(open_session: Callable[[], FlagSession]) -> FlagSession:
    """One of them."""
    return open_session()
