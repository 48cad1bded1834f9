"""How much a publisher may send. Pure."""

from hypothesis import given
from hypothesis import strategies as st

from relay.media.forwarding.limit import LEAST_BPS, MOST_BPS, PublisherLimit

S = 1_000_000_000


def test_a_subscriber_that_copes_holds_nobody_back() -> None:
    limit = PublisherLimit()
    limit.estimate(460_000, forwarded_bps=300_000, now_ns=S)
    assert limit.bits_per_second == MOST_BPS


def test_a_subscriber_that_takes_less_is_followed_down_and_up() -> None:
    limit = PublisherLimit()
    limit.estimate(200_000, forwarded_bps=300_000, now_ns=S)
    assert limit.bits_per_second == 200_000
    limit.estimate(260_000, forwarded_bps=190_000, now_ns=2 * S)
    assert limit.bits_per_second == 260_000
    limit.estimate(250_000, forwarded_bps=190_000, now_ns=3 * S)
    assert limit.bits_per_second == 260_000


def test_long_coping_ends_the_limit() -> None:
    limit = PublisherLimit()
    limit.estimate(200_000, forwarded_bps=300_000, now_ns=S)
    limit.settle(15 * S)
    assert limit.bits_per_second == 200_000
    limit.settle(16 * S)
    assert limit.bits_per_second == MOST_BPS


def test_five_percent_of_loss_is_borne_twenty_are_not() -> None:
    limit = PublisherLimit()
    limit.loss(0.05, forwarded_bps=500_000, now_ns=2 * S)
    assert limit.bits_per_second == MOST_BPS
    limit.loss(0.20, forwarded_bps=500_000, now_ns=2 * S)
    assert limit.bits_per_second == 450_000
    limit.loss(0.20, forwarded_bps=500_000, now_ns=2 * S + 1)
    assert limit.bits_per_second == 450_000


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 1 << 40), st.integers(0, 1 << 32), st.floats(0, 1))
    )
)
def test_the_limit_stays_within_its_bounds(reports: list[tuple[bool, int, int, float]]) -> None:
    limit = PublisherLimit()
    for now, (estimated, taken, forwarded, fraction) in enumerate(reports):
        if estimated:
            limit.estimate(taken, forwarded, now * S)
        else:
            limit.loss(fraction, forwarded, now * S)
        limit.settle(now * S)
        assert LEAST_BPS <= limit.bits_per_second <= MOST_BPS
