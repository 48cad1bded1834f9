"""Rounds of runs: every system in turn, then all of them again, and how far each can go.

Guarantees: systems are interleaved, so that a machine's moods hit them alike; the naive way gets
one visit, which is all it carries. `find_highest` runs a bounded number of times. Leaves to
others: one run (`operate.bench.measuring`), what the figures mean (`operate.bench.figures`).
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from operate.bench.errors import BenchError, SystemFailedError
from operate.bench.figures import Run
from operate.bench.measuring import MakeSystem, run_once
from operate.bench.names import JANUS, NAIVE, OURS, PYTHON
from operate.bench.processes import Cores
from operate.bench.systems.janus import JanusSystem, find_janus, own_address
from operate.bench.systems.naive import NaiveSystem
from operate.bench.systems.worker import WorkerSystem

MAX_ADDED_MS: Final = 20.0
"""A visit is carried well while 99 of 100 packets are delayed by no more."""
MAX_VISITS: Final = 512
RAMP_RUNS: Final = 8
RAMP_SECONDS: Final = 5.0

SYSTEMS: Final[dict[str, MakeSystem]] = {
    OURS: lambda folder, cores: WorkerSystem(core=cores.tested, folder=folder, loop="auto"),
    JANUS: lambda folder, cores: JanusSystem(core=cores.tested, folder=folder),
    NAIVE: lambda folder, cores: NaiveSystem(core=cores.tested, folder=folder),
    PYTHON: lambda folder, cores: WorkerSystem(core=cores.tested, folder=folder, loop="python"),
}

Tell = Callable[[str], None]


def check_installed(names: list[str]) -> None:
    """Returns when every system of these can be started here.

    Raises:
        RivalMissingError: one is not installed.
    """
    if JANUS in names:
        find_janus()
        own_address()


async def run_rounds(
    names: list[str],
    *,
    rounds: int,
    visits: int,
    seconds: float,
    clip: Path,
    cores: Cores,
    tell: Tell,
) -> list[dict[str, Run]]:
    """Each system once per round.

    Raises:
        BenchError: a run failed, or the generator was the bottleneck.
    """
    found: list[dict[str, Run]] = []
    for number in range(rounds):
        runs: dict[str, Run] = {}
        for name in names:
            tell(f"round {number + 1} of {rounds}: {name}")
            run = await run_once(
                name,
                SYSTEMS[name],
                visits=1 if name == NAIVE else visits,
                seconds=seconds,
                clip=clip,
                cores=cores,
            )
            _check_valid(run)
            runs[name] = run
        found.append(runs)
    return found


async def ramp(name: str, *, start: int, clip: Path, cores: Cores, tell: Tell) -> int:
    """The highest number of visits that one core carries without loss, added p99 ≤ 20 ms.

    Raises:
        BenchError: the generator was the bottleneck.
    """

    async def carries(visits: int) -> bool:
        try:
            run = await run_once(
                name,
                SYSTEMS[name],
                visits=visits,
                seconds=RAMP_SECONDS,
                clip=clip,
                cores=cores,
                cut=False,
            )
        except SystemFailedError as error:
            tell(f"ramp: {name}: {visits} visits: {error}")
            return False
        _check_valid(run)
        lost, added_ms = run.figures.packets_lost, run.figures.added_ms_p99
        well = lost == 0 and added_ms is not None and added_ms <= MAX_ADDED_MS
        tell(f"ramp: {name}: {visits} visits, {lost} lost, p99 {added_ms} ms: {_verdict(well)}")
        return well

    return await find_highest(carries, start=start, limit=MAX_VISITS, runs=RAMP_RUNS)


async def find_highest(
    carries: Callable[[int], Awaitable[bool]], *, start: int, limit: int, runs: int
) -> int:
    """The highest number up to ``limit`` for which ``carries`` holds, by doubling then bisecting.

    At most ``runs`` questions are asked; the answer is one that held, 0 when none did.
    """
    good, bad = 0, limit + 1
    visits = min(start, limit)
    for _ in range(runs):
        if await carries(visits):
            good = visits
        else:
            bad = visits
        if bad - good <= max(1, good // 20):
            break
        visits = (good + bad) // 2 if bad <= limit else min(2 * good, limit)
    return good


def _check_valid(run: Run) -> None:
    if run.saturated:
        raise BenchError(
            f"invalid: the load generator used {run.load_share:.0%} of its core with "
            f"{run.visits} visits of {run.system}; ask for fewer visits"
        )


def _verdict(well: bool) -> str:
    return "carried" if well else "too many"
