"""Failover of RDS instances: moto reboots without one."""

from typing import Any

from moto.rds.exceptions import InvalidParameterCombination
from moto.rds.responses import RDSResponse as Response

from bookstore_ops.sandbox.extensions import replaces

_reboot = Response.reboot_db_instance


@replaces(Response)
def reboot_db_instance(self: Any) -> Any:
    """A forced failover puts the instance into the zone of its standby.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RebootDBInstance.html
    """
    answer = _reboot(self)
    if self.params.get("ForceFailover"):
        instance = answer.result["DBInstance"]
        if not instance.multi_az:
            raise InvalidParameterCombination(
                "ForceFailover cannot be specified since the instance is not configured for "
                "either MultiAZ or High Availability"
            )
        before = instance.availability_zone
        standby = f"{before[:-1]}{'a' if before.endswith('b') else 'b'}"
        instance.availability_zone = getattr(instance, "secondary_availability_zone", standby)
        instance.secondary_availability_zone = before
    return answer
