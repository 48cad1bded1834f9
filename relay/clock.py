"""The relay's clocks: wall time for people and orders, monotonic time for deadlines.

Guarantees: `Clock.now` is aware UTC and never goes back, whatever is done to the machine's clock
(`suspension.clock` says what is believed when); `Clock.monotonic_ns` is CLOCK_MONOTONIC, the clock
that media workers stamp with. Leaves to others: what a time means (`relay.core`), and keeping the
mark across restarts (`relay.service.enforcement`).
"""

import ctypes
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from suspension.clock import ClockInterval, Mark, Reading, advance

_BOOT_ID_NAME: Final = "PARLOIR_BOOT_ID"
"""Set by the unit, under which /proc shows nothing but processes."""
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_TIME_ERROR: Final = 5
"""What adjtimex(2) returns while nobody keeps the clock."""


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

    def mark(self) -> Mark:
        """All that is known of the time, to be kept across restarts."""
        ...

    def resume(self, mark: Mark) -> None:
        """Go on from a mark that was kept."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def __init__(self) -> None:
        told = os.environ.get(_BOOT_ID_NAME) or _BOOT_ID.read_text("ascii")
        self._boot_id = told.strip().replace("-", "")  # one way in /proc, another in the unit
        self._mark: Mark | None = None

    def now(self) -> datetime:
        """The best guess at the time, aware UTC."""
        return self.mark().now

    def monotonic_ns(self) -> int:
        """CLOCK_MONOTONIC in nanoseconds."""
        return time.monotonic_ns()

    def interval(self) -> ClockInterval:
        """A point while nothing casts doubt on the clock."""
        return self.mark().interval

    def mark(self) -> Mark:
        """The clocks as they are now."""
        self._mark = advance(self._mark, self._look())
        return self._mark

    def resume(self, mark: Mark) -> None:
        """Go on from a mark of this machine."""
        self._mark = advance(mark, self._look())

    def _look(self) -> Reading:
        return Reading(
            wall=datetime.now(UTC),
            boot_id=self._boot_id,
            boottime_ns=time.clock_gettime_ns(time.CLOCK_BOOTTIME),
            synchronised=_synchronised(),
        )


class _Timex(ctypes.Structure):
    """``struct timex``, of which adjtimex(2) only needs ``modes`` to be 0: look, change nothing."""

    _fields_ = (("modes", ctypes.c_uint), ("rest", ctypes.c_byte * 508))


_LIBC: Final = ctypes.CDLL(None)
_TIMEX: Final = _Timex()


def _synchronised() -> bool:
    """Whether the kernel says that a time server keeps its clock."""
    _TIMEX.modes = 0
    state: int = _LIBC.adjtimex(ctypes.byref(_TIMEX))
    return 0 <= state < _TIME_ERROR
