"""Guards who watch a call, through a real worker: what they get, and what they cannot do."""

import asyncio
import time

import pytest

from relay.media import monitor as monitor_module
from tests.relay.media.conftest import MakeParty, StartWorker
from tests.relay.media.party import AiortcParty
from tests.relay.media.worker_process import WorkerProcess
from visit_protocol.vocabulary import Party
from visit_protocol.worker import (
    CallCut,
    CloseMonitor,
    CutCall,
    MonitorAnswer,
    MonitorEnded,
    MonitorRefused,
    PeerMedia,
    WatchParty,
    WorkerCounters,
)


async def watching(
    worker: WorkerProcess,
    guard: AiortcParty,
    *,
    party: Party = Party.VISITOR,
    monitor: str = "m-1",
    audio: bool = False,
) -> None:
    """The guard's peer is answered and connects."""
    answer = await worker.watch("call", party, monitor, await guard.offer(), audio=audio)
    assert isinstance(answer, MonitorAnswer), answer
    await guard.take(answer.sdp)


async def live(worker: WorkerProcess, make_party: MakeParty) -> tuple[AiortcParty, AiortcParty]:
    inmate, visitor = make_party(hertz=440), make_party(hertz=880)
    worker.open("call")
    await worker.live("call", inmate, visitor)
    await asyncio.gather(inmate.until_pictures(3), visitor.until_pictures(3))
    return inmate, visitor


@pytest.mark.parametrize("loop", ["c", "python"])
async def test_a_monitor_sees_the_party_within_a_second_and_hears_nothing(
    loop: str, start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker(more=("--loop", loop))
    _, visitor = await live(worker, make_party)
    guard = make_party(receives_only=True)
    offer = await guard.offer()
    began = time.monotonic()
    answer = await worker.watch("call", Party.VISITOR, "m-1", offer)
    assert isinstance(answer, MonitorAnswer)
    await guard.take(answer.sdp)
    await guard.until_pictures(1, timeout_s=5)
    assert time.monotonic() - began < 1.0
    await guard.until_pictures(10)
    assert abs(guard.counters[-1] - visitor.video.counter) < 15, "it is the visitor's picture"
    assert guard.audio_frames == 0


async def test_a_monitor_that_listens_hears_the_party(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    await live(worker, make_party)
    guard = make_party(receives_only=True)
    await watching(worker, guard, audio=True)
    await guard.until_pictures(10)
    assert guard.sounds > 10


async def test_a_cut_stops_the_monitors_with_the_call(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    await live(worker, make_party)
    guard = make_party(receives_only=True)
    await watching(worker, guard, audio=True)
    await guard.until_pictures(5)
    worker.send(CutCall(call="call"))
    await worker.until(CallCut)
    await asyncio.sleep(0.5)
    before = guard.pictures, guard.audio_frames
    await asyncio.sleep(0.7)
    assert (guard.pictures, guard.audio_frames) == before
    assert worker.all(MonitorEnded) == [], "who cuts needs not be told"


async def test_a_monitor_follows_its_party_through_a_reconnection(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    _, visitor = await live(worker, make_party)
    guard = make_party(receives_only=True)
    await watching(worker, guard)
    await guard.until_pictures(3)
    await visitor.close()
    await worker.until(PeerMedia, lambda m: m.party is Party.VISITOR and not m.connected)
    await worker.admit("call", Party.VISITOR, make_party())
    await guard.until_pictures(10)


async def test_a_monitor_before_the_party_has_come_sees_it_when_it_comes(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    worker.open("call")
    guard = make_party(receives_only=True)
    await watching(worker, guard)
    await worker.live("call", make_party(), make_party())
    await guard.until_pictures(5)


async def test_closing_a_monitor_stops_its_media_and_leaves_the_parties(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    inmate, visitor = await live(worker, make_party)
    first, second = make_party(receives_only=True), make_party(receives_only=True)
    await watching(worker, first, monitor="m-1")
    await watching(worker, second, monitor="m-2", party=Party.INMATE)
    await asyncio.gather(first.until_pictures(3), second.until_pictures(3))
    worker.send(CloseMonitor(call="call", monitor="m-1"))
    await asyncio.sleep(0.5)
    before = first.pictures
    await asyncio.gather(*(one.until_pictures(10) for one in (second, inmate, visitor)))
    assert first.pictures == before


async def test_a_monitor_whose_page_closes_is_told_to_have_ended(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    await live(worker, make_party)
    guard = make_party(receives_only=True)
    await watching(worker, guard)
    await guard.until_pictures(3)
    await guard.close()
    await worker.until(MonitorEnded, lambda m: m.monitor == "m-1", timeout_s=2.0)


async def test_a_monitor_that_vanishes_without_a_word_is_missed_in_30_s(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    assert monitor_module.SILENCE_S < 30
    worker = await start_worker()
    await live(worker, make_party)
    guard = make_party(receives_only=True)
    await watching(worker, guard)
    await guard.until_pictures(3)
    began = time.monotonic()
    ice = guard.connection.getTransceivers()[0].receiver.transport.transport._connection
    for protocol in ice._protocols:  # its network is gone: nothing comes from it any more
        protocol.transport.sendto = lambda *_: None
    await worker.until(MonitorEnded, lambda m: m.monitor == "m-1", timeout_s=30)
    assert time.monotonic() - began < 30


async def test_a_peer_that_would_send_is_no_monitor(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    await live(worker, make_party)
    refused = await worker.watch("call", Party.VISITOR, "m-1", await make_party().offer())
    assert isinstance(refused, MonitorRefused)
    assert refused.code == "BAD_SDP"


async def test_eight_may_get_a_partys_media_and_no_more(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    await live(worker, make_party)
    offer = await make_party(receives_only=True).offer()
    answers = [
        await worker.watch("call", Party.VISITOR, f"m-{number}", offer) for number in range(8)
    ]
    assert [type(answer) for answer in answers] == [MonitorAnswer] * 7 + [MonitorRefused]
    other = await worker.watch("call", Party.INMATE, "m-9", offer)
    assert isinstance(other, MonitorAnswer)


async def test_nobody_watches_a_call_that_is_not_there(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    offer = await make_party(receives_only=True).offer()
    refused = await worker.watch("call", Party.VISITOR, "m-1", offer)
    assert isinstance(refused, MonitorRefused)
    assert refused.code == "NO_CALL"
    worker.send(CloseMonitor(call="call", monitor="m-1"))
    await worker.until(WorkerCounters)


async def test_a_protected_worker_does_not_know_the_word_for_watching(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker("protected")
    worker.open("call")
    offer = await make_party(receives_only=True).offer()
    worker.send(
        WatchParty(id="o", call="call", party=Party.VISITOR, monitor="m-1", audio=False, sdp=offer)
    )
    assert await worker.ended() == 70
