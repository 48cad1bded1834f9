"""The recorder's parts, and whole files from packets as bad as networks and parties make them."""

import errno
import os
import random
import subprocess
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.media.packets.rtcp import SenderReport
from relay.media.packets.rtp import Kind
from relay.media.recorder import recording as recording_module
from relay.media.recorder.disk import DiskRecorder
from relay.media.recorder.recording import Failure, Recording
from relay.media.recorder.reorder import PATIENCE_S, ReorderBuffer
from relay.media.recorder.sink import FileSink, RecordingSink
from relay.media.recorder.timeline import MAX_DRIFT_S, Timeline
from relay.media.recorder.writer import RecordingWriter
from tests.relay.media.rtp_source import pictures, rtp, sounds
from visit_protocol.message import Message
from visit_protocol.vocabulary import Party
from visit_protocol.worker import RecordingClosed


def assert_decodes(path: Path) -> None:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"]
    found = subprocess.run(command, capture_output=True, check=False)
    assert (found.returncode, found.stderr) == (0, b"")


def times(path: Path, stream: str) -> list[float]:
    command = ["ffprobe", "-v", "error", "-select_streams", stream, "-show_entries",
               "packet=pts_time", "-of", "csv=p=0", str(path)]  # fmt: skip
    found = subprocess.run(command, capture_output=True, check=True, text=True)
    return [float(line.strip(",")) for line in found.stdout.split()]


class Written:
    """A writer with its file; packets go in with their arrival in seconds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer = RecordingWriter(lambda: FileSink(path))

    def finish(self) -> None:
        self.writer.finish()
        self.size, self.duration_s = self.writer.abandon()


@pytest.fixture
def written(tmp_path: Path) -> Written:
    return Written(tmp_path / "a.webm")


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
    assert timeline.seconds(Kind.VIDEO, start, 10.0) == 10.0
    assert timeline.seconds(Kind.VIDEO, (start + 9000) & 0xFFFFFFFF, 10.3) == pytest.approx(10.1)


@given(st.lists(st.integers(0, 0xFFFFFFFF), min_size=1, max_size=50))
def test_no_party_can_write_absurd_times(timestamps: list[int]) -> None:
    timeline = Timeline()
    for number, timestamp in enumerate(timestamps):
        arrival_s = number * 0.1
        assert abs(timeline.seconds(Kind.AUDIO, timestamp, arrival_s) - arrival_s) <= MAX_DRIFT_S


def test_the_picture_is_moved_to_the_sound_by_the_senders_reports() -> None:
    timeline = Timeline()
    timeline.seconds(Kind.AUDIO, 0, 10.0)
    timeline.seconds(Kind.VIDEO, 0, 10.4)  # the picture came 400 ms late
    timeline.report(Kind.AUDIO, ntp=100 << 32, rtp=0)
    timeline.report(Kind.VIDEO, ntp=100 << 32, rtp=0)
    assert timeline.seconds(Kind.VIDEO, 9000, 10.5) == pytest.approx(10.1)


# ── files ──────────────────────────────────────────────────────────────────────────────────
def test_a_file_of_jittering_pictures_decodes(written: Written) -> None:
    dice = random.Random(1)
    voice = sounds(200)
    for number, packets in enumerate(pictures(40, step=9000)):
        for packet in packets:
            shifted = bytearray(packet)
            stamp = max(0, number * 9000 + dice.randint(-8000, 8000))
            shifted[4:8] = stamp.to_bytes(4, "big")
            written.writer.packet(Kind.VIDEO, bytes(shifted), number / 10)
        for _ in range(5):
            written.writer.packet(Kind.AUDIO, next(voice), number / 10)
    written.finish()
    assert_decodes(written.path)
    assert written.duration_s == pytest.approx(4.0, abs=0.3)


def test_a_file_with_losses_and_disorder_decodes_and_resumes_at_keyframes(
    written: Written,
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
        written.writer.packet(Kind.VIDEO, packet, at_s)
        written.writer.advance(at_s)
    written.finish()
    assert_decodes(written.path)
    assert 10 < len(times(written.path, "v")) < 60


def test_a_file_survives_a_new_source_of_another_size(written: Written) -> None:
    for number, packets in enumerate(pictures(20)):
        for packet in packets:
            written.writer.packet(Kind.VIDEO, packet, number / 10)
    again = pictures(20, ssrc=99, sequence=60000, timestamp=4_000_000_000, size=(160, 90))
    for number, packets in enumerate(again):
        for packet in packets:
            written.writer.packet(Kind.VIDEO, packet, 5 + number / 10)
    written.finish()
    assert_decodes(written.path)
    found = times(written.path, "v")
    assert len(found) == 40
    assert found[20] - found[19] == pytest.approx(3.1, abs=0.05)


def test_a_file_that_begins_between_keyframes_waits_for_one(written: Written) -> None:
    for number, packets in enumerate(pictures(20)):
        for packet in packets if number >= 3 else []:
            written.writer.packet(Kind.VIDEO, packet, number / 10)
    written.finish()
    assert_decodes(written.path)
    assert len(times(written.path, "v")) == 10


def test_a_party_without_a_picture_is_heard(written: Written) -> None:
    for number, packet in enumerate(sounds(250)):
        written.writer.packet(Kind.AUDIO, packet, number / 50)
    written.finish()
    assert_decodes(written.path)
    assert len(times(written.path, "a")) == 250


def test_reports_of_a_foreign_source_are_ignored(written: Written) -> None:
    for number, packet in enumerate(sounds(100)):
        written.writer.packet(Kind.AUDIO, packet, number / 50)
        written.writer.report(Kind.AUDIO, SenderReport(12345, 1 << 62, 7))
    written.finish()
    assert written.duration_s == pytest.approx(2.0, abs=0.1)


@given(st.lists(st.tuples(st.sampled_from(Kind), st.binary(max_size=60)), max_size=30))
def test_no_bytes_make_the_writer_raise(packets: list[tuple[Kind, bytes]]) -> None:
    with Path(os.devnull).open("wb") as nowhere:
        writer = RecordingWriter(lambda: _Nowhere(nowhere.fileno()))
        for number, (kind, packet) in enumerate(packets):
            writer.packet(kind, rtp(packet, payload_type=96, sequence=number, timestamp=0,
                                    ssrc=1, marker=True), number / 10)  # fmt: skip
            writer.packet(kind, packet, number / 10)
        writer.finish()
        writer.abandon()


# ── sinks and failures ─────────────────────────────────────────────────────────────────────
class _Nowhere(FileSink):
    """A sink over an open descriptor that is not its own."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.dup(descriptor)  # type: ignore[misc]
        self._waiting = bytearray()
        self._position = self._size = 0

    def sync(self) -> None:
        self.flush()


