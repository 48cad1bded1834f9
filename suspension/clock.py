"""What a facility knows of the time: an interval that contains now, and how it is carried on.

`advance` folds one look at the machine's clocks after another into a `Mark`. Within a boot the
boot clock, which nobody can set, carries the time on; the wall clock is believed while the kernel
calls it synchronised. Across boots the wall clock is believed unless it is earlier than what was
known before: so a clock that was wrong is set by a time server, or by hand before a restart of
the machine.

=====================================  =====================================================
what happens                           what is known then
=====================================  =====================================================
set back                               time goes on by the boot clock
set forward, not synchronised          the same; ``hi`` goes along, so the interval widens
set, and synchronised                  the new time, unless it is earlier
started with an earlier clock than     time goes on from the mark; ``hi`` is `DOUBT` later
the mark's (battery empty, restored)   until it is synchronised
=====================================  =====================================================

Guarantees: ``lo <= hi``, both in UTC; `advance` never takes ``lo``, ``now`` or ``powered_ns`` back.
Leaves to others: looking at the clocks and keeping the mark on the disk.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

DOUBT: Final = timedelta(days=31)
"""What may have passed while the machine was off, when its clock cannot say."""


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


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a machine's clocks."""

    wall: datetime
    boot_id: str
    boottime_ns: int
    """CLOCK_BOOTTIME: since the machine started, sleep included."""
    synchronised: bool
    """Whether the kernel's clock is kept by a time server."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of the time, and the look at the clocks it was known from."""

    now: datetime
    """The best guess; never goes back."""
    interval: ClockInterval
    boot_id: str
    boottime_ns: int
    powered_ns: int = 0
    """How long the machine has been on since the first mark, as far as marks tell."""

    @property
    def doubtful(self) -> bool:
        """Whether the clock may be wrong by more than people notice."""
        return self.interval.hi - self.interval.lo > timedelta(minutes=1)


def advance(before: Mark | None, reading: Reading) -> Mark:
    """The mark after ``reading``; ``before`` is the latest one kept, None on the first day."""
    wall = reading.wall.astimezone(UTC)
    if before is None:
        return Mark(wall, ClockInterval.exact(wall), reading.boot_id, reading.boottime_ns)
    if before.boot_id == reading.boot_id:
        return _carried_on(before, reading, wall)
    powered = before.powered_ns + reading.boottime_ns
    # It was on for at least as long as it is on now.
    least = before.interval.lo + timedelta(microseconds=reading.boottime_ns // 1000)
    if wall >= least:
        now, interval = wall, ClockInterval.exact(wall)
    else:
        now = max(before.now, least)
        interval = ClockInterval(least, max(now + DOUBT, before.interval.hi))
    return Mark(max(now, before.now), interval, reading.boot_id, reading.boottime_ns, powered)


def _carried_on(before: Mark, reading: Reading, wall: datetime) -> Mark:
    boottime_ns = max(before.boottime_ns, reading.boottime_ns)
    # Differences of rounded values, so that many looks lose no more than one.
    passed = timedelta(microseconds=boottime_ns // 1000 - before.boottime_ns // 1000)
    if reading.synchronised:
        now = max(before.now, wall)
        interval = ClockInterval.exact(max(before.interval.lo, wall))
    else:
        now = before.now + passed
        lo, hi = before.interval.lo + passed, before.interval.hi + passed
        interval = ClockInterval(lo, max(hi, wall))
    return Mark(
        now,
        interval,
        reading.boot_id,
        boottime_ns,
        before.powered_ns + boottime_ns - before.boottime_ns,
    )
