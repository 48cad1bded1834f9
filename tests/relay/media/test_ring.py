"""The ring: what goes in comes out, nothing waits, and no bytes in it do harm."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.media.ring import (
    DATA,
    MIN_CAPACITY,
    RECORD,
    Record,
    RecordKind,
    RingCorruptError,
    RingReader,
    RingWriter,
)

CAPACITY = MIN_CAPACITY
payloads = st.binary(max_size=300)
records = st.tuples(
    st.integers(0, 0xFFFFFFFF),
    st.sampled_from([RecordKind.AUDIO, RecordKind.VIDEO, RecordKind.SENDER_REPORT]).map(int),
    st.integers(0, 0xFF),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, (1 << 64) - 1),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFF),
    payloads,
)


class Ring:
    """Both ends; closed when the test leaves it."""

    make_reader: Callable[[int], RingReader] = RingReader

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.writer = RingWriter(capacity)
        self.reader = self.make_reader(self.writer.fd)

    def __enter__(self) -> "Ring":
        return self

    def __exit__(self, *_: object) -> None:
        self.writer.close()

    def put(self, record: Record) -> bool:
        tap, kind, flags, ssrc, arrival_ns, timestamp, sequence, payload = record
        return self.writer.write(
            tap, kind, flags, ssrc=ssrc, arrival_ns=arrival_ns, timestamp=timestamp,
            sequence=sequence, payload=payload,
        )  # fmt: skip

    def get(self) -> list[Record]:
        return list(self.reader.records(self.reader.published()))


@pytest.fixture(scope="module", params=["python", "c"], autouse=True)
def reader(request: pytest.FixtureRequest) -> None:
    """Everything below is claimed of both readers."""
    Ring.make_reader = RingReader
    if request.param == "c":
        native = pytest.importorskip("relay.media.recorder.native", exc_type=ImportError)
        Ring.make_reader = native.NativeRing


@given(st.lists(st.one_of(records, st.none()), max_size=200))
def test_what_was_written_comes_out_in_order_and_what_did_not_fit_is_counted(
    steps: list[Record | None],
) -> None:
    with Ring() as ring:
        expected: list[Record] = []
        found: list[Record] = []
        refused = 0
        for step in steps:
            if step is None:
                found += ring.get()
            elif ring.put(step):
                expected.append(step)
            else:
                refused += 1
        found += ring.get()
        assert found == expected
        assert ring.writer.dropped == ring.reader.dropped == refused
        assert ring.reader.position == ring.writer.head


@given(st.integers(0, 400), st.integers(1, 400))
def test_a_ring_goes_round_for_ever(first: int, length: int) -> None:
    with Ring() as ring:
        ring.put((0, 1, 0, 0, 0, 0, 0, bytes(first)))
        for number in range(250):
            record = (1, 2, 3, 4, 5, 6, number, bytes([number]) * length)
            assert ring.put(record)
            assert ring.get()[-1] == record
        assert ring.writer.head > 2 * CAPACITY


def test_a_full_ring_takes_records_again_once_it_was_read() -> None:
    with Ring() as ring:
        record = (1, 2, 0, 0, 0, 0, 0, bytes(968))
        assert [ring.put(record) for _ in range(5)] == [True] * 4 + [False]
        assert len(ring.get()) == 4
        assert ring.put(record)
        assert ring.writer.dropped == 1


def test_the_next_reader_begins_where_the_last_one_ended() -> None:
    with Ring() as ring:
        ring.put((1, 1, 0, 0, 0, 0, 1, b"a"))
        ring.get()
        ring.put((1, 1, 0, 0, 0, 0, 2, b"b"))
        after = RingReader(ring.writer.fd)
        assert [record[-1] for record in after.records(after.published())] == [b"b"]


def test_a_skipped_ring_is_empty_for_the_next_reader() -> None:
    with Ring() as ring:
        ring.put((1, 1, 0, 0, 0, 0, 1, b"a"))
        ring.writer.skip()
        after = RingReader(ring.writer.fd)
        assert list(after.records(after.published())) == []


def test_what_is_published_later_is_left_for_later() -> None:
    with Ring() as ring:
        ring.put((1, 1, 0, 0, 0, 0, 1, b"a"))
        published = ring.reader.published()
        ring.put((1, 1, 0, 0, 0, 0, 2, b"b"))
        assert [record[-1] for record in ring.reader.records(published)] == [b"a"]
        assert [record[-1] for record in ring.get()] == [b"b"]


@given(st.binary(max_size=300), st.integers(0, 4096), st.integers(0, 5000))
def test_whatever_lies_in_the_data_costs_one_typed_error(
    garbage: bytes, at: int, head: int
) -> None:
    with Ring() as ring:
        for number in range(10):
            ring.put((1, 2, 0, 0, 0, 0, number, bytes(60)))
        os.pwrite(ring.writer.fd, garbage[: CAPACITY - at], DATA + at)
        os.pwrite(ring.writer.fd, head.to_bytes(8, "little"), 64)
        try:
            found = ring.get()
        except RingCorruptError:
            return
        assert all(len(record[-1]) <= CAPACITY for record in found)


@pytest.mark.parametrize(
    "record",
    [
        (0, 1, 1, 0, 0),  # no size: an endless loop, were it believed
        (8, 1, 1, 0, 0),
        (33, 1, 1, 0, 0),
        (40, 1, 1, 0, 9),  # a payload longer than its record
        (1 << 31, 1, 1, 0, 0),
        (40, 1, 9, 0, 0),  # an unknown kind
    ],
)
def test_a_head_that_cannot_be_is_refused(record: tuple[int, int, int, int, int]) -> None:
    with Ring() as ring:
        ring.put((1, 2, 0, 0, 0, 0, 0, bytes(8)))
        os.pwrite(ring.writer.fd, RECORD.pack(*record, 0, 0, 0, 0, 0), DATA)
        with pytest.raises(RingCorruptError):
            ring.get()


@pytest.mark.parametrize("head", [1, CAPACITY + 8, (1 << 64) - 8])
def test_a_head_beyond_the_ring_is_refused(head: int) -> None:
    with Ring() as ring:
        os.pwrite(ring.writer.fd, head.to_bytes(8, "little"), 64)
        with pytest.raises(RingCorruptError):
            ring.get()


@pytest.mark.parametrize(
    ("at", "data"), [(0, b"x"), (8, b"\x09"), (12, b"\x01"), (12, b"\0" * 4), (12, b"\xff" * 4)]
)
def test_what_is_no_ring_is_not_read(at: int, data: bytes) -> None:
    with Ring() as ring:
        os.pwrite(ring.writer.fd, data, at)
        with pytest.raises(RingCorruptError):
            RingReader(ring.writer.fd)


@pytest.mark.parametrize("capacity", [0, 1000, 3 << 20, 1 << 40])
def test_a_capacity_must_be_a_power_of_two_within_bounds(capacity: int) -> None:
    with pytest.raises(ValueError, match="capacity"):
        RingWriter(capacity)


def test_another_process_reads_what_is_being_written() -> None:
    with Ring(1 << 16) as ring:
        count = (
            "import sys\n"
            "from relay.media.ring import RingReader\n"
            "reader, found = RingReader(int(sys.argv[1])), []\n"
            "while len(found) < 20000:\n"
            "    found += [r[6] for r in reader.records(reader.published())]\n"
            "print(found == [n & 0xFFFF for n in range(20000)])\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", count, str(ring.writer.fd)],
            pass_fds=(ring.writer.fd,), stdout=subprocess.PIPE,
        ) as reading:  # fmt: skip
            for number in range(20000):
                while not ring.put((1, 1, 0, 0, 0, 0, number & 0xFFFF, bytes(number % 90))):
                    pass
            assert reading.communicate(timeout=60)[0] == b"True\n"
