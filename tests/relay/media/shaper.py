"""A bad network in user space: a UDP proxy on loopback between one client and one server.

Guarantees: of the datagrams of a direction, which are lost, late or overtaken depends on the
seed and their order only; what is due leaves in the order of its due time; nothing is kept
longer than its delay. Leaves to others: pointing the client at `Shaper.port` (a browser's and
aiortc's answer: `through`).
"""

import asyncio
import heapq
import random
import re
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Weather:
    """What a network does to each datagram, the same in both directions."""

    loss: float = 0.0
    """Share of datagrams that never arrive."""
    delay_s: float = 0.0
    jitter_s: float = 0.0
    """Added to the delay, evenly from 0 to this; a later datagram is not overtaken by it."""
    reorder: float = 0.0
    """Share of datagrams that wait `reorder_s` more, so that later ones overtake them."""
    reorder_s: float = 0.03
    rate_bps: float | None = None
    """Bits that pass in a second, one after the other; None: as many as come."""
    queue_s: float = 0.3
    """What would wait longer than that for the rate is dropped, as in a router."""


@dataclass(slots=True)
class Counted:
    """Datagrams of one direction."""

    passed: int = 0
    lost: int = 0
    overtaken: int = 0


@dataclass(slots=True)
class _Lane:
    """One direction: what waits, by due time, and how far the line is booked out."""

    dice: random.Random
    counted: Counted = field(default_factory=Counted)
    waiting: list[tuple[float, int, bytes]] = field(default_factory=list)
    number: int = 0
    last_due: float = 0.0
    line_free: float = 0.0
    timer: asyncio.TimerHandle | None = None


class Shaper:
    """A proxy for one client; `weather` may be changed at any time."""

    def __init__(self, server: tuple[str, int], weather: Weather, seed: int) -> None:
        self.weather = weather
        self.host = "127.0.0.1"
        self.port = 0
        self._server = server
        self._client: tuple[Any, ...] | None = None
        self._front: asyncio.DatagramTransport
        self._back: asyncio.DatagramTransport
        self._up = _Lane(random.Random(f"{seed} up"))
        self._down = _Lane(random.Random(f"{seed} down"))
        self._retired: list[asyncio.DatagramTransport] = []

    @classmethod
    async def open(
        cls,
        server_port: int,
        weather: Weather = Weather(),
        *,
        seed: int = 1,
        host: str = "127.0.0.1",
    ) -> "Shaper":
        """A proxy to that port of loopback; it listens on ``host`` (Firefox avoids loopback)."""
        shaper = cls(("127.0.0.1", server_port), weather, seed)
        shaper.host = host
        loop = asyncio.get_running_loop()
        shaper._front, _ = await loop.create_datagram_endpoint(
            lambda: _Ear(shaper._from_client), local_addr=(host, 0)
        )
        shaper.port = shaper._front.get_extra_info("sockname")[1]
        await shaper.rebind()
        return shaper

    @property
    def up(self) -> Counted:
        """From the client."""
        return self._up.counted

    @property
    def down(self) -> Counted:
        """To the client."""
        return self._down.counted

    @property
    def source_port(self) -> int:
        """The port that the server sees."""
        return int(self._back.get_extra_info("sockname")[1])

    def through(self, answer: str) -> str:
        """The SDP answer with this proxy as its only candidate."""
        kept = [line for line in answer.split("\r\n") if not line.startswith("a=candidate:")]
        candidate = f"a=candidate:1 1 udp 2130706431 {self.host} {self.port} typ host"
        text = "\r\n".join(
            f"{candidate}\r\n{line}" if line.startswith("a=ice-ufrag:") else line for line in kept
        )
        return re.sub(r"(?m)^(m=(?:audio|video)) [1-9]\d*", rf"\1 {self.port}", text)

    async def rebind(self) -> None:
        """The NAT forgets: from now on the server sees another port, and the old one is dead."""
        loop = asyncio.get_running_loop()
        before = getattr(self, "_back", None)
        self._back, _ = await loop.create_datagram_endpoint(
            lambda: _Ear(self._from_server), remote_addr=self._server
        )
        if before is not None:
            # Kept open and unheard until the end, so that nobody else gets its port.
            before.get_protocol().deaf = True
            self._retired.append(before)

    def close(self) -> None:
        """Stop; what waits is lost."""
        for lane in (self._up, self._down):
            if lane.timer is not None:
                lane.timer.cancel()
            lane.waiting.clear()
        for transport in (self._front, self._back, *self._retired):
            transport.close()

    def _from_client(self, data: bytes, address: tuple[Any, ...]) -> None:
        self._client = address
        self._enter(self._up, data)

    def _from_server(self, data: bytes, _address: tuple[Any, ...]) -> None:
        self._enter(self._down, data)

    def _enter(self, lane: _Lane, data: bytes) -> None:
        weather, now = self.weather, asyncio.get_running_loop().time()
        # Always three throws, so that a change of weather does not change later fates.
        lost, late, jitter = (lane.dice.random() for _ in range(3))
        start = now
        if weather.rate_bps is not None:
            start = max(now, lane.line_free)
            if start - now > weather.queue_s:
                lost = -1.0
            else:
                start = lane.line_free = start + len(data) * 8 / weather.rate_bps
        if lost < weather.loss:
            lane.counted.lost += 1
            return
        due = start + weather.delay_s + jitter * weather.jitter_s
        if late < weather.reorder:
            lane.counted.overtaken += 1
            due += weather.reorder_s
        else:
            due = lane.last_due = max(due, lane.last_due)
        lane.number += 1
        heapq.heappush(lane.waiting, (due, lane.number, data))
        self._leave(lane)

    def _leave(self, lane: _Lane) -> None:
        loop = asyncio.get_running_loop()
        if lane.timer is not None:
            lane.timer.cancel()
            lane.timer = None
        while lane.waiting and lane.waiting[0][0] <= loop.time():
            _, _, data = heapq.heappop(lane.waiting)
            lane.counted.passed += 1
            if lane is self._up:
                self._back.sendto(data)
            elif self._client is not None:
                self._front.sendto(data, self._client)
        if lane.waiting:
            lane.timer = loop.call_at(lane.waiting[0][0], self._leave, lane)


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, hear: Any) -> None:
        self.deaf = False
        self._hear = hear

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        if not self.deaf:
            self._hear(data, addr)

    def error_received(self, exc: Exception) -> None:
        """The other side's port is closed: a datagram that is lost."""
