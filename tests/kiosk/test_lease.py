"""When a renewal counts from: the oldest word that it rests on, however late it was heard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.lease import LEASE_NS, WINDOW_NS, Lease

MS = 1_000_000
AHEAD = 365 * 86_400 * 1_000_000_000
"""The relay's machine runs a year longer than ours."""


def leased(*, pulse: int, sent: int, heard: int) -> Lease:
    lease = Lease()
    lease.hear(sent + AHEAD, heard)
    lease.pulse(pulse)
    return lease


def test_there_is_none_without_a_relay_or_an_engine() -> None:
    lease = Lease()
    lease.pulse(0)
    assert lease.renewal(1) is None
    lease.hear(AHEAD, 0)
    assert lease.renewal(1) == 0
    lease.forget_engine()
    assert lease.renewal(1) is None
    lease.pulse(0)
    lease.forget_relay()
    assert lease.renewal(1) is None


def test_a_renewal_counts_from_the_older_word() -> None:
    assert leased(pulse=900 * MS, sent=0, heard=1000 * MS).renewal(1000 * MS) == 900 * MS
    assert leased(pulse=1000 * MS, sent=0, heard=900 * MS).renewal(1000 * MS) == 900 * MS


def test_a_frozen_engine_ends_the_lease_though_the_relay_goes_on() -> None:
    lease = leased(pulse=0, sent=0, heard=0)
    for at in range(200 * MS, LEASE_NS, 200 * MS):
        lease.hear(at + AHEAD, at)
        assert lease.renewal(at) == 0
    lease.hear(LEASE_NS + AHEAD, LEASE_NS)
    assert lease.renewal(LEASE_NS) is None


def test_leases_that_lay_in_a_queue_are_as_old_as_they_are() -> None:
    lease = leased(pulse=0, sent=0, heard=5 * MS)
    heard = 3000 * MS  # the cable was out, or these screens stood still
    for sent in range(200 * MS, 3000 * MS, 200 * MS):
        lease.hear(sent + AHEAD, heard)
        lease.pulse(heard)
        renewal = lease.renewal(heard)
        assert renewal is None or renewal == sent + 5 * MS
    assert lease.renewal(heard) == 2805 * MS


@pytest.mark.parametrize("ppm", [-100, 0, 100])
def test_clocks_that_drift_apart_cost_no_power(ppm: int) -> None:
    lease = Lease()
    for heard in range(0, 10 * WINDOW_NS, 200 * MS):
        lease.hear(AHEAD + heard + heard * ppm // 1_000_000, heard)
        lease.pulse(heard)
        renewal = lease.renewal(heard)
        assert renewal is not None
        assert heard - renewal <= 10 * MS


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 2000)), min_size=1))
def test_no_renewal_outlives_its_lease_by_more_than_the_quickest_way(
    steps: list[tuple[int, int]],
) -> None:
    """With truth at hand: power never lasts longer than a lease after the relay's word."""
    lease, sent, heard = Lease(), 0, 0
    quickest = min(delay for _, delay in steps)
    for pause, delay in steps:
        sent += pause * MS
        heard = max(heard, sent + delay * MS)
        lease.hear(AHEAD + sent, heard)
        lease.pulse(heard)
        renewal = lease.renewal(heard)
        if renewal is not None:
            assert sent <= renewal
            assert renewal <= heard
    assert quickest >= 0
