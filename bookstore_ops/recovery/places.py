"""What of an environment must be in the other region, as its state tells."""

from dataclasses import dataclass

from bookstore_ops.backups.places import region_of
from bookstore_ops.terraform.state import StateInstance, instances


@dataclass(frozen=True)
class Needed:
    """Names of what a move needs there: ``keys`` are those that the tree made there."""

    keys: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    user_pools: tuple[str, ...] = ()


def read_needed(content: bytes, region: str) -> Needed:
    """What a move to ``region`` needs, from a whole state file."""
    held = instances(content)

    def named(kind: str, attribute: str) -> tuple[str, ...]:
        found = {str(each.attributes[attribute]) for each in held if each.type == kind}
        return tuple(sorted(found))

    return Needed(
        keys=tuple(sorted(_arn(each) for each in held if _is_key_in(each, region))),
        repositories=named("aws_ecr_repository", "name"),
        secrets=named("aws_secretsmanager_secret", "name"),
        domains=named("aws_acm_certificate", "domain_name"),
        user_pools=named("aws_cognito_user_pool", "name"),
    )


def _is_key_in(instance: StateInstance, region: str) -> bool:
    return instance.type == "aws_kms_key" and region_of(_arn(instance)) == region


def _arn(instance: StateInstance) -> str:
    return str(instance.attributes["arn"])
