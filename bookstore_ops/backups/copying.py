"""Copies of backups in other regions: what AWS's APIs copy, and what they do not."""

from collections.abc import Callable, Mapping

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.backups.hands import tag_list
from bookstore_ops.backups.look_aws import status_of
from bookstore_ops.backups.model import Backup, Kind, Status, Store
from bookstore_ops.errors import Refused

Look = Callable[[], Status]

# Why a store's API makes no copies in another region, and what does.
NO_COPIES: Mapping[Kind, tuple[str, str]] = {
    Kind.DYNAMODB: (
        "DynamoDB copies no backups on demand",
        "bsops backup create ENV vault, then copy the recovery point; tables also have replicas",
    ),
    Kind.REDIS: (
        "ElastiCache copies snapshots within their region only",
        "aws elasticache copy-snapshot --target-bucket BUCKET exports it; copy that object to the "
        "other region, and make a group of it there",
    ),
    Kind.STATE: (
        "a version of a state stays in its bucket",
        "AWS Backup copies the bucket where the values say backups = { state_bucket = BUCKET }",
    ),
    Kind.IMAGES: (
        "images are copied by their registry",
        "aws ecr put-replication-configuration",
    ),
    Kind.AMIS: (
        "machine images are distributed by the pipeline that builds them",
        "aws ec2 copy-image --source-region REGION --source-image-id AMI --encrypted",
    ),
}


def refuse_region(cloud: Cloud, own: str, region: str) -> None:
    """Refuse a region that the account cannot use.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html

    Raises:
        Refused: there is none of that name, it is not enabled, or it is the backup's own.
    """
    if region == own:
        raise Refused(
            f"{region} is where it lies already",
            why="a copy there would go down with it",
            next_step="name another region: --to-region REGION",
        )
    with cloud.asking("ask which regions there are"):
        answer = cloud.client("ec2", own).describe_regions(AllRegions=True)
    known = {each["RegionName"]: each["OptInStatus"] for each in answer["Regions"]}
    if region not in known:
        raise Refused(
            f"there is no region {region}",
            why=f"there are: {', '.join(sorted(known))}",
            next_step="name one of them: --to-region REGION",
        )
    if known[region] == "not-opted-in":
        raise Refused(
            f"{region} is not enabled in this account",
            why="it has to be switched on once, by somebody who may",
            next_step=f"aws account enable-region --region-name {region}   (takes minutes, up to "
            "hours); or name another",
        )


def copy_snapshot(
    cloud: Cloud,
    store: Store,
    backup: Backup,
    region: str,
    *,
    key: str | None,
    tags: Mapping[str, str],
) -> tuple[str, Look]:
    """Copy a snapshot of the database, under a key of the other region.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CopyDBSnapshot.html

    Raises:
        Refused: it is encrypted and there is no key for it, or the copy is there already.
    """
    # What RDS names by itself begins with "rds:", which no other may.
    name = backup.id.replace(":", "-")
    wanted = key or store.known.get("copy_keys", {}).get(region)
    if backup.encrypted and not wanted:
        raise Refused(
            f"{backup.id} is encrypted, and no key of {region} is known for its copy",
            why="a key is of one region; the tree makes one where disaster_recovery is enabled",
            next_step="--kms-key ARN, a key of that region",
        )
    rds = cloud.client("rds", region)
    with cloud.asking(f"look at the snapshots in {region}"):
        there = rds.describe_db_snapshots(Filters=[{"Name": "db-snapshot-id", "Values": [name]}])[
            "DBSnapshots"
        ]
    if there:
        raise Refused(
            f"there is a snapshot {name} in {region} already",
            why="nothing is written over",
            next_step="it may be the copy: look at it with bsops backup list",
        )
    with cloud.asking(f"copy {backup.id} to {region}"):
        rds.copy_db_snapshot(
            SourceDBSnapshotIdentifier=backup.arn,
            TargetDBSnapshotIdentifier=name,
            SourceRegion=store.region,
            CopyTags=False,
            Tags=tag_list(tags),
            **({"KmsKeyId": wanted} if backup.encrypted else {}),
        )

    def look() -> Status:
        with cloud.asking(f"look at {name} in {region}"):
            found = rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"]
        return status_of(found[0]["Status"])

    return name, look


def copy_point(cloud: Cloud, store: Store, backup: Backup, region: str) -> tuple[str, Look]:
    """Copy a recovery point to the vault's namesake in the other region.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartCopyJob.html

    Raises:
        Refused: there is no vault in that region.
    """
    if region not in store.copies:
        raise Refused(
            f"there is no vault {store.id} in {region}",
            why=f"the tree has it in: {', '.join(store.regions)}",
            next_step="disaster_recovery = { enabled = true } in the values makes one in the "
            "region of aws.replica",
        )
    there = store.arn.replace(f":{store.region}:", f":{region}:")
    client = cloud.client("backup", store.region)
    with cloud.asking(f"copy {backup.id} to {region}"):
        job = client.start_copy_job(
            RecoveryPointArn=backup.id,
            SourceBackupVaultName=store.id,
            DestinationBackupVaultArn=there,
            IamRoleArn=store.known["backup_role_arn"],
        )["CopyJobId"]

    def look() -> Status:
        with cloud.asking("look at the job that copies"):
            said = client.describe_copy_job(CopyJobId=job)["CopyJob"]["State"]
        return "failed" if said in {"FAILED", "PARTIAL"} else status_of(said)

    return str(job), look
