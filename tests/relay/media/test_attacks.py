"""The attacks that worked on stock aiortc and aioice (``media-plane.md``), against a real worker.

Each is made while a call runs, and the call must not notice.
"""

import asyncio
import random
import socket
import struct
import time

import pytest
from aioice.stun import Class, Message, Method
from aiortc import RTCConfiguration, RTCPeerConnection

from tests.relay.media.conftest import MakeParty, StartWorker
from tests.relay.media.party import AiortcParty
from tests.relay.media.transport.test_description import DATA, OFFER
from tests.relay.media.worker_process import WorkerProcess
from visit_protocol.vocabulary import Party
from visit_protocol.worker import PeerAnswer, PeerMedia, PeerRefused

Live = tuple[WorkerProcess, AiortcParty, AiortcParty]


@pytest.fixture
async def live(start_worker: StartWorker, make_party: MakeParty) -> Live:
    worker = await start_worker()
    inmate, visitor = make_party(), make_party()
    worker.open("call")
    await worker.live("call", inmate, visitor)
    await asyncio.gather(inmate.until_pictures(3), visitor.until_pictures(3))
    return worker, inmate, visitor


async def still_runs(live: Live) -> None:
    worker, inmate, visitor = live
    await asyncio.gather(inmate.until_pictures(10), visitor.until_pictures(10))
    assert all(message.connected for message in worker.all(PeerMedia))
    assert worker.process.returncode is None


def dtls_transport(party: AiortcParty):
    return party.connection.getSenders()[0].transport


def own_socket(party: AiortcParty):
    """Sends a datagram to the worker from the very address of the party's media."""
    connection = dtls_transport(party).transport._connection
    pair = connection._nominated[1]
    return lambda data: pair.protocol.transport.sendto(data, pair.remote_addr)


# ── 1 ──────────────────────────────────────────────────────────────────────────────────────
async def test_1_an_sctp_init_with_a_parameter_of_no_length_reaches_no_parser(live: Live) -> None:
    _, inmate, _ = live
    init = struct.pack("!HHII", 5000, 5000, 0, 0)
    init += struct.pack("!BBHIIHHI", 1, 0, 24, 1, 1 << 17, 1, 1, 1) + struct.pack("!HH", 1, 0)
    await dtls_transport(inmate)._send_data(init)
    await still_runs(live)


async def test_1_a_data_channel_in_the_offer_is_refused(start_worker: StartWorker) -> None:
    worker = await start_worker()
    worker.open("call")
    answer = await worker.offer("call", Party.VISITOR, OFFER + "\r\n".join(DATA))
    assert isinstance(answer, PeerAnswer)
    assert "m=application 0 " in answer.sdp


# ── 2 ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("size", [1501, 1600, 2047, 2048, 9000, 60000])
async def test_2_an_oversize_datagram_closes_nothing(size: int, live: Live) -> None:
    worker, inmate, _ = live
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"\x80" * size, ("127.0.0.1", worker.port))
    own_socket(inmate)(b"\x80" * size)
    await still_runs(live)


# ── 3 ──────────────────────────────────────────────────────────────────────────────────────
CLIENT_HELLO = bytes.fromhex("16feff0000000000000000001a0100000e0000000000000000fefd") + bytes(200)


async def test_3_dtls_from_another_address_does_not_disturb_a_handshake(
    start_worker: StartWorker, make_party: MakeParty
) -> None:
    worker = await start_worker()
    worker.open("call")
    stop = asyncio.Event()

    async def hammer() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            while not stop.is_set():
                sock.sendto(CLIENT_HELLO, ("127.0.0.1", worker.port))
                await asyncio.sleep(0.002)

    hammering = asyncio.create_task(hammer())
    inmate, visitor = make_party(), make_party()
    await worker.live("call", inmate, visitor)
    await still_runs((worker, inmate, visitor))
    stop.set()
    await hammering


