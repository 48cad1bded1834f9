"""What a facility knows of the time: an interval that certainly contains now.

Guarantees: ``lo <= hi``, both in UTC. Leaves to others: how the interval is kept (a
high-water mark that survives power loss, a boot clock), which needs a machine.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self


@dataclass(frozen=True, slots=True)
class ClockInterval:
    """Now is no earlier than ``lo`` and no later than ``hi``.

    Doubt works against lifting: an order starts as soon as it *may* have started and ends
    only when it *must* have ended, so a wider interval never un-suspends anybody.

    Raises:
        ValueError: an edge has no offset, or ``lo > hi``.
    """

    lo: datetime
    hi: datetime

    def __post_init__(self) -> None:
        if self.lo.tzinfo is None or self.hi.tzinfo is None:
            raise ValueError("a clock interval needs instants with an offset")
        if self.lo > self.hi:
            raise ValueError("a clock interval ends before it begins")
        object.__setattr__(self, "lo", self.lo.astimezone(UTC))
        object.__setattr__(self, "hi", self.hi.astimezone(UTC))

    @classmethod
    def exact(cls, now: datetime) -> Self:
        """The interval of a clock that is beyond doubt."""
        return cls(now, now)

    def may_have_reached(self, instant: datetime) -> bool:
        """Whether ``instant`` is now or past, if the clock is as late as it can be."""
        return instant <= self.hi

    def has_reached(self, instant: datetime) -> bool:
        """Whether ``instant`` is now or past, however early the clock may be."""
        return instant <= self.lo
