"""`Supervisor`: the relay, the kiosks and their boards, from start to a clean end.

Guarantees: everything starts at once; `on_ready` is called as soon as relay and kiosks are all
usable, and from then on at once with each new set of process ids; the kiosks stop before their
boards and the relay, all within `STOP_S`. Leaves to others: keeping one process alive (`program`),
what "usable" means (`readiness`).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from operate.facility.program import Program, ProgramPlan
from operate.facility.readiness import LocalRelay

STOP_S: Final = 10.0
_KIOSKS_STOP_S: Final = 4.0
_POLL_S: Final = 0.05
_EXPLAIN_AFTER_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class KioskPlan:
    """A kiosk and the terminal that it is."""

    terminal: str
    program: ProgramPlan
    beside: tuple[ProgramPlan, ...] = ()
    """Its board and its bridge."""


@dataclass(frozen=True, slots=True)
class Pids:
    """Process ids; the kiosks' in the order of their plans."""

    relay: int
    kiosks: tuple[int, ...]


class Supervisor:
    """One facility's processes. ``say`` takes a line for the terminal."""

    def __init__(
        self,
        relay: ProgramPlan,
        kiosks: Sequence[KioskPlan],
        local: LocalRelay,
        *,
        on_ready: Callable[[Pids], None],
        say: Callable[[str], None],
    ) -> None:
        self._local = local
        self._on_ready = on_ready
        self._say = say
        self._changed = asyncio.Event()
        self._told: Pids | None = None
        """What `on_ready` was told last; None before all was usable for the first time."""
        self._terminals = [kiosk.terminal for kiosk in kiosks]
        self._relay = Program(relay, on_start=self._started, say=say)
        self._kiosks = [Program(kiosk.program, on_start=self._started, say=say) for kiosk in kiosks]
        self._beside = [
            Program(plan, on_start=self._started, say=say)
            for kiosk in kiosks
            for plan in kiosk.beside
        ]

    async def run(self, until: asyncio.Event) -> bool:
        """Keep the facility alive until ``until`` is set; whether all then ended by itself.

        Raises:
            GaveUpError: a program cannot be kept alive; the others have been stopped.
        """
        programs = (self._relay, *self._kiosks, *self._beside)
        keepers = [asyncio.create_task(each.supervise()) for each in programs]
        watcher = asyncio.create_task(self._watch())
        end = asyncio.create_task(until.wait())
        try:
            await asyncio.wait([*keepers, watcher, end], return_when=asyncio.FIRST_COMPLETED)
        finally:
            watcher.cancel()
            end.cancel()
            clean = await self._stop()
            outcomes = await asyncio.gather(*keepers, watcher, end, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not isinstance(
                outcome, asyncio.CancelledError
            ):
                raise outcome
        return clean

    def _started(self) -> None:
        self._changed.set()
        if self._told is not None:
            self._tell()

    def _tell(self) -> None:
        pids = self._pids()
        if pids is not None and pids != self._told:
            self._told = pids
            self._on_ready(pids)

    async def _watch(self) -> None:
        """Wait after every change of processes until all is usable, and say what is missing."""
        loop = asyncio.get_running_loop()
        while True:
            await self._changed.wait()
            self._changed.clear()
            explain_at = loop.time() + _EXPLAIN_AFTER_S
            while missing := await self._local.missing(self._terminals):
                if loop.time() > explain_at:
                    self._say(f"still waiting: {'; '.join(missing)}")
                    explain_at = loop.time() + _EXPLAIN_AFTER_S
                await asyncio.sleep(_POLL_S)
            if not self._changed.is_set():
                self._tell()

    def _pids(self) -> Pids | None:
        relay = self._relay.pid
        kiosks = tuple(kiosk.pid for kiosk in self._kiosks if kiosk.pid is not None)
        if relay is None or len(kiosks) < len(self._kiosks):
            return None
        return Pids(relay, kiosks)

    async def _stop(self) -> bool:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + STOP_S
        went = await asyncio.gather(*(kiosk.stop(_KIOSKS_STOP_S) for kiosk in self._kiosks))
        rest = (self._relay, *self._beside)
        went += await asyncio.gather(*(each.stop(deadline - loop.time()) for each in rest))
        return all(went)
