"""The load generator as its driver sees it: orders out, answers in.

Guarantees: an order that failed in the generator raises here; the process is gone after `close`.
Leaves to others: which orders (`operate.bench.systems`).
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from operate.bench.errors import SystemFailedError
from operate.bench.load.pump import Window
from operate.bench.processes import Child, start_process, udp_drops

LOOPBACK: Final = "127.0.0.1"
_ANSWER_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Offered:
    """A leg and its description."""

    leg: int
    sdp: str


@dataclass(frozen=True, slots=True)
class Measured:
    """The window, and which share of its core the generator used meanwhile."""

    window: Window
    cpu_share: float


class Generator:
    """One process with its legs."""

    def __init__(self, process: Child) -> None:
        self._process = process
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._orders = 0
        self._listening = asyncio.create_task(self._listen())

    async def offer(self, direction: str = "sendrecv", host: str = LOOPBACK) -> Offered:
        """A new leg at that address of this machine, and its offer."""
        said = await self._do({"do": "offer", "direction": direction, "host": host})
        return Offered(said["leg"], said["sdp"])

    async def answer(self, sdp: str, host: str = LOOPBACK) -> Offered:
        """A new leg that only receives, and its answer to the other side's offer."""
        said = await self._do({"do": "answer", "sdp": sdp, "host": host})
        return Offered(said["leg"], said["sdp"])

    async def take(self, leg: int, answer: str) -> None:
        """Give a leg the answer to its offer."""
        await self._do({"do": "take", "leg": leg, "sdp": answer})

    async def connect(self, leg: int) -> None:
        """Returns when the leg has its keys."""
        await self._do({"do": "connect", "leg": leg})

    async def play(self, sources: Sequence[int | None]) -> None:
        """Let all legs play; see `operate.bench.load.pump.Pump`."""
        await self._do({"do": "play", "sources": list(sources)})

    async def measure(self, begin_ns: int, end_ns: int) -> Measured:
        """Count what is sent between the two times (CLOCK_REALTIME); returns after the drain."""
        said = await self._do(
            {"do": "measure", "begin_ns": begin_ns, "end_ns": end_ns},
            within_s=_ANSWER_S + (end_ns - begin_ns) / 1e9,
        )
        window = dict(said["window"])
        window["delays"] = {int(step): count for step, count in window["delays"].items()}
        return Measured(Window(**window), said["cpu_share"])

    async def last_received_ns(self) -> list[int]:
        """When each leg heard its last media packet."""
        last: list[int] = (await self._do({"do": "last_received"}))["last_ns"]
        return last

    def udp_drops(self) -> int:
        """Datagrams that its own receive buffers had no room for."""
        return udp_drops(self._process.pid)

    async def close(self) -> None:
        """End the process."""
        await self._process.leave()
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)

    async def _do(self, order: dict[str, Any], *, within_s: float = _ANSWER_S) -> dict[str, Any]:
        self._orders += 1
        number = self._orders
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._process.write(json.dumps({"id": number, **order}).encode())
        try:
            async with asyncio.timeout(within_s):
                said: dict[str, Any] = await answer
        except TimeoutError as error:
            raise SystemFailedError(f"the load generator did not {order['do']} in time") from error
        finally:
            del self._waiting[number]
        if "error" in said:
            raise SystemFailedError(f"load generator: {order['do']}: {said['error']}")
        return said

    async def _listen(self) -> None:
        while line := await self._process.read_line():
            said = json.loads(line)
            answer = self._waiting.get(said["id"])
            if answer is not None and not answer.done():
                answer.set_result(said)
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_result({"error": "the process has ended"})


@contextlib.asynccontextmanager
async def open_generator(clip: Path, *, core: int) -> AsyncIterator[Generator]:
    """A generator that plays the saved clip, ended with the block."""
    command = (sys.executable, "-m", "operate.bench.load", str(clip))
    generator = Generator(await start_process(command, core=core))
    try:
        yield generator
    finally:
        await generator.close()
