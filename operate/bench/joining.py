"""How long a visitor waits for the first picture: a real facility, a real kiosk, a real browser.

The inmate's kiosk is in the call already; the visitor's page joins over and over. What is timed
begins when the page sends its ``join`` (from then on both are present) and ends when the browser
shows the first frame of the other party. Both times are the page's own clock.

Guarantees: facility, browser and their files are gone afterwards. Leaves to others: figures.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from operate.bench.browser import Tab, open_tab
from operate.bench.example_facility import Example, example_facility, until
from operate.bench.processes import choose_cores

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
            example_facility(folder, core=cores.tested) as living,
            open_tab(folder, core=cores.load) as tab,
        ):
            waited = [await enter_call(tab, living)]
            tell(f"join 1 of {count}: {waited[0]:.0f} ms")
            for number in range(2, count + 1):
                # A page that is loaded anew in a call comes back by itself.
                await tab.evaluate("window.benchLeft = true")
                await tab.order("Page.reload")
                waited.append(await _shown(tab))
                tell(f"join {number} of {count}: {waited[-1]:.0f} ms")
    return waited


async def enter_call(tab: Tab, living: Example) -> float:
    """Let the page follow the visitor's link into the call; how long the picture took, in ms.

    Raises:
        BenchError: the page showed no picture.
    """
    await tab.order("Page.enable")
    await tab.order("Page.addScriptToEvaluateOnNewDocument", source=_WATCH)
    await tab.order("Page.navigate", url=living.visits[0]["visitor_link"])
    await _click(tab, "check")
    await _click(tab, "join")
    return await _shown(tab)


async def _click(tab: Tab, name: str) -> None:
    await until(lambda: tab.evaluate(_CLICK % name), f"the page has no {name} button")


async def _shown(tab: Tab) -> float:
    return float(await until(lambda: tab.evaluate(_WAITED), "no picture was shown"))
