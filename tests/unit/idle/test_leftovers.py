"""Addresses and volumes that nothing has, snapshots nobody needs, logs that are kept for ever."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bookstore_ops.idle.model import Verdict
from tests.unit.backups.warehouse import REGION
from tests.unit.idle.estate import Estate


def address(estate: Estate, tags: list[dict[str, str]] | None = None) -> str:
    made = estate.aws("ec2").allocate_address(
        Domain="vpc", TagSpecifications=estate.tagged("elastic-ip", tags)
    )
    return str(made["AllocationId"])


def test_an_address_that_nothing_has_is_idle(estate: Estate) -> None:
    ec2 = estate.aws("ec2")
    free, held = address(estate), address(estate)
    address(estate, [{"Key": "Project", "Value": "bookstore"}])
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    ec2.create_nat_gateway(SubnetId=subnet, AllocationId=held)
    assert estate.verdicts("elastic IP") == {free: Verdict.IDLE, held: Verdict.USED}
    assert estate.one("elastic IP", free).mend == (
        f"aws ec2 release-address --region {REGION} --allocation-id {free}"
    )


def test_only_terraform_may_take_away_what_the_state_has(estate: Estate) -> None:
    free = address(estate)
    estate.warehouse.know("aws_eip", "vpc.nat", {"id": free})
    found = estate.one("elastic IP", free)
    assert found.address == "module.bookstore.module.vpc.aws_eip.nat"
    assert found.mend.startswith("bsops drift dev")


def volume(estate: Estate, tags: list[dict[str, str]] | None = None) -> str:
    made = estate.aws("ec2").create_volume(
        Size=8, AvailabilityZone=f"{REGION}a", TagSpecifications=estate.tagged("volume", tags)
    )
    return str(made["VolumeId"])


def test_a_volume_that_no_instance_has_is_idle(estate: Estate) -> None:
    ec2 = estate.aws("ec2")
    free, held = volume(estate), volume(estate)
    volume(estate, [{"Key": "Environment", "Value": "dev"}])
    image = ec2.register_image(Name="own", RootDeviceName="/dev/xvda")["ImageId"]
    (instance,) = ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=1, Placement={"AvailabilityZone": f"{REGION}a"}
    )["Instances"]
    ec2.attach_volume(VolumeId=held, InstanceId=instance["InstanceId"], Device="/dev/sdf")
    assert estate.verdicts("volume") == {free: Verdict.IDLE, held: Verdict.USED}
    found = estate.one("volume", free)
    assert (found.amount, found.since is not None) == ("8 GiB", True)
    assert f"delete-volume --region {REGION} --volume-id {free}" in found.mend


def snapshot(estate: Estate, name: str, tags: list[dict[str, str]]) -> None:
    estate.aws("rds").create_db_snapshot(
        DBInstanceIdentifier=estate.warehouse.name, DBSnapshotIdentifier=name, Tags=tags
    )


def test_an_old_snapshot_is_idle_once_there_is_a_newer_one(estate: Estate) -> None:
    estate.warehouse.database()
    snapshot(estate, "first", estate.tag_list)
    snapshot(estate, "theirs", [{"Key": "Project", "Value": "other"}])
    assert estate.verdicts("snapshot") == {"first": Verdict.USED}
    snapshot(estate, "second", estate.tag_list)
    assert estate.verdicts("snapshot") == {"first": Verdict.IDLE, "second": Verdict.USED}
    assert "delete-db-snapshot" in estate.one("snapshot", "first").mend


def test_a_young_snapshot_is_not_idle(estate: Estate) -> None:
    estate.warehouse.database()
    for name in ("first", "second"):
        snapshot(estate, name, estate.tag_list)
    estate.at = datetime.now(UTC) + timedelta(days=89)
    assert set(estate.verdicts("snapshot").values()) == {Verdict.USED}


def logged(estate: Estate, name: str, days: int | None, *, written: bool = True) -> None:
    logs = estate.aws("logs")
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    if days:
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    if written:
        event: dict[str, Any] = {"timestamp": int(datetime.now(UTC).timestamp() * 1000)}
        event["message"] = "hello"
        logs.put_log_events(logGroupName=name, logStreamName="s", logEvents=[event])


@pytest.mark.parametrize(
    ("days", "written", "verdict"),
    [(None, True, Verdict.IDLE), (None, False, Verdict.USED), (30, True, Verdict.USED)],
)
def test_a_log_group_that_keeps_for_ever_is_called_idle(
    estate: Estate, days: int | None, verdict: Verdict, *, written: bool
) -> None:
    name = "/aws/lambda/bookstore-dev-mailer"
    estate.warehouse.know("aws_lambda_function", "lambda.this", {"function_name": name[12:]})
    logged(estate, name, days, written=written)
    logged(estate, "/aws/lambda/theirs", None)
    assert estate.verdicts("log group") == {name: verdict}
    mend = estate.one("log group", name).mend
    assert ("put-retention-policy" in mend) is (verdict is Verdict.IDLE)
