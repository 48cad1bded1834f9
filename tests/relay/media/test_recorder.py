"""The recorder's parts, and whole files from packets as bad as networks and parties make them."""

import errno
import fractions
import itertools
import os
import random
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from aiortc.codecs.h264 import H264Encoder
from av import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from relay.media.packets.rtcp import SenderReport
from relay.media.packets.rtp import Kind
from relay.media.recorder.disk import DiskFile, DiskPool
from relay.media.recorder.failure import Failure
from relay.media.recorder.intake import PlainReader, RecordReader
from relay.media.recorder.mend import mend
from relay.media.recorder.recording import Recording
from relay.media.recorder.reorder import PATIENCE_S, ReorderBuffer
from relay.media.recorder.sink import FileSink, RecordingSink
from relay.media.recorder.timeline import MAX_DRIFT_S, Timeline
from relay.media.ring import Record, RingWriter
from tests.relay.media.ring_source import RingSource
from tests.relay.media.rtp_source import pictures, rtp, sounds
from visit_protocol.vocabulary import VideoCodec


def assert_decodes(path: Path) -> None:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"]
    found = subprocess.run(command, capture_output=True, check=False)
    assert (found.returncode, found.stderr) == (0, b"")


def times(path: Path, stream: str) -> list[float]:
    command = ["ffprobe", "-v", "error", "-select_streams", stream, "-show_entries",
               "packet=pts_time", "-of", "csv=p=0", str(path)]  # fmt: skip
    found = subprocess.run(command, capture_output=True, check=True, text=True)
    return [float(line.strip(",")) for line in found.stdout.split()]


class Heard:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.opens = 0
        self.ends: list[tuple[int, float, Failure | None]] = []

    def opened(self) -> None:
        self.opens += 1

    def closed(self, size: int, duration_s: float, failure: Failure | None) -> None:
        self.ends.append((size, duration_s, failure))


class Written:
    """A recording behind a ring; packets go in with their arrival in seconds."""

    make_reader: Callable[[int], RecordReader] = PlainReader

    def __init__(
        self, make_sink: Callable[[], RecordingSink], codec: VideoCodec = VideoCodec.VP8
    ) -> None:
        self.heard = Heard()
        self.pool = DiskPool(1)
        self.ring = RingWriter(1 << 20)
        self.tap = RingSource(self.ring, 1, codec)
        reader = self.make_reader(self.ring.fd)
        self._reader = reader.ring
        file = DiskFile(self.pool, make_sink)
        self.recording = Recording(codec, file, self.heard, intake=reader.open(1))

    def packet(self, kind: Kind, packet: bytes, arrival_s: float) -> None:
        self.tap.packet(kind, packet, round(arrival_s * 1e9))
        self.read()

    def report(self, kind: Kind, report: SenderReport) -> None:
        self.tap.report(kind, report)
        self.read()

    def read(self) -> None:
        for record in self._reader.records(self._reader.published()):
            self.recording.take(record)

    def advance(self, now_s: float) -> None:
        """As the program does, but for the job that it starts, which is waited for."""
        self.recording.advance(now_s)
        deadline_s = time.monotonic() + 5
        while self.recording._file.busy and time.monotonic() < deadline_s:
            time.sleep(0.001)

    def finish(self) -> None:
        self.recording.close()
        for _ in range(4):
            self.advance(1e6)
        assert self.recording.over
        self.discard()

    def discard(self) -> None:
        self.pool.close()

    @property
    def duration_s(self) -> float:
        return self.heard.ends[0][1]


@pytest.fixture(scope="module", params=["python", "c"], autouse=True)
def intake(request: pytest.FixtureRequest) -> None:
    """Everything below is claimed of both intakes."""
    Written.make_reader = PlainReader
    if request.param == "c":
        native = pytest.importorskip("relay.media.recorder.native", exc_type=ImportError)
        Written.make_reader = native.NativeReader


class WrittenFile(Written):
    """One in a file."""

    def __init__(self, path: Path, codec: VideoCodec = VideoCodec.VP8) -> None:
        super().__init__(lambda: FileSink(path), codec)
        self.path = path


@pytest.fixture
def written(tmp_path: Path) -> WrittenFile:
    return WrittenFile(tmp_path / "a.webm")


# ── reorder ────────────────────────────────────────────────────────────────────────────────
@given(st.integers(0, 0xFFFF), st.permutations(list(range(20))))
def test_packets_come_out_in_order_once_whatever_their_order(start: int, order: list[int]) -> None:
    buffer: ReorderBuffer[int] = ReorderBuffer()
    buffer.push((start - 1) & 0xFFFF, -1, 0.0)
    for number in order + order:
        buffer.push((start + number) & 0xFFFF, number, 0.0)
    assert list(buffer.pop(0.0)) == [(number, False) for number in range(-1, 20)]


