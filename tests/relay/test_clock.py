"""Claims about the machine's own clocks."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from relay.clock import SystemClock
from suspension.clock import ClockInterval, Mark

HOUR = timedelta(hours=1)


def test_time_goes_on_near_the_wall_clock() -> None:
    clock = SystemClock()
    looks = [clock.now() for _ in range(1000)]
    assert looks == sorted(looks)
    assert abs(looks[-1] - datetime.now(UTC)) < timedelta(seconds=2)
    mark = clock.mark()
    assert mark.interval.lo <= mark.now
    assert not mark.doubtful


def test_a_start_is_known_by_the_same_id_however_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    ours = SystemClock().mark().boot_id
    monkeypatch.setenv("PARLOIR_BOOT_ID", shown.replace("-", ""))
    assert SystemClock().mark().boot_id == ours


def test_a_mark_of_later_is_not_gone_back_on() -> None:
    clock = SystemClock()
    later = datetime.now(UTC) + HOUR
    clock.resume(Mark(later, ClockInterval.exact(later), "another start", 0, 7))
    assert clock.now() >= later
    assert clock.mark().interval.lo >= later
    assert clock.mark().doubtful
