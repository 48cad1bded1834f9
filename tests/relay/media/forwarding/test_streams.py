"""The two ends of a stream in the Python loop: what arrives, what leaves. Pure, without a loop."""

from hypothesis import given
from hypothesis import strategies as st

from relay.media.forwarding.incoming import MAX_MISSING, SEEN, SOURCE_SILENCE_NS, IncomingStream
from relay.media.forwarding.outgoing import Kept, OutgoingStream
from relay.media.forwarding.path import StreamTerms
from relay.media.packets.rtp import Codec, Kind, sequence_delta

MS = 1_000_000


def accept(stream: IncomingStream, sequence: int, now_ns: int, *, ssrc: int = 7) -> bool:
    return stream.accept(ssrc, sequence, 0, now_ns, keyframe=False)


def test_a_gap_is_asked_for_at_once_again_and_then_given_up() -> None:
    stream = IncomingStream(Kind.VIDEO)
    for sequence in (65534, 2):
        accept(stream, sequence, 10 * MS)
    assert stream.missing(10 * MS) == [65535, 0, 1]
    accept(stream, 0, 30 * MS)
    assert stream.missing(60 * MS) == []
    assert stream.missing(110 * MS) == [65535, 1]
    assert stream.missing(2000 * MS) == []


def test_a_large_gap_is_not_repaired_packet_by_packet() -> None:
    stream = IncomingStream(Kind.VIDEO)
    accept(stream, 0, 0)
    accept(stream, MAX_MISSING + 1, 0)
    assert stream.missing(0) == []


@given(st.lists(st.integers(0, 0xFFFF), max_size=300))
def test_what_is_missing_stays_bounded(sequences: list[int]) -> None:
    stream = IncomingStream(Kind.VIDEO)
    for sequence in sequences:
        accept(stream, sequence, 0)
    assert len(stream.missing(200 * MS)) <= MAX_MISSING


# ── statistics and streams ─────────────────────────────────────────────────────────────────
def test_a_second_source_is_heard_only_after_the_first_has_gone_silent() -> None:
    stream = IncomingStream(Kind.VIDEO)
    assert accept(stream, 1, 0, ssrc=1)
    assert not accept(stream, 1, SOURCE_SILENCE_NS - 1, ssrc=2)
    assert accept(stream, 1, SOURCE_SILENCE_NS, ssrc=2)
    assert stream.source == 2


def test_reception_counts_what_was_expected_over_the_wrap() -> None:
    stream = IncomingStream(Kind.AUDIO)
    for sequence in (65534, 65535, 1):
        accept(stream, sequence, 0)
    reception = stream.reception()
    assert reception is not None
    assert (reception.packets_received, reception.packets_expected) == (3, 4)
    assert reception.highest_sequence == 0x10001


@given(st.lists(st.integers(0, 0xFFFF), max_size=300))
def test_no_packet_is_accepted_twice(sequences: list[int]) -> None:
    """As far back as libsrtp itself looks; what is older it never hands on."""
    stream = IncomingStream(Kind.VIDEO)
    accepted: list[int] = []
    for sequence in sequences:
        if accept(stream, sequence, 0):
            assert sequence not in accepted[-SEEN:] or len(set(accepted)) > 2
            accepted.append(sequence)
    if accepted:
        assert not accept(stream, accepted[-1], 0)


def test_a_packet_is_accepted_once_however_it_comes() -> None:
    stream = IncomingStream(Kind.VIDEO)
    order = [65534, 2, 65535, 1, 0, 1, 65535, 3, 3, 2]
    accepted = [sequence for sequence in order if accept(stream, sequence, 0)]
    assert accepted == [65534, 2, 65535, 1, 0, 3]


@given(
    st.lists(
        st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 3)),
        max_size=60,
    )
)
def test_an_outgoing_stream_gives_no_number_twice_within_its_window(packets) -> None:
    stream = OutgoingStream(Kind.AUDIO, StreamTerms(Codec.OPUS, 111, 5))
    incoming = {source: IncomingStream(Kind.AUDIO) for source in range(4)}
    given: set[int] = set()
    for now, (sequence, timestamp, source) in enumerate(packets):
        if not incoming[source].accept(source, sequence, timestamp, now, keyframe=False):
            continue
        place = stream.place(sequence, timestamp, ("publisher", source), now, starts=True)
        if place is None:
            continue
        assert 0 <= place[0] <= 0xFFFF
        assert 0 <= place[1] <= 0xFFFFFFFF
        index = stream.index + sequence_delta(place[0], stream.index & 0xFFFF)
        assert index not in given
        given.add(index)
        stream.sent(Kept(*place, marker=False, data=b"x"), 1, now)
