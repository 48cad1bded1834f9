"""Recordings of real calls: playable whole, playable after ``kill -9``, aligned, interrupted."""

import asyncio
import itertools
import json
import os
import signal
import stat
from pathlib import Path

import pytest

from relay.media.recorder.mend import mend
from tests.relay.media.conftest import MakeParty, StartWorker
from tests.relay.media.worker_process import WorkerProcess
from visit_protocol.vocabulary import Party
from visit_protocol.worker import (
    CallCut,
    CutCall,
    Forward,
    NextSegment,
    RecordingClosed,
    RecordingOpened,
    SegmentWanted,
)

BOTH = ("inmate", "visitor")


async def run(*command: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output
    return output


async def assert_decodes(path: Path) -> None:
    """ffmpeg decodes every packet and has nothing to say about it."""
    assert await run("ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-") == b""


async def packets(path: Path, stream: str) -> list[dict[str, str]]:
    """The packets of one track, ``v`` or ``a``."""
    output = await run(
        "ffprobe", "-v", "error", "-select_streams", stream,
        "-show_entries", "packet=pts_time,flags", "-of", "json", str(path),
    )  # fmt: skip
    return list(json.loads(output)["packets"])


async def times(path: Path, stream: str) -> list[float]:
    return [float(packet["pts_time"]) for packet in await packets(path, stream)]


async def closed(worker: WorkerProcess, count: int = 2) -> list[RecordingClosed]:
    for _ in range(100):
        if len(worker.all(RecordingClosed)) >= count:
            break
        await asyncio.sleep(0.05)
    return worker.all(RecordingClosed)


async def test_a_recording_decodes_lasts_as_long_as_the_call_and_has_a_keyframe_each_2_s(
    start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    worker = await start_worker()
    folder = tmp_path / "visit"
    worker.open("call", folder=folder, segment=3)
    await worker.live("call", make_party(), make_party())
    await asyncio.sleep(6)
    worker.send(CutCall(call="call"))
    for message in await closed(worker):
        assert message.failure is None
        assert message.segment == 3
        assert message.size == (folder / Path(message.path).name).stat().st_size
        assert 5.0 < message.duration_s < 7.0
    assert {Path(message.path).name for message in worker.all(RecordingOpened)} == {
        "inmate-3.webm",
        "visitor-3.webm",
    }
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in BOTH:
        path = folder / f"{name}-3.webm"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        await assert_decodes(path)
        video = await packets(path, "v")
        assert "K" in video[0]["flags"]
        keyframes = [float(packet["pts_time"]) for packet in video if "K" in packet["flags"]]
        apart = [b - a for a, b in itertools.pairwise(keyframes)]
        assert max(apart) <= 2.0
        sound = await times(path, "a")
        assert len(sound) > 100, "of 300; a busy machine's party falls behind"


async def test_a_recording_is_playable_to_its_last_second_after_kill_9(
    start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    worker = await start_worker()
    worker.open("call", folder=tmp_path)
    await worker.live("call", make_party(), make_party())
    await worker.until(RecordingOpened, lambda m: m.party is Party.VISITOR)
    await worker.until(RecordingOpened, lambda m: m.party is Party.INMATE)
    await asyncio.sleep(4)
    worker.process.kill()
    await worker.ended()
    for name in BOTH:
        path = tmp_path / f"{name}-1.webm"
        await assert_decodes(path)
        assert (await times(path, "v"))[-1] > 3.5
        assert (await times(path, "a"))[-1] > 3.5


@pytest.mark.parametrize("how", ["eof", "sigterm"])
async def test_a_worker_that_ends_finishes_its_recordings_first(
    how: str, start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    worker = await start_worker()
    worker.open("call", folder=tmp_path)
    inmate, visitor = make_party(), make_party()
    await worker.live("call", inmate, visitor)
    await inmate.until_pictures(20)
    if how == "eof":
        assert await worker.close() == 0
    else:
        worker.process.terminate()
        assert await worker.ended() == 0
    assert len(await closed(worker)) == 2
    for name in BOTH:
        await assert_decodes(tmp_path / f"{name}-1.webm")


async def test_a_recording_survives_a_pause_and_a_partys_reconnect(
    start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    worker = await start_worker()
    worker.open("call", folder=tmp_path)
    inmate, visitor = make_party(), make_party()
    await worker.live("call", inmate, visitor)
    await inmate.until_pictures(15)
    worker.send(Forward(call="call", on=False))
    await asyncio.sleep(1.5)
    worker.send(Forward(call="call", on=True))
    await inmate.until_pictures(10)
    await visitor.close()
    again = make_party(width=160, height=90)
    await worker.admit("call", Party.VISITOR, again)
    await inmate.until_pictures(15)
    worker.send(CutCall(call="call"))
    await closed(worker)
    for name in BOTH:
        path = tmp_path / f"{name}-1.webm"
        await assert_decodes(path)
        for stream in "va":
            found = await times(path, stream)
            assert found == sorted(found)
            pauses = [b - a for a, b in itertools.pairwise(found) if b - a > 1.0]
            assert pauses, "the pause is a gap in the recording, not a cut"


async def test_nothing_is_recorded_before_forwarding_is_on(
    start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    worker = await start_worker()
    worker.open("call", folder=tmp_path / "visit")
    await worker.admit("call", Party.INMATE, make_party())
    await asyncio.sleep(1)
    assert await worker.close() == 0
    assert not (tmp_path / "visit").exists()
    assert worker.all(RecordingClosed) == []


@pytest.fixture
async def small_disk(tmp_path: Path):
    """A file system with 64 KiB, where the test may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = await asyncio.create_subprocess_exec(
        "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder),
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    if await mount.wait() != 0:
        pytest.skip("may not mount a file system")
    yield folder
    await run("umount", str(folder))


async def test_a_full_disk_is_told_and_costs_the_call_nothing(
    small_disk: Path, start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    worker.open("call", folder=small_disk)
    inmate, visitor = make_party(), make_party()
    await worker.live("call", inmate, visitor)
    failed = await worker.until(RecordingClosed, lambda message: message.failure is not None)
    assert failed.failure == "DISK_FULL"
    await asyncio.gather(inmate.until_pictures(10), visitor.until_pictures(10))
    await assert_decodes(Path(failed.path))


async def test_a_segment_is_never_overwritten(
    start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    (tmp_path / "inmate-1.webm").write_bytes(b"kept")
    worker = await start_worker()
    worker.open("call", folder=tmp_path)
    inmate, visitor = make_party(), make_party()
    await worker.live("call", inmate, visitor)
    failed = await worker.until(RecordingClosed, lambda message: message.failure is not None)
    assert failed.party is Party.INMATE
    assert failed.failure == "DISK_FAILED"
    assert (tmp_path / "inmate-1.webm").read_bytes() == b"kept"
    await inmate.until_pictures(5)


def size_of(path: Path) -> int:
    return path.stat().st_size


def lives(pid: int) -> bool:
    """Whether the process runs; one that nobody has waited for does not."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def recorder_of(worker: WorkerProcess) -> int:
    return worker.child("relay.media.recorder")


async def test_a_killed_recorder_costs_a_second_and_the_recording_goes_on(
    start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    worker = await start_worker()
    worker.open("call", folder=tmp_path)
    inmate, visitor = make_party(), make_party()
    await worker.live("call", inmate, visitor)
    for party in Party:
        await worker.until(RecordingOpened, lambda m, party=party: m.party is party)
    await asyncio.sleep(2)
    before = worker.counters.packets_forwarded
    first = recorder_of(worker)
    os.kill(first, signal.SIGKILL)
    await worker.until(SegmentWanted)
    lost = worker.all(RecordingClosed)
    assert {(m.party, m.failure, m.segment) for m in lost} == {
        (Party.INMATE, "RECORDER_LOST", 1),
        (Party.VISITOR, "RECORDER_LOST", 1),
    }
    for message in lost:
        path = Path(message.path)
        assert message.size == size_of(path)
        assert message.duration_s > 1.5
        await assert_decodes(path)
    worker.send(NextSegment(call="call", segment=2))
    said = len(worker.heard)
    for party in Party:
        opened = await worker.until(
            RecordingOpened, lambda m, party=party: m.party is party, after=said
        )
        assert opened.segment == 2
    assert recorder_of(worker) != first
    await asyncio.sleep(1.5)
    assert worker.counters.packets_forwarded > before + 50, "the call never noticed"
    worker.send(CutCall(call="call"))
    again = [m for m in await closed(worker, 4) if m.segment == 2]
    assert [m.failure for m in again] == [None, None]
    for message in again:
        await assert_decodes(Path(message.path))
        assert message.duration_s > 1.5
    assert await worker.close() == 0


async def test_a_recorder_that_is_killed_after_the_cut_leaves_what_it_had(
    start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    worker = await start_worker()
    worker.open("call", folder=tmp_path)
    await worker.live("call", make_party(), make_party())
    await worker.until(RecordingOpened)
    os.kill(recorder_of(worker), signal.SIGSTOP)
    worker.send(CutCall(call="call"))
    await worker.until(CallCut)
    os.kill(recorder_of(worker), signal.SIGKILL)
    found = await closed(worker, 2)
    assert {m.failure for m in found} == {"RECORDER_LOST"}
    assert worker.all(SegmentWanted) == []
    assert await worker.close() == 0


async def test_a_recorder_outlives_its_killed_worker_and_finishes_its_files(
    start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    worker = await start_worker()
    worker.open("call", folder=tmp_path)
    await worker.live("call", make_party(), make_party())
    await worker.until(RecordingOpened)
    await asyncio.sleep(1)
    recorder = recorder_of(worker)
    worker.process.kill()
    await worker.ended()
    for _ in range(100):
        if not lives(recorder):
            break
        await asyncio.sleep(0.05)
    for name in BOTH:
        path = tmp_path / f"{name}-1.webm"
        assert mend(path) == (size_of(path), pytest.approx(await duration(path), abs=0.02)), (
            "was finished"
        )


async def duration(path: Path) -> float:
    """What the file states of itself."""
    output = await run(
        "ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "json", str(path)
    )
    return float(json.loads(output)["format"]["duration"])
