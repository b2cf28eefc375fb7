"""What an operator is asked to agree to."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Confirmation:
    """What the operator must agree to: a plain yes, or ``words`` typed exactly."""

    question: str
    words: str | None


Confirm = Callable[[Confirmation], bool]
