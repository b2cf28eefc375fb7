"""Parameter groups, user groups, users and subnet groups of ElastiCache."""

import re
from typing import Any

from moto.core.common_models import BaseModel
from moto.core.responses import ActionResult, EmptyResult
from moto.elasticache.exceptions import ElastiCacheException
from moto.elasticache.models import CacheSubnetGroup, ElastiCacheBackend
from moto.elasticache.responses import ElastiCacheResponse as Response

from bookstore_ops.sandbox.extensions import adds, replaces

_make_backend = ElastiCacheBackend.__init__


class ParameterGroup(BaseModel):  # type: ignore[misc]
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CacheParameterGroup.html"""

    def __init__(self, arn: str, name: str, family: str, description: str) -> None:
        self.arn = arn
        self.cache_parameter_group_name = name
        self.cache_parameter_group_family = family
        self.description = description
        self.is_global = False
        self.values: dict[str, str] = {}


class UserGroup(BaseModel):  # type: ignore[misc]
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_UserGroup.html"""

    def __init__(self, arn: str, name: str, engine: str, user_ids: list[str]) -> None:
        self.arn = arn
        self.user_group_id = name
        self.engine = engine
        self.user_ids = user_ids
        self.status = "active"
        self.minimum_engine_version = "6.0"


class _NotFoundError(ElastiCacheException):  # type: ignore[misc]
    def __init__(self, code: str, name: str) -> None:
        super().__init__(code, f"{name} not found.")


@replaces(ElastiCacheBackend, "__init__")
def make_backend(self: Any, region_name: str, account_id: str) -> None:
    """A backend that has the two more kinds of groups."""
    _make_backend(self, region_name, account_id)
    self.parameter_groups = {}
    self.user_groups = {}
    kinds = "cluster|snapshot|subnetgroup|replicationgroup|user|parametergroup|usergroup"
    self.arn_regex = re.compile(rf"^arn:aws:elasticache:.*:[0-9]*:({kinds}):.*$")


def _arn(backend: Any, kind: str, name: str) -> str:
    return f"arn:aws:elasticache:{backend.region_name}:{backend.account_id}:{kind}:{name}"


def _parameter_group(backend: Any, name: str) -> ParameterGroup:
    group: ParameterGroup | None = backend.parameter_groups.get(name)
    if group is None:
        raise _NotFoundError("CacheParameterGroupNotFound", f"CacheParameterGroup {name}")
    return group


def _user_group(backend: Any, name: str) -> UserGroup:
    group: UserGroup | None = backend.user_groups.get(name)
    if group is None:
        raise _NotFoundError("UserGroupNotFound", f"UserGroup {name}")
    return group


