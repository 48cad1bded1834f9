"""`example_facility`: a facility as `scripts/run` makes it, with one kiosk that acts the inmate.

Guarantees: it lives as long as the block, in the folder that it is given. Leaves to others: what is
measured with it.
"""

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from operate.bench.errors import SystemFailedError
from operate.bench.processes import Child, start_process

READY_S: Final = 90.0
STEP_S: Final = 40.0
_LOOK_EVERY_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Example:
    """A facility that lives."""

    pid: int
    """Of the supervisor, whose family all its programs are."""
    data: Path
    visits: list[dict[str, Any]]
    """As the ready file has them."""


@contextlib.asynccontextmanager
async def example_facility(folder: Path, *, core: int | None) -> AsyncIterator[Example]:
    """A facility in ``folder``, on that core or on any.

    Raises:
        SystemFailedError: it did not come to life.
    """
    ready, log = folder / "ready.json", folder / "facility.log"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = (
        *(sys.executable, "-m", "operate.facility", "--headless", "--auto", "--kiosks", "1"),
        *("--port", str(port), "--data", str(folder / "data"), "--ready-file", str(ready)),
    )
    process = await start_process(command, core=core, output=log)
    try:
        await until(lambda: _is_ready(process, ready, log), "no facility", within_s=READY_S)
        visits = json.loads(ready.read_text())["visits"]
        yield Example(process.pid, folder / "data", visits)
    finally:
        await process.end()


async def until(
    look: Callable[[], Awaitable[Any]], failure: str, *, within_s: float = STEP_S
) -> Any:
    """What ``look`` finds, as soon as it is anything.

    Raises:
        SystemFailedError: with ``failure``, when it finds nothing in time.
    """
    try:
        async with asyncio.timeout(within_s):
            while not (found := await look()):  # noqa: ASYNC110 what we wait for is not ours
                await asyncio.sleep(_LOOK_EVERY_S)
    except TimeoutError as error:
        raise SystemFailedError(failure) from error
    return found


async def _is_ready(process: Child, ready: Path, log: Path) -> bool:
    if process.ended:
        raise SystemFailedError(f"the facility ended: {_last_line(log)}")
    return ready.exists()  # noqa: ASYNC240 a look into a folder of our own


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), os.devnull)
