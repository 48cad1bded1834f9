"""Frames: what is one, what is none, whatever arrives."""

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.framing import (
    MAX_PAYLOAD,
    MAX_STUFFED,
    NO_LINK,
    Fault,
    Frame,
    FrameReader,
    Keys,
    encode_frame,
    parse_frame,
    stuff,
    unstuff,
)

SHARED = b"0123456789abcdef"
KEYS = Keys.of_link(SHARED, b"hosthost", b"boardboa")
frames = st.builds(
    Frame,
    kind=st.integers(0, 255),
    link=st.integers(0, 2**32 - 1),
    sequence=st.integers(0, 2**32 - 1),
    payload=st.binary(max_size=MAX_PAYLOAD),
)
CI_FRAMES = 20_000
"""`scripts/soak bridge` tries a million."""


@given(st.binary(max_size=600))
def test_stuffing_leaves_no_zero_and_is_undone(data: bytes) -> None:
    stuffed = stuff(data)
    assert 0 not in stuffed
    assert unstuff(stuffed) == data


@given(frames, st.sampled_from([None, KEYS]))
def test_a_frame_arrives_as_it_was_sent(frame: Frame, keys: Keys | None) -> None:
    sent = encode_frame(frame, keys)
    assert sent.count(0) == 1
    assert len(sent) <= MAX_STUFFED + 1
    assert parse_frame(sent[:-1], keys) == frame


@given(st.lists(frames, max_size=5), st.integers(1, 40), st.binary(max_size=200))
def test_frames_are_found_in_whatever_pieces_and_after_noise(
    sent: list[Frame], size: int, noise: bytes
) -> None:
    reader = FrameReader()
    stream = noise + b"\0" + b"".join(encode_frame(frame) for frame in sent)
    found: list[Frame] = []
    for at in range(0, len(stream), size):
        pieces = reader.feed(stream[at : at + size])
        found += [frame for frame in map(parse_frame, pieces) if isinstance(frame, Frame)]
    assert found == sent


def test_a_payload_that_is_too_long_is_not_sent() -> None:
    with pytest.raises(ValueError, match="payload"):
        encode_frame(Frame(1, 0, 0, bytes(MAX_PAYLOAD + 1)))


def test_nothing_of_a_link_is_sent_before_there_is_a_key_for_it() -> None:
    with pytest.raises(ValueError, match="no key"):
        encode_frame(Frame(1, 7, 0), Keys.greeting_only(SHARED))


@pytest.mark.parametrize(
    "keys",
    [
        None,
        Keys.greeting_only(SHARED),
        Keys.of_link(SHARED, b"hosthost", b"someelse"),
        Keys.of_link(b"another key 1234", b"hosthost", b"boardboa"),
    ],
)
def test_a_frame_under_another_key_is_refused(keys: Keys | None) -> None:
    sent = encode_frame(Frame(2, 7, 3, b"abc"), KEYS)[:-1]
    assert parse_frame(sent, keys) in (Fault.MAC, Fault.LENGTH)


def test_a_greeting_is_not_covered_by_the_key_of_a_link() -> None:
    sent = encode_frame(Frame(1, NO_LINK, 0), KEYS)[:-1]
    assert parse_frame(sent, Keys.greeting_only(SHARED)) == Frame(1, NO_LINK, 0)


@given(st.binary(max_size=300))
def test_whatever_arrives_is_a_frame_or_a_fault(data: bytes) -> None:
    for piece in FrameReader().feed(data + b"\0"):
        found = parse_frame(piece)
        assert isinstance(found, Fault) or parse_frame(encode_frame(found)[:-1]) == found


def test_a_stream_without_an_end_is_not_kept() -> None:
    reader = FrameReader()
    tracemalloc.start()
    try:
        reader.feed(b"\x55" * 1000)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(200):
            assert reader.feed(b"\x55" * 1000) == []
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 1000
    assert reader.feed(b"\0" + encode_frame(Frame(1, 2, 3))) == [encode_frame(Frame(1, 2, 3))[:-1]]
    assert reader.overlong == 1


def mutated(source: random.Random) -> bytes:
    """A frame with one to twelve bytes changed, or its like cut, doubled or joined; no zeros."""
    frame = Frame(
        source.choice((1, 2, 3, 0x82, 0x8F)),
        source.getrandbits(32),
        source.randrange(1000),
        source.randbytes(source.randrange(24)),
    )
    data = bytearray(encode_frame(frame)[:-1])
    original = bytes(data)
    for _ in range(source.randint(1, 12)):
        data[source.randrange(len(data))] = source.randrange(1, 256)
    shape = source.randrange(8)
    if shape == 0:
        del data[source.randrange(len(data)) :]
    elif shape == 1:
        data += data[: source.randrange(len(data))]
    return bytes(data) if bytes(data) != original else b"\x01"


def test_no_random_and_no_mutated_frame_is_accepted() -> None:
    source = random.Random(5)
    for _ in range(CI_FRAMES):
        assert isinstance(parse_frame(mutated(source)), Fault)
        assert isinstance(parse_frame(source.randbytes(source.randrange(70))), Fault)
