"""Each packet loop, with two parties of one call at it."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from relay.media.forwarding.choice import make_loop
from relay.media.forwarding.path import PacketLoop
from relay.media.gate import CallGate
from relay.media.ring import RingWriter
from relay.media.transport.endpoint import Endpoint
from tests.relay.media.forwarding.ends import End


@dataclass
class Room:
    """A loop, its call, and who is in it."""

    loop: PacketLoop
    gate: CallGate
    ring: RingWriter
    inmate: End
    visitor: End
    strangers: list[bytes] = field(default_factory=list)
    """STUN that the loop handed on."""
    others: list[End] = field(default_factory=list)

    def add(self, name: int, **video: int) -> End:
        """One more party."""
        self.others.append(End(self.loop, self.gate, name, **video))
        return self.others[-1]


MakeRoom = Callable[..., Room]


@pytest.fixture(params=["c", "python"])
async def make_room(request: pytest.FixtureRequest) -> AsyncIterator[MakeRoom]:
    """Makes rooms whose parties negotiated what the arguments say."""
    rooms: list[Room] = []

    def make(**video: int) -> Room:
        ring = RingWriter(1 << 20)
        loop = make_loop(request.param, [Endpoint("127.0.0.1", 0)], ring)
        gate = loop.open_gate()
        inmate, visitor = End(loop, gate, 1, **video), End(loop, gate, 5, **video)
        room = Room(loop, gate, ring, inmate, visitor)
        loop.open(lambda _, data: room.strangers.append(data) is None)
        inmate.lane.publish_to([visitor.lane])
        visitor.lane.publish_to([inmate.lane])
        for end in (inmate, visitor):
            end.lane.forward(True, None)
        rooms.append(room)
        return room

    yield make
    for room in rooms:
        for end in (room.inmate, room.visitor, *room.others):
            end.lane.close()
            end.sock.close()
        room.loop.close()
        room.ring.close()


@pytest.fixture
async def room(make_room: MakeRoom) -> Room:
    """A room of parties that negotiated nothing beyond the codecs."""
    return make_room()
