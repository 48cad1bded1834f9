"""A party's agent at the port, and the socket of somebody outside who talks to it."""

import asyncio
import contextlib
import socket
from typing import Final

from aioice.stun import Class, Message, Method

from relay.media.forwarding.path import Lane, LaneTerms, StreamTerms
from relay.media.gate import CallGate
from relay.media.packets.rtp import Codec, Kind
from relay.media.transport.endpoint import Path
from relay.media.transport.ice import IceCredentials, IceLite
from relay.media.transport.port import SharedPort
from relay.media.transport.stun import parse_stun

RECORD: Final = bytes([22]) + b"record"
MEDIA: Final = bytes([0x80]) + b"media packet"


class Party:
    """A party's agent at the port, and what reached it."""

    def __init__(
        self, port: SharedPort, name: str, lane: Lane | None = None, *, restarted: bool = False
    ) -> None:
        self.remote = IceCredentials(name, name * 30)
        self.records: list[bytes] = []
        self.selected: list[Path] = []
        self.is_silent = False
        self.now_s = 0.0
        self.lane = lane or port._loop.open_lane(self._terms(port._loop.open_gate()))
        self.agent = IceLite(
            port,
            self.remote,
            self.lane,
            self.selected.append,
            silent=lambda: self.is_silent,
            restarted=restarted,
            clock=lambda: self.now_s,
        )
        port.register(self.agent)

    def _terms(self, gate: CallGate) -> LaneTerms:
        return LaneTerms(
            gate=gate,
            streams={
                Kind.AUDIO: StreamTerms(Codec.OPUS, 111, 1),
                Kind.VIDEO: StreamTerms(Codec.VP8, 96, 2),
            },
            preface=b"",
            silent_after_ns=1,
            on_rtcp=lambda _: None,
            on_dtls=self.records.append,
            on_due=lambda _: None,
        )

    def check(
        self, *, nominate: bool = True, password: str = "", username: str = "", role: str = "ING"
    ) -> Message:
        """A check as the party's client would send it."""
        message = Message(message_method=Method.BINDING, message_class=Class.REQUEST)
        own = f"{self.agent.local.username}:{self.remote.username}"
        message.attributes["USERNAME"] = username or own
        message.attributes["PRIORITY"] = 1
        message.attributes[f"ICE-CONTROLL{role}"] = 1
        if nominate:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity((password or self.agent.local.password).encode())
        return message


class Client:
    """A socket of somebody outside."""

    def __init__(self, port: int) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.setblocking(False)
        self._to = ("127.0.0.1", port)

    async def send(self, data: bytes | Message) -> None:
        self.sock.sendto(bytes(data) if isinstance(data, Message) else data, self._to)
        await asyncio.sleep(0.02)

    async def answer(self, party: Party) -> list[Message]:
        """Answer the return checks that have come as the party's client would; those checks."""
        came = [message for data in self.received() if (message := parse_stun(data))]
        requests = [message for message in came if message.message_class is Class.REQUEST]
        for request in requests:
            answer = Message(Method.BINDING, Class.RESPONSE, request.transaction_id)
            answer.add_message_integrity(party.remote.password.encode())
            await self.send(answer)
        return requests

    def received(self) -> list[bytes]:
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                found.append(self.sock.recv(2048))
        return found
