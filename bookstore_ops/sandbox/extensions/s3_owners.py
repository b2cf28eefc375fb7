"""A request that names a bucket's owner is refused where another account owns it.

moto does not look, and lets every account into every bucket.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
"""

from moto.s3.exceptions import S3AccessDeniedError
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response

from bookstore_ops.sandbox.extensions import replaces

_authorize = S3Response._authenticate_and_authorize_s3_action


@replaces(S3Response)
def _authenticate_and_authorize_s3_action(
    self: S3Response, bucket_name: str | None = None, key_name: str | None = None
) -> None:
    """As moto does it, for the account that the request expects."""
    expected = self.request.headers.get("x-amz-expected-bucket-owner")
    owner = s3_backends.bucket_accounts.get(bucket_name)
    if expected and owner and owner[1] != expected:
        raise S3AccessDeniedError
    _authorize(self, bucket_name, key_name)
