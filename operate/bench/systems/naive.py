"""The naive way: aiortc's `MediaRelay` and `MediaRecorder`, which decode and encode everything.

One visit fills a core, so no more are ever asked of it; since the packets that leave are new
ones, neither loss nor delay of packets can be told, and both stay None.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Final

from operate.bench.errors import SystemFailedError
from operate.bench.generator import Generator
from operate.bench.processes import Child, start_process

_ANSWER_S: Final = 20.0


class NaiveSystem:
    """Implements `operate.bench.systems.system.System`."""

    def __init__(self, *, core: int, folder: Path) -> None:
        self._core = core
        self._folder = folder
        self._process: Child | None = None

    @property
    def pid(self) -> int:
        """Its process."""
        return self._running.pid

    @property
    def _running(self) -> Child:
        if self._process is None or self._process.ended:
            raise SystemFailedError("the naive relay has ended")
        return self._process

    async def start(self) -> None:
        """Start the process; it answers when it is ready."""
        module = "operate.bench.systems.naive_process"
        command = (sys.executable, "-m", module, str(self._folder))
        self._process = await start_process(command, core=self._core)

    async def connect(self, generator: Generator, visits: int) -> list[tuple[int, ...]]:
        """Two legs a visit, each hearing what was encoded anew from the other's."""
        rooms: list[tuple[int, ...]] = []
        for visit in range(visits):
            offered = [await generator.offer() for _ in range(2)]
            answers = await self._answers(visit, [one.sdp for one in offered])
            for one, answer in zip(offered, answers, strict=True):
                await generator.take(one.leg, answer)
            async with asyncio.TaskGroup() as connecting:
                for one in offered:
                    connecting.create_task(generator.connect(one.leg))
            rooms.append(tuple(one.leg for one in offered))
        await generator.play([None] * (2 * visits))
        return rooms

    async def cut(self, visit: int) -> None:
        """Not measured: there is no packet of which to say that it was the last."""

    async def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            await self._process.leave()

    async def _answers(self, visit: int, offers: list[str]) -> list[str]:
        order = {"visit": str(visit), "offers": offers}
        self._running.write(json.dumps(order).encode())
        async with asyncio.timeout(_ANSWER_S):
            line = await self._running.read_line()
        if not line:
            raise SystemFailedError("the naive relay has ended")
        answers: list[str] = json.loads(line)["answers"]
        return answers
