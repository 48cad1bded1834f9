"""Calls through a real worker: two stock aiortc parties, a control socket, real packets."""

import asyncio
import re
import signal
import socket
import sys
import time

import pytest

from tests.relay.media.conftest import MakeParty, StartWorker
from tests.relay.media.worker_process import WorkerProcess
from visit_protocol.vocabulary import Party
from visit_protocol.worker import (
    CallCut,
    ClosePeer,
    CutCall,
    Forward,
    OpenRecordedCall,
    PeerAnswer,
    PeerMedia,
    PeerRefused,
    WorkerCounters,
)

KINDS = ["ordinary", "protected"]


async def cut(worker: WorkerProcess, call: str) -> CallCut:
    worker.send(CutCall(call=call))
    return await worker.until(CallCut, lambda message: message.call == call)


@pytest.mark.parametrize("kind", KINDS)
async def test_both_parties_see_and_hear_each_other(
    kind: str, start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker(kind)
    inmate, visitor = make_party(hertz=440), make_party()
    worker.open("call")
    await worker.live("call", inmate, visitor)
    await asyncio.gather(inmate.until_pictures(10), visitor.until_pictures(10))
    assert inmate.sounds > 10
    assert visitor.sounds > 10
    assert await worker.close() == 0


async def test_nothing_flows_before_forwarding_is_on_nor_while_it_is_held(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    inmate, visitor = make_party(), make_party()
    worker.open("call")
    await worker.admit("call", Party.INMATE, inmate)
    await worker.admit("call", Party.VISITOR, visitor)
    said = len(worker.heard)
    await worker.until(WorkerCounters, after=said + 1)
    assert worker.counters.packets_in > 20
    assert worker.counters.packets_forwarded == 0

    worker.send(Forward(call="call", on=True))
    await asyncio.gather(inmate.until_pictures(5), visitor.until_pictures(5))

    worker.send(Forward(call="call", on=False))
    await asyncio.sleep(0.3)  # what was under way arrives
    before = inmate.pictures
    await asyncio.sleep(1.0)
    assert inmate.pictures == before

    worker.send(Forward(call="call", on=True))
    await asyncio.gather(inmate.until_pictures(5), visitor.until_pictures(5))


async def test_two_calls_of_one_worker_do_not_mix_and_cutting_one_leaves_the_other(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    first = make_party(), make_party()
    second = make_party(width=160, height=90), make_party(width=160, height=90)
    worker.open("first")
    worker.open("second")
    await worker.live("first", *first)
    await worker.live("second", *second)
    await asyncio.gather(*(party.until_pictures(5) for party in (*first, *second)))
    await cut(worker, "first")
    await asyncio.sleep(0.3)
    before = [party.pictures for party in first]
    await asyncio.gather(*(party.until_pictures(10) for party in second))
    assert [party.pictures for party in first] == before


async def test_the_last_packet_of_a_cut_call_left_before_the_cut_was_confirmed(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    inmate, visitor = make_party(), make_party()
    worker.open("call")
    await worker.live("call", inmate, visitor)
    await inmate.until_pictures(5)
    asked_ns = time.monotonic_ns()
    confirmed = await cut(worker, "call")
    assert confirmed.last_packet_ns is not None
    assert confirmed.last_packet_ns <= confirmed.cut_ns
    assert asked_ns < confirmed.cut_ns < asked_ns + 250_000_000
    await asyncio.sleep(0.5)
    # A picture may still have been in the party's own jitter buffer, never one sent later.
    assert inmate.last_picture_ns < confirmed.cut_ns + 500_000_000


async def test_a_cut_is_confirmed_while_the_event_loop_is_busy(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    stuck = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGUSR1, lambda *_: time.sleep(3))\n"
        "from relay.media.ordinary import main\n"
        "sys.exit(main())\n"
    )
    worker = await start_worker(command=(sys.executable, "-c", stuck))
    inmate, visitor = make_party(), make_party()
    worker.open("call")
    await worker.live("call", inmate, visitor)
    await inmate.until_pictures(5)
    worker.process.send_signal(signal.SIGUSR1)
    await asyncio.sleep(0.2)
    asked_ns = time.monotonic_ns()
    confirmed = await cut(worker, "call")
    assert confirmed.cut_ns < asked_ns + 250_000_000
    # Packets of the loop in C, which does not need the event loop, may have left until then.
    assert confirmed.last_packet_ns <= confirmed.cut_ns


async def test_a_call_cut_before_the_loop_opened_it_never_takes_an_offer(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    worker.open("call")
    worker.send(CutCall(call="call"))
    refused = await worker.offer("call", Party.INMATE, await make_party().offer())
    assert isinstance(refused, PeerRefused)
    assert refused.code == "NO_CALL"
    confirmed = await worker.until(CallCut)
    assert confirmed.last_packet_ns is None


async def test_cutting_an_unknown_call_is_confirmed(start_worker: StartWorker) -> None:
    worker = await start_worker()
    confirmed = await cut(worker, "nobody")
    assert confirmed.last_packet_ns is None


async def test_a_call_is_opened_again_after_a_cut(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    worker.open("call")
    await worker.live("call", make_party(), make_party())
    await cut(worker, "call")
    inmate, visitor = make_party(), make_party()
    worker.open("call")
    await worker.live("call", inmate, visitor)
    await asyncio.gather(inmate.until_pictures(5), visitor.until_pictures(5))


async def test_a_party_that_reconnects_goes_on_in_the_others_stream(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    inmate, visitor = make_party(), make_party()
    worker.open("call")
    await worker.live("call", inmate, visitor)
    await asyncio.gather(inmate.until_pictures(5), visitor.until_pictures(5))
    await visitor.close()
    again = make_party()
    await worker.admit("call", Party.VISITOR, again)
    await asyncio.gather(inmate.until_pictures(20), again.until_pictures(20))
    assert inmate.counters[-1] >= 10, "the new party's own counter is seen"


async def test_closing_one_peer_keeps_the_call(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    inmate, visitor = make_party(), make_party()
    worker.open("call")
    await worker.live("call", inmate, visitor)
    worker.send(ClosePeer(call="call", party=Party.VISITOR))
    await worker.until(PeerMedia, lambda m: m.party is Party.VISITOR and not m.connected)
    again = make_party()
    await worker.admit("call", Party.VISITOR, again)
    await asyncio.gather(inmate.until_pictures(5), again.until_pictures(5))


async def test_a_party_that_hangs_up_is_missed_at_once(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    inmate, visitor = make_party(), make_party()
    worker.open("call")
    await worker.live("call", inmate, visitor)
    await visitor.close()
    await worker.until(
        PeerMedia, lambda m: m.party is Party.VISITOR and not m.connected, timeout_s=1.0
    )


async def test_ipv6_carries_a_call(start_worker: StartWorker, make_party: MakeParty) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 on this machine")
    worker = await start_worker(bind=("::1",))
    assert worker.ready.candidates[0].startswith("[::1]:")
    inmate, visitor = make_party(), make_party()
    worker.open("call")
    await worker.live("call", inmate, visitor)
    await inmate.until_pictures(5)


async def test_all_addresses_listen_on_one_port(start_worker: StartWorker) -> None:
    worker = await start_worker(bind=("127.0.0.1", "127.0.0.2"))
    assert {candidate.rpartition(":")[2] for candidate in worker.ready.candidates} == {
        str(worker.port)
    }


# ── ends ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", KINDS)
async def test_sigterm_ends_a_worker_politely(kind: str, start_worker: StartWorker) -> None:
    worker = await start_worker(kind)
    worker.open("call")
    worker.process.terminate()
    assert await worker.ended() == 0


async def test_the_control_channels_end_stops_all_media(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    inmate, visitor = make_party(), make_party()
    worker.open("call")
    await worker.live("call", inmate, visitor)
    await inmate.until_pictures(3)
    assert await worker.close() == 0
    before = inmate.pictures
    await asyncio.sleep(0.5)
    assert inmate.pictures <= before + 1


@pytest.mark.parametrize("line", [b"not json\n", b'{"type":"no_such_message"}\n', b"x" * 200_000])
async def test_a_line_it_cannot_understand_ends_it_with_an_error(
    line: bytes, start_worker: StartWorker
) -> None:
    worker = await start_worker()
    worker.send_raw(line)
    assert await worker.ended() == 70


async def test_a_protected_worker_does_not_know_the_word_for_a_recorded_call(
    start_worker: StartWorker, tmp_path
) -> None:
    worker = await start_worker("protected")
    worker.send(OpenRecordedCall(call="call", folder=str(tmp_path), segment=1))
    assert await worker.ended() == 70
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["198.51.100.1", "no-address"])
async def test_an_address_that_is_not_ours_is_one_line_and_an_error(address: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "relay.media.ordinary",
            "--control-fd", str(theirs.fileno()), "--port", "0", "--bind", address,
            pass_fds=(theirs.fileno(),), stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, errors = await process.communicate()
    assert process.returncode == 71
    assert len(errors.splitlines()) == 1


# ── a second offer ─────────────────────────────────────────────────────────────────────────
def of_the_connection(sdp: str) -> set[str]:
    """The lines of an answer that an ICE restart leaves as they are."""
    return {line for line in sdp.split("\r\n") if line.startswith(("a=ssrc", "a=fingerprint"))}


async def test_an_ice_restart_that_is_never_completed_leaves_the_call_as_it_was(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    inmate, visitor = make_party(), make_party()
    worker.open("call")
    await worker.live("call", inmate, visitor)
    first = worker.all(PeerAnswer)[-1].sdp
    offer = str(visitor.connection.localDescription.sdp)
    for number in range(3):
        restart = re.sub(r"a=ice-ufrag:.*", f"a=ice-ufrag:again{number}", offer)
        restart = re.sub(r"a=ice-pwd:.*", "a=ice-pwd:" + f"{number}" * 24, restart)
        answer = await worker.offer("call", Party.VISITOR, restart)
        assert isinstance(answer, PeerAnswer)
        assert of_the_connection(answer.sdp) == of_the_connection(first)
        assert f" {number + 2} IN IP4" in answer.sdp.split("\r\n")[1]
        assert re.findall(r"a=ice-ufrag:.*", answer.sdp) != re.findall(r"a=ice-ufrag:.*", first)
    await asyncio.gather(inmate.until_pictures(10), visitor.until_pictures(10))
    assert all(message.connected for message in worker.all(PeerMedia))


async def test_an_offer_of_another_session_replaces_the_party(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    inmate, visitor, reloaded = make_party(), make_party(), make_party()
    worker.open("call")
    await worker.live("call", inmate, visitor)
    first = worker.all(PeerAnswer)[-1].sdp
    second = (await worker.admit("call", Party.VISITOR, reloaded)).sdp
    assert of_the_connection(second).isdisjoint(of_the_connection(first))
    await asyncio.gather(inmate.until_pictures(10), reloaded.until_pictures(10))
