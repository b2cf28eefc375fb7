"""Who is told what becomes of a release or a rollout: the ``[notify]`` of an environment."""

import os
from collections.abc import Callable, Mapping

from bookstore_ops.aws.session import Clients
from bookstore_ops.environments import NotifySettings
from bookstore_ops.operations.request import Request
from bookstore_ops.releases.notices import Channel, Notice, Notifier, NotSent, Topic, Webhook


class Notifying:
    """Tells those whom an environment names; made with the first notice, for looks tell nobody.

    ``remember`` writes into the journal what could not be sent, ``warn`` says it on the screen,
    once of each kind.
    """

    def __init__(
        self,
        request: Request,
        environ: Mapping[str, str],
        warn: Callable[[str], None],
        remember: Callable[[str], None],
    ) -> None:
        self._request = request
        self._environ = environ
        self._warn = warn
        self._remember = remember
        self._notifier: Notifier | None = None
        self._said: set[str] = set()

    def send(self, notice: Notice) -> None:
        """Have it sent; returns at once, whatever becomes of it."""
        if self._notifier is None:
            self._notifier = Notifier(self._channels(self._request.environment.notify))
        self._notifier.send(notice)
        self._tell(self._notifier.failures())

    def close(self) -> None:
        """Wait a moment for what is still to be sent."""
        if self._notifier is not None:
            self._tell(self._notifier.close())

    def _tell(self, failures: list[str]) -> None:
        for failure in failures:
            self._remember(f"notification: {failure}")
            why = failure.rpartition(": ")[2]
            if why not in self._said:
                self._warn(f"notification: {failure}")
            self._said.add(why)

    def _channels(self, settings: NotifySettings) -> list[Channel]:
        environment = self._request.environment
        clients = Clients(environment.region, self._environ)
        channels: list[Channel] = []
        if settings.sns:
            region = settings.sns.split(":")[3]
            channels.append(Topic(clients.make("sns", region), settings.sns))
        if settings.webhook_env or settings.webhook_secret:
            # A client is made here, in the thread that may change the process's environment.
            secrets = clients.make("secretsmanager") if settings.webhook_secret else None
            channels.append(
                Webhook(lambda: _address(settings, secrets), local=self._request.sandbox)
            )
        return channels


def _address(settings: NotifySettings, secrets: object | None) -> str:
    """The webhook's address: from the variable where it is set, else from the secret."""
    from botocore.exceptions import BotoCoreError, ClientError

    named = os.environ.get(settings.webhook_env or "")
    if named:
        return named
    if secrets is None:
        raise NotSent(f"the variable {settings.webhook_env} is not set")
    try:
        answer = secrets.get_secret_value(SecretId=settings.webhook_secret)  # type: ignore[attr-defined]
    except (BotoCoreError, ClientError) as error:
        raise NotSent(f"its secret cannot be read: {error}") from error
    return str(answer.get("SecretString", ""))
