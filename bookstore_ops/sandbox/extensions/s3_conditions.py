"""Conditional writes of S3, one at a time: of two on the same condition, one must fail."""

import threading
from typing import Any

from moto.s3.responses import S3Response

from bookstore_ops.sandbox.extensions import replaces

_put = S3Response.put_object
_lock = threading.Lock()


@replaces(S3Response)
def put_object(self: Any) -> Any:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html

    moto looks at the condition, and writes a little later.
    """
    if not (self.headers.get("If-Match") or self.headers.get("If-None-Match")):
        return _put(self)
    with _lock:
        return _put(self)
