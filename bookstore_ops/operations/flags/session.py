"""One command's hold on the flags of an environment; releases' own session, and what flags add."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from bookstore_ops.environments import Environment
from bookstore_ops.flags.appconfig import AppConfig
from bookstore_ops.flags.model import Rollout
from bookstore_ops.flags.places import read_flag_place
from bookstore_ops.flags.store import FlagStore
from bookstore_ops.operations.ground import Say
from bookstore_ops.operations.releases.session import ReleaseSession, open_release_session
from bookstore_ops.operations.request import Request
from bookstore_ops.releases.analysis import Sample
from bookstore_ops.releases.calls import asking
from bookstore_ops.releases.metrics import Measured, measure
from bookstore_ops.releases.model import Place, now
from bookstore_ops.releases.settings import ReleaseSettings, load_settings

# Metrics of load balancers are of minutes: what is compared with is some of them.
_BASELINE_SECONDS = 300.0


@dataclass
class FlagSession:
    """An environment whose flags can be changed; also the :class:`World` of a rollout."""

    held: ReleaseSession
    store: FlagStore
    appconfig: AppConfig

    @property
    def environment(self) -> Environment:
        """The environment's policy."""
        return self.held.environment

    def command_line(self, command: str, *arguments: str) -> str:
        """A bsops command for this environment, as the operator would type it."""
        return self.held.command_line(command, *arguments)

    def settings(self, service: str) -> ReleaseSettings:
        """How a service is released, and its flags rolled out.

        Raises:
            ConfigurationError: the file does not say it rightly.
        """
        return load_settings(self.held.request.workspace.tree, self.environment.name, service)

    def readers(self) -> dict[str, list[str]]:
        """The services that read each flag, as the settings have it.

        Raises:
            BsopsError: the state or the settings cannot be read.
        """
        found: dict[str, list[str]] = {}
        for service in self.held.places():
            for flag in self.settings(service).flags:
                found.setdefault(flag, []).append(service)
        return found

    def give(self, rollout: Rollout) -> None:
        """See :class:`World`."""
        share = "back" if rollout.has_turned else f"{rollout.weight} %"
        why = f"bsops flags rollout of {rollout.flag}: {share}, by {rollout.by}"
        self.appconfig.change(rollout.flag, rollout.values, why)

    def alarms(self, place: Place) -> list[str]:
        """See :class:`World`."""
        return self.held.aws.alarms(place)

    def measure(self, rollout: Rollout, since: datetime) -> Sample:
        """See :class:`World`."""
        return self._measured(rollout, rollout.color, since, now())

    def baseline(self, measured: Measured, color: str) -> Sample:
        """What the service does now, before anything changes.

        Raises:
            OperationFailed: CloudWatch does not tell.
        """
        until = now()
        return self._measured(measured, color, until - timedelta(seconds=_BASELINE_SECONDS), until)

    def _measured(self, measured: Measured, color: str, since: datetime, until: datetime) -> Sample:
        again = self.command_line("flags list")
        with asking(f"read the metrics of {measured.place.service}", again):
            cloudwatch = self.held.aws.client("cloudwatch")
            (sample,) = measure(cloudwatch, measured, [color], since, until)
        return sample


@contextmanager
def open_flag_session(
    request: Request, say: Say, *, warn: Say, journaled: bool = True
) -> Iterator[FlagSession]:
    """Get credentials, check the account, find the flags, and write the run to the journal.

    Raises:
        BsopsError: a file, a permission or the right account is missing, or there are no flags.
    """
    with open_release_session(request, say, warn=warn, journaled=journaled) as held:
        again = held.command_line("flags list")
        place = read_flag_place(
            held.backend.read(), held.environment.name, held.command_line("apply")
        )
        yield FlagSession(
            held,
            held.rollouts(),
            AppConfig(held.aws.client("appconfig"), place, again),
        )