def test_a_lost_packet_is_waited_for_and_then_given_up() -> None:
    buffer: ReorderBuffer[str] = ReorderBuffer()
    buffer.push(1, "a", 0.0)
    buffer.push(3, "c", 0.0)
    assert list(buffer.pop(PATIENCE_S / 2)) == [("a", False)]
    assert list(buffer.pop(PATIENCE_S)) == [("c", True)]
    buffer.push(2, "b", PATIENCE_S)
    assert list(buffer.pop(10.0)) == []


def test_an_interruption_is_not_waited_for() -> None:
    buffer: ReorderBuffer[str] = ReorderBuffer()
    buffer.push(1, "a", 0.0)
    assert list(buffer.pop(0.0)) == [("a", False)]
    buffer.push(1000, "b", 0.0)
    assert list(buffer.pop(0.0)) == [("b", True)]


# ── timeline ───────────────────────────────────────────────────────────────────────────────
def test_time_runs_by_the_sources_clock_and_over_its_wrap() -> None:
    timeline = Timeline()
    start = 0xFFFFFFFF - 4500
    assert timeline.picture.seconds(start, 10.0) == 10.0
    assert timeline.picture.seconds((start + 9000) & 0xFFFFFFFF, 10.3) == pytest.approx(10.1)


@given(st.lists(st.integers(0, 0xFFFFFFFF), min_size=1, max_size=50))
def test_no_party_can_write_absurd_times(timestamps: list[int]) -> None:
    timeline = Timeline()
    for number, timestamp in enumerate(timestamps):
        arrival_s = number * 0.1
        assert abs(timeline.sound.seconds(timestamp, arrival_s) - arrival_s) <= MAX_DRIFT_S


def test_the_picture_is_moved_to_the_sound_by_the_senders_reports() -> None:
    timeline = Timeline()
    timeline.sound.seconds(0, 10.0)
    timeline.picture.seconds(0, 10.4)  # the picture came 400 ms late
    timeline.report(Kind.AUDIO, ntp=100 << 32, rtp=0)
    timeline.report(Kind.VIDEO, ntp=100 << 32, rtp=0)
    assert timeline.picture.seconds(9000, 10.5) == pytest.approx(10.1)


# ── files ──────────────────────────────────────────────────────────────────────────────────
def test_a_file_of_jittering_pictures_decodes(written: WrittenFile) -> None:
    dice = random.Random(1)
    voice = sounds(200)
    for number, packets in enumerate(pictures(40, step=9000)):
        for packet in packets:
            shifted = bytearray(packet)
            stamp = max(0, number * 9000 + dice.randint(-8000, 8000))
            shifted[4:8] = stamp.to_bytes(4, "big")
            written.packet(Kind.VIDEO, bytes(shifted), number / 10)
        for _ in range(5):
            written.packet(Kind.AUDIO, next(voice), number / 10)
    written.finish()
    assert_decodes(written.path)
    assert written.duration_s == pytest.approx(4.0, abs=0.3)


def test_a_file_with_losses_and_disorder_decodes_and_resumes_at_keyframes(
    written: WrittenFile,
) -> None:
    dice = random.Random(2)
    packets = [
        (packet, number / 10) for number, frame in enumerate(pictures(60)) for packet in frame
    ]
    kept = [entry for entry in packets if dice.random() > 0.02]
    for place in range(len(kept) - 3):
        if dice.random() < 0.2:
            kept[place], kept[place + 2] = kept[place + 2], kept[place]
    for packet, at_s in kept:
        written.packet(Kind.VIDEO, packet, at_s)
        written.advance(at_s)
    written.finish()
    assert_decodes(written.path)
    assert 10 < len(times(written.path, "v")) < 60


def test_a_file_survives_a_new_source_of_another_size(written: WrittenFile) -> None:
    for number, packets in enumerate(pictures(20)):
        for packet in packets:
            written.packet(Kind.VIDEO, packet, number / 10)
    again = pictures(20, ssrc=99, sequence=60000, timestamp=4_000_000_000, size=(160, 90))
    for number, packets in enumerate(again):
        for packet in packets:
            written.packet(Kind.VIDEO, packet, 5 + number / 10)
    written.finish()
    assert_decodes(written.path)
    found = times(written.path, "v")
    assert len(found) == 40
    assert found[20] - found[19] == pytest.approx(3.1, abs=0.05)


def test_a_file_that_begins_between_keyframes_waits_for_one(written: WrittenFile) -> None:
    for number, packets in enumerate(pictures(20)):
        for packet in packets if number >= 3 else []:
            written.packet(Kind.VIDEO, packet, number / 10)
    written.finish()
    assert_decodes(written.path)
    assert len(times(written.path, "v")) == 10


