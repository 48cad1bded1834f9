"""`MonitorDesk`: guards who watch and listen, and the journal's rows of it.

Guarantees: a protected visit is refused before any worker is asked; no guard can connect before
the journal says who watches whom, with or without sound; each of these rows is followed by one
that says until when, whichever way the watching ended; a guard watches at most `MAX_OF_GUARD`
parties at a time. Leaves to others: who is a guard (`relay.web`), media (`calls`).
"""

import asyncio
import logging
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from relay.clock import Clock
from relay.core.model import VisitId
from relay.service.calls import Calls
from relay.service.staff import Actor
from relay.service.visits import VisitDesk
from relay.store.database import Store
from relay.store.errors import StoreError
from relay.store.journal import Journal
from visit_protocol.vocabulary import Party
from visit_protocol.worker import MonitorRefused

log = logging.getLogger(__name__)

MAX_OF_GUARD: Final = 4
"""Two visits from both sides: nobody takes in more."""


class Ending(StrEnum):
    """Why somebody watches no longer, in the journal."""

    STOPPED = "STOPPED"
    """The guard has turned away."""
    LOST = "LOST"
    """The guard's page has gone or fallen silent, or the call was cut."""
    RELAY_STOPPED = "RELAY_STOPPED"


class WatchRefusedError(Exception):
    """Nobody watches."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        """``VISIT_PROTECTED``, ``NOT_LIVE``, ``TOO_MANY_MONITORS``, ``BAD_SDP``, ``NO_CODEC``,
        ``TIMED_OUT`` or ``WORKER_LOST``."""


class UnknownMonitorError(Exception):
    """No such monitor, or it is somebody else's."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A guard watches a party."""

    monitor: str
    visit: VisitId
    party: Party
    audio: bool
    by: Actor
    began: datetime


_CODES: Final = {"NO_CALL": "NOT_LIVE", "TOO_MANY": "TOO_MANY_MONITORS"}
"""What a worker's refusal is called here, where it is called otherwise."""


class MonitorDesk:
    """All who watch now; implements `relay.service.calls.MonitorListener`."""

    def __init__(self, *, store: Store, clock: Clock, desk: VisitDesk, calls: Calls) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk
        self._calls = calls
        self._watches: dict[str, Watch] = {}
        self._writing: set[asyncio.Task[None]] = set()
        calls.listen_to_monitors(self)

    async def watch(
        self, visit: VisitId, party: Party, sdp: str, by: Actor, *, audio: bool
    ) -> tuple[Watch, str]:
        """The new monitor and the SDP answer to the guard's offer.

        Raises:
            UnknownVisitError: there is no such visit.
            WatchRefusedError: it cannot be.
            StoreError: the journal cannot be written, so nobody watches.
        """
        run = await self._desk.find(visit)
        if run.visit.visit_type.protected:
            raise WatchRefusedError("VISIT_PROTECTED")
        if not run.in_call:
            raise WatchRefusedError("NOT_LIVE")
        if sum(one.by.label == by.label for one in self._watches.values()) >= MAX_OF_GUARD:
            raise WatchRefusedError("TOO_MANY_MONITORS")
        monitor = f"mo-{secrets.token_hex(8)}"
        watch = Watch(monitor, run.visit.id, party, audio, by, self._clock.now())
        self._watches[monitor] = watch
        try:
            answer = await self._calls.watch(run.visit.id, party, monitor, sdp, audio=audio)
            if isinstance(answer, MonitorRefused):
                raise WatchRefusedError(_CODES.get(answer.code, answer.code))
            await self._store.write(
                lambda db: Journal(db).append(
                    watch.began, by.label, "monitor.opened", visit, _detail(watch)
                )
            )
        except BaseException:
            # Refused, or the guard has hung up on us, or the disk is full: then nobody watches.
            self._watches.pop(monitor, None)
            self._calls.close_monitor(run.visit.id, monitor)
            raise
        if monitor not in self._watches:
            raise WatchRefusedError("NOT_LIVE")  # cut while the row was written
        return watch, answer.sdp

    async def stop(self, visit: VisitId, monitor: str, by: Actor) -> None:
        """The guard turns away.

        Raises:
            UnknownMonitorError: there is no such monitor of that guard's.
        """
        watch = self._watches.get(monitor)
        if watch is None or watch.visit != visit or watch.by.label != by.label:
            raise UnknownMonitorError(monitor)
        del self._watches[monitor]
        self._calls.close_monitor(visit, monitor)
        await self._note_end(watch, Ending.STOPPED)

    def monitor_ended(self, _visit: VisitId, monitor: str) -> None:
        """The guard's peer is gone."""
        watch = self._watches.pop(monitor, None)
        if watch is not None:
            self._spawn(self._note_end(watch, Ending.LOST))

    async def drain(self) -> None:
        """Returns when every end is in the journal; at shutdown."""
        for watch in self._watches.values():
            self._spawn(self._note_end(watch, Ending.RELAY_STOPPED))
        self._watches.clear()
        while self._writing:
            await asyncio.wait(self._writing)

    async def _note_end(self, watch: Watch, ending: Ending) -> None:
        now = self._clock.now()
        times = {"from": watch.began.isoformat(), "to": now.isoformat(), "ended": ending}
        detail = {**_detail(watch), **times}
        await self._store.write(
            lambda db: Journal(db).append(
                now, watch.by.label, "monitor.closed", watch.visit, detail
            )
        )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        async def owned() -> None:
            try:
                await work
            except StoreError as error:
                log.error("%s", error)

        task = asyncio.create_task(owned())
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)


def _detail(watch: Watch) -> dict[str, Any]:
    return {"monitor": watch.monitor, "party": watch.party, "audio": watch.audio}
