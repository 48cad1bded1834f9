"""Our WebM: it decodes whole, cut anywhere and mended, and says where everything is."""

import itertools
import subprocess
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.media.packets.rtp import parse_rtp
from relay.media.packets.vp8 import parse_vp8
from relay.media.recorder.clusters import CLUSTER_HEAD, KEY
from relay.media.recorder.mend import BusyError, mend
from relay.media.recorder.sink import FileSink
from relay.media.recorder.webm import (
    HEADER_BYTES,
    Picture,
    WebmMuxer,
    header,
    prologue,
)
from tests.relay.media.rtp_source import pictures, sounds
from visit_protocol.vocabulary import VideoCodec

PICTURE = Picture(VideoCodec.VP8, 160, 90)
FRAMES, KEY_EACH = 60, 10


def vp8_frames() -> list[bytes]:
    frames = []
    for packets in pictures(FRAMES, size=(160, 90), keyframe_each=KEY_EACH):
        data = b""
        for packet in packets:
            header_ = parse_rtp(packet, len(packet))
            start = parse_vp8(packet, header_.payload_start, header_.payload_end).start
            data += packet[start : header_.payload_end]
        frames.append(data)
    return frames


class Sample:
    """Six seconds, ten pictures and fifty sounds each, written a second at a time."""

    def __init__(self) -> None:
        muxer = WebmMuxer(PICTURE)
        voice = [packet[12:] for packet in sounds(5 * FRAMES)]
        self.flushes: list[int] = []
        self.unfinished = b""
        for number, frame in enumerate(vp8_frames()):
            muxer.picture(frame, number / 10, 0 if number % KEY_EACH else KEY)
            for step in range(5):
                muxer.sound(voice[5 * number + step], number / 10 + step / 50)
            if number % 9 == 8:
                self.unfinished += muxer.fragment()
                self.flushes.append(len(self.unfinished))
        self.unfinished += muxer.fragment()
        block = HEADER_BYTES + CLUSTER_HEAD.size
        content = int.from_bytes(self.unfinished[block + 1 : block + 5], "big") - 0x10000000
        self.first_block_end = block + 5 + content
        cues, prologue_ = muxer.ending()
        self.finished = prologue_ + self.unfinished[len(prologue_) :] + cues


@pytest.fixture(scope="module")
def sample() -> Sample:
    return Sample()


def ffmpeg_says(path: Path) -> bytes:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"]
    found = subprocess.run(command, capture_output=True, check=True)
    return found.stderr


def decoded(path: Path) -> tuple[int, int]:
    """Pictures and sounds that PyAV decodes."""
    with av.open(str(path)) as container:
        counts = {"video": 0, "audio": 0}
        for frame in container.decode():
            counts["video" if isinstance(frame, av.VideoFrame) else "audio"] += 1
    return counts["video"], counts["audio"]


def test_a_finished_file_decodes_completely_and_states_its_duration(
    sample: Sample, tmp_path: Path
) -> None:
    path = tmp_path / "a.webm"
    path.write_bytes(sample.finished)
    assert ffmpeg_says(path) == b""
    assert decoded(path) == (FRAMES, 5 * FRAMES)
    with av.open(str(path)) as container:
        assert container.duration == pytest.approx(5.98e6, abs=1e4)


