"""How long a visitor waits for the first picture: a real facility, a real kiosk, a real browser.

The inmate's kiosk is in the call already; the visitor's page joins over and over. What is timed
begins when the page sends its ``join`` (from then on both are present) and ends when the browser
shows the first frame of the other party. Both times are the page's own clock.

Guarantees: facility, browser and their files are gone afterwards. Leaves to others: figures.
"""

import asyncio
import contextlib
import json
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from operate.bench.browser import Tab, open_tab
from operate.bench.errors import SystemFailedError
from operate.bench.processes import Child, choose_cores, start_process

_READY_S: Final = 90.0
_STEP_S: Final = 40.0
_LOOK_EVERY_S: Final = 0.05
_WATCH: Final = """
(() => {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    if (typeof data === 'string' && data.includes('"type":"join"')) {
      window.benchJoined ??= performance.now();
    }
    return send.call(this, data);
  };
  const seen = new WeakSet();
  const look = () => {
    for (const video of document.querySelectorAll('[data-testid=remote-video]')) {
      if (seen.has(video)) continue;
      seen.add(video);
      video.requestVideoFrameCallback(() => { window.benchShown ??= performance.now(); });
    }
    requestAnimationFrame(look);
  };
  look();
})();
"""
_CLICK: Final = """
(() => {
  const found = document.querySelector('[data-testid=%s]');
  if (found && !found.disabled) found.click();
  return Boolean(found && !found.disabled);
})()
"""
_WAITED: Final = """
window.benchShown && !window.benchLeft ? window.benchShown - window.benchJoined : null
"""


async def measure_joins(count: int, tell: Callable[[str], None]) -> list[float]:
    """The waiting time of each join, in ms.

    Raises:
        BenchError: facility or browser did not start, or a join never showed a picture.
    """
    cores = choose_cores()
    with tempfile.TemporaryDirectory(prefix="parloir-bench-") as name:
        folder = Path(name)
        tell("starting a facility with one kiosk")
        async with (
            _facility(folder, core=cores.tested) as link,
            open_tab(folder, core=cores.load) as tab,
        ):
            await tab.order("Page.enable")
            await tab.order("Page.addScriptToEvaluateOnNewDocument", source=_WATCH)
            await tab.order("Page.navigate", url=link)
            await _click(tab, "check")
            await _click(tab, "join")
            waited = [await _shown(tab)]
            tell(f"join 1 of {count}: {waited[0]:.0f} ms")
            for number in range(2, count + 1):
                # A page that is loaded anew in a call comes back by itself.
                await tab.evaluate("window.benchLeft = true")
                await tab.order("Page.reload")
                waited.append(await _shown(tab))
                tell(f"join {number} of {count}: {waited[-1]:.0f} ms")
    return waited


async def _click(tab: Tab, name: str) -> None:
    await _until(lambda: tab.evaluate(_CLICK % name), f"the page has no {name} button")


async def _shown(tab: Tab) -> float:
    return float(await _until(lambda: tab.evaluate(_WAITED), "no picture was shown"))


async def _until(
    look: Callable[[], Awaitable[Any]], failure: str, *, within_s: float = _STEP_S
) -> Any:
    try:
        async with asyncio.timeout(within_s):
            while not (found := await look()):  # noqa: ASYNC110 what we wait for is not ours
                await asyncio.sleep(_LOOK_EVERY_S)
    except TimeoutError as error:
        raise SystemFailedError(failure) from error
    return found


@contextlib.asynccontextmanager
async def _facility(folder: Path, *, core: int) -> AsyncIterator[str]:
    """A facility that lives as long as the block; the visitor's link of its one open visit."""
    ready, log = folder / "ready.json", folder / "facility.log"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = (
        *(sys.executable, "-m", "operate.facility", "--headless", "--auto", "--kiosks", "1"),
        *("--port", str(port), "--data", str(folder / "data"), "--ready-file", str(ready)),
    )
    process = await start_process(command, core=core, output=log)
    try:
        await _until(lambda: _is_ready(process, ready, log), "no facility", within_s=_READY_S)
        yield str(json.loads(ready.read_text())["visits"][0]["visitor_link"])
    finally:
        await process.end()


async def _is_ready(process: Child, ready: Path, log: Path) -> bool:
    if process.ended:
        raise SystemFailedError(f"the facility ended: {_last_line(log)}")
    return ready.exists()  # noqa: ASYNC240 a look into a folder of our own


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), os.devnull)
