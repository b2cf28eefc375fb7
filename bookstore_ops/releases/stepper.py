"""Taking what is kept in a ledger from phase to phase: a release, or a rollout of a flag."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from bookstore_ops.releases.ledgers import TakenOver
from bookstore_ops.releases.machine import Moment
from bookstore_ops.releases.model import now
from bookstore_ops.releases.watching import Looks, Watched


class Stepped(Watched, Protocol):
    """What goes step by step to its end, unless it waits for a person."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""

    @property
    def paused(self) -> str | None:
        """Why it waits for a person."""


class Follower(Protocol):
    """Follows it on a screen."""

    def phase(self, stepped: Any, /) -> None:
        """It went on."""


WorldT = TypeVar("WorldT")
SteppedT = TypeVar("SteppedT", bound=Stepped)
FollowerT = TypeVar("FollowerT", bound=Follower)


class Keeper(Protocol[SteppedT]):
    """Where it is kept."""

    def save(self, stepped: SteppedT, /) -> SteppedT:
        """Write it, and give it back with its new version.

        Raises:
            TakenOver: somebody else wrote it since.
        """

    def check(self, stepped: SteppedT, /) -> SteppedT:
        """See that it is still held, leaving a sign of life where that is due.

        Raises:
            TakenOver: somebody else wrote it since.
        """


class Stepper(ABC, Generic[WorldT, SteppedT, FollowerT]):
    """Does what the phase asks for, writes what is next, until nothing is left.

    ``world`` is what it does to AWS, and sees of it.
    """

    def __init__(
        self,
        world: WorldT,
        keeper: Keeper[SteppedT],
        watcher: FollowerT,
        *,
        clock: Callable[[], datetime] = now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._world = world
        self._keeper = keeper
        self._watcher = watcher
        self._clock = clock
        self._sleep = sleep
        self._looks = Looks()

    @abstractmethod
    def _act(self, stepped: SteppedT) -> SteppedT:
        """Do what its phase asks for: what is next."""

    @abstractmethod
    def _moves(self, stepped: SteppedT) -> bool:
        """Whether its phase asks for :meth:`_move`."""

    @abstractmethod
    def _move(self, stepped: SteppedT) -> None:
        """Give customers what it wants them to have now."""

    def run(self, stepped: SteppedT, *, wait: bool = True) -> SteppedT:
        """Go on until it is over or paused; without ``wait``, until a step is being watched.

        Raises:
            TakenOver: somebody else drives it now; customers have what they want.
            BsopsError: AWS does not do what is asked; it can be taken up again.
        """
        while not stepped.is_over and stepped.paused is None:
            if not wait and stepped.bake_left(self._clock()) is not None:
                break
            moved = self._moves(stepped)
            following = self._act(stepped)
            try:
                stepped = self._keeper.save(following)
            except TakenOver as lost:
                # The move above may have come after theirs: what they wrote is what holds.
                if moved and lost.current is not None:
                    self._move(lost.current)
                raise
            self._watcher.phase(stepped)
        return stepped

    def _wait(self, stepped: SteppedT, seconds: float) -> SteppedT:
        self._sleep(seconds)
        return self._looks.at("ledger", partial(self._keeper.check, stepped)) or stepped

    def _moment(self, what: str) -> Moment:
        return Moment(self._clock(), what)
