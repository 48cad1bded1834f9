"""``python -m operate.bench.load CLIP``: the generator's process.

Lines of JSON in, each with ``id`` and ``do``; one line out for each, with the same ``id`` and
either what was asked for or ``error``. The end of the input ends the process.
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any, Final

from operate.bench.load.clip import Clip, load_clip
from operate.bench.load.leg import Leg, LegFailedError
from operate.bench.load.pump import Pump

DRAIN_S: Final = 1.0
"""What has not arrived so long after the window's end is lost."""


class Generator:
    """Legs by number, then the pump that plays them."""

    def __init__(self, clip: Clip) -> None:
        self._clip = clip
        self._legs: list[Leg] = []
        self._pump: Pump | None = None

    async def do(self, order: dict[str, Any]) -> dict[str, Any]:
        """Carry out one order; what to answer."""
        match order["do"]:
            case "offer":
                leg = self._add(order["direction"], order["host"])
                return {"leg": len(self._legs) - 1, "sdp": leg.offer()}
            case "answer":
                leg = self._add("recvonly", order["host"])
                return {"leg": len(self._legs) - 1, "sdp": leg.answer(order["sdp"])}
            case "take":
                self._legs[order["leg"]].take(order["sdp"])
            case "connect":
                await self._legs[order["leg"]].connect()
            case "play":
                self._play(order["sources"])
            case "measure":
                return await self._measure(order["begin_ns"], order["end_ns"])
            case "last_received":
                return {"last_ns": self._playing.last_received_ns()}
        return {}

    async def close(self) -> None:
        """Fall silent and let everything go."""
        if self._pump is not None:
            await asyncio.to_thread(self._pump.stop)
        for leg in self._legs:
            await leg.close()

    @property
    def _playing(self) -> Pump:
        if self._pump is None:
            raise LegFailedError("nothing plays yet")
        return self._pump

    def _add(self, direction: str, host: str) -> Leg:
        self._legs.append(Leg(direction, host))
        return self._legs[-1]

    def _play(self, sources: list[int | None]) -> None:
        for leg in self._legs:
            leg.release()
        self._pump = Pump(self._clip, self._legs, sources)
        self._pump.begin()

    async def _measure(self, begin_ns: int, end_ns: int) -> dict[str, Any]:
        pump = self._playing
        pump.window(begin_ns, end_ns)
        await _until(begin_ns)
        used_s, began_s = _cpu_s(), time.monotonic()
        await _until(end_ns)
        share = (_cpu_s() - used_s) / (time.monotonic() - began_s)
        await asyncio.sleep(DRAIN_S)
        window = await asyncio.to_thread(pump.read)
        return {"window": window.to_json(), "cpu_share": share}


async def _until(at_ns: int) -> None:
    await asyncio.sleep(max(0, at_ns - time.time_ns()) / 1e9)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def serve(clip: Clip) -> None:
    """Answer orders until there are no more."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    generator = Generator(clip)

    async def answer(order: dict[str, Any]) -> None:
        try:
            said = await generator.do(order)
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps({"id": order["id"], **said}) + "\n")
        sys.stdout.flush()

    try:
        async with asyncio.TaskGroup() as tasks:
            while line := await reader.readline():
                tasks.create_task(answer(json.loads(line)))
    finally:
        await generator.close()


if __name__ == "__main__":
    asyncio.run(serve(load_clip(Path(sys.argv[1]))))
