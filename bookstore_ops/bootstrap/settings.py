"""What a resource should be like, what it is like, and making the one into the other."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from bookstore_ops.errors import BsopsError, OperationFailed

Say = Callable[[str], None]


@dataclass(frozen=True)
class Setting:
    """One setting: ``read`` gives it in the form of ``wanted``, ``write`` makes it so."""

    name: str
    wanted: Any
    read: Callable[[], Any]
    write: Callable[[], object]


class Resource(Protocol):
    """Something in AWS that the state needs."""

    @property
    def name(self) -> str:
        """What it is and how it is called."""

    def exists(self) -> bool:
        """Whether it is there.

        Raises:
            Refused: something is there that cannot be used.
        """

    def create(self) -> None:
        """Make it, without its settings."""

    def settings(self) -> Sequence[Setting]:
        """Its settings, in the order in which they are to be written."""


@dataclass(frozen=True)
class Finding:
    """What differs: one ``setting`` of a resource, or the resource itself where it is missing."""

    resource: str
    setting: str | None
    wanted: Any = None
    found: Any = None

    @property
    def does(self) -> str:
        """What mending it does, in words."""
        if self.setting is None:
            return f"make the {self.resource}"
        return f"set the {self.setting} of the {self.resource}"


def survey(resources: Sequence[Resource]) -> list[Finding]:
    """All that differs; writes nothing.

    Raises:
        Refused: something is in the way.
        OperationFailed: something cannot be read.
    """
    found: list[Finding] = []
    for resource in resources:
        if resource.exists():
            found += _differences(resource)
        else:
            found.append(Finding(resource.name, None))
    return found


def mend(resources: Sequence[Resource], say: Say) -> None:
    """Make all as it should be, saying each step; what is so already is left alone.

    Raises:
        Refused: something is in the way.
        OperationFailed: AWS does not do it, or has not done what it was asked.
    """
    for resource in resources:
        if not resource.exists():
            say(f"making the {resource.name}")
            with asking(f"make the {resource.name}"):
                resource.create()
        for setting in resource.settings():
            if _read(resource, setting) == setting.wanted:
                continue
            say(f"setting the {setting.name} of the {resource.name}")
            with asking(f"set the {setting.name} of the {resource.name}"):
                setting.write()
            found = _read(resource, setting)
            if found != setting.wanted:
                raise OperationFailed(
                    f"the {setting.name} of the {resource.name} was set, and reads back otherwise",
                    why=f"wanted {_compact(setting.wanted)}, found {_compact(found)}",
                    next_step="run the command again; if it stays so, look at it in AWS",
                )


def _differences(resource: Resource) -> list[Finding]:
    return [
        Finding(resource.name, setting.name, setting.wanted, found)
        for setting in resource.settings()
        if (found := _read(resource, setting)) != setting.wanted
    ]


def _read(resource: Resource, setting: Setting) -> Any:
    with asking(f"read the {setting.name} of the {resource.name}"):
        return setting.read()


def _compact(value: Any) -> str:
    return json.dumps(value, default=str)


@contextmanager
def asking(doing: str) -> Iterator[None]:
    """Turn what AWS answers instead into the operator's next step.

    Raises:
        OperationFailed: AWS does not do it.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except BsopsError:
        raise
    except (BotoCoreError, ClientError) as error:
        denied = "AccessDenied" in str(error)
        raise OperationFailed(
            f"cannot {doing}",
            why=str(error),
            next_step="let your role do that, then run the command again: it goes on from here"
            if denied
            else "check the network, then run the command again: it goes on from here",
        ) from error


def answer_of(call: Callable[[], Any], *none: str) -> dict[str, Any]:
    """What ``call`` answers, or nothing where AWS answers one of the codes in ``none``."""
    from botocore.exceptions import ClientError

    try:
        answer: dict[str, Any] = call()
    except ClientError as error:
        if error.response["Error"]["Code"] in none:
            return {}
        raise
    return answer


def named(wanted: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Of what was found, what is wanted by name: others' tags, rules and statements are theirs."""
    return {name: found[name] for name in wanted if name in found}
