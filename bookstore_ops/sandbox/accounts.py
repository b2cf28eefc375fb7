"""Access keys that carry the account they belong to."""

import re

_KEY = re.compile(r"BSOPS([0-9]{12})AAA")


def access_key(account_id: str) -> str:
    """The fake access key of an account: 20 characters, as an AWS key has."""
    return f"BSOPS{account_id}AAA"


def account_of_key(key: str) -> str | None:
    """The account that a fake access key belongs to, or None for any other key."""
    match = _KEY.fullmatch(key)
    return match[1] if match else None
