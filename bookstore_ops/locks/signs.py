"""Signs of life: what the holder of a lock leaves beside the state while it works.

Terraform's lock says who took it and when, and never again anything. A bsops that holds a lock
for longer than a few seconds writes such a sign into the state bucket, so that a colleague on
another machine sees whether it still works, and on what.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec

# How often a sign is written, and for how long one proves that its writer lived.
BEAT_SECONDS = 30.0
FRESH_SECONDS = 100.0


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """One sign of life; ``seen`` is when the bucket got it, by the bucket's clock (RFC 3339).

    ``lock_ids`` are the locks it speaks for; ``done`` and ``total`` count resources changed and
    to change (0: not known), ``doing`` is the address longest under way.
    """

    lock_ids: list[str]
    run: str
    who: str
    pid: int
    command: str
    ci: str | None = None
    done: int = 0
    total: int = 0
    doing: str = ""
    seen: str = ""

    @property
    def age_seconds(self) -> float:
        """Seconds since it was written."""
        if not self.seen:
            return float("inf")
        return (datetime.now(UTC) - datetime.fromisoformat(self.seen)).total_seconds()

    @property
    def fresh(self) -> bool:
        """Whether its writer lived just now."""
        return self.age_seconds < FRESH_SECONDS


def sign_key(state_key: str) -> str:
    """The key of the sign beside a state."""
    return f"{state_key}.holder"


def write_sign(s3: Any, bucket: str, state_key: str, sign: Sign) -> None:
    """Put the sign beside the state; only who holds the lock may.

    Raises:
        botocore's errors, as S3 gives them.
    """
    s3.put_object(
        Bucket=bucket,
        Key=sign_key(state_key),
        Body=msgspec.json.encode(sign),
        ContentType="application/json",
    )


def read_sign(s3: Any, bucket: str, state_key: str) -> Sign | None:
    """The last sign beside a state; None where there is none that can be read."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = s3.get_object(Bucket=bucket, Key=sign_key(state_key))
        sign = msgspec.json.decode(answer["Body"].read(), type=Sign)
    except (BotoCoreError, ClientError, msgspec.MsgspecError):
        return None
    return msgspec.structs.replace(sign, seen=answer["LastModified"].isoformat())
