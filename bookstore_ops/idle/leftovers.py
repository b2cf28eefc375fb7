"""What nothing holds any more, or nothing ever ends: addresses, volumes, snapshots, logs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from bookstore_ops.idle.model import Finding, Verdict
from bookstore_ops.idle.scene import Scene

SNAPSHOT_DAYS = 90
# Services that make a log group by themselves where there is none, and for what of the state.
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
# https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details.html
_MADE_BY_AWS = (
    ("aws_lambda_function", "function_name", "/aws/lambda/"),
    ("aws_codebuild_project", "name", "/aws/codebuild/"),
)


def addresses(scene: Scene) -> list[Finding]:
    """Elastic IPs, which cost the same whether something has them or not."""
    known = {each.attributes["id"]: each.address for each in scene.of("aws_eip")}
    with scene.cloud.asking("list the elastic IPs"):
        client = scene.cloud.client("ec2", scene.region)
        found = client.describe_addresses(Filters=scene.filters())["Addresses"]
    return [_address(scene, each, known.get(each["AllocationId"], "")) for each in found]


def _address(scene: Scene, described: dict[str, Any], address: str) -> Finding:
    held = described.get("AssociationId") or described.get("NetworkInterfaceId")
    release = f"aws ec2 release-address --region {scene.region} --allocation-id "
    return Finding(
        kind="elastic IP",
        name=described["AllocationId"],
        verdict=Verdict.USED if held else Verdict.IDLE,
        why="something has it" if held else "nothing has it",
        address=address,
        amount=described["PublicIp"],
        mend="" if held else _own(scene, address) or f"{release}{described['AllocationId']}",
    )


def volumes(scene: Scene) -> list[Finding]:
    """Volumes of EBS, which cost the same whether an instance has them or not."""
    known = {each.attributes["id"]: each.address for each in scene.of("aws_ebs_volume")}
    with scene.cloud.asking("list the volumes"):
        pages = scene.cloud.pages("ec2", scene.region, "describe_volumes", Filters=scene.filters())
        found = [each for page in pages for each in page["Volumes"]]
    return [_volume(scene, each, known.get(each["VolumeId"], "")) for each in found]


def _volume(scene: Scene, described: dict[str, Any], address: str) -> Finding:
    name, free = described["VolumeId"], described["State"] == "available"
    delete = f"aws ec2 delete-volume --region {scene.region} --volume-id {name}"
    return Finding(
        kind="volume",
        name=name,
        verdict=Verdict.IDLE if free else Verdict.USED,
        why="no instance has it" if free else "an instance has it",
        address=address,
        since=described["CreateTime"],
        amount=f"{described['Size']} GiB",
        mend=(_own(scene, address) or delete) if free else "",
    )


def _own(scene: Scene, address: str) -> str:
    """What to do about something that the state knows: only Terraform may take it away."""
    return f"{scene.line('drift')}   (the state has it as {address})" if address else ""


def snapshots(scene: Scene) -> list[Finding]:
    """Snapshots of databases that somebody took, and that no schedule ever deletes.

    The newest of each database may be all that there is to go back to: it is never called idle.
    """
    with scene.cloud.asking("list the snapshots of databases"):
        pages = scene.cloud.pages(
            "rds", scene.region, "describe_db_snapshots", SnapshotType="manual"
        )
        found = [each for page in pages for each in page["DBSnapshots"]]
    own = [
        each
        for each in found
        if each["Status"] == "available"
        and each.get("SnapshotCreateTime")
        and scene.has_tags(each.get("TagList", []))
    ]
    newest: dict[str, datetime] = {}
    for each in own:
        database, taken = each["DBInstanceIdentifier"], each["SnapshotCreateTime"]
        newest[database] = max(taken, newest.get(database, taken))
    return [_snapshot(scene, each, newest[each["DBInstanceIdentifier"]]) for each in own]


def _snapshot(scene: Scene, described: dict[str, Any], newest: datetime) -> Finding:
    name, taken = described["DBSnapshotIdentifier"], described["SnapshotCreateTime"]
    if taken == newest:
        verdict, why = Verdict.USED, "the newest that was taken of its database"
    elif scene.at - taken < timedelta(days=SNAPSHOT_DAYS):
        verdict, why = Verdict.USED, f"younger than {SNAPSHOT_DAYS} days"
    else:
        verdict, why = Verdict.IDLE, f"older than {SNAPSHOT_DAYS} days, and a newer one is there"
    delete = f"aws rds delete-db-snapshot --region {scene.region} --db-snapshot-identifier {name}"
    return Finding(
        kind="snapshot",
        name=name,
        verdict=verdict,
        why=why,
        since=taken,
        amount=f"{described.get('AllocatedStorage', 0)} GiB",
        mend=delete if verdict is Verdict.IDLE else "",
    )


def log_groups(scene: Scene) -> list[Finding]:
    """Log groups that keep everything for ever, because nobody said how long they should."""
    known = {each.attributes["name"]: each.address for each in scene.of("aws_cloudwatch_log_group")}
    wanted = known.keys() | set(_made_by_aws(scene))
    with scene.cloud.asking("list the log groups"):
        pages = scene.cloud.pages("logs", scene.region, "describe_log_groups")
        found = [each for page in pages for each in page["logGroups"]]
    return [
        _log_group(scene, each, known.get(each["logGroupName"], ""))
        for each in found
        if each["logGroupName"] in wanted
    ]


def _made_by_aws(scene: Scene) -> Iterator[str]:
    for kind, attribute, prefix in _MADE_BY_AWS:
        for value in scene.values(kind, attribute):
            yield f"{prefix}{value}"


def _log_group(scene: Scene, described: dict[str, Any], address: str) -> Finding:
    name, kept = described["logGroupName"], described.get("retentionInDays")
    size = described.get("storedBytes", 0)
    idle = not kept and size > 0
    put = f"aws logs put-retention-policy --region {scene.region} --log-group-name {name}"
    if idle:
        why = "nothing in it is ever deleted: it has no retention"
    else:
        why = f"what it has is kept for {kept} d" if kept else "it is empty"
    return Finding(
        kind="log group",
        name=name,
        verdict=Verdict.IDLE if idle else Verdict.USED,
        why=why,
        address=address,
        since=datetime.fromtimestamp(described["creationTime"] / 1000, UTC),
        amount=f"{size:,} B",
        mend=(_own(scene, address) or f"{put} --retention-in-days 30") if idle else "",
    )
