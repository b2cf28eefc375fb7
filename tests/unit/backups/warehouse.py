"""Stores of data in a fake AWS, made through boto3, and the state that knows them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

REGION = "eu-west-1"
ELSEWHERE = "eu-central-1"
ACCOUNT = "111111111111"
PREFIX = "module.bookstore.module"

Make = Callable[[str, str], Any]


@dataclass
class Warehouse:
    """A database, a table, a cache, a vault and a repository; ``make`` makes clients.

    What is made is also what :meth:`state` knows, as Terraform would have written it.
    """

    make: Make
    name: str = "bookstore-dev"
    resources: list[dict[str, Any]] = field(default_factory=list)
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def aws(self, service: str, region: str = REGION) -> Any:
        """A client, made once."""
        if (service, region) not in self._clients:
            self._clients[service, region] = self.make(service, region)
        return self._clients[service, region]

    def know(self, kind: str, place: str, attributes: dict[str, Any], key: str = "") -> None:
        """Have the state know a resource."""
        module, _, name = place.rpartition(".")
        instance = {"attributes": attributes} | ({"index_key": key} if key else {})
        self.resources.append(
            {
                "mode": "managed",
                "type": kind,
                "name": name,
                "module": f"{PREFIX}.{module}",
                "instances": [instance],
            }
        )

    def state(self) -> bytes:
        """A state file."""
        return json.dumps(
            {"version": 4, "serial": 3, "lineage": "a-lineage", "resources": self.resources}
        ).encode()

    def key(self, region: str = REGION) -> str:
        """A KMS key of a region."""
        return str(self.aws("kms", region).create_key()["KeyMetadata"]["Arn"])

    def database(self, *, copied: bool = False) -> dict[str, Any]:
        """The database; ``copied``: its backups are replicated to the other region."""
        key = self.key()
        made = self.aws("rds").create_db_instance(
            DBInstanceIdentifier=self.name,
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            EngineVersion="15.13",
            DBName="bookstore",
            AllocatedStorage=20,
            MasterUsername="bookstore_admin",
            ManageMasterUserPassword=True,
            BackupRetentionPeriod=7,
            StorageEncrypted=True,
            KmsKeyId=key,
            DeletionProtection=True,
            CopyTagsToSnapshot=True,
            Tags=[{"Key": "Backup", "Value": "true"}],
        )["DBInstance"]
        self.know(
            "aws_db_instance",
            "rds.primary",
            {
                "identifier": self.name,
                "arn": made["DBInstanceArn"],
                "kms_key_id": key,
                "password": "never-shown-1",
                "tags_all": {"Backup": "true"},
            },
        )
        if copied:
            backup = self.aws("rds", ELSEWHERE).start_db_instance_automated_backups_replication(
                SourceDBInstanceArn=made["DBInstanceArn"],
                KmsKeyId=self.key(ELSEWHERE),
                BackupRetentionPeriod=14,
                SourceRegion=REGION,
            )["DBInstanceAutomatedBackup"]
            self.know(
                "aws_db_instance_automated_backups_replication",
                "rds.this",
                {
                    "id": backup["DBInstanceAutomatedBackupsArn"],
                    "kms_key_id": backup["KmsKeyId"],
                    "source_db_instance_arn": made["DBInstanceArn"],
                },
            )
        return dict(made)

    def table(self, key: str = "orders", *, items: int = 3, protected: bool = True) -> str:
        """A table with point-in-time recovery, and some items."""
        dynamodb, name = self.aws("dynamodb"), f"{self.name}-{key}"
        made = dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "customer", "AttributeType": "S"},
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-customer",
                    "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": self.key()},
            DeletionProtectionEnabled=True,
            Tags=[{"Key": "Service", "Value": "tables"}],
        )["TableDescription"]
        dynamodb.update_continuous_backups(
            TableName=name,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )
        dynamodb.update_time_to_live(
            TableName=name,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
        )
        for number in range(items):
            dynamodb.put_item(
                TableName=name, Item={"id": {"S": f"{key}-{number}"}, "customer": {"S": "c"}}
            )
        self.know(
            "aws_dynamodb_table",
            "dynamodb.this",
            {
                "name": name,
                "arn": made["TableArn"],
                "server_side_encryption": [{"enabled": True}],
                "tags_all": {"Backup": "true"} if protected else {},
            },
            key,
        )
        return name

    def cache(self) -> str:
        """The cache."""
        made = self.aws("elasticache").create_replication_group(
            ReplicationGroupId=self.name,
            ReplicationGroupDescription="Cache and sessions",
            Engine="redis",
            EngineVersion="7.1",
            CacheNodeType="cache.t4g.micro",
            NumCacheClusters=2,
            AutomaticFailoverEnabled=True,
            MultiAZEnabled=True,
            AtRestEncryptionEnabled=True,
            KmsKeyId=self.key(),
            TransitEncryptionEnabled=True,
            SnapshotRetentionLimit=1,
        )["ReplicationGroup"]
        self.know(
            "aws_elasticache_replication_group",
            "redis.this",
            {
                "replication_group_id": self.name,
                "arn": made["ARN"],
                "at_rest_encryption_enabled": True,
            },
        )
        return self.name

    def domain(self) -> str:
        """A search domain, as far as the state knows it."""
        arn = f"arn:aws:es:{REGION}:{ACCOUNT}:domain/{self.name}"
        known = {"domain_name": self.name, "arn": arn}
        self.know("aws_opensearch_domain", "opensearch.this", known)
        return self.name

    def vault(self, *regions: str) -> str:
        """A vault, and its namesakes in other regions."""
        for place, region in (("backup.this", REGION), *(("backup.replica", r) for r in regions)):
            made = self.aws("backup", region).create_backup_vault(BackupVaultName=self.name)
            self.know(
                "aws_backup_vault",
                place,
                {
                    "name": self.name,
                    "arn": made["BackupVaultArn"],
                    "kms_key_arn": self.key(region),
                },
            )
        role = f"arn:aws:iam::{ACCOUNT}:role/{self.name}"
        self.know("aws_backup_selection", "backup.tagged", {"iam_role_arn": f"{role}-backup"})
        self.know(
            "aws_backup_plan", "backup.this", {"rule": [{"lifecycle": [{"delete_after": 7}]}]}
        )
        restoring = {"name": f"{self.name}-restore", "arn": f"{role}-restore"}
        self.know("aws_iam_role", "backup.restore", restoring)
        return self.name

    def repository(self, service: str = "catalog") -> str:
        """A repository without images."""
        name = f"{self.name}/{service}"
        made = self.aws("ecr").create_repository(repositoryName=name)["repository"]
        self.know(
            "aws_ecr_repository",
            "ecr.this",
            {
                "name": name,
                "arn": made["repositoryArn"],
                "repository_url": made["repositoryUri"],
                "encryption_configuration": [{"encryption_type": "KMS"}],
            },
            service,
        )
        return name

    def pipeline(self) -> str:
        """A pipeline that builds golden images, and has built one."""
        name = f"{self.name}-golden"
        arn = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT}:image-pipeline/{name}"
        self.know(
            "aws_imagebuilder_image_pipeline", "golden_image.this", {"name": name, "arn": arn}
        )
        ec2 = self.aws("ec2")
        found = ec2.describe_images(Owners=["amazon"], MaxResults=5)["Images"][0]["ImageId"]
        (instance,) = ec2.run_instances(ImageId=found, MinCount=1, MaxCount=1)["Instances"]
        tags = [{"Key": "Name", "Value": name}]
        made: str = ec2.create_image(
            InstanceId=instance["InstanceId"],
            Name=f"{name}-2026-11-26",
            TagSpecifications=[{"ResourceType": "image", "Tags": tags}],
        )["ImageId"]
        return made

    def push(self, repository: str, tag: str) -> str:
        """The digest of a new image."""
        kind = "application/vnd.oci.image.manifest.v1+json"
        manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": {"digest": tag}})
        image = self.aws("ecr").put_image(
            repositoryName=repository, imageManifest=manifest, imageTag=tag
        )["image"]
        return str(image["imageId"]["imageDigest"])

    def snapshots_succeed(self, *, failing: bool = False) -> None:
        """Have CloudWatch know of the automated snapshots of the search domain."""
        self.aws("cloudwatch").put_metric_data(
            Namespace="AWS/ES",
            MetricData=[
                {
                    "MetricName": "AutomatedSnapshotFailure",
                    "Dimensions": [
                        {"Name": "DomainName", "Value": self.name},
                        {"Name": "ClientId", "Value": ACCOUNT},
                    ],
                    "Value": float(failing),
                }
            ],
        )
