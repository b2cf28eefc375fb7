"""Parameter groups tell which parameters were set by their user."""

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.responses import RDSResponse

from bookstore_ops.sandbox.extensions import replaces

_describe = RDSResponse.describe_db_parameters


@replaces(RDSResponse)
def describe_db_parameters(self: Any) -> ActionResult:
    """Moto keeps what was set and nothing else: every parameter it knows has the source ``user``.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBParameters.html
    """
    result: Any = _describe(self).result
    wanted = self.params.get("Source")
    parameters = [{**parameter, "Source": "user"} for parameter in result["Parameters"]]
    return ActionResult({"Parameters": parameters if wanted in (None, "user") else []})
