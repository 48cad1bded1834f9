"""``python -m tests.soak``: one worker through many calls; does it grow? See ``scripts/soak``."""

import argparse
import asyncio
import contextlib
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from operate.bench.load.clip import make_clip
from operate.bench.processes import family
from tests.relay.media.worker_process import WorkerProcess
from tests.soak.churn import Churn

SAMPLE_S = 5.0
MAX_MB_PER_CALL = 6.0
MAX_GROWTH_MB = 4.0
"""Within the last two thirds of the run, by the line through all samples."""
MAX_MORE = 8
"""Descriptors or threads that the end may have more than the middle: calls differ."""


@dataclass(frozen=True)
class Sample:
    """One process at one moment; the ring, which both map and fill once, does not count."""

    at_s: float
    memory_mb: float
    descriptors: int
    threads: int

    @classmethod
    def take(cls, pid: int, at_s: float) -> "Sample":
        kilobytes, in_ring = 0, False
        for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
            if not line.partition(" ")[0].endswith(":"):
                in_ring = "parloir-ring" in line
            elif line.startswith("Pss:") and not in_ring:
                kilobytes += int(line.split()[1])
        count = {name: len(list(Path(f"/proc/{pid}/{name}").iterdir())) for name in ("fd", "task")}
        return cls(at_s, kilobytes / 1024, count["fd"], count["task"])

    def __str__(self) -> str:
        return f"{self.memory_mb:6.1f} MB {self.descriptors:3} fds {self.threads:2} threads"


def faults(name: str, samples: list[Sample]) -> list[str]:
    """In which way the process has grown. The first third is for warming up."""
    middle, end = samples[len(samples) // 3 : 2 * len(samples) // 3], samples[-len(samples) // 3 :]
    line = statistics.linear_regression(
        [sample.at_s for sample in (*middle, *end)],
        [sample.memory_mb for sample in (*middle, *end)],
    )
    grown_mb = line.slope * (end[-1].at_s - middle[0].at_s)
    print(f"{name}: {line.slope * 60:+.3f} MB a minute, {grown_mb:+.1f} MB in all after warming up")
    found = []
    if grown_mb > MAX_GROWTH_MB:
        found.append(f"{name}: memory grows, by {grown_mb:.1f} MB")
    for what in ("descriptors", "threads"):
        before, after = (max(getattr(one, what) for one in part) for part in (middle, end))
        if after > before + MAX_MORE:
            found.append(f"{name}: {what} grow from {before} to {after}")
    return found


async def soak(minutes: float, calls: int, seed: int, folder: Path) -> list[str]:
    """Churn so long; what has grown."""
    clip = make_clip()
    worker = await WorkerProcess.start()
    end_s = time.monotonic() + minutes * 60
    began_s = time.monotonic()
    pids = {"worker": worker.process.pid, "recorder": family(worker.process.pid)[1]}
    await asyncio.sleep(1)
    empty = Sample.take(pids["worker"], 0)
    print(f"     0 s  worker {empty}, without a call")
    churn = Churn(worker, clip, folder, random.Random(seed))
    samples: dict[str, list[Sample]] = {name: [] for name in pids}

    async def watch() -> None:
        while time.monotonic() < end_s:
            await asyncio.sleep(SAMPLE_S)
            at_s = time.monotonic() - began_s
            for name, pid in pids.items():
                samples[name].append(Sample.take(pid, at_s))
            said = ", ".join(f"{name} {taken[-1]}" for name, taken in samples.items())
            print(
                f"{at_s:6.0f} s  {said}; joined {churn.joined}, ICE restarts {churn.restarted},"
                f" reconnected {churn.reconnected}, cut {churn.cut}",
                flush=True,
            )

    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(watch())
            for _ in range(calls):
                tasks.create_task(churn.keep(until_s=end_s))
    finally:
        with contextlib.suppress(TimeoutError, ConnectionError):
            await worker.close()
        await worker.discard()
    found = [fault for name in pids for fault in faults(name, samples[name])]
    if worker.process.returncode != 0:
        found.append(f"the worker ended with {worker.process.returncode}")
    settled = [sample.memory_mb for sample in samples["worker"][len(samples["worker"]) // 3 :]]
    per_call_mb = (statistics.median(settled) - empty.memory_mb) / calls
    print(f"worker: {per_call_mb:.2f} MB a call, with {calls} calls at a time")
    if per_call_mb > MAX_MB_PER_CALL:
        found.append(f"worker: {per_call_mb:.2f} MB a call")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/soak",
        description="Leads many calls through one media worker, and fails when it grows.",
    )
    parser.add_argument("--minutes", type=float, default=10, help="how long (10)")
    parser.add_argument("--calls", type=int, default=8, help="how many calls at a time (8)")
    parser.add_argument("--seed", type=int, default=1, help="which calls (1)")
    asked = parser.parse_args()
    if asked.minutes < 1 or asked.calls < 1:
        parser.error("at least one minute and one call")
    with tempfile.TemporaryDirectory(prefix="parloir-soak-") as folder:
        found = asyncio.run(soak(asked.minutes, asked.calls, asked.seed, Path(folder)))
    print("\n".join(found) if found else "nothing grows")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
