"""Claims about keyframes on their way to becoming small pictures, and about the process."""

import asyncio
import base64
import os
import signal
import socket
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.media.pictures.decode import MAX_PIXELS, decode, luma_of, thumbnail
from relay.media.pictures.feed import EVERY_NS, KeyframeFeed, keyframe_sockets
from relay.media.pictures.health import LUMA_SIZE
from relay.media.pictures.keyframe import MAX_BYTES, Keyframe, parse_keyframe, write_keyframe
from tests.relay.media.conftest import MakeParty, StartWorker
from tests.relay.media.party import read_counter
from tests.relay.media.worker_process import WorkerProcess
from visit_protocol.vocabulary import Party, PictureHealth, VideoCodec
from visit_protocol.worker import (
    CutCall,
    Forward,
    MonitorAnswer,
    PictureJudged,
    PictureTaken,
    ShowPictures,
)


def encoded(picture: np.ndarray) -> bytes:
    """The VP8 keyframe of a picture (height × width × BGR)."""
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.height, encoder.width = picture.shape[:2]
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 30)
    frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
    frame.pts = 0
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    return bytes(packets[0])


def room(width: int = 640, height: int = 360) -> np.ndarray:
    picture = np.full((height, width, 3), 120, np.uint8)
    cv2.circle(picture, (width // 2, height // 2), height // 4, (90, 160, 220), -1)
    return picture


def keyframe(data: bytes = b"\0" * 50, *, call: str = "c", taken_ns: int = 0) -> Keyframe:
    return Keyframe(call, Party.VISITOR, taken_ns, 640, 360, data)


# ── the way ────────────────────────────────────────────────────────────────────────────────
@given(st.binary(max_size=300))
def test_whatever_datagram_comes_is_a_keyframe_or_nothing(datagram: bytes) -> None:
    found = parse_keyframe(datagram)
    assert found is None or write_keyframe(found) == datagram


def test_a_keyframe_comes_out_as_it_went_in_unless_it_is_too_long() -> None:
    one = keyframe(b"picture", call="v-01.7", taken_ns=123)
    assert parse_keyframe(write_keyframe(one) or b"") == one
    assert write_keyframe(keyframe(b"x" * MAX_BYTES)) is None


def test_nobody_who_reads_makes_nobody_wait_and_the_latest_wins() -> None:
    sending, receiving = keyframe_sockets()
    with sending, receiving:
        feed = KeyframeFeed(sending)
        began = time.monotonic()
        for number in range(200):
            feed.offer(keyframe(bytes([number]) * 50_000, taken_ns=number * EVERY_NS))
            feed.flush()
        assert time.monotonic() - began < 2.0
        got = []
        while True:
            try:
                got.append(parse_keyframe(receiving.recv(MAX_BYTES, socket.MSG_DONTWAIT)))
            except BlockingIOError:
                feed.flush()
                try:
                    got.append(parse_keyframe(receiving.recv(MAX_BYTES, socket.MSG_DONTWAIT)))
                except BlockingIOError:
                    break
        assert got[-1] is not None
        assert got[-1].data[0] == 199
        assert len(got) < 20


def test_keyframes_that_follow_at_once_are_left_out() -> None:
    sending, receiving = keyframe_sockets()
    with sending, receiving:
        feed = KeyframeFeed(sending)
        for taken_ns in (0, EVERY_NS // 2, EVERY_NS):
            feed.offer(keyframe(taken_ns=taken_ns))
            feed.flush()
        receiving.setblocking(False)
        taken = [parse_keyframe(receiving.recv(MAX_BYTES)) for _ in range(2)]
        assert [one.taken_ns for one in taken if one] == [0, EVERY_NS]
        with pytest.raises(BlockingIOError):
            receiving.recv(MAX_BYTES)


# ── decoding ───────────────────────────────────────────────────────────────────────────────
def test_a_vp8_keyframe_becomes_the_picture_that_was_encoded() -> None:
    picture = room()
    found = decode(encoded(picture))
    assert found is not None
    assert np.abs(found.astype(int) - picture).mean() < 4
    assert luma_of(found).shape == (LUMA_SIZE[1], LUMA_SIZE[0])


@pytest.mark.parametrize(
    ("size", "small"),
    [((640, 360), (320, 180)), ((360, 640), (101, 180)), ((160, 90), (320, 180))],
)
def test_a_small_picture_keeps_its_shape(size: tuple[int, int], small: tuple[int, int]) -> None:
    jpeg = thumbnail(room(*size))
    assert jpeg is not None
    shown = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shown.shape[1::-1] == small


def test_noise_that_makes_a_long_jpeg_is_shown_coarser() -> None:
    noise = np.random.default_rng(3).integers(0, 255, (180, 320, 3), np.uint8)
    jpeg = thumbnail(noise)
    assert jpeg is not None
    assert len(jpeg) <= 32 * 1024


def test_a_frame_that_claims_to_be_huge_is_not_even_tried() -> None:
    frame = bytearray(encoded(room()))
    frame[6:10] = bytes((0xFF, 0x3F, 0xFF, 0x3F))
    assert MAX_PIXELS < 0x3FFF**2
    assert decode(bytes(frame)) is None


def h264(picture: np.ndarray) -> bytes:
    """The same as NAL units with their lengths."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.height, encoder.width = picture.shape[:2]
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 30)
    frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
    frame.pts = 0
    stream = b"".join(bytes(one) for one in [*encoder.encode(frame), *encoder.encode(None)])
    units = [unit.rstrip(b"\0") for unit in stream.split(b"\0\0\1") if unit.rstrip(b"\0")]
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


def test_an_h264_keyframe_becomes_the_picture_that_was_encoded() -> None:
    picture = room()
    units = h264(picture)
    found = decode(units, VideoCodec.H264)
    assert found is not None
    assert np.abs(found.astype(int) - picture).mean() < 4
    assert decode(units[: len(units) // 4], VideoCodec.H264) is None
    assert decode(h264(room(2560, 1440)), VideoCodec.H264) is None, "too large"


@given(st.data())
def test_a_damaged_frame_is_a_picture_or_none(data: st.DataObject) -> None:
    frame = bytearray(FRAME)
    for _ in range(data.draw(st.integers(1, 8))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    found = decode(bytes(frame[: data.draw(st.integers(0, len(frame)))]))
    assert found is None or found.ndim == 3


FRAME = encoded(room(160, 90))


# ── the process, fed by a real worker ──────────────────────────────────────────────────────
async def live(worker: WorkerProcess, make_party: MakeParty, folder: Path) -> None:
    inmate, visitor = make_party(), make_party()
    worker.open("call", folder=folder)
    await worker.live("call", inmate, visitor)
    await asyncio.gather(inmate.until_pictures(2), visitor.until_pictures(2))


def running() -> set[int]:
    return {int(entry.name) for entry in Path("/proc").glob("[0-9]*")}


async def test_pictures_come_of_both_parties_while_somebody_looks_and_then_no_more(
    start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    worker = await start_worker()
    await live(worker, make_party, tmp_path)
    await asyncio.sleep(2.5)
    assert worker.all(PictureTaken) == [], "nobody looks"
    worker.send(ShowPictures(call="call", seconds=4))
    for party in Party:
        picture = await worker.until(
            PictureTaken, lambda m, party=party: m.party is party, timeout_s=3
        )
        assert 0 <= time.monotonic_ns() - picture.taken_ns < 3_000_000_000
        jpeg = np.frombuffer(base64.b64decode(picture.jpeg), np.uint8)
        shown = cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE)
        assert shown.shape == (180, 320)
        assert read_counter(shown) is not None
    await asyncio.sleep(4.5)
    said = len(worker.all(PictureTaken))
    assert said >= 4
    await asyncio.sleep(2.5)
    assert len(worker.all(PictureTaken)) == said
    assert await worker.close() == 0


async def test_a_pictures_process_that_is_killed_comes_back_and_the_call_never_notices(
    start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    worker = await start_worker()
    await live(worker, make_party, tmp_path)
    first = worker.child("relay.media.pictures")
    recorder = worker.child("relay.media.recorder")
    os.kill(first, signal.SIGKILL)
    async with asyncio.timeout(20):
        while not worker.all(PictureTaken):
            worker.send(ShowPictures(call="call", seconds=5))
            await asyncio.sleep(0.5)
    assert worker.child("relay.media.pictures") != first
    assert worker.child("relay.media.recorder") == recorder
    worker.send(CutCall(call="call"))
    assert await worker.close() == 0


async def test_no_pictures_process_outlives_its_worker(start_worker: StartWorker) -> None:
    worker = await start_worker()
    pictures = worker.child("relay.media.pictures")
    worker.process.kill()
    await worker.ended()
    async with asyncio.timeout(5):
        while pictures in running():
            await asyncio.sleep(0.05)


def test_a_pictures_process_that_nobody_needed_ends_without_loading_a_codec() -> None:
    feed_out, feed_in = keyframe_sockets()
    ours, theirs = socket.socketpair()
    with feed_out, feed_in, theirs:
        ours.close()
        fds = (feed_in.fileno(), theirs.fileno())
        command = [sys.executable, "-X", "importtime", "-m", "relay.media.pictures"]
        command += ["--feed-fd", str(fds[0]), "--control-fd", str(fds[1])]
        ended = subprocess.run(
            command, pass_fds=fds, capture_output=True, text=True, timeout=20, check=True
        )
    assert "relay.media" in ended.stderr
    assert "cv2" not in ended.stderr


async def test_a_call_that_is_held_makes_no_pictures(
    start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    worker = await start_worker()
    await live(worker, make_party, tmp_path)
    worker.send(ShowPictures(call="call", seconds=60))
    await worker.until(PictureTaken, timeout_s=25)
    worker.send(Forward(call="call", on=False))
    await asyncio.sleep(3.5)  # what was on its way is taken
    before = len(worker.all(PictureTaken))
    await asyncio.sleep(2.5)
    assert len(worker.all(PictureTaken)) == before


async def test_a_covered_camera_is_told(
    start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    worker = await start_worker()
    inmate, visitor = make_party(), make_party()
    visitor.video.covered = True
    worker.open("call", folder=tmp_path)
    await worker.live("call", inmate, visitor)
    judged = await worker.until(PictureJudged, timeout_s=25)
    assert (judged.party, judged.health) == (Party.VISITOR, PictureHealth.COVERED)


async def test_a_call_in_h264_is_watched_and_has_pictures_too(
    start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    worker = await start_worker()
    inmate, visitor = (make_party(codecs=("H264", "rtx")) for _ in Party)
    worker.open("call", folder=tmp_path)
    await worker.live("call", inmate, visitor)
    guard = make_party(receives_only=True)
    answer = await worker.watch("call", Party.VISITOR, "m-1", await guard.offer())
    assert isinstance(answer, MonitorAnswer)
    await guard.take(answer.sdp)
    await guard.until_pictures(5)
    async with asyncio.timeout(15):
        while not worker.all(PictureTaken):
            worker.send(ShowPictures(call="call", seconds=5))
            await asyncio.sleep(0.5)
    jpeg = np.frombuffer(base64.b64decode(worker.all(PictureTaken)[0].jpeg), np.uint8)
    assert read_counter(cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE)) is not None
