"""`Program`: one process of the facility, across its restarts.

Guarantees: it runs in a process group of its own; when it dies it is started again, at once the
first time, then after a growing pause; `DEATHS_TO_GIVE_UP` deaths within `DEATHS_WINDOW_S`, or
a first start that ends because the configuration is wrong, raise `GaveUpError`; nothing of a dead
process's group is left when the next one starts or `stop` returns, and nothing outlives this
process, whatever ends it. Leaves to others: what the program does, and when the facility counts
as ready.
"""

import asyncio
import ctypes
import os
import signal
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEATHS_TO_GIVE_UP: Final = 5
DEATHS_WINDOW_S: Final = 30.0
PAUSES_S: Final = (0.0, 0.25, 0.5, 1.0)
EXIT_MISCONFIGURED: Final = 2
"""Exit status of a program that cannot work as things are; of the first start it is final."""

_LEFTOVERS_S = 2.0
_POLL_S = 0.02
_PR_SET_CHILD_SUBREAPER = 36


class GaveUpError(Exception):
    """A program cannot be kept alive; the text is one line for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class ProgramPlan:
    """How to start a program, and the file that its output goes to."""

    name: str
    command: tuple[str, ...]
    log: Path
    descriptors: tuple[int, ...] = ()
    """What it inherits, under the same numbers."""


def adopt_orphans() -> None:
    """Make this process the parent of its descendants' orphans, so that it can end them too.

    Raises:
        OSError: the kernel refused (prctl(2), PR_SET_CHILD_SUBREAPER).
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def end_orphans() -> int:
    """End what is left of our descendants once no program runs; how many had to be killed.

    Only for a process that started nothing but programs: every child that it still has is an
    orphan that `adopt_orphans` brought.
    """
    deadline = time.monotonic() + _LEFTOVERS_S
    killed: set[int] = set()
    while _any_runs(-1):
        if time.monotonic() > deadline:
            for orphan in _children() - killed:
                os.kill(orphan, signal.SIGKILL)
                killed.add(orphan)
        time.sleep(_POLL_S)
    return len(killed)


def seconds_alive() -> float:
    """How long this process lives (proc(5), starttime): a script that it was exec'd from included.

    Raises:
        OSError: there is no /proc.
    """
    began = int(Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - began / os.sysconf("SC_CLK_TCK")


class Program:
    """One program; ``on_start`` is called with every new process."""

    def __init__(
        self,
        plan: ProgramPlan,
        *,
        on_start: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self.plan = plan
        self._on_start = on_start
        self._say = say
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The running process, or None before the first and between two."""
        if self._process is None or self._process.returncode is not None:
            return None
        return self._process.pid

    async def supervise(self) -> None:
        """Keep the program alive until `stop`.

        Raises:
            GaveUpError: it dies too often, or its configuration is wrong.
            OSError: it or its log file cannot be opened.
        """
        loop = asyncio.get_running_loop()
        deaths: deque[float] = deque(maxlen=DEATHS_TO_GIVE_UP)
        while not self._stopping.is_set():
            status = await self._run_once()
            if self._stopping.is_set():
                return
            now = loop.time()
            deaths.append(now)
            recent = [death for death in deaths if now - death < DEATHS_WINDOW_S]
            if status == EXIT_MISCONFIGURED and len(deaths) == 1:
                raise GaveUpError(f"{self.plan.name} cannot start: {self._last_words()}")
            if len(recent) == DEATHS_TO_GIVE_UP:
                raise GaveUpError(
                    f"{self.plan.name} died {DEATHS_TO_GIVE_UP} times in "
                    f"{DEATHS_WINDOW_S:.0f} s, last of {_cause(status)}; see {self.plan.log}"
                )
            self._say(f"{self.plan.name} died of {_cause(status)}; starting it again")
            await self._pause(PAUSES_S[min(len(recent), len(PAUSES_S)) - 1])

    async def stop(self, patience_s: float) -> bool:
        """End the program: SIGTERM, after ``patience_s`` SIGKILL; whether it went by itself."""
        self._stopping.set()
        process = self._process
        if process is None:
            return True
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(patience_s):
                await process.wait()
        except TimeoutError:
            self._say(f"{self.plan.name} did not stop in time and was killed")
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            await self._clear_group(process.pid)
            return False
        return await self._clear_group(process.pid)

    async def _run_once(self) -> int:
        with self.plan.log.open("ab") as log:
            # setpriv(1) ties the program's life to ours, even when we are killed with -9.
            self._process = await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "TERM", "--", *self.plan.command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                pass_fds=self.plan.descriptors,
                process_group=0,
            )
        if self._stopping.is_set():  # `stop` came while the process was being made
            self._process.terminate()
        self._on_start()
        status = await self._process.wait()
        if not self._stopping.is_set():
            await self._clear_group(self._process.pid)
        return status

    async def _clear_group(self, group: int) -> bool:
        """Wait for what the dead leader left behind, then insist; whether waiting was enough."""
        if await _emptied(group, _LEFTOVERS_S):
            return True
        self._say(f"{self.plan.name} left processes behind; they were killed")
        os.killpg(group, signal.SIGKILL)
        await _emptied(group, _LEFTOVERS_S)
        return False

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    def _last_words(self) -> str:
        lines = self.plan.log.read_text("utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else f"see {self.plan.log}"


async def _emptied(group: int, patience_s: float) -> bool:
    """Wait for an orphaned group to end; whether nothing of it runs any more."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    while _any_runs(-group):
        if loop.time() > deadline:
            return False
        await asyncio.sleep(_POLL_S)
    return True


def _any_runs(which: int) -> bool:
    """Whether a child that waitpid(2) calls ``which`` runs; ended ones are collected."""
    try:
        while os.waitpid(which, os.WNOHANG)[0]:
            continue
    except ChildProcessError:
        return False
    return True


def _children() -> set[int]:
    """Process ids of our children, adopted ones included (proc(5), task/…/children)."""
    lists = Path("/proc/self/task").glob("*/children")
    return {int(pid) for each in lists for pid in each.read_text("ascii").split()}


def _cause(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"