def test_a_finished_file_can_be_sought_to_each_keyframe(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "a.webm"
    path.write_bytes(sample.finished)
    with av.open(str(path)) as container:
        for second in range(6):
            container.seek(int((second + 0.5) * 1e6))
            frame = next(container.decode(video=0))
            assert frame.time == pytest.approx(second, abs=0.01)
            assert frame.key_frame


def test_an_unfinished_file_decodes_in_silence_after_each_flush(
    sample: Sample, tmp_path: Path
) -> None:
    path = tmp_path / "a.webm"
    for number, size in enumerate(sample.flushes, 1):
        path.write_bytes(sample.unfinished[:size])
        assert ffmpeg_says(path) == b""
        assert decoded(path) == (9 * number, 45 * number)


@settings(max_examples=40, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(where=st.floats(0, 1))
def test_a_file_cut_at_any_byte_is_mended_and_loses_only_what_was_cut(
    sample: Sample, tmp_path: Path, where: float
) -> None:
    size = int(len(sample.unfinished) * where)
    path = tmp_path / "a.webm"
    path.write_bytes(sample.unfinished[:size])
    mended = mend(path)
    if mended is None:
        assert size < sample.first_block_end
        assert path.stat().st_size == size, "what cannot be mended is left as it is"
        return
    assert mended.size == path.stat().st_size
    assert ffmpeg_says(path) == b""
    whole = max(itertools.takewhile(lambda end: end <= size, [HEADER_BYTES, *sample.flushes]))
    kept = sample.unfinished[:whole]
    seen = decoded(path)
    assert sum(seen) >= kept.count(b"\xa3\x10\x00") * 0.9
    assert mended.duration_s <= 5.98
    assert mend(path) == mended, "mending twice changes nothing"


def test_a_finished_file_is_left_as_it_is(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "a.webm"
    path.write_bytes(sample.finished)
    mended = mend(path)
    assert mended is not None
    assert (mended.size, mended.duration_s) == (len(sample.finished), 5.98)
    assert path.read_bytes() == sample.finished


def test_a_file_that_was_cut_while_it_was_finished_is_mended_to_the_same(
    sample: Sample, tmp_path: Path
) -> None:
    path = tmp_path / "a.webm"
    cues = len(sample.finished) - len(sample.unfinished)
    for cut in (0, 1, cues // 2, cues):
        path.write_bytes(sample.unfinished + sample.finished[len(sample.unfinished) :][:cut])
        mend(path)
        assert path.read_bytes() == sample.finished


def test_a_file_that_is_being_written_is_not_touched(sample: Sample, tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "a.webm")
    sink.append(sample.unfinished)
    with pytest.raises(BusyError):
        mend(tmp_path / "a.webm")
    sink.close()
    assert mend(tmp_path / "a.webm") is not None


@given(st.binary(max_size=3000))
def test_no_bytes_make_mending_fail(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("mend") / "a.webm"
    for begin in (b"", header(PICTURE)):
        path.write_bytes(begin + data)
        mend(path)


def test_a_file_of_many_hours_keeps_its_times(tmp_path: Path) -> None:
    muxer, path = WebmMuxer(PICTURE), tmp_path / "a.webm"
    content = muxer.fragment()
    for hour in range(30):
        muxer.sound(b"\xf8\xff\xfe", hour * 3600)
        content += muxer.fragment()
    cues, prologue_ = muxer.ending()
    path.write_bytes(prologue_ + content[len(prologue_) :] + cues)
    with av.open(str(path)) as container:
        found = [packet.pts for packet in container.demux() if packet.pts is not None]
    assert found == [hour * 3_600_000 for hour in range(30)]


def test_a_long_wait_for_the_disk_still_gives_clusters_of_a_second() -> None:
    muxer = WebmMuxer(PICTURE)
    for number in range(3000):
        muxer.sound(b"\xf8\xff\xfe", number / 50)
    assert muxer.fragment().count(b"\x1f\x43\xb6\x75") == 60


@given(st.lists(st.tuples(st.booleans(), st.floats(-5, 5000)), min_size=1, max_size=60))
def test_times_never_run_backwards_within_a_track(steps: list[tuple[bool, float]]) -> None:
    muxer = WebmMuxer(PICTURE)
    times: dict[bool, list[int]] = {True: [], False: []}
    for picture, at_s in steps:
        if picture:
            muxer.picture(b"\0" * 10, at_s, KEY)
        else:
            muxer.sound(b"\0", at_s)
        times[picture].append(muxer._blocks.picture_ms if picture else muxer._blocks.sound_ms)
    for track in times.values():
        assert track == sorted(set(track))
    assert len(muxer.fragment()) > HEADER_BYTES


def test_a_prologue_has_one_length() -> None:
    assert {len(header(Picture(codec, 640, 480))) for codec in VideoCodec} == {HEADER_BYTES}
    assert len({len(prologue(codec)) for codec in VideoCodec}) == 1
