"""What a party is told of its packets' arrival. Pure."""

from hypothesis import given
from hypothesis import strategies as st

from relay.media.forwarding.arrivals import MAX_REPORTED, Arrivals
from tests.relay.media.forwarding.arrival_report import TICK_S, parse_arrival_report

MS = 1_000_000


def told(arrivals: Arrivals) -> dict[int, float | None]:
    found: dict[int, float | None] = {}
    for packet in arrivals.report(1, 2):
        report = parse_arrival_report(packet)
        assert (report.ssrc, report.media_ssrc) == (1, 2)
        found |= report.arrivals
    return found


@given(
    st.integers(0, 0xFFFF),
    st.lists(st.tuples(st.booleans(), st.integers(0, 20 * MS)), min_size=1, max_size=800),
)
def test_each_packet_is_told_with_its_time_and_each_gap_as_a_gap(
    base: int, steps: list[tuple[bool, int]]
) -> None:
    arrivals, now, expected = Arrivals(), 10**12, {}
    for place, (here, step) in enumerate([(True, 0), *steps]):
        now += step
        if here:
            expected[(base + place) & 0xFFFF] = now / 1e9
            arrivals.note((base + place) & 0xFFFF, now)
    found = told(arrivals)
    assert {number for number, at in found.items() if at is not None} == set(expected)
    for number, at_s in expected.items():
        assert abs(found[number] - at_s) <= TICK_S
    assert told(arrivals) == {}


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 10**10)), max_size=100))
def test_whatever_numbers_a_party_uses_the_report_ends(notes: list[tuple[int, int]]) -> None:
    arrivals = Arrivals()
    for number, now in notes:
        arrivals.note(number, now)
        assert len(told(arrivals)) <= 0x10000


def test_a_report_fits_a_datagram() -> None:
    arrivals = Arrivals()
    for number in range(900):
        arrivals.note(number, number % 2 * 100 * MS + 10**12)
    packets = arrivals.report(1, 2)
    assert len(packets) == -(-900 // MAX_REPORTED)
    assert max(len(packet) for packet in packets) < 1200
    assert [parse_arrival_report(packet).number for packet in packets] == [0, 1, 2]


def test_a_late_packet_is_told_though_it_was_told_as_lost() -> None:
    arrivals = Arrivals()
    for number in (1, 3):
        arrivals.note(number, 10**12)
    assert told(arrivals)[2] is None
    arrivals.note(2, 10**12 + MS)
    assert told(arrivals)[2] is not None
