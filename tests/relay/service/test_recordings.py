"""Claims about what becomes of recordings when something dies under them."""

import asyncio
import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from relay.media.recorder.webm import Picture, WebmMuxer
from relay.store.recordings import RecordingRow, Recordings, RecordingState
from tests.relay.facility import Running, Silent, running
from visit_protocol.vocabulary import Party, VideoCodec
from visit_protocol.worker import RecordingClosed, RecordingOpened


def opened(relay: Running, segment: int = 1, *, media: bool = True) -> RecordingOpened:
    folder = relay.desks.recordings.folder / relay.family.id
    folder.mkdir(exist_ok=True)
    path = folder / f"inmate-{segment}.webm"
    muxer = WebmMuxer(Picture(VideoCodec.VP8, 320, 180))
    for number in range(51):
        muxer.sound(b"\xf8\xff\xfe", number / 50)
    path.write_bytes(muxer.fragment() if media else b"\x1aE\xdf\xa3")
    return RecordingOpened(call="c", party=Party.INMATE, segment=segment, path=str(path))


@contextlib.contextmanager
def being_written(path: Path) -> Iterator[None]:
    """As `FileSink` holds it."""
    with path.open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


async def rows(relay: Running) -> tuple[RecordingRow, ...]:
    return await relay.desks.store.read(lambda db: Recordings(db).all())


async def states(relay: Running) -> list[RecordingState]:
    return [row.state for row in await rows(relay)]


async def test_a_recording_that_was_finished_is_complete(relay: Running) -> None:
    run, begun = await relay.run_of(relay.family), opened(relay)
    await relay.desks.recordings.opened(run.visit.id, begun)
    assert await states(relay) == [RecordingState.RECORDING]
    end = RecordingClosed(
        call="c", party=Party.INMATE, segment=1, path=begun.path, size=4, duration_s=1.0
    )
    await relay.desks.recordings.closed(run.visit.id, end)
    assert await states(relay) == [RecordingState.COMPLETE]


async def test_a_recording_that_failed_is_reported_at_once(relay: Running) -> None:
    run, begun = await relay.run_of(relay.family), opened(relay)
    await relay.desks.recordings.opened(run.visit.id, begun)
    end = RecordingClosed(
        call="c", party=Party.INMATE, segment=1, path=begun.path, size=4, duration_s=1.0,
        failure="DISK_FULL",
    )  # fmt: skip
    await relay.desks.recordings.closed(run.visit.id, end)
    alerts = (await relay.local.get("alerts")).json()["alerts"]
    assert [(one["kind"], one["priority"]) for one in alerts] == [("RECORDING_FAILED", 1)]


async def test_a_file_left_open_by_a_dead_relay_is_salvaged_whether_or_not_it_was_entered(
    relay: Running,
) -> None:
    run = await relay.run_of(relay.family)
    await relay.desks.recordings.opened(run.visit.id, opened(relay, 1))
    opened(relay, 2)
    async with running(relay.folder, relay.folder.parent / "again") as again:
        assert await states(again) == [RecordingState.SALVAGED, RecordingState.SALVAGED]
        assert [row.duration_s for row in await rows(again)] == [1.0, 1.0]
        folder, segment = await again.desks.recordings.place(run.visit)
        assert (folder.name, segment) == (run.visit.id, 3)


async def test_a_file_without_media_is_no_salvage(relay: Running) -> None:
    run = await relay.run_of(relay.family)
    begun = opened(relay, media=False)
    await relay.desks.recordings.opened(run.visit.id, begun)
    await relay.desks.recordings.worker_died(run.visit.id)
    assert await states(relay) == [RecordingState.FAILED]


async def test_a_file_that_its_recorder_still_finishes_is_waited_for(relay: Running) -> None:
    run = await relay.run_of(relay.family)
    begun = opened(relay)
    await relay.desks.recordings.opened(run.visit.id, begun)
    with being_written(Path(begun.path)):
        dying = asyncio.create_task(relay.desks.recordings.worker_died(run.visit.id))
        await asyncio.sleep(0.2)
        assert await states(relay) == [RecordingState.RECORDING]
    await dying
    assert await states(relay) == [RecordingState.SALVAGED]


async def test_a_protected_visit_has_no_folder(relay: Running) -> None:
    run = await relay.run_of(relay.legal)
    await relay.desks.recordings.place(run.visit)
    assert list(relay.desks.recordings.folder.iterdir()) == []


async def test_no_recorded_visit_starts_without_room_for_its_recording(relay: Running) -> None:
    relay.desks.attendance._min_free_bytes = 1 << 62
    visit = relay.family
    await relay.desks.attendance.answer_notice(
        (await relay.run_of(visit)).visit.id,
        Party.VISITOR,
        version="2026-11",
        language="ru",
        accepted=True,
    )
    run = await relay.run_of(visit)
    view = await relay.desks.attendance.join(run.visit.id, Party.VISITOR, Silent())
    assert view is not None
    assert [one.code for one in view.refusals] == ["RECORDING_UNAVAILABLE"]
    alerts = (await relay.local.get("alerts")).json()["alerts"]
    assert [one["kind"] for one in alerts] == ["DISK_LOW"]
