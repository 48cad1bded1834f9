"""A headless Chromium, driven over its own debugging protocol.

Guarantees: a profile of its own in a folder that is given, a camera and a microphone that
Chromium makes up, no question asked; the process is ended with the block. Leaves to others: what
pages mean.
"""

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx
from websockets.asyncio.client import ClientConnection, connect

from operate.bench.errors import RivalMissingError, SystemFailedError
from operate.bench.processes import start_process

_START_S: Final = 30.0
_ANSWER_S: Final = 30.0
_MAX_MESSAGE: Final = 1 << 24
_FLAGS: Final = (
    "--headless=new",
    "--remote-debugging-port=0",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


class Tab:
    """One page."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._orders = 0

    async def order(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command of the debugging protocol; its result."""
        self._orders += 1
        number = self._orders
        order = {"id": number, "method": method, "params": parameters}
        await self._connection.send(json.dumps(order))
        async with asyncio.timeout(_ANSWER_S):
            while True:
                said: dict[str, Any] = json.loads(await self._connection.recv())
                if said.get("id") == number:
                    break
        if "error" in said:
            raise SystemFailedError(f"chromium: {method}: {said['error'].get('message')}")
        result: dict[str, Any] = said["result"]
        return result

    async def evaluate(self, expression: str) -> Any:
        """The JSON value of an expression in the page."""
        said = await self.order("Runtime.evaluate", expression=expression, returnByValue=True)
        return said["result"].get("value")


@contextlib.asynccontextmanager
async def open_tab(folder: Path, *, core: int) -> AsyncIterator[Tab]:
    """An empty page of a new Chromium.

    Raises:
        RivalMissingError: there is no Chromium.
        SystemFailedError: it did not start.
    """
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise RivalMissingError("no browser: apt-get install --no-install-recommends chromium")
    # Chromium's own sandbox refuses to run for root; the pages are the facility's own.
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    command = (program, *_FLAGS, *sandbox, f"--user-data-dir={folder / 'profile'}", "about:blank")
    process = await start_process(command, core=core, output=folder / "chromium.log")
    try:
        address = await _debugged_page(folder / "profile" / "DevToolsActivePort")
        async with connect(address, max_size=_MAX_MESSAGE, proxy=None) as connection:
            yield Tab(connection)
    finally:
        await process.end()


async def _debugged_page(announced: Path) -> str:
    """The address at which the one page is driven."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_START_S), httpx.AsyncClient(trust_env=False) as client:
            while True:
                with contextlib.suppress(OSError, IndexError, httpx.HTTPError):
                    port = announced.read_text().split()[0]  # noqa: ASYNC240 a file of ours
                    pages = (await client.get(f"http://127.0.0.1:{port}/json/list")).json()
                    for page in pages:
                        if page["type"] == "page":
                            return str(page["webSocketDebuggerUrl"])
                await asyncio.sleep(0.1)
    raise SystemFailedError("chromium did not start")
