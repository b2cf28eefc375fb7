"""The DynamoDB table that locks states, for Terraform below 1.10 and during a move."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bookstore_ops.bootstrap.settings import Setting, answer_of, asking, named
from bookstore_ops.errors import Refused

# https://developer.hashicorp.com/terraform/language/backend/s3#dynamodb-state-locking
_KEY = [{"AttributeName": "LockID", "KeyType": "HASH"}]


class LockTable:
    """One item a locked state; the environments of an account may share the table."""

    def __init__(self, dynamodb: Any, table: str, tags: Mapping[str, str]) -> None:
        self._dynamodb = dynamodb
        self.table = table
        self._tags = dict(tags)
        self._found: dict[str, Any] = {}

    @property
    def name(self) -> str:
        """See :class:`Resource`."""
        return f"lock table {self.table}"

    def exists(self) -> bool:
        """See :class:`Resource`."""
        with asking(f"look at the {self.name}"):
            self._found = answer_of(
                lambda: self._dynamodb.describe_table(TableName=self.table),
                "ResourceNotFoundException",
            ).get("Table", {})
        if self._found and self._found["KeySchema"] != _KEY:
            raise Refused(
                f"the table {self.table} is no lock table",
                why="its key is not the one string LockID",
                next_step="choose another name: lock_table under [state]",
            )
        return bool(self._found)

    def create(self) -> None:
        """See :class:`Resource`."""
        self._dynamodb.create_table(
            TableName=self.table,
            AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
            KeySchema=_KEY,
            BillingMode="PAY_PER_REQUEST",
            SSESpecification={"Enabled": True, "SSEType": "KMS"},
            DeletionProtectionEnabled=True,
            Tags=self._tag_list(),
        )
        self._wait()

    def settings(self) -> Sequence[Setting]:
        """See :class:`Resource`."""
        update = self._update
        return [
            Setting(
                "billing", "PAY_PER_REQUEST", self._billing, update(BillingMode="PAY_PER_REQUEST")
            ),
            Setting(
                "encryption",
                "KMS",
                lambda: self._described().get("SSEDescription", {}).get("SSEType"),
                update(SSESpecification={"Enabled": True, "SSEType": "KMS"}),
            ),
            Setting(
                "deletion protection",
                True,
                lambda: self._described().get("DeletionProtectionEnabled", False),
                update(DeletionProtectionEnabled=True),
            ),
            Setting("point-in-time recovery", "ENABLED", self._recovery, self._recover),
            Setting("tags", self._tags, self._tags_found, self._set_tags),
        ]

    def _described(self) -> dict[str, Any]:
        table: dict[str, Any] = self._dynamodb.describe_table(TableName=self.table)["Table"]
        return table

    def _update(self, **arguments: Any) -> Callable[[], None]:
        def update() -> None:
            self._dynamodb.update_table(TableName=self.table, **arguments)
            self._wait()

        return update

    def _wait(self) -> None:
        waiter = self._dynamodb.get_waiter("table_exists")
        waiter.wait(TableName=self.table, WaiterConfig={"Delay": 2, "MaxAttempts": 90})

    def _billing(self) -> str:
        summary = self._described().get("BillingModeSummary", {})
        return str(summary.get("BillingMode", "PROVISIONED"))

    def _recovery(self) -> Any:
        answer = self._dynamodb.describe_continuous_backups(TableName=self.table)
        description = answer["ContinuousBackupsDescription"].get(
            "PointInTimeRecoveryDescription", {}
        )
        return description.get("PointInTimeRecoveryStatus")

    def _recover(self) -> None:
        self._dynamodb.update_continuous_backups(
            TableName=self.table,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )

    def _tag_list(self) -> list[dict[str, str]]:
        return [{"Key": name, "Value": value} for name, value in self._tags.items()]

    def _tags_found(self) -> Any:
        arn = self._described()["TableArn"]
        tags = self._dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
        return named(self._tags, {tag["Key"]: tag["Value"] for tag in tags})

    def _set_tags(self) -> None:
        arn = self._described()["TableArn"]
        self._dynamodb.tag_resource(ResourceArn=arn, Tags=self._tag_list())