def test_a_party_without_a_picture_is_heard(written: WrittenFile) -> None:
    for number, packet in enumerate(sounds(250)):
        written.packet(Kind.AUDIO, packet, number / 50)
    written.finish()
    assert_decodes(written.path)
    assert len(times(written.path, "a")) == 250


def test_reports_of_a_foreign_source_are_ignored(written: WrittenFile) -> None:
    for number, packet in enumerate(sounds(100)):
        written.packet(Kind.AUDIO, packet, number / 50)
        written.report(Kind.AUDIO, SenderReport(12345, 1 << 62, 7))
    written.finish()
    assert written.duration_s == pytest.approx(2.0, abs=0.1)


@given(st.lists(st.tuples(st.sampled_from(Kind), st.binary(max_size=60)), max_size=30))
def test_no_bytes_make_a_recording_raise(packets: list[tuple[Kind, bytes]]) -> None:
    written = Written(Nowhere)
    for number, (kind, packet) in enumerate(packets):
        written.packet(kind, rtp(packet, payload_type=96, sequence=number, timestamp=0,
                                 ssrc=1, marker=True), number / 10)  # fmt: skip
        written.packet(kind, packet, number / 10)
    written.finish()


@given(
    st.lists(
        st.tuples(
            st.just(1), st.integers(1, 3), st.integers(0, 255), st.integers(0, 2),
            st.integers(0, 1 << 63), st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFF),
            st.binary(max_size=20),
        ),
        max_size=40,
    )
)  # fmt: skip
def test_no_records_make_a_recording_raise(records: list[Record]) -> None:
    written = Written(Nowhere)
    for record in records:
        written.recording.take(record)
        written.recording.advance(record[4] / 1e9)
    written.finish()


# ── sinks and failures ─────────────────────────────────────────────────────────────────────
class Nowhere:
    """A sink that forgets."""

    def __init__(self) -> None:
        self.size = 0

    def append(self, fragment: bytes) -> None:
        self.size += len(fragment)

    def amend(self, at: int, data: bytes) -> None:
        pass

    def sync(self) -> None:
        pass

    def close(self) -> None:
        pass


class Failing(Nowhere):
    """Fails with ``number`` instead of taking more than so many bytes."""

    def __init__(self, number: int, after: int) -> None:
        super().__init__()
        self._number, self._after = number, after

    def append(self, fragment: bytes) -> None:
        if self.size + len(fragment) > self._after:
            raise OSError(self._number, os.strerror(self._number))
        super().append(fragment)


def feed(written: Written, begin: int = 0) -> None:
    for number, packets in enumerate(pictures(30), begin):
        for packet in packets:
            written.packet(Kind.VIDEO, packet, number / 10)
        written.advance(number / 10)


@pytest.mark.parametrize(
    ("number", "failure"),
    [
        (errno.ENOSPC, Failure.DISK_FULL),
        (errno.EDQUOT, Failure.DISK_FULL),
        (errno.EFBIG, Failure.DISK_FULL),
        (errno.EIO, Failure.DISK_FAILED),
    ],
)
def test_a_failing_disk_stops_the_recording_and_is_told_once(number: int, failure: Failure) -> None:
    written = Written(lambda: Failing(number, 2000))
    feed(written)
    feed(written)
    written.finish()
    assert [end[2] for end in written.heard.ends] == [failure]


def test_a_disk_that_hangs_never_makes_the_caller_wait() -> None:
    hang = threading.Event()

    class Hanging(Nowhere):
        def sync(self) -> None:
            hang.wait(10)

    written = Written(Hanging)
    started = time.monotonic()
    for number, packet in enumerate(sounds(700)):
        written.packet(Kind.AUDIO, packet, number / 50)
        written.recording.advance(number / 50)
    assert time.monotonic() - started < 5
    assert [end[2] for end in written.heard.ends] == [Failure.DISK_TOO_SLOW]
    hang.set()
    written.discard()


def test_a_disk_that_hangs_stops_no_other_file(tmp_path: Path) -> None:
    hang = threading.Event()

    class Hanging(Nowhere):
        def sync(self) -> None:
            hang.wait(10)

    pool = DiskPool(2)
    files = [DiskFile(pool, Hanging), DiskFile(pool, lambda: FileSink(tmp_path / "a"))]
    for file in files:
        file.write(b"x")
    for _ in range(500):
        if not files[1].busy:
            break
        time.sleep(0.01)
    assert (tmp_path / "a").read_bytes() == b"x"
    assert files[0].busy
    hang.set()
    pool.close()


