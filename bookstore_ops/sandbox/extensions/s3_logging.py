"""S3 server access logging into a bucket whose policy also speaks of everybody, and the format of
the logs' keys.

moto fails on a principal that is no object, and forgets the format.
"""

import json
from types import SimpleNamespace

from moto.core.responses import TYPE_RESPONSE, ActionResult
from moto.s3.models import LOGGING_SERVICE_PRINCIPAL, FakeBucket
from moto.s3.responses import S3Response

from bookstore_ops.sandbox.extensions import replaces

_permitted = FakeBucket._log_permissions_enabled_policy
_get_bucket_logging = S3Response.get_bucket_logging


def _names_the_service(statement: dict[str, object]) -> bool:
    principal = statement.get("Principal")
    return isinstance(principal, dict) and principal.get("Service") == LOGGING_SERVICE_PRINCIPAL


def permitted(target_bucket: FakeBucket, target_prefix: str | None) -> bool:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html"""
    policy = json.loads(target_bucket.policy or b'{"Statement": []}')
    relevant = [statement for statement in policy["Statement"] if _names_the_service(statement)]
    target = SimpleNamespace(
        name=target_bucket.name,
        partition=target_bucket.partition,
        policy=json.dumps({"Statement": relevant}).encode(),
    )
    return bool(_permitted(target_bucket=target, target_prefix=target_prefix))


replaces(FakeBucket, "_log_permissions_enabled_policy")(staticmethod(permitted))


@replaces(S3Response)
def get_bucket_logging(self: S3Response) -> TYPE_RESPONSE:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLogging.html"""
    logging = self.backend.get_bucket_logging(self.bucket_name)
    form = logging.get("TargetObjectKeyFormat")
    if not form:
        return _get_bucket_logging(self)
    (kind, settings), *_ = form.items()
    answer = {
        "TargetBucket": logging["TargetBucket"],
        "TargetPrefix": logging["TargetPrefix"],
        "TargetObjectKeyFormat": {kind: settings or {}},
    }
    self.data["Action"] = "GetBucketLogging"
    return self.serialized(ActionResult({"LoggingEnabled": answer}))
