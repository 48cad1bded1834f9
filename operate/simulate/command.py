"""``parloir simulate``: a whole country's kiosks at one relay, on loopback.

Guarantees: results on standard output, progress on standard error; nothing is left behind; exit
status 1 when not all came back in time. Leaves to others: the kiosks (`crowd`), the relay
(`relay_process`).
"""

import asyncio
import resource
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from operate import options
from operate.errors import OperateError
from operate.printing import say, show_fields, show_json, tell

simulate = typer.Typer(help="Let many terminals do the same thing at once, on loopback.")

_NAME: Final = "simulate"
_FILES_OF_A_KIOSK: Final = 2
"""Its end of the line and a spare one while it changes to another."""


@simulate.callback()
def _simulate() -> None:
    """Let many terminals do the same thing at once, on loopback."""


@dataclass(frozen=True, slots=True)
class Comeback:
    """How a crowd came back; seconds from the moment at which the relay listened again."""

    kiosks: int
    back: int
    first_s: float | None
    p50_s: float | None
    p99_s: float | None
    last_s: float | None
    busiest_second: int
    """Welcomes within the busiest second."""
    attempts: float
    """In vain, of a kiosk, on average."""
    relay_cpu_s: float


@simulate.command()
def reconnect(
    kiosks: Annotated[int, typer.Option(min=1, max=5000, help="Terminals of the relay.")] = 1500,
    away: Annotated[float, typer.Option(min=0, max=600, help="Seconds without a relay.")] = 10.0,
    within: Annotated[float, typer.Option(min=1, max=600, help="Seconds to be back in.")] = 60.0,
    as_json: options.AsJson = False,
) -> int:
    """Kill a relay, start it again, and see how all its kiosks come back at once."""
    _allow_files(kiosks)
    with tempfile.TemporaryDirectory(prefix="parloir-simulate-") as folder:
        found = asyncio.run(_reconnect(Path(folder), kiosks, away, within))
    if as_json:
        show_json(asdict(found))
    else:
        _show(found, within)
    return 0 if found.back == kiosks else 1


def _allow_files(kiosks: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if kiosks * _FILES_OF_A_KIOSK + 100 > hard:
        raise OperateError(
            f"{kiosks} kiosks need more open files than this shell allows ({hard}); "
            "raise it with ulimit -n, or ask for fewer --kiosks"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _reconnect(folder: Path, kiosks: int, away: float, within: float) -> Comeback:
    # The kiosk's client and the relay's store take a while to load.
    from operate.bench.processes import cpu_s  # noqa: PLC0415
    from operate.simulate.crowd import crowd  # noqa: PLC0415
    from operate.simulate.relay_process import RelayProcess  # noqa: PLC0415

    relay = RelayProcess(folder, kiosks)
    tell(_NAME, f"making a facility with {kiosks} terminals")
    await asyncio.to_thread(relay.furnish)
    try:
        await relay.start()
        async with crowd(relay.lines) as everybody:
            tell(_NAME, "all kiosks call for the first time")
            if not await everybody.all_here(within):
                raise OperateError(f"only {everybody.here} of {kiosks} kiosks came at all")
            tell(_NAME, f"the relay is killed and stays away for {away:g} s")
            await relay.kill()
            await asyncio.sleep(away)
            await relay.start()
            up_at = time.monotonic()
            tell(_NAME, "it is back")
            await everybody.all_here(within)
            cpu = cpu_s(relay.pid)
            welcomes = sorted(
                caller.welcomed_at - up_at
                for caller in everybody.callers
                if caller.welcomed_at is not None
            )
            attempts = sum(caller.attempts for caller in everybody.callers) / kiosks
    finally:
        await relay.kill()
    return Comeback(
        kiosks=kiosks,
        back=len(welcomes),
        first_s=_quantile(welcomes, 0),
        p50_s=_quantile(welcomes, 0.5),
        p99_s=_quantile(welcomes, 0.99),
        last_s=_quantile(welcomes, 1),
        busiest_second=_busiest(welcomes),
        attempts=round(attempts, 1),
        relay_cpu_s=round(cpu, 2),
    )


def _quantile(ordered: list[float], part: float) -> float | None:
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 2)


def _busiest(ordered: list[float]) -> int:
    """The most welcomes in any second that begins with one."""
    most = begin = 0
    for end, at in enumerate(ordered, start=1):
        while ordered[begin] < at - 1:
            begin += 1
        most = max(most, end - begin)
    return most


def _show(found: Comeback, within: float) -> None:
    say(f"{found.back} of {found.kiosks} kiosks were back within {within:g} s")
    show_fields(
        [
            ("first", f"{found.first_s} s"),
            ("half", f"{found.p50_s} s"),
            ("99 of 100", f"{found.p99_s} s"),
            ("last", f"{found.last_s} s"),
            ("busiest second", f"{found.busiest_second} welcomes"),
            ("attempts in vain", f"{found.attempts} a kiosk"),
            ("relay's processor time", f"{found.relay_cpu_s} s"),
        ]
    )
