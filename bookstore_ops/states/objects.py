"""A small object beside a state that several machines write, each on condition of what it read.

Of two that write, one fails and looks again: no lock is left behind, and who lost learns of it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from typing import Any


class SharedObject:
    """One object; what botocore raises is for the caller to explain."""

    def __init__(self, s3: Any, bucket: str, key: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._key = key
        self._etag: str | None = None

    @property
    def place(self) -> str:
        """The object's URL."""
        return f"s3://{self._bucket}/{self._key}"

    def read(self) -> bytes | None:
        """The content as it is now; None where there is none yet."""
        from botocore.exceptions import ClientError

        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=self._key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"NoSuchKey", "404"}:
                raise
            self._etag = None
            return None
        content: bytes = answer["Body"].read()
        self._etag = answer["ETag"]
        return content

    def delete(self) -> None:
        """Take it away; the bucket keeps its versions."""
        self._s3.delete_object(Bucket=self._bucket, Key=self._key)
        self._etag = None

    def write(self, content: bytes) -> bool:
        """Replace what was last read; False: somebody else has written since."""
        from botocore.exceptions import ClientError

        condition = {"IfMatch": self._etag} if self._etag else {"IfNoneMatch": "*"}
        try:
            answer = self._s3.put_object(
                Bucket=self._bucket,
                Key=self._key,
                Body=content,
                ContentType="application/json",
                **condition,
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] not in {409, 412}:
                raise
            return False
        self._etag = answer["ETag"]
        return True
