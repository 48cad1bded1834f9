"""What a party or a stranger does on purpose, and what it costs others: the same for both loops."""

import asyncio
import itertools
import time

import pytest

from relay.media.forwarding.lane import PACKETS_PER_S
from relay.media.packets.rtcp import write_receiver_report
from tests.relay.media.forwarding.conftest import Room
from tests.relay.media.forwarding.ends import DELTA, KEYFRAME, STUN, until

HEADER = 12
"""Of what reaches the party, before the ciphertext."""
TAG = 16


def xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    "jumps",
    [
        [1024 + 32767, 65536 + 1],  # past the oldest that may come late, then on to its number
        [32767, 65534, 98301, 98302],
        [31745, 63000, 65536 + 3],
    ],
)
async def test_no_keystream_is_used_twice_however_a_publisher_counts(
    room: Room, jumps: list[int]
) -> None:
    """Under AES-GCM, one number used for two packets gives both away, and the key that signs."""
    numbers = [*range(1025), *jumps]
    plain = [KEYFRAME + number.to_bytes(8, "big") for number in numbers]
    for at, (number, payload) in enumerate(zip(numbers, plain, strict=True)):
        room.inmate.publish(payload, number)
        if at % 50 == 49:
            await room.inmate.received(at + 1)
    sent = await room.visitor.datagrams(len(numbers), media=True)
    for (one, first), (other, second) in itertools.combinations(zip(plain, sent, strict=True), 2):
        if first[2:4] == second[2:4]:
            assert xor(first[HEADER:-TAG], second[HEADER:-TAG]) != xor(one, other)
    # To the party's SRTP, all of them are new.
    for payload, datagram in zip(plain, sent, strict=True):
        assert bytes(room.visitor.own.receiving.unprotect(datagram))[HEADER:] == payload


async def test_who_subscribes_again_begins_with_a_keyframe(room: Room) -> None:
    """Wherever the publisher has come to meanwhile: its numbers may be far away."""
    room.inmate.publish(KEYFRAME, 1)
    (first,) = await room.visitor.take(1)
    room.inmate.lane.publish_to([])
    for number in (20_000, 40_000):
        room.inmate.publish(DELTA, number)
    await room.inmate.received(3)
    room.inmate.lane.publish_to([room.visitor.lane])
    room.inmate.publish(DELTA, 40_001)
    room.inmate.publish(KEYFRAME, 40_002)
    (second,) = await room.visitor.take(1)
    assert second.payload == KEYFRAME
    assert second.sequence_number == (first.sequence_number + 1) & 0xFFFF


async def test_what_a_closed_lane_is_still_told_reaches_no_other(room: Room) -> None:
    gone = room.add(9)
    gone.lane.close()
    for number in range(4096):
        one = room.add(20)
        if number < 4095:
            one.lane.close()
            one.sock.close()
            room.others.pop()
    gone.lane.send_rtcp(write_receiver_report(1, b"", []))
    gone.lane.route(room.inmate.path)
    one.lane.send_rtcp(write_receiver_report(20001, b"", []))
    (heard, *_) = await one.hear(1)
    assert heard.ssrc == 20001


async def test_a_publisher_cannot_make_us_forward_without_end(room: Room) -> None:
    """Its subscriber, the recorder's ring and the other calls have a share of the machine too."""
    began_s = time.monotonic()
    room.inmate.publish(KEYFRAME, 0)
    for number in range(1, 3 * PACKETS_PER_S):
        room.inmate.publish(DELTA, number)
        if number % 100 == 0:
            await until(lambda count=number: room.loop.counters.packets_in >= count)
    seconds = int(time.monotonic() - began_s) + 1
    assert room.loop.counters.packets_forwarded <= seconds * PACKETS_PER_S


async def test_what_is_no_stun_is_handed_to_nobody(room: Room) -> None:
    for junk in (bytes(19), bytes(20), STUN[:19], STUN + b"1234", STUN + b"1", b"\3" * 500):
        room.inmate.throw(junk)
    room.inmate.throw(STUN)
    await until(lambda: room.loop.counters.packets_dropped >= 6 and room.strangers)
    assert room.strangers == [STUN]


async def test_a_handler_that_fails_makes_nobody_deaf(room: Room) -> None:
    class Refusing(list[bytes]):
        def append(self, _: bytes) -> None:
            raise RuntimeError

    failures = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    room.strangers = Refusing()
    room.inmate.throw(STUN)
    room.inmate.throw(b"\x16")
    await until(lambda: room.inmate.dtls)
    room.visitor.throw(b"\x17")
    await until(lambda: room.visitor.dtls)
    assert len(failures) == 1


async def test_a_party_that_floods_leaves_room_for_the_others(room: Room) -> None:
    """Nobody listens for a moment, and one party fills what it can of the queue."""
    for _ in range(3000):
        room.inmate.throw(b"\x16\xfe\xfd")
    room.visitor.say(write_receiver_report(77, b"", []))
    until_s = time.monotonic() + 0.5
    while not room.loop.counters.packets_in and time.monotonic() < until_s:
        pass
    await until(lambda: room.visitor.rtcp)
