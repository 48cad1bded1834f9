"""Claims about what is known of the time, whatever is done to the machine's clock."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from suspension.clock import DOUBT, Mark, Reading, advance

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def look(wall, boottime, boot="one", synchronised=False):
    return Reading(wall, boot, boottime // timedelta(microseconds=1) * 1000, synchronised)


def after(*readings):
    mark = None
    for reading in readings:
        mark = advance(mark, reading)
    return mark


def test_a_clock_that_nobody_touches_is_beyond_doubt():
    mark = after(look(NOON, HOUR), look(NOON + HOUR, 2 * HOUR))
    assert (mark.interval.lo, mark.interval.hi, mark.now) == (NOON + HOUR,) * 3
    assert not mark.doubtful


def test_a_clock_set_back_changes_nothing_but_its_own_hands():
    mark = after(look(NOON, HOUR), look(NOON - 24 * HOUR, 2 * HOUR))
    assert (mark.now, mark.interval.lo) == (NOON + HOUR, NOON + HOUR)


def test_a_clock_set_forward_widens_the_interval_and_expires_nothing():
    mark = after(look(NOON, HOUR), look(NOON + 24 * HOUR, 2 * HOUR))
    assert (mark.now, mark.interval.lo) == (NOON + HOUR, NOON + HOUR)
    assert mark.interval.hi == NOON + 24 * HOUR
    assert mark.doubtful


def test_a_time_server_is_believed_forward_and_waited_for_backward():
    ahead = after(look(NOON, HOUR), look(NOON + 24 * HOUR, 2 * HOUR, synchronised=True))
    assert (ahead.now, ahead.interval.lo, ahead.interval.hi) == (NOON + 24 * HOUR,) * 3
    behind = after(look(NOON, HOUR), look(NOON - HOUR, 2 * HOUR, synchronised=True))
    assert (behind.now, behind.interval.lo) == (NOON, NOON)


def test_a_machine_that_was_off_believes_its_clock_if_it_has_gone_on():
    mark = after(look(NOON, HOUR), look(NOON + 8 * HOUR, 60 * SECOND, "two"))
    assert (mark.now, mark.interval.lo, mark.interval.hi) == (NOON + 8 * HOUR,) * 3


def test_a_machine_whose_clock_was_lost_doubts_for_a_month():
    mark = after(look(NOON, HOUR), look(NOON - 1000 * HOUR, 60 * SECOND, "two"))
    assert mark.interval.lo == NOON + 60 * SECOND
    assert mark.interval.hi == NOON + 60 * SECOND + DOUBT
    assert mark.doubtful
    again = advance(mark, look(NOON - 1000 * HOUR, 60 * SECOND, "three"))
    assert again.interval.hi <= mark.interval.hi + 60 * SECOND
    known = advance(again, look(NOON + 9 * HOUR, 61 * SECOND, "three", synchronised=True))
    assert (known.interval.lo, known.interval.hi) == (NOON + 9 * HOUR,) * 2


def test_many_looks_lose_no_time():
    readings = [
        Reading(NOON, "one", number * 1500, False) for number in range(10_001)
    ]  # every 1.5 µs
    assert after(*readings).now == NOON + timedelta(microseconds=15_000)


readings = st.lists(
    st.tuples(
        st.sampled_from(["one", "two", "three"]),
        st.integers(-(10**6), 10**6),
        st.integers(0, 10**6),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@given(readings)
def test_nothing_that_is_done_to_a_clock_takes_it_back(looks):
    mark: Mark | None = None
    for boot, wall_s, boottime_s, synchronised in looks:
        reading = look(NOON + wall_s * SECOND, boottime_s * SECOND, boot, synchronised)
        later = advance(mark, reading)
        assert later.interval.lo <= later.interval.hi
        if mark is not None:
            assert later.interval.lo >= mark.interval.lo
            assert later.now >= mark.now
            assert later.powered_ns >= mark.powered_ns
        mark = later
