"""RDS as the tree uses it: instances, replicas, parameters, replicated backups."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import OTHER_REGION, Client


@pytest.fixture
def rds(client: Client) -> Any:
    """RDS in the shared account."""
    return client("rds")


def create(rds: Any, name: str, **settings: Any) -> dict[str, Any]:
    made = rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="admin_user",
        **({"MasterUserPassword": "not-a-secret"} | settings),
    )
    return dict(made["DBInstance"])


def described(rds: Any, name: str) -> dict[str, Any]:
    return dict(rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0])


def test_every_instance_has_a_resource_id_of_its_own(rds: Any, name: str) -> None:
    one, two = create(rds, name), create(rds, f"{name}-2")
    assert one["DbiResourceId"] != two["DbiResourceId"]


def test_an_instance_is_found_by_its_resource_id(rds: Any, name: str) -> None:
    made = create(rds, name)
    by_id = {"Name": "dbi-resource-id", "Values": [made["DbiResourceId"]]}
    found = rds.describe_db_instances(Filters=[by_id])["DBInstances"]
    assert [instance["DBInstanceIdentifier"] for instance in found] == [name]


def test_an_instance_has_the_certificate_authority_that_aws_gives(rds: Any, name: str) -> None:
    assert create(rds, name)["CACertificateIdentifier"] == "rds-ca-rsa2048-g1"


def test_performance_insights_are_kept(rds: Any, name: str, key_arn: str) -> None:
    create(
        rds,
        name,
        EnablePerformanceInsights=True,
        PerformanceInsightsKMSKeyId=key_arn,
        PerformanceInsightsRetentionPeriod=465,
    )
    instance = described(rds, name)
    assert instance["PerformanceInsightsEnabled"]
    assert instance["PerformanceInsightsKMSKeyId"] == key_arn
    assert instance["PerformanceInsightsRetentionPeriod"] == 465


def test_performance_insights_can_be_switched(rds: Any, name: str) -> None:
    create(rds, name)
    assert not described(rds, name)["PerformanceInsightsEnabled"]
    rds.modify_db_instance(DBInstanceIdentifier=name, EnablePerformanceInsights=True)
    assert described(rds, name)["PerformanceInsightsRetentionPeriod"] == 7
    rds.modify_db_instance(DBInstanceIdentifier=name, EnablePerformanceInsights=False)
    assert not described(rds, name)["PerformanceInsightsEnabled"]


def test_the_mode_of_database_insights_is_kept(rds: Any, name: str) -> None:
    create(rds, name, DatabaseInsightsMode="advanced")
    assert described(rds, name)["DatabaseInsightsMode"] == "advanced"
    rds.modify_db_instance(DBInstanceIdentifier=name, DatabaseInsightsMode="standard")
    assert described(rds, name)["DatabaseInsightsMode"] == "standard"


def test_log_exports_can_be_changed(rds: Any, name: str) -> None:
    create(rds, name, EnableCloudwatchLogsExports=["postgresql"])
    change = {"EnableLogTypes": ["upgrade"], "DisableLogTypes": ["postgresql"]}
    rds.modify_db_instance(DBInstanceIdentifier=name, CloudwatchLogsExportConfiguration=change)
    assert described(rds, name)["EnabledCloudwatchLogsExports"] == ["upgrade"]


@pytest.fixture
def replica(rds: Any, name: str) -> str:
    """A read replica of an instance whose password RDS manages."""
    create_managed(rds, name)
    rds.create_db_instance_read_replica(
        DBInstanceIdentifier=f"{name}-reader",
        SourceDBInstanceIdentifier=name,
        EnablePerformanceInsights=True,
        EnableCloudwatchLogsExports=["upgrade"],
        Tags=[{"Key": "of", "Value": "replica"}],
    )
    return f"{name}-reader"


def create_managed(rds: Any, name: str) -> None:
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="admin_user",
        ManageMasterUserPassword=True,
        EnableCloudwatchLogsExports=["postgresql"],
        DeletionProtection=True,
        MultiAZ=True,
        Tags=[{"Key": "of", "Value": "primary"}],
    )


def test_a_replica_has_its_own_identity(rds: Any, name: str, replica: str) -> None:
    one, two = described(rds, name), described(rds, replica)
    assert one["DbiResourceId"] != two["DbiResourceId"]
    assert two["ReadReplicaSourceDBInstanceIdentifier"] == name


def test_a_replica_has_its_own_tags_logs_and_insights(rds: Any, replica: str) -> None:
    reader = described(rds, replica)
    assert reader["TagList"] == [{"Key": "of", "Value": "replica"}]
    assert reader["EnabledCloudwatchLogsExports"] == ["upgrade"]
    assert reader["PerformanceInsightsEnabled"]


def test_a_replica_is_not_born_with_its_primarys_protection(rds: Any, replica: str) -> None:
    reader = described(rds, replica)
    assert (reader["DeletionProtection"], reader["MultiAZ"]) == (False, False)
    assert "MasterUserSecret" not in reader


def test_the_primary_keeps_its_own_after_a_replica(rds: Any, name: str, replica: str) -> None:
    primary = described(rds, name)
    assert primary["EnabledCloudwatchLogsExports"] == ["postgresql"]
    assert not primary["PerformanceInsightsEnabled"]
    assert primary["ReadReplicaDBInstanceIdentifiers"] == [replica]


def test_deleting_a_replica_leaves_the_primarys_secret(
    client: Client, rds: Any, name: str, replica: str
) -> None:
    rds.delete_db_instance(DBInstanceIdentifier=replica, SkipFinalSnapshot=True)
    secret = described(rds, name)["MasterUserSecret"]["SecretArn"]
    assert client("secretsmanager").describe_secret(SecretId=secret)["ARN"] == secret


def test_parameters_that_were_set_have_the_source_user(rds: Any, name: str) -> None:
    rds.create_db_parameter_group(
        DBParameterGroupName=name, DBParameterGroupFamily="postgres15", Description="d"
    )
    force_tls = {"ParameterName": "rds.force_ssl", "ParameterValue": "1"}
    rds.modify_db_parameter_group(
        DBParameterGroupName=name, Parameters=[{**force_tls, "ApplyMethod": "immediate"}]
    )
    (found,) = rds.describe_db_parameters(DBParameterGroupName=name, Source="user")["Parameters"]
    assert (found["ParameterName"], found["ParameterValue"]) == ("rds.force_ssl", "1")
    assert found["Source"] == "user"


def test_no_parameter_that_was_set_is_an_engine_default(rds: Any, name: str) -> None:
    rds.create_db_parameter_group(
        DBParameterGroupName=name, DBParameterGroupFamily="postgres15", Description="d"
    )
    found = rds.describe_db_parameters(DBParameterGroupName=name, Source="engine-default")
    assert found["Parameters"] == []


@pytest.fixture
def elsewhere(client: Client) -> Any:
    """RDS in another region of the same account."""
    return client("rds", region=OTHER_REGION)


def replicate(elsewhere: Any, arn: str, **settings: Any) -> dict[str, Any]:
    made = elsewhere.start_db_instance_automated_backups_replication(
        SourceDBInstanceArn=arn, **settings
    )
    return dict(made["DBInstanceAutomatedBackup"])


def test_backups_are_replicated_to_another_region(rds: Any, elsewhere: Any, name: str) -> None:
    source = create(rds, name)
    made = replicate(elsewhere, source["DBInstanceArn"], BackupRetentionPeriod=14)
    (found,) = elsewhere.describe_db_instance_automated_backups(
        DBInstanceAutomatedBackupsArn=made["DBInstanceAutomatedBackupsArn"]
    )["DBInstanceAutomatedBackups"]
    assert found["Status"] == "replicating"
    assert (found["DBInstanceArn"], found["Region"]) == (source["DBInstanceArn"], "eu-west-1")
    assert found["BackupRetentionPeriod"] == 14


def test_backups_are_restored_where_they_were_replicated_to(
    rds: Any, elsewhere: Any, name: str
) -> None:
    arn = create(rds, name)["DBInstanceArn"]
    made = replicate(elsewhere, arn)["DBInstanceAutomatedBackupsArn"]
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    elsewhere.restore_db_instance_to_point_in_time(
        SourceDBInstanceAutomatedBackupsArn=made,
        TargetDBInstanceIdentifier=name,
        UseLatestRestorableTime=True,
        DBInstanceClass="db.t4g.small",
    )
    restored = described(elsewhere, name)
    assert (restored["Engine"], restored["DBInstanceClass"]) == ("postgres", "db.t4g.small")
    assert restored["AvailabilityZone"].startswith(OTHER_REGION)
    with pytest.raises(ClientError, match="DBInstanceNotFound"):
        described(rds, name)


def test_the_source_tells_where_its_backups_go(rds: Any, elsewhere: Any, name: str) -> None:
    made = replicate(elsewhere, create(rds, name)["DBInstanceArn"])
    arn = {"DBInstanceAutomatedBackupsArn": made["DBInstanceAutomatedBackupsArn"]}
    assert described(rds, name)["DBInstanceAutomatedBackupsReplications"] == [arn]


def test_replication_ends_when_it_is_stopped(rds: Any, elsewhere: Any, name: str) -> None:
    arn = create(rds, name)["DBInstanceArn"]
    made = replicate(elsewhere, arn)
    elsewhere.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=arn)
    with pytest.raises(ClientError, match="DBInstanceAutomatedBackupNotFound"):
        elsewhere.describe_db_instance_automated_backups(
            DBInstanceAutomatedBackupsArn=made["DBInstanceAutomatedBackupsArn"]
        )
    assert described(rds, name).get("DBInstanceAutomatedBackupsReplications", []) == []


def test_an_encrypted_source_needs_a_key_there(
    rds: Any, elsewhere: Any, name: str, key_arn: str
) -> None:
    arn = create(rds, name, StorageEncrypted=True, KmsKeyId=key_arn)["DBInstanceArn"]
    with pytest.raises(ClientError, match="KmsKeyId is required"):
        replicate(elsewhere, arn)


def test_a_forced_failover_changes_places_with_the_standby(rds: Any, name: str) -> None:
    before = create(rds, name, MultiAZ=True)["AvailabilityZone"]
    zones = []
    for _ in range(2):
        rds.reboot_db_instance(DBInstanceIdentifier=name, ForceFailover=True)
        zones.append(described(rds, name)["AvailabilityZone"])
    assert zones[0] != before
    assert zones[1] == before
    rds.reboot_db_instance(DBInstanceIdentifier=name)
    assert described(rds, name)["AvailabilityZone"] == before


def test_a_single_instance_has_nothing_to_fail_over_to(rds: Any, name: str) -> None:
    create(rds, name)
    with pytest.raises(ClientError) as refused:
        rds.reboot_db_instance(DBInstanceIdentifier=name, ForceFailover=True)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterCombination"


def test_automated_backups_have_a_window_and_only_it_can_be_restored(rds: Any, name: str) -> None:
    create(rds, name, BackupRetentionPeriod=7)
    (backup,) = rds.describe_db_instance_automated_backups(DBInstanceIdentifier=name)[
        "DBInstanceAutomatedBackups"
    ]
    window = backup["RestoreWindow"]
    assert window["EarliestTime"] <= window["LatestTime"]

    def restore(moment: datetime) -> Any:
        return rds.restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier=name,
            TargetDBInstanceIdentifier=f"{name[:50]}-r",
            RestoreTime=moment,
        )

    with pytest.raises(ClientError, match="not in the restore window"):
        restore(window["EarliestTime"] - timedelta(hours=1))
    made = restore(window["LatestTime"])["DBInstance"]
    assert "ReadReplicaSourceDBInstanceIdentifier" not in made
    with pytest.raises(ClientError, match="DBInstanceAlreadyExists"):
        restore(window["LatestTime"])
