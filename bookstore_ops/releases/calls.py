"""What AWS says no to, as an operator reads it."""

from collections.abc import Iterator
from contextlib import contextmanager

from bookstore_ops.errors import CredentialsError, OperationFailed
from bookstore_ops.terraform.backends import LOG_IN, is_about_credentials


@contextmanager
def asking(doing: str, again: str) -> Iterator[None]:
    """Turn what AWS answers while ``doing`` into an error that says how to go on.

    Raises:
        CredentialsError: the credentials are missing, expired or unknown.
        OperationFailed: AWS does not do it.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        if is_about_credentials(error):
            raise CredentialsError(f"cannot {doing}", why=str(error), next_step=LOG_IN) from error
        raise OperationFailed(f"cannot {doing}", why=str(error), next_step=again) from error
