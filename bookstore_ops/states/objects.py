"""A small object beside a state that several machines write, each on condition of what it read.

Of two that write, one fails and looks again: no lock is left behind, and who lost learns of it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from datetime import datetime
from typing import Any

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html: 404 where it is gone.
_LOST = {404, 409, 412}


class SharedObject:
    """One object; what botocore raises is for the caller to explain.

    ``written`` is when that was written which was read last.
    """

    written: datetime | None = None

    def __init__(self, s3: Any, bucket: str, key: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self.key = key
        self._etag: str | None = None

    @property
    def place(self) -> str:
        """The object's URL."""
        return f"s3://{self._bucket}/{self.key}"

    def read(self, *, changed: bool = False) -> bytes | None:
        """The content as it is now; None where there is none yet.

        ``changed``: None also where it is what was read or written last.
        """
        from botocore.exceptions import ClientError

        condition = {"IfNoneMatch": self._etag} if changed and self._etag else {}
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=self.key, **condition)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 304:
                return None
            if error.response["Error"]["Code"] not in {"NoSuchKey", "404"}:
                raise
            self._etag = None
            return None
        content: bytes = answer["Body"].read()
        self._etag, self.written = answer["ETag"], answer["LastModified"]
        return content

    def delete(self) -> None:
        """Take it away; the bucket keeps its versions."""
        self._s3.delete_object(Bucket=self._bucket, Key=self.key)
        self._etag = None

    def write(self, content: bytes) -> bool:
        """Replace what was last read; False: somebody else has written since."""
        from botocore.exceptions import ClientError

        condition = {"IfMatch": self._etag} if self._etag else {"IfNoneMatch": "*"}
        try:
            answer = self._s3.put_object(
                Bucket=self._bucket,
                Key=self.key,
                Body=content,
                ContentType="application/json",
                **condition,
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] not in _LOST:
                raise
            return False
        self._etag = answer["ETag"]
        return True
