"""Databases, tables and caches of the environment that its state does not know.

What was restored stands beside the old one; what was there before an adoption stands there, too.
"""

from typing import Any

from bookstore_ops.idle.measured import commands, connections
from bookstore_ops.idle.model import Measure, Subject
from bookstore_ops.idle.scene import Scene

# What is on its way out costs nothing much longer.
_ENDING = "deleting"


def databases(scene: Scene) -> list[Subject]:
    """Databases beside those of the state, by connections."""
    known = scene.values("aws_db_instance", "identifier") | scene.busy()
    with scene.cloud.asking("list the databases"):
        pages = scene.cloud.pages("rds", scene.region, "describe_db_instances")
        found = [each for page in pages for each in page["DBInstances"]]
    return [
        Subject(
            kind="database",
            name=name,
            counted="connections",
            made=each.get("InstanceCreateTime"),
            measures=(connections(name),),
            beside=True,
            mend=_delete_database(scene, each),
        )
        for each in found
        if (name := each["DBInstanceIdentifier"]) not in known
        and each["DBInstanceStatus"] != _ENDING
        and (name in scene.restored() or scene.has_tags(each.get("TagList", [])))
    ]


def _delete_database(scene: Scene, described: dict[str, Any]) -> str:
    name = f"--region {scene.region} --db-instance-identifier {described['DBInstanceIdentifier']}"
    delete = (
        f"aws rds delete-db-instance {name} "
        f"--final-db-snapshot-identifier {described['DBInstanceIdentifier']}-last"
    )
    if not described.get("DeletionProtection"):
        return delete
    return f"aws rds modify-db-instance {name} --no-deletion-protection && {delete}"


def tables(scene: Scene) -> list[Subject]:
    """Tables beside those of the state, by what was read and written.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
    """
    known = scene.values("aws_dynamodb_table", "name") | scene.busy()
    names = [name for name in _listed_tables(scene) if name not in known and _is_named(scene, name)]
    described = [_described(scene, name) for name in names]
    return [
        Subject(
            kind="table",
            name=each["TableName"],
            counted="units read or written",
            made=each["CreationDateTime"],
            measures=tuple(
                Measure(
                    namespace="AWS/DynamoDB",
                    metric=metric,
                    stat="Sum",
                    dimensions=(("TableName", each["TableName"]),),
                    steady=False,
                )
                for metric in ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")
            ),
            beside=True,
            mend=_delete_table(scene, each),
        )
        for each in described
        if each["TableStatus"] != "DELETING"
        and (each["TableName"] in scene.restored() or _is_tagged(scene, each["TableArn"]))
    ]


def _listed_tables(scene: Scene) -> list[str]:
    with scene.cloud.asking("list the tables"):
        pages = scene.cloud.pages("dynamodb", scene.region, "list_tables")
        return [name for page in pages for name in page["TableNames"]]


def _described(scene: Scene, name: str) -> dict[str, Any]:
    with scene.cloud.asking(f"look at the table {name}"):
        client = scene.cloud.client("dynamodb", scene.region)
        found: dict[str, Any] = client.describe_table(TableName=name)["Table"]
    return found


def _is_tagged(scene: Scene, arn: str) -> bool:
    with scene.cloud.asking(f"read the tags of {arn}"):
        pages = scene.cloud.pages(
            "dynamodb", scene.region, "list_tags_of_resource", ResourceArn=arn
        )
        return scene.has_tags([tag for page in pages for tag in page["Tags"]])


def _delete_table(scene: Scene, described: dict[str, Any]) -> str:
    name = f"--region {scene.region} --table-name {described['TableName']}"
    delete = f"aws dynamodb delete-table {name}"
    if not described.get("DeletionProtectionEnabled"):
        return delete
    return f"aws dynamodb update-table {name} --no-deletion-protection-enabled && {delete}"


def caches(scene: Scene) -> list[Subject]:
    """Caches beside those of the state, by reads and writes of keys."""
    known = scene.values("aws_elasticache_replication_group", "replication_group_id")
    with scene.cloud.asking("list the caches"):
        pages = scene.cloud.pages("elasticache", scene.region, "describe_replication_groups")
        found = [each for page in pages for each in page["ReplicationGroups"]]
    return [
        Subject(
            kind="cache",
            name=name,
            counted="commands",
            made=each.get("ReplicationGroupCreateTime"),
            measures=commands(each.get("MemberClusters", ())),
            beside=True,
            mend=f"aws elasticache delete-replication-group --region {scene.region} "
            f"--replication-group-id {name} --final-snapshot-identifier {name}-last",
        )
        for each in found
        if (name := each["ReplicationGroupId"]) not in known | scene.busy()
        and each["Status"] != _ENDING
        and _is_named(scene, name)
        and (name in scene.restored() or _cache_has_tags(scene, each["ARN"]))
    ]


def _cache_has_tags(scene: Scene, arn: str) -> bool:
    with scene.cloud.asking(f"read the tags of {arn}"):
        client = scene.cloud.client("elasticache", scene.region)
        return scene.has_tags(client.list_tags_for_resource(ResourceName=arn)["TagList"])


def _is_named(scene: Scene, name: str) -> bool:
    """Whether it may be this environment's: to ask for the tags takes a request for each."""
    return name in scene.restored() or name.startswith("-".join(scene.tags.values()))
