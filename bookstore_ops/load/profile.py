"""When each request of a load test is due."""

from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True)
class Profile:
    """``rate`` requests a second for ``hold`` seconds, after ``ramp`` seconds of growing to it.

    When a request is due depends on nothing that was answered: customers do not wait for each
    other either.
    """

    rate: float
    hold: float
    ramp: float = 0.0

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return self.ramp + self.hold

    @property
    def total(self) -> int:
        """How many requests there are."""
        return round(self.number(self.seconds))

    @property
    def held(self) -> int:
        """How many of them come at the full rate, after the ramp."""
        return round(self.rate * self.hold)

    def number(self, second: float) -> float:
        """How many requests are due up to a second after the beginning."""
        second = min(max(second, 0.0), self.seconds)
        if second < self.ramp:
            return self.rate * second**2 / (2 * self.ramp)
        return self.rate * (second - self.ramp / 2)

    def due(self, number: int) -> float:
        """The second after the beginning in which a request is due; the first one's number is 0."""
        grown = self.rate * self.ramp / 2
        if number < grown:
            return sqrt(2 * number * self.ramp / self.rate)
        return self.ramp + (number - grown) / self.rate