def test_a_recording_of_nothing_makes_no_file_and_tells_nothing(tmp_path: Path) -> None:
    written = WrittenFile(tmp_path / "v" / "a.webm")
    written.finish()
    assert written.heard.ends == []
    assert not (tmp_path / "v").exists()


def test_a_sink_does_not_touch_a_file_that_exists(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"kept")
    with pytest.raises(FileExistsError):
        FileSink(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"kept"


# ── H.264 ──────────────────────────────────────────────────────────────────────────────────
def h264_pictures(count: int, step: int = 9000) -> Iterator[list[bytes]]:
    """The packets of each of ``count`` noisy pictures, a keyframe each tenth."""
    encoder, noise = H264Encoder(), np.random.default_rng(1)
    for number in range(count):
        planes = noise.integers(0, 255, (360 * 3 // 2, 640), dtype=np.uint8)
        frame = VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = number * 3000, fractions.Fraction(1, 90000)
        payloads, _ = encoder.encode(frame, force_keyframe=number % 10 == 0)
        yield [
            rtp(payload, payload_type=99, sequence=1000 * number + place, ssrc=1,
                timestamp=number * step, marker=payload is payloads[-1])
            for place, payload in enumerate(payloads)
        ]  # fmt: skip


def numbered(frames: Iterator[list[bytes]]) -> Iterator[list[bytes]]:
    """The same with sequence numbers without gaps."""
    sequence = itertools.count()
    for frame in frames:
        yield [p[:2] + (next(sequence) & 0xFFFF).to_bytes(2, "big") + p[4:] for p in frame]


def test_h264_is_recorded_and_decodes_completely(tmp_path: Path) -> None:
    written = WrittenFile(tmp_path / "a.mkv", VideoCodec.H264)
    voice = sounds(200)
    for number, packets in enumerate(numbered(h264_pictures(40))):
        for packet in packets:
            written.packet(Kind.VIDEO, packet, number / 10)
        for _ in range(5):
            written.packet(Kind.AUDIO, next(voice), number / 10)
        written.advance(number / 10)
    written.finish()
    assert_decodes(written.path)
    assert len(times(written.path, "v")) == 40
    with av.open(str(written.path)) as container:
        video = container.streams.video[0]
        assert (video.codec_context.name, video.width, video.height) == ("h264", 640, 360)
        assert sum(1 for _ in container.decode(video=0)) == 40


def test_h264_that_comes_late_is_stated_before_the_recorder_could_be_killed(
    tmp_path: Path,
) -> None:
    """Its decoder's parameters stand in the header, which was written without them."""
    written = WrittenFile(tmp_path / "a.mkv", VideoCodec.H264)
    voice, killed = sounds(300), tmp_path / "killed.mkv"
    for tick in range(40):
        for _ in range(5):
            written.packet(Kind.AUDIO, next(voice), tick / 10)
        written.advance(tick / 10)
    assert written.heard.opens == 1, "the file has begun without a picture"
    for number, packets in enumerate(numbered(h264_pictures(20)), 40):
        for packet in packets:
            written.packet(Kind.VIDEO, packet, number / 10)
        for _ in range(5):
            written.packet(Kind.AUDIO, next(voice), number / 10)
        written.advance(number / 10)
    killed.write_bytes(written.path.read_bytes())
    assert mend(killed) is not None
    written.finish()
    for path, pictures_kept in ((killed, 10), (written.path, 20)):
        assert_decodes(path)
        assert len(times(path, "v")) >= pictures_kept
        with av.open(str(path)) as container:
            video = container.streams.video[0]
            assert (video.codec_context.name, video.width, video.height) == ("h264", 640, 360)
            assert sum(1 for _ in container.decode(video=0)) >= pictures_kept


def test_h264_with_losses_goes_on_at_the_next_keyframe(tmp_path: Path) -> None:
    written = WrittenFile(tmp_path / "a.mkv", VideoCodec.H264)
    for number, packets in enumerate(numbered(h264_pictures(40))):
        for place, packet in enumerate(packets):
            if not (number % 10 == 5 and place == 0):
                written.packet(Kind.VIDEO, packet, number / 10)
        written.advance(number / 10)
    written.finish()
    assert_decodes(written.path)
    assert len(times(written.path, "v")) == 20


@given(st.lists(st.tuples(st.integers(0, 31), st.binary(max_size=40)), max_size=20))
def test_no_h264_payload_makes_a_recording_raise(payloads: list[tuple[int, bytes]]) -> None:
    written = Written(Nowhere, VideoCodec.H264)
    for sequence, (flags, payload) in enumerate(payloads):
        written.recording.take((1, 2, flags, 1, 0, sequence // 3, sequence, payload))
    written.finish()
