"""Which video codec a call has, through a real worker: agreed, changed for a party, or missing."""

import asyncio
from pathlib import Path

import pytest

from tests.relay.media.conftest import MakeParty, StartWorker
from tests.relay.media.party import AiortcParty
from tests.relay.media.test_recording import assert_decodes, closed, times
from tests.relay.media.worker_process import WorkerProcess
from visit_protocol.vocabulary import Party
from visit_protocol.worker import (
    ClosePeer,
    CutCall,
    Forward,
    NextSegment,
    OfferWanted,
    PeerAnswer,
    PeerMedia,
    PeerRefused,
    RecordingOpened,
    SegmentWanted,
)

VP8, H264 = ("VP8", "rtx"), ("H264", "rtx")


def codecs(answer: PeerAnswer) -> set[str]:
    lines = answer.sdp.splitlines()
    return {line.split(" ")[1].split("/")[0] for line in lines if line.startswith("a=rtpmap:")}


async def offer_again(worker: WorkerProcess, party: Party, client: AiortcParty) -> PeerAnswer:
    """What a client does that was told to: a new peer."""
    wanted = await worker.until(OfferWanted)
    assert wanted == OfferWanted(call="call", party=party)
    return await worker.admit("call", party, client)


async def see_each_other(inmate: AiortcParty, visitor: AiortcParty) -> None:
    await asyncio.gather(inmate.until_pictures(10), visitor.until_pictures(10))
    assert inmate.sounds > 10
    assert visitor.sounds > 10


async def test_vp8_is_what_a_call_has_when_both_have_both(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    worker.open("call")
    for party in Party.INMATE, Party.VISITOR:
        answer = await worker.admit("call", party, make_party(codecs=("H264", "VP8", "rtx")))
        assert "VP8" in codecs(answer)
        assert "H264" not in codecs(answer)


async def test_a_call_whose_first_offer_has_h264_alone_has_it(
    start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    worker = await start_worker()
    worker.open("call", folder=tmp_path)
    visitor, inmate = make_party(codecs=H264), make_party(hertz=440)
    await worker.admit("call", Party.VISITOR, visitor)
    assert "H264" in codecs(await worker.admit("call", Party.INMATE, inmate))
    worker.send(Forward(call="call", on=True))
    await see_each_other(inmate, visitor)
    worker.send(CutCall(call="call"))
    assert [message.failure for message in await closed(worker)] == [None, None]
    assert worker.all(OfferWanted) == []
    names = {"inmate-1.mkv", "visitor-1.mkv"}
    assert {Path(message.path).name for message in worker.all(RecordingOpened)} == names
    for name in names:
        await assert_decodes(tmp_path / name)
        assert len(await times(tmp_path / name, "v")) > 10


@pytest.mark.parametrize("kind", ["ordinary", "protected"])
async def test_a_party_with_h264_alone_has_the_other_offer_again(
    kind: str, start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker(kind)
    worker.open("call")
    visitor = make_party(codecs=H264)
    before, inmate = make_party(), make_party(hertz=440)
    assert "VP8" in codecs(await worker.admit("call", Party.INMATE, before))
    worker.send(Forward(call="call", on=True))
    assert "H264" in codecs(await worker.admit("call", Party.VISITOR, visitor))
    # The inmate's VP8 would be no picture to the visitor.
    assert "H264" in codecs(await offer_again(worker, Party.INMATE, inmate))
    await see_each_other(inmate, visitor)
    assert before.counters == []
    assert len(worker.all(OfferWanted)) == 1


async def test_a_call_that_changes_goes_on_in_another_segment_and_forwards_nothing_unrecorded(
    start_worker: StartWorker, make_party: MakeParty, tmp_path: Path
) -> None:
    worker = await start_worker()
    worker.open("call", folder=tmp_path)
    before, earlier = make_party(), make_party()
    await worker.live("call", before, earlier)
    await see_each_other(before, earlier)
    visitor, inmate = make_party(codecs=H264), make_party(hertz=440)
    await worker.admit("call", Party.VISITOR, visitor)
    await worker.until(SegmentWanted)
    await offer_again(worker, Party.INMATE, inmate)
    forwarded = worker.counters.packets_forwarded if worker.counters else 0
    await asyncio.sleep(2.1)
    assert worker.counters is not None
    assert worker.counters.packets_forwarded - forwarded < 100, "what came before the change"
    assert inmate.pictures == visitor.pictures == 0
    worker.send(NextSegment(call="call", segment=2))
    await see_each_other(inmate, visitor)
    worker.send(CutCall(call="call"))
    assert [message.failure for message in await closed(worker, 4)] == [None] * 4
    names = {f"{party}-{end}" for party in ("inmate", "visitor") for end in ("1.webm", "2.mkv")}
    assert {Path(message.path).name for message in worker.all(RecordingOpened)} == names
    for name in names:
        await assert_decodes(tmp_path / name)
        assert len(await times(tmp_path / name, "v")) > 5


async def test_parties_without_a_common_codec_are_told_and_what_there_is_stays(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    worker.open("call")
    inmate, visitor = make_party(codecs=VP8), make_party(codecs=H264)
    await worker.admit("call", Party.INMATE, inmate)
    refused = await worker.offer("call", Party.VISITOR, await visitor.offer())
    assert isinstance(refused, PeerRefused)
    assert refused.code == "NO_CODEC"
    assert worker.all(OfferWanted) == []
    # Another device of the same visitor is as welcome as before.
    assert "VP8" in codecs(await worker.admit("call", Party.VISITOR, make_party()))


async def test_a_call_changes_once_while_both_are_there(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    worker.open("call")
    await worker.admit("call", Party.INMATE, make_party())
    await worker.admit("call", Party.VISITOR, make_party(codecs=H264))
    await offer_again(worker, Party.INMATE, make_party())
    other = make_party(codecs=VP8)
    refused = await worker.offer("call", Party.VISITOR, await other.offer())
    assert isinstance(refused, PeerRefused)
    assert refused.code == "NO_CODEC"
    said = len(worker.heard)
    worker.send(ClosePeer(call="call", party=Party.VISITOR))
    await worker.until(PeerMedia, lambda m: not m.connected, after=said)
    assert "VP8" in codecs(await worker.admit("call", Party.VISITOR, make_party(codecs=VP8)))
    assert worker.all(OfferWanted)[1:] == [OfferWanted(call="call", party=Party.INMATE)]