# ── 4 ──────────────────────────────────────────────────────────────────────────────────────
async def test_4_malformed_stun_raises_nothing(live: Live) -> None:
    _, inmate, _ = live
    dice = random.Random(4)
    request = Message(message_method=Method.BINDING, message_class=Class.REQUEST)
    request.attributes["USERNAME"] = "somebody:else"
    request.attributes["PRIORITY"] = 1
    request.add_message_integrity(b"wrong")
    sound = bytes(request)
    send = own_socket(inmate)
    for _ in range(500):
        mutated = bytearray(sound)
        for _ in range(dice.randint(1, 6)):
            mutated[dice.choice([2, 3, *range(20, len(mutated))])] = dice.randrange(256)
        send(bytes(mutated[: dice.randint(1, len(mutated))]))
    for attribute in (0x0001, 0x0006, 0x0008, 0x0009, 0x0020, 0x0024, 0x8028, 0x8029, 0x802A):
        body = struct.pack("!HH", attribute, 1) + b"\0\0\0\0"
        send(struct.pack("!HHI", 1, len(body), 0x2112A442) + bytes(12) + body)
    await still_runs(live)


async def test_4_mutated_offers_are_refused_with_a_code(live: Live) -> None:
    worker, _, _ = live
    dice = random.Random(4)
    for _ in range(60):
        lines = OFFER.split("\r\n")
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(lines))
            lines[place] = lines[place][: dice.randrange(len(lines[place]) + 1)] or "a="
        answer = await worker.offer("call", Party.INMATE, "\r\n".join(lines))
        assert isinstance(answer, PeerAnswer) or answer.code in ("BAD_SDP", "NO_CODEC")
    assert worker.process.returncode is None


# ── 5 ──────────────────────────────────────────────────────────────────────────────────────
async def test_5_a_party_that_dies_without_a_word_is_missed_within_five_seconds(
    live: Live,
) -> None:
    worker, inmate, _ = live
    for protocol in dtls_transport(inmate).transport._connection._protocols:
        protocol.transport.sendto = lambda *_: None
    died = time.monotonic()
    await worker.until(PeerMedia, lambda m: m.party is Party.INMATE and not m.connected)
    # 5 s is the promise; the rest is for a machine that is busy with other tests.
    assert time.monotonic() - died < 5.5


# ── 6 ──────────────────────────────────────────────────────────────────────────────────────
async def test_6_a_participant_who_spoofs_addresses_does_not_take_anothers(live: Live) -> None:
    """The claim comes from the victim's own socket: to the worker, that is a spoofed source."""
    worker, inmate, _ = live
    worker.open("attack")
    attacker = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    attacker.addTransceiver("audio")
    attacker.addTransceiver("video")
    await attacker.setLocalDescription(await attacker.createOffer())
    offer = attacker.localDescription.sdp
    answer = await worker.offer("attack", Party.INMATE, offer)
    assert isinstance(answer, PeerAnswer)

    def value(sdp: str, name: str) -> str:
        return next(line for line in sdp.splitlines() if line.startswith(name)).partition(":")[2]

    send = own_socket(inmate)
    for _ in range(20):
        claim = Message(message_method=Method.BINDING, message_class=Class.REQUEST)
        claim.attributes["USERNAME"] = (
            f"{value(answer.sdp, 'a=ice-ufrag')}:{value(offer, 'a=ice-ufrag')}"
        )
        claim.attributes["PRIORITY"] = 1
        claim.attributes["ICE-CONTROLLING"] = 1
        claim.attributes["USE-CANDIDATE"] = None
        claim.add_message_integrity(value(answer.sdp, "a=ice-pwd").encode())
        send(bytes(claim))
    await still_runs(live)
    await attacker.close()


async def test_an_offer_for_no_call_is_refused(start_worker: StartWorker) -> None:
    worker = await start_worker()
    refused = await worker.offer("nobody", Party.INMATE, OFFER)
    assert isinstance(refused, PeerRefused)
    assert refused.code == "NO_CALL"