class Failing(_Nowhere):
    """Fails with ``number`` once so many bytes were written."""

    def __init__(self, number: int, after: int) -> None:
        super().__init__(os.open(os.devnull, os.O_WRONLY))
        self._number, self._after = number, after

    def flush(self) -> None:
        super().flush()
        if self._size > self._after:
            raise OSError(self._number, os.strerror(self._number))


class Heard:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.opens = 0
        self.ends: list[tuple[int, float, Failure | None]] = []

    def opened(self) -> None:
        self.opens += 1

    def closed(self, size: int, duration_s: float, failure: Failure | None) -> None:
        self.ends.append((size, duration_s, failure))


def feed(recording: Recording) -> None:
    for number, packets in enumerate(pictures(30)):
        for packet in packets:
            recording.packet(Kind.VIDEO, packet, (10 + number * 100) * 1_000_000)


@pytest.mark.parametrize(
    ("number", "failure"),
    [
        (errno.ENOSPC, Failure.DISK_FULL),
        (errno.EDQUOT, Failure.DISK_FULL),
        (errno.EIO, Failure.DISK_FAILED),
    ],
)
def test_a_failing_disk_stops_the_recording_and_is_told_once(number: int, failure: Failure) -> None:
    heard = Heard()
    recording = Recording(lambda: Failing(number, 2000), heard)
    feed(recording)
    assert recording.wait(5)
    feed(recording)
    recording.close()
    assert [end[2] for end in heard.ends] == [failure]


def test_a_disk_that_hangs_never_makes_the_caller_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_module, "MAX_WAITING", 50)
    hang = threading.Event()

    def make_sink() -> RecordingSink:
        hang.wait()
        return _Nowhere(os.open(os.devnull, os.O_WRONLY))

    heard = Heard()
    recording = Recording(make_sink, heard)
    packets = [packet for frame in pictures(30) for packet in frame]
    started = time.monotonic()
    for packet in packets:
        recording.packet(Kind.VIDEO, packet, 0)
    time.sleep(0.3)  # the thread has taken the first packets and hangs
    for packet in packets:
        recording.packet(Kind.VIDEO, packet, 0)
    assert time.monotonic() - started < 2
    hang.set()
    assert recording.wait(5)
    assert [end[2] for end in heard.ends] == [Failure.DISK_TOO_SLOW]


def test_a_recording_of_nothing_makes_no_file_and_tells_nothing(tmp_path: Path) -> None:
    told: list[Message] = []
    recorder = DiskRecorder(told.append)
    tap = recorder.open(call="c", party=Party.INMATE, folder=str(tmp_path / "v"), segment=1)
    tap.close()
    assert recorder.wait_finished(5)
    assert told == []
    assert not (tmp_path / "v").exists()


def test_what_a_recorder_tells_names_the_file(tmp_path: Path) -> None:
    told: list[Message] = []
    recorder = DiskRecorder(told.append)
    tap = recorder.open(call="c", party=Party.VISITOR, folder=str(tmp_path / "v"), segment=2)
    feed(tap)
    tap.close()
    assert recorder.wait_finished(5)
    closed = told[-1]
    assert isinstance(closed, RecordingClosed)
    path = tmp_path / "v" / "visitor-2.webm"
    assert (closed.path, closed.size) == (str(path), path.stat().st_size)
    assert_decodes(path)


def test_a_sink_does_not_touch_a_file_that_exists(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"kept")
    with pytest.raises(FileExistsError):
        FileSink(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"kept"
