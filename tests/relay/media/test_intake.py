"""The recorder's intake: in C as in Python, whatever comes, the same files."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.media.recorder.clusters import Blocks, BlockStore
from relay.media.recorder.failure import Failure
from relay.media.recorder.intake import PlainReader, RecordReader
from relay.media.recorder.recording import Recording
from relay.media.recorder.webm import Picture
from relay.media.ring import FRAME, RecordFlag, RecordKind, RingCorruptError, RingWriter
from visit_protocol.vocabulary import VideoCodec

native = pytest.importorskip("relay.media.recorder.native", exc_type=ImportError)

KEYFRAME = bytes.fromhex("1000009d012a4001b400")
TAPS = 3


class Paper:
    """A `DiskFile` that is never late."""

    def __init__(self) -> None:
        self.busy, self.error, self.size = False, None, 0
        self.written = b""
        self.headers: list[bytes | None] = []

    def write(self, fragment: bytes, header: bytes | None = None, *, last: bool = False) -> None:
        self.written += fragment
        self.headers.append(header)
        self.size = len(self.written)

    def abandon(self) -> None:
        pass


class Silent:
    """An observer that does not care."""

    def opened(self) -> None:
        pass

    def closed(self, size: int, duration_s: float, failure: Failure | None) -> None:
        assert failure is None


class Recorder:
    """Recordings of a few taps behind a reader."""

    def __init__(self, reader: RecordReader, codecs: list[VideoCodec]) -> None:
        self.reader = reader
        self.papers = [Paper() for _ in codecs]
        self.keyframes: list[tuple[int, bytes, Picture, float]] = []
        self.recordings = [
            Recording(codec, paper, Silent(), self._heard(tap), reader.open(tap))  # type: ignore[arg-type]
            for tap, (codec, paper) in enumerate(zip(codecs, self.papers, strict=True))
        ]

    def _heard(self, tap: int):  # type: ignore[no-untyped-def]
        return lambda data, picture, at_s: self.keyframes.append((tap, data, picture, at_s))

    def read(self, now_s: float) -> None:
        for record in self.reader.ring.records(self.reader.ring.published()):
            self.recordings[record[0]].take(record)
        for recording in self.recordings:
            recording.advance(now_s)

    def finish(self) -> None:
        for recording in self.recordings:
            recording.close()
        for _ in range(3):
            self.read(1e6)

    @property
    def found(self) -> list[object]:
        return [(paper.written, paper.headers) for paper in self.papers] + [self.keyframes]


class Party:
    """Packets of one party, on a network that is as bad as ``dice`` say."""

    def __init__(self, tap: int, dice: random.Random) -> None:
        self._tap, self._dice = tap, dice
        self._ssrc, self._sequences, self._stamps = 10, [65500, 65530], [2**32 - 5000, 7]
        self._late: list[dict[str, int | bytes]] = []

    def records(self, now_ns: int) -> Iterator[dict[str, int | bytes]]:
        dice, trouble = self._dice, self._dice.random()
        if trouble < 0.03:
            self._ssrc += 1
        elif trouble < 0.06:
            self._stamps[dice.randrange(2)] += dice.choice([-900_000, 300_000, 5_000_000])
        if dice.random() < 0.1:
            kind = dice.randrange(2)
            yield self._record(
                3, 16 * kind, kind, now_ns, dice.getrandbits(36).to_bytes(8, "little"), count=False
            )
        for packet in (*self._picture(now_ns), self._sound(now_ns), *self._late):
            fate = dice.random()
            if fate < 0.04:
                continue  # lost
            if fate < 0.08 and packet not in self._late:
                self._late.append(packet)
                continue
            yield packet
            if fate > 0.98:
                yield packet
        self._late = self._late[-1:] if dice.random() < 0.5 else []

    def _picture(self, now_ns: int) -> list[dict[str, int | bytes]]:
        dice = self._dice
        self._stamps[1] += dice.choice([3000, 3000, 3000, 90, 0])
        data = KEYFRAME if dice.random() < 0.2 else b"\x11"
        if dice.random() < 0.03:
            data = b"\x10\0"  # a keyframe that says nothing of itself
        data += dice.randbytes(dice.choice([0, 10, 300, 900]))
        size = dice.choice([100, 1000])
        found = []
        for begin in range(0, len(data), size):
            flags = RecordFlag.MARKER if begin + size >= len(data) and dice.random() < 0.95 else 0
            flags |= RecordFlag.BEGINS_FRAME if not begin else 0
            part = data[begin : begin + size] if dice.random() < 0.98 else b""
            found.append(self._record(2, flags, 1, now_ns, part))
        return found

    def _sound(self, now_ns: int) -> dict[str, int | bytes]:
        self._stamps[0] += 960
        size = self._dice.choice([0, 3, 80])
        return self._record(1, 0, 0, now_ns, self._dice.randbytes(size))

    def _record(
        self, kind: int, flags: int, stream: int, now_ns: int, payload: bytes, *, count: bool = True
    ) -> dict[str, int | bytes]:
        sequence = self._sequences[stream]
        self._sequences[stream] += count
        return {
            "tap": self._tap,
            "kind": kind,
            "flags": int(flags),
            "ssrc": 100 * self._ssrc + stream,
            "arrival_ns": now_ns,
            "timestamp": self._stamps[stream] & 0xFFFFFFFF,
            "sequence": sequence & 0xFFFF,
            "payload": payload,
        }


@given(st.integers(0, 2**32), st.integers(5, 120))
def test_both_make_the_same_files_of_whatever_comes(seed: int, rounds: int) -> None:
    dice = random.Random(seed)
    ring = RingWriter(1 << 16)
    codecs = [dice.choice([VideoCodec.VP8, VideoCodec.VP8, VideoCodec.H264]) for _ in range(TAPS)]
    readers = (PlainReader(ring.fd), native.NativeReader(ring.fd))
    recorders = [Recorder(reader, codecs) for reader in readers]
    parties = [Party(tap, dice) for tap in range(TAPS)]
    now_ns = 5_000_000_000
    for _ in range(rounds):
        now_ns += dice.choice([20_000_000, 33_000_000, 700_000_000])
        for party in parties:
            for record in party.records(now_ns):
                assert ring.write(**record)  # type: ignore[arg-type]
        if dice.random() < 0.4:
            for recorder in recorders:
                recorder.read(now_ns / 1e9)
    for recorder in recorders:
        recorder.read(now_ns / 1e9)
        recorder.finish()
    ring.close()
    assert recorders[0].found == recorders[1].found


def test_what_is_simply_the_next_packet_does_not_come_to_python() -> None:
    ring = RingWriter(1 << 20)
    recorder = Recorder(native.NativeReader(ring.fd), [VideoCodec.VP8])

    def write(number: int, *, key: bool) -> None:
        flags = RecordFlag.MARKER | RecordFlag.BEGINS_FRAME
        head = KEYFRAME if key else b"\x11"
        ring.write(0, RecordKind.VIDEO, flags, ssrc=1, arrival_ns=number * 33_000_000,
                   timestamp=number * 3000, sequence=number, payload=head + bytes(100))  # fmt: skip
        ring.write(0, RecordKind.AUDIO, 0, ssrc=2, arrival_ns=number * 33_000_000,
                   timestamp=number * 1600, sequence=number, payload=bytes(60))  # fmt: skip

    write(0, key=True)
    recorder.read(0.0)
    for number in range(1, 100):
        write(number, key=number % 50 == 0)
    left = []
    for record in recorder.reader.ring.records(recorder.reader.ring.published()):
        left.append(record[1])
        recorder.recordings[0].take(record)
    assert left == [FRAME]
    ring.close()


@given(st.lists(st.tuples(st.booleans(), st.floats(-3, 30), st.booleans(), st.binary(max_size=9))))
def test_both_make_the_same_clusters(blocks: list[tuple[bool, float, bool, bytes]]) -> None:
    ring = RingWriter(1 << 12)
    tap = native.NativeReader(ring.fd).open(1)
    stores: tuple[BlockStore, ...] = (Blocks(), tap)
    for picture, at_s, key, data in blocks:
        for store in stores:
            if picture:
                store.picture(data, at_s, 0x80 if key else 0)
            else:
                store.sound(data, at_s)
    assert stores[0].waiting_bytes == stores[1].waiting_bytes
    assert stores[0].waits == stores[1].waits
    assert stores[0].clusters() == stores[1].clusters()
    assert not stores[1].waits
    ring.close()


def test_a_recording_that_outgrows_all_bounds_ends_alone() -> None:
    ring = RingWriter(1 << 12)
    tap = native.NativeReader(ring.fd).open(1)
    for _ in range(8):
        tap.sound(bytes(8 << 20), 0.0)
    with pytest.raises(MemoryError):
        tap.sound(b"0", 0.0)
    with pytest.raises(MemoryError):
        tap.sound(b"", float("nan"))
    ring.close()


@pytest.mark.parametrize("size", [0, 8, 33, 1 << 11, 0xFFFFFFF8])
def test_a_head_that_cannot_be_is_refused(size: int) -> None:
    ring = RingWriter(1 << 12)
    reader = native.NativeReader(ring.fd)
    reader.open(1)
    assert ring.write(1, 1, 0, ssrc=1, arrival_ns=1, timestamp=1, sequence=1, payload=bytes(40))
    ring._map[4096:4100] = size.to_bytes(4, "little")
    with pytest.raises(RingCorruptError):
        list(reader.ring.records(reader.ring.published()))
    ring.close()
