"""What AWS Backup holds beside plans and vaults: selections, policies, settings, restore tests."""

import secrets
import time
import uuid
from typing import Any

from moto.backup.models import BackupBackend, Plan, Vault, backup_backends
from moto.backup.responses import BackupResponse

from bookstore_ops.sandbox.services import Answer, ApiError, Call, Service

_service = Service("backup", BackupResponse)
_selections = _service.collection("Selection", exists="AlreadyExistsException")
_testing_plans = _service.collection("RestoreTestingPlan", exists="AlreadyExistsException")
_testing_selections = _service.collection(
    "RestoreTestingSelection", exists="AlreadyExistsException"
)
# A region has them from the first; nobody can delete them.
_settings = _service.collection("RegionSettings", counted=False)

# https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-feature-availability.html
_ON_FROM_THE_FIRST = {"Aurora", "DynamoDB", "EBS", "EC2", "EFS", "RDS", "Storage Gateway"}
_TYPES = _ON_FROM_THE_FIRST | {
    "CloudFormation",
    "DocumentDB",
    "FSx",
    "Neptune",
    "Redshift",
    "Redshift Serverless",
    "S3",
    "SAP HANA on Amazon EC2",
    "Timestream",
    "VirtualMachine",
}


def _backend(call: Call) -> BackupBackend:
    return backup_backends[call.account][call.region]


def _plan(call: Call) -> Plan:
    return _backend(call).get_backup_plan(call.given["BackupPlanId"], None)


def _vault(call: Call) -> Vault:
    return _backend(call).describe_backup_vault(call.given["BackupVaultName"])


def _within(call: Call, plan_id: str) -> dict[str, dict[str, Any]]:
    """The selections of a plan."""
    held = _selections.of(call).items()
    return {key: found for key, found in held if found["BackupPlanId"] == plan_id}


# Plans


