"""The relay's two clocks: wall time for people and orders, monotonic time for deadlines.

Guarantees: `Clock.now` is aware UTC; `Clock.monotonic_ns` is CLOCK_MONOTONIC, the clock that
media workers stamp with. Leaves to others: what a time means (`relay.core`).
"""

import time
from datetime import UTC, datetime
from typing import Protocol

from suspension.clock import ClockInterval


class Clock(Protocol):
    """Where the service reads time; tests hand in their own."""

    def now(self) -> datetime:
        """The wall clock, aware UTC."""
        ...

    def monotonic_ns(self) -> int:
        """CLOCK_MONOTONIC in nanoseconds."""
        ...

    def interval(self) -> ClockInterval:
        """The interval in which the true time lies, for suspension orders."""
        ...


class SystemClock:
    """The machine's own clocks; within one process ``now`` never goes back."""

    def __init__(self) -> None:
        self._latest = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """The wall clock, aware UTC, held while somebody sets it back."""
        self._latest = max(self._latest, datetime.now(UTC))
        return self._latest

    def monotonic_ns(self) -> int:
        """CLOCK_MONOTONIC in nanoseconds."""
        return time.monotonic_ns()

    def interval(self) -> ClockInterval:
        """A point: this machine trusts its clock until something casts doubt on it."""
        now = self.now()
        return ClockInterval(now, now)
