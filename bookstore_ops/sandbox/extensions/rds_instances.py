"""RDS instances of their own: resource ids, Performance Insights, read replicas.

Moto gives every instance one and the same ``DbiResourceId``, forgets Performance Insights, and
makes a replica that shares its primary's secret, tags and logs. Its certificate authority has a
name that AWS does not know, so that the provider would modify every instance just made.
"""

import copy
import secrets
import string
from typing import Any

from moto.core.utils import utcnow
from moto.rds.models import DBInstance, RDSBackend

from bookstore_ops.sandbox.extensions import replaces

_ID_CHARACTERS = string.ascii_uppercase + string.digits
_DEFAULT_RETENTION_DAYS = 7
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
_DEFAULT_CA = "rds-ca-rsa2048-g1"

_make_instance = DBInstance.__init__
_update_instance = DBInstance.update
_make_replica = RDSBackend.create_db_instance_read_replica

# What a replica is not born with, unless asked for.
_OF_ITS_OWN = {
    "database_insights_mode": "standard",
    "deletion_protection": False,
    "manage_master_user_password": False,
    "monitoring_interval": 0,
    "monitoring_role_arn": None,
    "multi_az": False,
}


def _new_resource_id() -> str:
    return "db-" + "".join(secrets.choice(_ID_CHARACTERS) for _ in range(26))


def _set_insights(instance: Any, given: Any) -> None:
    enabled = given.get("enable_performance_insights")
    if enabled is not None:
        instance.performance_insights_enabled = enabled
    if not getattr(instance, "performance_insights_enabled", False):
        instance.performance_insights_enabled = False
        instance.performance_insights_kms_key_id = None
        instance.performance_insights_retention_period = None
        return
    for name, default in (
        ("performance_insights_kms_key_id", None),
        ("performance_insights_retention_period", _DEFAULT_RETENTION_DAYS),
    ):
        value = given.get(name)
        kept = getattr(instance, name, None)
        setattr(instance, name, value if value is not None else kept or default)


@replaces(DBInstance, "__init__")
def make_instance(self: Any, *args: Any, **kwargs: Any) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""
    _make_instance(self, *args, **kwargs)
    self.database_insights_mode = kwargs.get("database_insights_mode") or "standard"
    self.dbi_resource_id = _new_resource_id()
    if "ca_certificate_identifier" not in kwargs:
        self.ca_certificate_identifier = _DEFAULT_CA
    _set_insights(self, kwargs)


@replaces(DBInstance)
def update(self: Any, **kwargs: Any) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html"""
    exports = kwargs.pop("cloudwatch_logs_export_configuration", None) or {}
    logs = set(self.enabled_cloudwatch_logs_exports) - set(exports.get("DisableLogTypes", []))
    self.enabled_cloudwatch_logs_exports = sorted(logs | set(exports.get("EnableLogTypes", [])))
    insights = {name: kwargs.pop(name) for name in list(kwargs) if "performance_insights" in name}
    _update_instance(self, **kwargs)
    _set_insights(self, insights)


@replaces(RDSBackend)
def create_db_instance_read_replica(self: Any, db_kwargs: Any) -> Any:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html"""
    replica = _make_replica(self, {**db_kwargs, "tags": db_kwargs.get("tags") or []})
    replica.dbi_resource_id = _new_resource_id()
    replica.created = replica.instance_create_time = utcnow()
    replica.enabled_cloudwatch_logs_exports = db_kwargs.get("enable_cloudwatch_logs_exports") or []
    replica.vpc_security_group_ids = copy.copy(replica.vpc_security_group_ids)
    replica.performance_insights_enabled = False
    _set_insights(replica, db_kwargs)
    replica.__dict__.pop("master_user_secret", None)
    for name, default in _OF_ITS_OWN.items():
        value = db_kwargs.get(name)
        setattr(replica, name, default if value is None else value)
    return replica