@_service.adds("UpdateBackupPlan")
def update_backup_plan(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateBackupPlan.html"""
    plan = _plan(call)
    anew = Plan(call.given["BackupPlan"], plan.creator_request_id, _backend(call))
    plan.backup_plan = anew.backup_plan
    plan.advanced_backup_settings = anew.advanced_backup_settings
    plan.version_id = anew.version_id
    answer: Answer = plan.to_dict()
    return answer


@_service.replaces("DeleteBackupPlan")
def delete_backup_plan(call: Call) -> Answer:
    """Moto keeps it for those who ask for deleted plans; here it is gone.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupPlan.html
    """
    plan = _plan(call)
    if _within(call, plan.backup_plan_id):
        raise ApiError(
            "InvalidRequestException",
            "Related backup plan selections must be deleted prior to backup plan deletion.",
        )
    del _backend(call).plans[plan.backup_plan_id]
    return {**plan.to_dict(), "DeletionDate": time.time()}


@_service.adds("CreateBackupSelection")
def create_backup_selection(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupSelection.html"""
    plan = _plan(call)
    selection = call.given["BackupSelection"]
    others = _within(call, plan.backup_plan_id).values()
    if selection["SelectionName"] in {each["BackupSelection"]["SelectionName"] for each in others}:
        raise ApiError("AlreadyExistsException", "A selection of the plan has this name already.")
    made = {
        "SelectionId": str(uuid.uuid4()),
        "BackupPlanId": plan.backup_plan_id,
        "CreationDate": time.time(),
        "CreatorRequestId": call.given.get("CreatorRequestId"),
        # AWS answers with all of them, given or not.
        "BackupSelection": {
            "Resources": [],
            "NotResources": [],
            "ListOfTags": [],
            "Conditions": {},
            **selection,
        },
    }
    added: Answer = _selections.add(call, made["SelectionId"], made)
    return added


@_service.adds("GetBackupSelection")
def get_backup_selection(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetBackupSelection.html"""
    found: Answer = _selections.find(call, call.given["SelectionId"])
    return found


@_service.adds("ListBackupSelections")
def list_backup_selections(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListBackupSelections.html"""
    found = _within(call, _plan(call).backup_plan_id).values()
    return {
        "BackupSelectionsList": [
            {
                **each,
                "SelectionName": each["BackupSelection"]["SelectionName"],
                "IamRoleArn": each["BackupSelection"]["IamRoleArn"],
            }
            for each in found
        ]
    }


@_service.adds("DeleteBackupSelection")
def delete_backup_selection(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupSelection.html"""
    _selections.remove(call, call.given["SelectionId"])
    return {}


# Vaults: what is put on one goes with it.


def _put(call: Call, **settings: Any) -> Answer:
    vars(_vault(call)).update(settings)
    return {}


def _kept(call: Call, *names: str) -> Answer:
    vault = _vault(call)
    found = {name: vars(vault).get(name) for name in names}
    if None in found.values():
        raise ApiError("ResourceNotFoundException", f"{vault.backup_vault_name} has no {names[0]}.")
    return {
        "BackupVaultName": vault.backup_vault_name,
        "BackupVaultArn": vault.backup_vault_arn,
        **found,
    }


@_service.adds("PutBackupVaultAccessPolicy")
def put_backup_vault_access_policy(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultAccessPolicy.html"""
    return _put(call, Policy=call.given["Policy"])


@_service.adds("GetBackupVaultAccessPolicy")
def get_backup_vault_access_policy(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetBackupVaultAccessPolicy.html"""
    return _kept(call, "Policy")


@_service.adds("DeleteBackupVaultAccessPolicy")
def delete_backup_vault_access_policy(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupVaultAccessPolicy.html"""
    return _put(call, Policy=None)


@_service.adds("PutBackupVaultNotifications")
def put_backup_vault_notifications(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_PutBackupVaultNotifications.html"""
    given = call.given
    return _put(
        call, SNSTopicArn=given["SNSTopicArn"], BackupVaultEvents=given["BackupVaultEvents"]
    )


@_service.adds("GetBackupVaultNotifications")
def get_backup_vault_notifications(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetBackupVaultNotifications.html"""
    return _kept(call, "SNSTopicArn", "BackupVaultEvents")


@_service.adds("DeleteBackupVaultNotifications")
def delete_backup_vault_notifications(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteBackupVaultNotifications.html"""
    return _put(call, SNSTopicArn=None, BackupVaultEvents=None)


@_service.replaces("ListTags")
def list_tags(call: Call) -> Answer:
    """Moto looks for the ARN where the path of only some clients has it.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListTags.html
    """
    return {"Tags": _backend(call).list_tags(call.given["ResourceArn"])}


# The region


def _region_settings(call: Call) -> dict[str, dict[str, bool]]:
    held = _settings.of(call)
    if not held:
        held["ResourceTypeOptInPreference"] = {
            name: name in _ON_FROM_THE_FIRST for name in sorted(_TYPES)
        }
        held["ResourceTypeManagementPreference"] = {
            "CloudFormation": True,
            "DynamoDB": True,
            "EFS": True,
        }
    return held


@_service.adds("DescribeRegionSettings")
def describe_region_settings(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRegionSettings.html"""
    return _region_settings(call)


@_service.adds("UpdateRegionSettings")
def update_region_settings(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateRegionSettings.html"""
    for preference, known in _region_settings(call).items():
        given = call.given.get(preference) or {}
        if unknown := given.keys() - known.keys():
            raise ApiError(
                "InvalidParameterValueException",
                f"Element present in {preference} has invalid values: {sorted(unknown)}",
            )
        known.update(given)
    return {}


# Restore tests


def _testing_plan(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = _testing_plans.find(call, call.given["RestoreTestingPlanName"])
    return found


def _summary(found: dict[str, Any]) -> Answer:
    names = ("CreationTime", "RestoreTestingPlanArn", "RestoreTestingPlanName")
    return {name: found[name] for name in names} | {"UpdateTime": time.time()}


@_service.adds("CreateRestoreTestingPlan")
def create_restore_testing_plan(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateRestoreTestingPlan.html"""
    given = call.given["RestoreTestingPlan"]
    name = given["RestoreTestingPlanName"]
    plan = {
        "ScheduleExpressionTimezone": "Etc/UTC",
        "StartWindowHours": 24,
        **given,
        "RecoveryPointSelection": {
            "ExcludeVaults": [],
            "SelectionWindowDays": 30,
            **given["RecoveryPointSelection"],
        },
        "RestoreTestingPlanArn": call.arn(f"restore-testing-plan:{name}-{secrets.token_hex(8)}"),
        "CreationTime": time.time(),
    }
    _testing_plans.add(call, name, plan)
    _backend(call).tag_resource(plan["RestoreTestingPlanArn"], call.given.get("Tags") or {})
    return _summary(plan)


@_service.adds("GetRestoreTestingPlan")
def get_restore_testing_plan(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetRestoreTestingPlan.html"""
    return {"RestoreTestingPlan": _testing_plan(call)}


@_service.adds("UpdateRestoreTestingPlan")
def update_restore_testing_plan(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateRestoreTestingPlan.html"""
    plan = _testing_plan(call)
    given = dict(call.given["RestoreTestingPlan"])
    plan["RecoveryPointSelection"].update(given.pop("RecoveryPointSelection", {}))
    plan.update(given)
    return _summary(plan)


@_service.adds("DeleteRestoreTestingPlan")
def delete_restore_testing_plan(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteRestoreTestingPlan.html"""
    name = _testing_plan(call)["RestoreTestingPlanName"]
    if any(key.startswith(f"{name}/") for key in _testing_selections.of(call)):
        raise ApiError("InvalidRequestException", "The plan still has selections.")
    _testing_plans.remove(call, name)
    return {}


def _selection_key(call: Call) -> str:
    given = call.given
    return f"{given['RestoreTestingPlanName']}/{given['RestoreTestingSelectionName']}"


@_service.adds("CreateRestoreTestingSelection")
def create_restore_testing_selection(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateRestoreTestingSelection.html"""
    plan = _testing_plan(call)
    given = call.given["RestoreTestingSelection"]
    selection = {
        "ProtectedResourceConditions": {"StringEquals": [], "StringNotEquals": []},
        "RestoreMetadataOverrides": {},
        "ValidationWindowHours": 0,
        **given,
        "RestoreTestingPlanName": plan["RestoreTestingPlanName"],
        "CreationTime": time.time(),
    }
    key = f"{plan['RestoreTestingPlanName']}/{given['RestoreTestingSelectionName']}"
    _testing_selections.add(call, key, selection)
    return {**_summary(plan), **selection}


@_service.adds("GetRestoreTestingSelection")
def get_restore_testing_selection(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetRestoreTestingSelection.html"""
    return {"RestoreTestingSelection": _testing_selections.find(call, _selection_key(call))}


@_service.adds("UpdateRestoreTestingSelection")
def update_restore_testing_selection(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateRestoreTestingSelection.html"""
    selection = _testing_selections.find(call, _selection_key(call))
    selection.update(call.given["RestoreTestingSelection"])
    return {**_summary(_testing_plan(call)), **selection}


@_service.adds("DeleteRestoreTestingSelection")
def delete_restore_testing_selection(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DeleteRestoreTestingSelection.html"""
    _testing_selections.remove(call, _selection_key(call))
    return {}