@adds(Response)
def create_cache_parameter_group(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheParameterGroup.html"""
    backend = self.elasticache_backend
    name = self._get_param("CacheParameterGroupName")
    arn = _arn(backend, "parametergroup", name)
    group = ParameterGroup(
        arn,
        name,
        self._get_param("CacheParameterGroupFamily"),
        self._get_param("Description"),
    )
    backend.parameter_groups[name] = group
    backend.tagging_service.tag_resource(arn, self._get_param("Tags", []))
    return ActionResult({"CacheParameterGroup": group})


@adds(Response)
def describe_cache_parameter_groups(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeCacheParameterGroups.html"""
    name = self._get_param("CacheParameterGroupName")
    backend = self.elasticache_backend
    found = [_parameter_group(backend, name)] if name else list(backend.parameter_groups.values())
    return ActionResult({"CacheParameterGroups": found})


@adds(Response)
def modify_cache_parameter_group(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyCacheParameterGroup.html"""
    name = self._get_param("CacheParameterGroupName")
    group = _parameter_group(self.elasticache_backend, name)
    for entry in self._get_param("ParameterNameValues", []):
        group.values[entry["ParameterName"]] = entry["ParameterValue"]
    return ActionResult({"CacheParameterGroupName": name})


@adds(Response)
def reset_cache_parameter_group(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ResetCacheParameterGroup.html"""
    name = self._get_param("CacheParameterGroupName")
    group = _parameter_group(self.elasticache_backend, name)
    named = [entry["ParameterName"] for entry in self._get_param("ParameterNameValues", [])]
    everything = self._get_bool_param("ResetAllParameters")
    for parameter in list(group.values) if everything else named:
        group.values.pop(parameter, None)
    return ActionResult({"CacheParameterGroupName": name})


@adds(Response)
def describe_cache_parameters(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeCacheParameters.html"""
    group = _parameter_group(self.elasticache_backend, self._get_param("CacheParameterGroupName"))
    source = self._get_param("Source")
    values = group.values if source in (None, "user") else {}
    listed = [
        {"ParameterName": name, "ParameterValue": value, "Source": "user", "IsModifiable": True}
        for name, value in values.items()
    ]
    return ActionResult({"Parameters": listed, "CacheNodeTypeSpecificParameters": []})


@adds(Response)
def delete_cache_parameter_group(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteCacheParameterGroup.html"""
    name = self._get_param("CacheParameterGroupName")
    _parameter_group(self.elasticache_backend, name)
    del self.elasticache_backend.parameter_groups[name]
    return EmptyResult()


@adds(Response)
def modify_cache_subnet_group(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyCacheSubnetGroup.html"""
    backend = self.elasticache_backend
    name = self._get_param("CacheSubnetGroupName")
    group = backend.describe_cache_subnet_groups(name)[0]
    description = self._get_param("CacheSubnetGroupDescription")
    anew = CacheSubnetGroup(
        account_id=backend.account_id,
        region_name=backend.region_name,
        cache_subnet_group_name=name,
        cache_subnet_group_description=description or group.cache_subnet_group_description,
        subnet_ids=self._get_param("SubnetIds") or group.subnet_ids,
        tags=group.tags,
    )
    backend.cache_subnet_groups[name] = anew
    return ActionResult({"CacheSubnetGroup": anew})


@adds(Response)
def modify_user(self: Any) -> ActionResult:
    """What the user may do; how it signs in stays as it was made.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyUser.html
    """
    user = self.elasticache_backend.describe_users(self._get_param("UserId"))[0]
    user.access_string = self._get_param("AccessString") or user.access_string
    if appended := self._get_param("AppendAccessString"):
        user.access_string += f" {appended}"
    return ActionResult(user)


@adds(Response)
def delete_cache_subnet_group(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteCacheSubnetGroup.html"""
    name = self._get_param("CacheSubnetGroupName")
    self.elasticache_backend.describe_cache_subnet_groups(name)
    del self.elasticache_backend.cache_subnet_groups[name]
    return EmptyResult()


@adds(Response)
def create_user_group(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUserGroup.html"""
    backend = self.elasticache_backend
    name = self._get_param("UserGroupId")
    users = self._get_param("UserIds", [])
    for user in users:
        backend.describe_users(user)
    arn = _arn(backend, "usergroup", name)
    group = UserGroup(arn, name, self._get_param("Engine"), users)
    backend.user_groups[name] = group
    backend.tagging_service.tag_resource(arn, self._get_param("Tags", []))
    return ActionResult(group)


@adds(Response)
def describe_user_groups(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeUserGroups.html"""
    name = self._get_param("UserGroupId")
    backend = self.elasticache_backend
    found = [_user_group(backend, name)] if name else list(backend.user_groups.values())
    return ActionResult({"UserGroups": found})


@adds(Response)
def modify_user_group(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyUserGroup.html"""
    group = _user_group(self.elasticache_backend, self._get_param("UserGroupId"))
    removed = self._get_param("UserIdsToRemove", [])
    added = self._get_param("UserIdsToAdd", [])
    group.user_ids = [user for user in group.user_ids if user not in removed] + list(added)
    return ActionResult(group)


@adds(Response)
def delete_user_group(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DeleteUserGroup.html"""
    group = _user_group(self.elasticache_backend, self._get_param("UserGroupId"))
    del self.elasticache_backend.user_groups[group.user_group_id]
    group.status = "deleting"
    return ActionResult(group)
