"""What a backend holds: state and locks, in files and in S3."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from bookstore_ops.aws.session import client
from bookstore_ops.errors import EnvironmentMissing, OperationFailed
from bookstore_ops.locks.lock import LockKind
from bookstore_ops.terraform.backends import LocalBackend, S3Backend, open_backend
from bookstore_ops.terraform.state import StateSummary
from tests.unit.support import environ

KEY = "dev/terraform.tfstate"
STATE = {"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "abc"}
LOCK = {
    "ID": "1b1c",
    "Operation": "OperationTypeApply",
    "Info": "",
    "Who": "ann@laptop",
    "Version": "1.11.4",
    "Created": "2026-11-22T12:00:00Z",
    "Path": KEY,
}


def state(**more: Any) -> bytes:
    return json.dumps({**STATE, "resources": [], **more}).encode()


class TestLocalBackend:
    @pytest.fixture
    def backend(self, tmp_path: Path) -> LocalBackend:
        return LocalBackend(tmp_path / "terraform.tfstate")

    def test_before_the_first_apply_there_is_nothing(self, backend: LocalBackend) -> None:
        assert backend.read_state() is None
        assert backend.read_locks() == []

    def test_its_state_is_read(self, backend: LocalBackend) -> None:
        backend.path.write_bytes(state())
        assert backend.read_state() == StateSummary("abc", 7)

    def test_an_empty_file_is_what_a_first_run_that_was_killed_leaves(
        self, backend: LocalBackend
    ) -> None:
        backend.path.write_bytes(b"")
        assert backend.read_state() is None

    def test_an_empty_file_where_there_was_a_state_is_a_lost_state(
        self, backend: LocalBackend
    ) -> None:
        backend.path.with_name("terraform.tfstate.backup").write_bytes(state())
        backend.path.write_bytes(b"")
        with pytest.raises(OperationFailed, match="0 bytes"):
            backend.read_state()

    def test_its_lock_lies_beside_it(self, backend: LocalBackend) -> None:
        lock = backend.path.with_name(".terraform.tfstate.lock.info")
        lock.write_text(json.dumps(LOCK))
        (found,) = backend.read_locks()
        assert (found.id, found.who, found.operation) == (
            "1b1c",
            "ann@laptop",
            "OperationTypeApply",
        )

    @pytest.mark.parametrize("content", ["", "{", '{"ID": 5}', '{"Who": "ann"}'])
    def test_a_lock_that_cannot_be_read_is_still_a_lock(
        self, backend: LocalBackend, content: str
    ) -> None:
        backend.path.with_name(".terraform.tfstate.lock.info").write_text(content)
        (found,) = backend.read_locks()
        assert (found.id, found.kind) == ("", LockKind.LOCAL)
        assert found.problem
        assert found.age_seconds is not None

    def test_it_is_described_by_its_file(self, backend: LocalBackend) -> None:
        assert backend.describe() == str(backend.path)


@pytest.fixture(scope="module")
def aws() -> Iterator[dict[str, str]]:
    """The environment of a process that reaches a fake AWS."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield environ(
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
        AWS_ACCESS_KEY_ID="fake",
        AWS_SECRET_ACCESS_KEY="fake",
        NO_PROXY="127.0.0.1",
    )
    server.stop()


