"""Snapshots of Redis, and groups made of them beside the old."""

from collections.abc import Mapping, Sequence
from typing import Any

from bookstore_ops.backups.hands import TASK_TAG, Order, marks_of, tag_list
from bookstore_ops.backups.look_aws import status_of
from bookstore_ops.backups.model import Status
from bookstore_ops.backups.store_hands import StoreHands


class Redis(StoreHands):
    """See :class:`Hands`.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-restoring.html
    """

    longest_name = 40
    service = "elasticache"
    not_there = "ReplicationGroupNotFoundFault"

    def create(self, name: str, tags: Mapping[str, str]) -> str:
        """See :class:`Hands`."""
        with self._asking(f"take the snapshot {name} of {self._store.id}"):
            self._aws.create_snapshot(
                ReplicationGroupId=self._store.id, SnapshotName=name, Tags=tag_list(tags)
            )
        return name

    def backup_status(self, backup: str) -> Status:
        """See :class:`Hands`."""
        with self._asking(f"look at the snapshot {backup}"):
            found = self._aws.describe_snapshots(SnapshotName=backup)["Snapshots"]
        return status_of(found[0]["SnapshotStatus"]) if found else "failed"

    def begin(self, order: Order) -> str:
        """See :class:`Hands`: in the same network, with the same users, under the same key."""
        with self._asking(f"restore {order.target} from {order.source.words}"):
            group = self._described(self._store.id)
            given = _settings(group, self._first(group), self._store.known)
            nodes = 1 if order.spare else len(group["MemberClusters"])
            self._aws.create_replication_group(
                ReplicationGroupId=order.target,
                ReplicationGroupDescription=group["Description"],
                SnapshotName=order.source.backup,
                NumCacheClusters=nodes,
                AutomaticFailoverEnabled=nodes > 1,
                MultiAZEnabled=nodes > 1 and group.get("MultiAZ") == "enabled",
                SnapshotRetentionLimit=0 if order.spare else group["SnapshotRetentionLimit"],
                Tags=[*([] if order.spare else self._tags(group)), *tag_list(order.tags)],
                **given,
            )
        return ""

    def status(self, target: str, _job: str) -> Status | None:
        """See :class:`Hands`."""
        with self._asking(f"look at {target}"):
            group = self._find(target)
        if group is None:
            return None
        said = group["Status"]
        if said == "available":
            return "ready"
        return "failed" if said == "create-failed" else "making"

    def is_ours(self, target: str, task: str, _job: str) -> bool:
        """See :class:`Hands`."""
        with self._asking(f"look at {target}"):
            group = self._find(target)
            tags = self._tags(group) if group else []
        return {"Key": TASK_TAG, "Value": task} in tags

    def finish(self, target: str) -> None:
        """See :class:`Hands`; a group is made with all of its settings."""

    def check(self, target: str) -> Sequence[str]:
        """See :class:`Hands`; no key is read: nobody outside of the network can."""
        with self._asking(f"look at {target}"):
            made, source = self._described(target), self._described(self._store.id)
            version, wanted = (self._first(group)["EngineVersion"] for group in (made, source))
        problems = [
            f"{name} is {made.get(name)}, that of {self._store.id} is {source.get(name)}"
            for name in ("AtRestEncryptionEnabled", "TransitEncryptionEnabled", "KmsKeyId")
            if made.get(name) != source.get(name)
        ]
        if version != wanted:
            problems.append(f"its version is {version}, not {wanted}")
        return problems

    def remove(self, target: str) -> None:
        """See :class:`Hands`."""
        with self._asking(f"delete {target}"):
            group = self._find(target)
            if group is not None and group["Status"] != "deleting":
                self._aws.delete_replication_group(ReplicationGroupId=target)

    def unmark(self, name: str) -> None:
        """Take the marks of its restore away: the tree does not know them."""
        with self._asking(f"take the marks of {name} away"):
            group = self._described(name)
            marks = marks_of(self._tags(group))
            if marks:
                self._aws.remove_tags_from_resource(ResourceName=group["ARN"], TagKeys=marks)

    def ids(self, name: str) -> Mapping[str, str] | None:
        """What the state holds of the group of that name; None: there is none."""
        with self._asking(f"look at {name}"):
            found = self._find(name)
        return found and {"id": name, "replication_group_id": name, "arn": found["ARN"]}

    def _tags(self, group: Mapping[str, Any]) -> list[dict[str, str]]:
        answer = self._aws.list_tags_for_resource(ResourceName=group["ARN"])
        found: list[dict[str, str]] = answer["TagList"]
        return found

    def _described(self, name: str) -> dict[str, Any]:
        answer = self._aws.describe_replication_groups(ReplicationGroupId=name)
        found: dict[str, Any] = answer["ReplicationGroups"][0]
        return found

    def _first(self, group: Mapping[str, Any]) -> dict[str, Any]:
        """The first member of a group, which alone tells some settings."""
        answer = self._aws.describe_cache_clusters(CacheClusterId=group["MemberClusters"][0])
        found: dict[str, Any] = answer["CacheClusters"][0]
        return found


def _settings(
    group: Mapping[str, Any], member: Mapping[str, Any], known: Mapping[str, Any]
) -> dict[str, Any]:
    """What a new group is told, so that it is as the old one."""
    given: dict[str, Any] = {
        "CacheNodeType": group["CacheNodeType"],
        "Engine": member.get("Engine", "redis"),
        "EngineVersion": ".".join(member["EngineVersion"].split(".")[:2]),
        "AtRestEncryptionEnabled": group.get("AtRestEncryptionEnabled", True),
        "TransitEncryptionEnabled": group.get("TransitEncryptionEnabled", True),
        "AutoMinorVersionUpgrade": group.get("AutoMinorVersionUpgrade", True),
    }
    named = {
        "CacheParameterGroupName": member.get("CacheParameterGroup", {}).get(
            "CacheParameterGroupName"
        ),
        "CacheSubnetGroupName": member.get("CacheSubnetGroupName"),
        "KmsKeyId": group.get("KmsKeyId"),
        "TransitEncryptionMode": group.get("TransitEncryptionMode"),
        "SnapshotWindow": group.get("SnapshotWindow"),
        "PreferredMaintenanceWindow": member.get("PreferredMaintenanceWindow"),
        "NotificationTopicArn": known.get("notification_topic_arn"),
        "Port": known.get("port"),
        "UserGroupIds": group.get("UserGroupIds"),
        "SecurityGroupIds": [g["SecurityGroupId"] for g in member.get("SecurityGroups", [])],
        "LogDeliveryConfigurations": [
            {
                key: log[key]
                for key in ("LogType", "DestinationType", "DestinationDetails", "LogFormat")
                if key in log
            }
            for log in group.get("LogDeliveryConfigurations", [])
        ],
    }
    return given | {name: value for name, value in named.items() if value}
