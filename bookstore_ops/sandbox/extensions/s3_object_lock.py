"""The default retention of a bucket with objects, which moto lets nobody change."""

from moto.s3.exceptions import InvalidBucketState
from moto.s3.models import S3Backend

from bookstore_ops.sandbox.extensions import replaces


@replaces(S3Backend)
def put_object_lock_configuration(
    self: S3Backend, bucket_name: str, lock_enabled: bool, *retention: str | int | None
) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectLockConfiguration.html"""
    bucket = self.get_bucket(bucket_name)
    if not bucket.is_versioned:
        raise InvalidBucketState("Versioning must be 'Enabled' on the bucket to apply a lock")
    bucket.object_lock_enabled = bucket.object_lock_enabled or lock_enabled
    bucket.default_lock_mode, bucket.default_lock_days, bucket.default_lock_years = retention
