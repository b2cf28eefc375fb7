"""Every environment's static keys belong to its own account."""

from typing import cast

import moto.iam.models as iam

from bookstore_ops.sandbox.accounts import account_of_key
from bookstore_ops.sandbox.extensions import replaces


@replaces(iam)
def get_account_id_from(access_key: str) -> str:
    """The account in a sandbox key, else the account that issued the key, else moto's own.

    moto's version makes every partition of every account to look into it, each with a thousand
    managed policies; a key can only be in one that exists.
    """
    account = account_of_key(access_key)
    if account is not None:
        return account
    for account_id, partitions in list(iam.iam_backends.items()):
        if any(access_key in backend.access_keys for backend in list(partitions.values())):
            return cast("str", account_id)
    return cast("str", iam.DEFAULT_ACCOUNT_ID)