class TestS3Backend:
    @pytest.fixture
    def backend(self, aws: dict[str, str], request: pytest.FixtureRequest) -> S3Backend:
        """A bucket and a lock table of the test's own."""
        name = f"state-{abs(hash(request.node.nodeid))}"
        client("s3", "eu-west-1", aws).create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        client("dynamodb", "eu-west-1", aws).create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        return S3Backend(name, KEY, "eu-west-1", name, aws)

    def put(self, backend: S3Backend, key: str, content: bytes) -> None:
        client("s3", "eu-west-1", backend.environ).put_object(
            Bucket=backend.bucket, Key=key, Body=content
        )

    def lock_in_table(self, backend: S3Backend, **attributes: str) -> None:
        item = {name: {"S": value} for name, value in attributes.items()}
        client("dynamodb", "eu-west-1", backend.environ).put_item(
            TableName=backend.lock_table, Item=item
        )

    def test_before_the_first_apply_there_is_nothing(self, backend: S3Backend) -> None:
        assert backend.read_state() is None
        assert backend.read_locks() == []

    def test_its_state_is_read(self, backend: S3Backend) -> None:
        self.put(backend, KEY, state())
        assert backend.read_state() == StateSummary("abc", 7)

    @pytest.mark.parametrize("content", [b"", b"{"])
    def test_a_corrupt_state_is_named_by_its_url(self, backend: S3Backend, content: bytes) -> None:
        self.put(backend, KEY, content)
        with pytest.raises(OperationFailed, match=f"s3://{backend.bucket}/{KEY}"):
            backend.read_state()

    def test_the_lock_object_is_read(self, backend: S3Backend) -> None:
        self.put(backend, f"{KEY}.tflock", json.dumps(LOCK).encode())
        (found,) = backend.read_locks()
        assert (found.id, found.who) == ("1b1c", "ann@laptop")

    @pytest.mark.parametrize("content", [b"", b"{"])
    def test_a_corrupt_lock_object_is_still_a_lock(
        self, backend: S3Backend, content: bytes
    ) -> None:
        self.put(backend, f"{KEY}.tflock", content)
        (found,) = backend.read_locks()
        assert found.problem
        assert found.age_seconds is not None

    def test_the_lock_item_is_read(self, backend: S3Backend) -> None:
        self.lock_in_table(backend, LockID=f"{backend.bucket}/{KEY}", Info=json.dumps(LOCK))
        (found,) = backend.read_locks()
        assert found.id == "1b1c"

    def test_the_checksum_beside_the_lock_item_is_no_lock(self, backend: S3Backend) -> None:
        self.lock_in_table(backend, LockID=f"{backend.bucket}/{KEY}-md5", Digest="00")
        assert backend.read_locks() == []

    def test_without_a_lock_table_none_is_asked(self, backend: S3Backend) -> None:
        self.lock_in_table(backend, LockID=f"{backend.bucket}/{KEY}", Info=json.dumps(LOCK))
        without = S3Backend(backend.bucket, KEY, "eu-west-1", None, backend.environ)
        assert without.read_locks() == []

    def test_a_missing_bucket_is_not_an_empty_state(self, aws: dict[str, str]) -> None:
        backend = S3Backend("no-such-bucket", KEY, "eu-west-1", None, aws)
        with pytest.raises(OperationFailed, match=f"cannot read {KEY}") as raised:
            backend.read_state()
        assert "NoSuchBucket" in str(raised.value.why)

    def test_a_missing_lock_table_is_not_a_free_lock(self, backend: S3Backend) -> None:
        other = S3Backend(backend.bucket, KEY, "eu-west-1", "no-such-table", backend.environ)
        with pytest.raises(OperationFailed, match="cannot read lock table no-such-table"):
            other.read_locks()

    def test_a_lost_connection_is_named(self, aws: dict[str, str]) -> None:
        nowhere = {**aws, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
        backend = S3Backend("bucket", KEY, "eu-west-1", "table", nowhere)
        with pytest.raises(OperationFailed, match="cannot read") as raised:
            backend.read_state()
        assert "Could not connect" in str(raised.value.why)

    def test_it_is_described_by_its_url(self, backend: S3Backend) -> None:
        assert backend.describe() == f"s3://{backend.bucket}/{KEY}"


class TestOpening:
    """The backend is the one the last `terraform init` recorded."""

    def record(self, root: Path, content: Any) -> None:
        (root / ".terraform").mkdir()
        text = content if isinstance(content, str) else json.dumps(content)
        (root / ".terraform" / "terraform.tfstate").write_text(text)

    def test_without_a_record_the_state_lies_beside_the_root_module(self, tmp_path: Path) -> None:
        assert open_backend(tmp_path, {}) == LocalBackend(tmp_path / "terraform.tfstate")

    def test_without_a_backend_in_the_record_too(self, tmp_path: Path) -> None:
        self.record(tmp_path, {"version": 3})
        assert open_backend(tmp_path, {}) == LocalBackend(tmp_path / "terraform.tfstate")

    def test_a_local_backend_may_name_a_file(self, tmp_path: Path) -> None:
        self.record(tmp_path, {"backend": {"type": "local", "config": {"path": "my.tfstate"}}})
        assert open_backend(tmp_path, {}) == LocalBackend(tmp_path / "my.tfstate")

    @pytest.mark.parametrize(
        ("config", "region", "table"),
        [
            ({"region": "eu-west-1", "dynamodb_table": "locks"}, "eu-west-1", "locks"),
            ({"region": None, "dynamodb_table": None}, "eu-north-1", None),
        ],
    )
    def test_an_s3_backend_is_as_recorded(
        self, tmp_path: Path, config: dict[str, Any], region: str, table: str | None
    ) -> None:
        config = {"bucket": "b", "key": "k", "profile": None, **config}
        self.record(tmp_path, {"backend": {"type": "s3", "config": config}})
        variables = {"AWS_REGION": "eu-north-1"}
        assert open_backend(tmp_path, variables) == S3Backend("b", "k", region, table, variables)

    def test_any_other_backend_is_refused_by_name(self, tmp_path: Path) -> None:
        self.record(tmp_path, {"backend": {"type": "http", "config": {}}})
        with pytest.raises(OperationFailed, match="lies in a http backend"):
            open_backend(tmp_path, {})

    @pytest.mark.parametrize(
        "content",
        ["", "{", "[]", '{"backend": 5}', '{"backend": {"type": "s3", "config": {}}}'],
    )
    def test_a_damaged_record_is_answered_with_the_command_that_mends_it(
        self, tmp_path: Path, content: str
    ) -> None:
        root = tmp_path / "dev"
        root.mkdir()
        self.record(root, content)
        with pytest.raises(EnvironmentMissing, match="is damaged") as raised:
            open_backend(root, {})
        assert raised.value.next_step == "bsops init dev --reconfigure"

    def test_what_the_real_terraform_records_is_understood(self, tmp_path: Path) -> None:
        (tmp_path / "main.tf").write_text(
            'terraform {\n  backend "local" {\n    path = "elsewhere/x.tfstate"\n  }\n}\n'
            'resource "terraform_data" "one" {\n  count = 2\n}\n'
        )
        for arguments in (["init"], ["apply", "-auto-approve"]):
            subprocess.run(
                ["terraform", *arguments],
                cwd=tmp_path,
                env=environ(),
                check=True,
                stdout=subprocess.DEVNULL,
            )
        backend = open_backend(tmp_path, {})
        found = backend.read_state()
        assert found is not None
        assert found.addresses == {"terraform_data.one[0]", "terraform_data.one[1]"}
        assert backend.read_locks() == []
