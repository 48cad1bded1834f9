"""Processes of a measurement: started on a core of their own, accounted for, never left behind.

Guarantees: CPU is what the kernel has charged to a process and all that descend from it, ended
ones included; memory is the proportional share, so that what is shared counts once. Leaves to
others: what the processes do.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from operate.bench.errors import BenchError

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_END_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Cores:
    """Where the system under test runs, and where everything else does."""

    tested: int
    load: int


def choose_cores() -> Cores:
    """Two different cores that this process may use.

    Raises:
        BenchError: there is only one; whatever was measured there would be the generator's.
    """
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise BenchError("a measurement needs two cores: one for the load, one for what is loaded")
    return Cores(tested=usable[0], load=usable[1])


@contextlib.contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """What is started in the block stays on that core; so do its own children."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def move_to_core(pid: int, core: int) -> None:
    """Bring a process that runs already to that core, with all its threads."""
    for _ in range(2):  # a thread that began during the first look is met by the second
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(ProcessLookupError):
                os.sched_setaffinity(int(task.name), {core})


class Child:
    """A process of ours that is spoken to in lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.pid: Final = process.pid
        self._process = process

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._process.returncode is not None

    def write(self, line: bytes) -> None:
        """Say a line to it."""
        if self._process.stdin is not None:
            self._process.stdin.write(line + b"\n")

    async def read_line(self) -> bytes:
        """The next line that it says, nothing at the end."""
        return await self._process.stdout.readline() if self._process.stdout is not None else b""

    async def leave(self) -> None:
        """End its input, which it takes as a wish to end, and see to it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_END_S):
                    await self._process.wait()
        await self.end()

    async def end(self) -> None:
        """Ask it to end, and see to it."""
        if not self.ended:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_END_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


async def start_process(
    command: Sequence[str], *, core: int | None, output: Path | None = None
) -> Child:
    """A process on that core, or any, with pipes, or with ``output`` for all that it says.

    It gets a group of its own, since Ctrl-C shall end it through us, and it ends when we do.
    """
    with on_core(core), contextlib.ExitStack() as files:
        said = files.enter_context(output.open("wb")) if output else asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "KILL", "--", *command),
            stdin=asyncio.subprocess.DEVNULL if output else asyncio.subprocess.PIPE,
            stdout=said,
            stderr=said if output else None,
            process_group=0,
            limit=1 << 24,
        )
    return Child(process)


# ── accounting ─────────────────────────────────────────────────────────────────────────────
def family(pid: int) -> list[int]:
    """The process and all that descend from it, now."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found.extend(children.get(one, ()))
    return found


def cpu_s(pid: int) -> float:
    """CPU time, user and system, of the family since it began, ended children included."""
    ticks = 0
    for one in family(pid):
        # utime, stime, cutime, cstime; counted from the state, which is field 3 of proc(5).
        ticks += sum(int(value) for value in _stat(one)[11:15])
    return ticks / _TICKS_PER_S


def memory_mb(pid: int) -> float:
    """Proportional set size of the family in MiB."""
    total = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024


def udp_drops(pid: int) -> int:
    """Datagrams that the receive buffers of the family's UDP sockets had no room for."""
    inodes: set[str] = set()
    for one in family(pid):
        with contextlib.suppress(OSError):
            for entry in Path(f"/proc/{one}/fd").iterdir():
                with contextlib.suppress(OSError):
                    inodes.add(str(entry.readlink()).removeprefix("socket:[").removesuffix("]"))
    drops = 0
    for table in ("udp", "udp6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                drops += int(fields[-1]) if fields[9] in inodes else 0
    return drops


@dataclass(frozen=True, slots=True)
class HostTime:
    """What the host has given this machine so far, in ticks of all cores."""

    stolen: int
    total: int

    @classmethod
    def now(cls) -> "HostTime":
        """As /proc/stat says."""
        line = Path("/proc/stat").read_text().partition("\n")[0]
        ticks = [int(value) for value in line.split()[1:9]]
        return cls(stolen=ticks[7], total=sum(ticks))

    def stolen_since(self, before: "HostTime") -> float:
        """Share of the time since ``before`` that the host gave to others."""
        return (self.stolen - before.stolen) / max(1, self.total - before.total)


def _stat(pid: int) -> list[str]:
    """The fields after the command name; empty when there is no such process any more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
