"""How much a publisher may send. Pure."""

from hypothesis import given
from hypothesis import strategies as st

from relay.media.forwarding.limit import LEAST_BPS, LOSS_SAMPLE, MOST_BPS, PublisherLimit

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
    for number, fraction in enumerate((0.0, 0.05)):
        limit.loss(fraction, LOSS_SAMPLE * number, forwarded_bps=500_000, now_ns=2 * S)
    assert limit.bits_per_second == MOST_BPS
    limit.loss(0.20, 2 * LOSS_SAMPLE, forwarded_bps=500_000, now_ns=2 * S)
    assert limit.bits_per_second == 450_000
    limit.loss(0.20, 3 * LOSS_SAMPLE, forwarded_bps=500_000, now_ns=2 * S + 1)
    assert limit.bits_per_second == 450_000


def test_one_packet_of_a_slow_picture_is_no_tenth_of_it() -> None:
    """12 packets a second, of which now and then one is lost: 8 % once, 5 % in the long run."""
    limit = PublisherLimit()
    limit.loss(0.0, 0xFFFFFFF0, forwarded_bps=80_000, now_ns=S)
    for second in range(60):
        fraction = (0.0, 2 / 12, 0.0)[second % 3]
        highest = (0xFFFFFFF0 + 12 * (second + 1)) & 0xFFFFFFFF
        limit.loss(fraction, highest, forwarded_bps=80_000, now_ns=(second + 2) * S)
        assert limit.bits_per_second == MOST_BPS


def test_reports_that_make_no_sense_are_no_loss() -> None:
    limit = PublisherLimit()
    for highest in (5, 5, 4, 1 << 31, 0):
        limit.loss(1.0, highest, forwarded_bps=80_000, now_ns=2 * S)
    assert limit.bits_per_second == MOST_BPS


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
            limit.loss(fraction, taken & 0xFFFFFFFF, forwarded, now * S)
        limit.settle(now * S)
        assert LEAST_BPS <= limit.bits_per_second <= MOST_BPS
