"""What one kiosk costs the machine in the booth: screens and engine, each in its situation.

The facility is the example's, its kiosk acts the inmate's part with the synthetic camera (drawing
that picture is in the engine's figure), and a headless browser is the visitor. Screens are drawn
without a display, so a real one's compositor is not in the figures.

Guarantees: CPU is what the kernel charged to each process. Leaves to others: printing.
"""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from operate.bench.browser import open_tab
from operate.bench.errors import SystemFailedError
from operate.bench.example_facility import example_facility
from operate.bench.joining import enter_call
from operate.bench.processes import HostTime, choose_cores, cpu_s, family, memory_mb

SETTLE_S: Final = 3.0
MOST_STOLEN: Final = 0.05


@dataclass(frozen=True, slots=True)
class TerminalCost:
    """One situation."""

    situation: str
    screens: float
    """CPU seconds a second."""
    engine: float
    memory_mb: float

    def row(self) -> tuple[str, ...]:
        """As a person reads it."""
        both = self.screens + self.engine
        shares = (f"{100 * share:.0f}" for share in (self.screens, self.engine, both))
        return (self.situation, *shares, f"{self.memory_mb:.0f}")

    def to_json(self) -> dict[str, Any]:
        """For a program."""
        return asdict(self)


async def measure_terminal(seconds: float, tell: Callable[[str], None]) -> list[TerminalCost]:
    """What the kiosk costs while it waits for the visitor, and in the call.

    Raises:
        BenchError: facility or browser did not start, or the call never came to life.
    """
    with tempfile.TemporaryDirectory(prefix="parloir-bench-") as name:
        folder = Path(name)
        tell("starting a facility with one kiosk")
        async with example_facility(folder, core=None) as living:
            kiosk = _child_of(living.pid, "kiosk")
            await asyncio.sleep(SETTLE_S)
            tell("measuring: waiting for the visitor")
            found = [await _measure("waiting", kiosk, seconds, tell)]
            async with open_tab(folder, core=choose_cores().load) as tab:
                await enter_call(tab, living)
                await asyncio.sleep(SETTLE_S)
                tell("measuring: in the call")
                found.append(await _measure("in a call", kiosk, seconds, tell))
    return found


async def _measure(
    situation: str, kiosk: int, seconds: float, tell: Callable[[str], None]
) -> TerminalCost:
    engine = _child_of(kiosk, "kiosk.engine")
    before, engine_before, host = cpu_s(kiosk), cpu_s(engine), HostTime.now()
    began = asyncio.get_running_loop().time()
    await asyncio.sleep(seconds)
    passed = asyncio.get_running_loop().time() - began
    whole, own = cpu_s(kiosk) - before, cpu_s(engine) - engine_before
    if (stolen := HostTime.now().stolen_since(host)) > MOST_STOLEN:
        tell(f"the host gave {stolen:.0%} of this machine to others meanwhile")
    return TerminalCost(situation, (whole - own) / passed, own / passed, memory_mb(kiosk))


def _child_of(pid: int, module: str) -> int:
    """The process below ``pid`` that runs ``python -m module``."""
    for one in family(pid)[1:]:
        words = Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0")
        if b"-m" in words and words[words.index(b"-m") + 1] == module.encode():
            return one
    raise SystemFailedError(f"no process runs {module}")
