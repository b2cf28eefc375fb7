"""Plans have selections, vaults have policies, regions have settings, and restores are tested."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bookstore_ops.sandbox.lifecycle import Server
from tests.contract.conftest import ACCOUNT, REGION, Client
from tests.contract.test_inventory import held

ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:warnings"
RULE = {"RuleName": "daily", "TargetBackupVaultName": "v", "Lifecycle": {"DeleteAfterDays": 35}}


@pytest.fixture
def backup(client: Client) -> Any:
    """AWS Backup in the shared account."""
    return client("backup")


@pytest.fixture
def plan(backup: Any, name: str) -> str:
    """The id of a plan."""
    made = backup.create_backup_plan(BackupPlan={"BackupPlanName": name, "Rules": [RULE]})
    return str(made["BackupPlanId"])


@pytest.fixture
def vault(backup: Any, name: str) -> str:
    """The name of a vault."""
    backup.create_backup_vault(BackupVaultName=name, BackupVaultTags={"Service": "backup"})
    return name


def select(backup: Any, plan: str) -> str:
    """The id of a selection by tag."""
    tag = {"ConditionType": "STRINGEQUALS", "ConditionKey": "Backup", "ConditionValue": "true"}
    made = backup.create_backup_selection(
        BackupPlanId=plan,
        BackupSelection={"SelectionName": "tagged", "IamRoleArn": ROLE, "ListOfTags": [tag]},
    )
    return str(made["SelectionId"])


def test_a_changed_plan_is_another_version(backup: Any, plan: str, name: str) -> None:
    before = backup.get_backup_plan(BackupPlanId=plan)["VersionId"]
    backup.update_backup_plan(
        BackupPlanId=plan,
        BackupPlan={"BackupPlanName": name, "Rules": [RULE | {"RuleName": "weekly"}]},
    )
    after = backup.get_backup_plan(BackupPlanId=plan)
    assert after["VersionId"] != before
    assert [rule["RuleName"] for rule in after["BackupPlan"]["Rules"]] == ["weekly"]


def test_a_selection_keeps_what_it_was_given(backup: Any, plan: str) -> None:
    found = backup.get_backup_selection(BackupPlanId=plan, SelectionId=select(backup, plan))
    assert found["BackupSelection"]["IamRoleArn"] == ROLE
    assert found["BackupSelection"]["ListOfTags"][0]["ConditionKey"] == "Backup"
    assert found["BackupSelection"]["Resources"] == []


def test_the_selections_of_a_plan_are_listed(backup: Any, plan: str) -> None:
    selection = select(backup, plan)
    listed = backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
    assert [(each["SelectionId"], each["SelectionName"]) for each in listed] == [
        (selection, "tagged")
    ]


def test_a_plan_has_one_selection_of_a_name(backup: Any, plan: str) -> None:
    select(backup, plan)
    with pytest.raises(ClientError, match="AlreadyExistsException"):
        select(backup, plan)


def test_a_plan_goes_after_its_selections(backup: Any, plan: str) -> None:
    selection = select(backup, plan)
    with pytest.raises(ClientError, match="InvalidRequestException"):
        backup.delete_backup_plan(BackupPlanId=plan)
    backup.delete_backup_selection(BackupPlanId=plan, SelectionId=selection)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        backup.get_backup_selection(BackupPlanId=plan, SelectionId=selection)
    assert backup.delete_backup_plan(BackupPlanId=plan)["DeletionDate"]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        backup.get_backup_plan(BackupPlanId=plan)


def test_a_vault_has_a_policy_while_one_is_put(backup: Any, vault: str) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    backup.put_backup_vault_access_policy(BackupVaultName=vault, Policy=policy)
    assert backup.get_backup_vault_access_policy(BackupVaultName=vault)["Policy"] == policy
    backup.delete_backup_vault_access_policy(BackupVaultName=vault)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        backup.get_backup_vault_access_policy(BackupVaultName=vault)


def test_a_vault_tells_a_topic_while_it_is_asked_to(backup: Any, vault: str) -> None:
    backup.put_backup_vault_notifications(
        BackupVaultName=vault, SNSTopicArn=TOPIC, BackupVaultEvents=["COPY_JOB_FAILED"]
    )
    found = backup.get_backup_vault_notifications(BackupVaultName=vault)
    assert (found["SNSTopicArn"], found["BackupVaultEvents"]) == (TOPIC, ["COPY_JOB_FAILED"])
    backup.delete_backup_vault_notifications(BackupVaultName=vault)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        backup.get_backup_vault_notifications(BackupVaultName=vault)


def test_what_is_put_on_no_vault_is_refused(backup: Any) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        backup.put_backup_vault_access_policy(BackupVaultName="there-is-none", Policy="{}")


def test_a_vault_has_the_tags_it_was_made_with(backup: Any, vault: str) -> None:
    arn = backup.describe_backup_vault(BackupVaultName=vault)["BackupVaultArn"]
    backup.tag_resource(ResourceArn=arn, Tags={"Environment": "dev"})
    assert backup.list_tags(ResourceArn=arn)["Tags"] == {
        "Environment": "dev",
        "Service": "backup",
    }


def test_a_vault_holds_no_recovery_points(backup: Any, vault: str) -> None:
    found = backup.list_recovery_points_by_backup_vault(BackupVaultName=vault)
    assert found["RecoveryPoints"] == []


def test_a_region_keeps_the_settings_that_are_not_changed(client: Client) -> None:
    backup = client("backup", account="800000000021")
    backup.update_region_settings(ResourceTypeOptInPreference={"S3": True, "EC2": False})
    found = backup.describe_region_settings()
    opted = found["ResourceTypeOptInPreference"]
    assert (opted["S3"], opted["EC2"], opted["RDS"], opted["Neptune"]) == (True, False, True, False)
    assert found["ResourceTypeManagementPreference"]["DynamoDB"]


def test_a_region_has_no_setting_for_what_backup_does_not_know(backup: Any) -> None:
    with pytest.raises(ClientError, match=r"InvalidParameterValueException.*Abacus"):
        backup.update_region_settings(ResourceTypeOptInPreference={"Abacus": True})


@pytest.fixture
def testing_plan(backup: Any, name: str) -> Iterator[str]:
    """The name of a plan of restore tests."""
    called = name.replace("-", "_")
    backup.create_restore_testing_plan(
        RestoreTestingPlan={
            "RestoreTestingPlanName": called,
            "ScheduleExpression": "cron(0 12 ? * SUN *)",
            "RecoveryPointSelection": {
                "Algorithm": "LATEST_WITHIN_WINDOW",
                "IncludeVaults": ["*"],
                "RecoveryPointTypes": ["SNAPSHOT"],
            },
        },
        Tags={"Service": "backup"},
    )
    yield called
    backup.delete_restore_testing_plan(RestoreTestingPlanName=called)


def restore_plan(backup: Any, testing_plan: str) -> dict[str, Any]:
    found = backup.get_restore_testing_plan(RestoreTestingPlanName=testing_plan)
    return dict(found["RestoreTestingPlan"])


def test_a_plan_of_restore_tests_is_completed(backup: Any, testing_plan: str) -> None:
    plan = restore_plan(backup, testing_plan)
    assert plan["ScheduleExpressionTimezone"] == "Etc/UTC"
    assert plan["RecoveryPointSelection"]["SelectionWindowDays"] == 30
    tags = backup.list_tags(ResourceArn=plan["RestoreTestingPlanArn"])["Tags"]
    assert tags == {"Service": "backup"}


def test_a_plan_of_restore_tests_changes(backup: Any, testing_plan: str) -> None:
    backup.update_restore_testing_plan(
        RestoreTestingPlanName=testing_plan,
        RestoreTestingPlan={"RecoveryPointSelection": {"SelectionWindowDays": 7}},
    )
    selection = restore_plan(backup, testing_plan)["RecoveryPointSelection"]
    assert (selection["SelectionWindowDays"], selection["Algorithm"]) == (7, "LATEST_WITHIN_WINDOW")


def test_a_selection_of_restore_tests_comes_and_goes(backup: Any, testing_plan: str) -> None:
    names = {"RestoreTestingPlanName": testing_plan, "RestoreTestingSelectionName": "rds"}
    backup.create_restore_testing_selection(
        RestoreTestingPlanName=testing_plan,
        RestoreTestingSelection={
            "RestoreTestingSelectionName": "rds",
            "ProtectedResourceType": "RDS",
            "ProtectedResourceArns": ["*"],
            "IamRoleArn": ROLE,
        },
    )
    with pytest.raises(ClientError, match="InvalidRequestException"):
        backup.delete_restore_testing_plan(RestoreTestingPlanName=testing_plan)
    backup.update_restore_testing_selection(
        **names, RestoreTestingSelection={"ValidationWindowHours": 2}
    )
    found = backup.get_restore_testing_selection(**names)["RestoreTestingSelection"]
    assert (found["ProtectedResourceType"], found["ValidationWindowHours"]) == ("RDS", 2)
    backup.delete_restore_testing_selection(**names)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        backup.get_restore_testing_selection(**names)


def test_nothing_is_left_of_what_is_deleted(client: Client, server: Server) -> None:
    account = "800000000922"
    backup = client("backup", account=account)
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": [RULE]})
    selection = select(backup, plan["BackupPlanId"])
    backup.create_backup_vault(BackupVaultName="v")
    backup.describe_region_settings()
    assert held(server, account) == {
        "backup.Plan": 1,
        "backup.Selection": 1,
        "backup.Vault": 1,
    }
    backup.delete_backup_selection(BackupPlanId=plan["BackupPlanId"], SelectionId=selection)
    backup.delete_backup_plan(BackupPlanId=plan["BackupPlanId"])
    backup.delete_backup_vault(BackupVaultName="v")
    assert held(server, account) == {}
