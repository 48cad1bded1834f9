"""`Attendance`: the parties' way into a visit, through it, and out again.

Guarantees: nobody gets a media peer without a yes of the policy; the notice is answered by the
party itself and kept with version, language and time; a connection that breaks has
`SILENCE_S` seconds to come back before its party counts as lost. Leaves to others: who a
connection belongs to (`booths`, `links`), and what follows for the visit (`visits`).
"""

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.core.model import TerminalId, TerminalState, Visit, VisitId
from relay.core.policy import Decision, Ground, Purpose, Request, decide
from relay.core.visit_events import (
    NoticeReconsidered,
    NoticeRefused,
    PartyConnected,
    PartyLeft,
    PartyLost,
    RelayRestarted,
)
from relay.service.alerts import AlertDesk
from relay.service.audience import Audience
from relay.service.calls import Calls
from relay.service.client import Client
from relay.service.facts import gather
from relay.service.recordings import RecordingDesk
from relay.service.views import party_view
from relay.service.visit_run import NOTICE_VERSION, VisitRun
from relay.service.visits import VisitDesk
from relay.store.database import Store
from relay.store.errors import StoreError
from relay.store.notices import NoticeAnswer, Notices
from relay.store.sqlite import Database
from visit_protocol.errors import CloseCode
from visit_protocol.signalling import SILENCE_S, OfferWanted, VisitView
from visit_protocol.vocabulary import Party, RejectionCode
from visit_protocol.worker import PeerAnswer, RecordingClosed, RecordingOpened

log = logging.getLogger(__name__)

_WORKER_PATIENCE_S = 5.0


class Attendance:
    """What parties can do. It also hears what happens to their media (`CallListener`)."""

    def __init__(
        self,
        *,
        desk: VisitDesk,
        store: Store,
        clock: Clock,
        calls: Calls,
        audience: Audience,
        alerts: AlertDesk,
        recordings: RecordingDesk,
        min_free_bytes: int,
        terminal_state: Callable[[TerminalId], TerminalState | None],
    ) -> None:
        self._desk = desk
        self._store = store
        self._clock = clock
        self._calls = calls
        self._audience = audience
        self._alerts = alerts
        self._recordings = recordings
        self._min_free_bytes = min_free_bytes
        self._terminal_state = terminal_state
        self._tasks: set[asyncio.Task[None]] = set()
        self._waits: set[asyncio.Task[None]] = set()
        calls.listen(self)

    async def view(self, visit: VisitId, party: Party) -> VisitView:
        """The visit as a party sees it, with what speaks against it now.

        Raises:
            UnknownVisitError: there is none.
        """
        run = await self._desk.find(visit)
        grounds, stopping = self._desk.standing_grounds(run), self._desk.stopping(run)
        return party_view(run, party, self._clock.now(), grounds, stopping)

    async def answer_notice(
        self, visit: VisitId, party: Party, *, version: str, language: str, accepted: bool
    ) -> VisitView:
        """Keep the party's answer; refusing ends an open visit and costs no allowance.

        Whoever refused may think again within the slot.

        Raises:
            UnknownVisitError: there is no such visit.
            StoreError: the answer could not be kept, so it does not count.
        """
        run = await self._desk.find(visit)
        now = self._clock.now()
        answer = NoticeAnswer(
            visit, party, run.person(party), version, language, accepted=accepted, at=now
        )
        await self._store.write(lambda db: Notices(db).add(answer))
        if accepted and version == NOTICE_VERSION:
            run.notices_accepted.add(party)
        else:
            run.notices_accepted.discard(party)
        event = NoticeReconsidered(party) if accepted else NoticeRefused(party)
        await self._desk.dispatch(run, event)  # which means nothing to most visits' states
        return await self.view(visit, party)

    async def join(
        self,
        visit: VisitId,
        party: Party,
        client: Client,
        admit: Callable[[], Awaitable[bool]] | None = None,
    ) -> VisitView | None:
        """Let the party in, or say every reason why not.

        ``admit`` is asked last, before anything is changed; None is returned when it says no.

        Raises:
            UnknownVisitError: there is no such visit.
        """
        run = await self._desk.find(visit)
        decision = await self._decide(run, party)
        now = self._clock.now()
        if not decision.allowed:
            log.info("visit %s: %s not let in: %s", visit, party, ", ".join(decision.codes))
            return party_view(run, party, now, decision.grounds)
        if admit is not None and not await admit():
            return None
        older = run.attending.get(party)
        if older is not None and older is not client:
            older.close(CloseCode.REPLACED)
        run.attending[party] = client
        run.codec_missing = False
        log.info("visit %s: %s joined", visit, party)
        return party_view(run, party, now, stopping=self._desk.stopping(run))

    async def _decide(self, run: VisitRun, party: Party) -> Decision:
        now, clock = self._clock.now(), self._clock.interval()
        booth = self._terminal_state(run.terminal.id) if party is Party.INMATE else None
        orders = self._desk.orders_on(run)  # who was in the call may come back into it

        def ask(db: Database) -> Decision:
            facts = gather(db, run.visit, orders, clock, booth)
            return decide(Request(Purpose.JOIN, self._as_extended(run), party), facts, now)

        decision = await self._store.read(ask)
        if decision.allowed and run.visit.recorded and not self._room_to_record():
            await self._alerts.raise_alert(AlertKind.DISK_LOW)
            return Decision((Ground(RejectionCode.RECORDING_UNAVAILABLE),))
        return decision

    def _as_extended(self, run: VisitRun) -> Visit:
        return replace(run.visit, ends=run.machine.ends_at(now=self._clock.now()))

    def _room_to_record(self) -> bool:
        return shutil.disk_usage(self._recordings.folder).free >= self._min_free_bytes

    async def offer(
        self, visit: VisitId, party: Party, client: Client, sdp: str
    ) -> PeerAnswer | str:
        """A media peer for a party that has joined, or a stable code why there is none."""
        run = await self._desk.find(visit)
        if run.attending.get(party) is not client or not run.under_way:
            return "NOT_JOINED"
        if not await self._opened(run):
            return "NO_WORKER"
        answer = await self._calls.offer(visit, party, sdp)
        if isinstance(answer, PeerAnswer):
            return answer
        if answer.code == RejectionCode.NO_CODEC:
            await self._part(run)
        return answer.code

    async def _part(self, run: VisitRun) -> None:
        """The parties have no video codec in common: both are told so, and out of the call.

        The reason stands until one of them joins again, perhaps with another device.
        """
        log.warning("visit %s: no video codec that both parties have", run.visit.id)
        run.codec_missing = True
        for party in list(run.attending):
            del run.attending[party]
            self._calls.close_peer(run.visit.id, party)
            await self._desk.dispatch(run, PartyLost(party))
        self._desk.announce(run)

    async def _opened(self, run: VisitRun) -> bool:
        async with run.opening:
            if not self._calls.is_open(run.visit.id):
                try:
                    async with asyncio.timeout(_WORKER_PATIENCE_S):
                        await self._calls.wait_ready()
                except TimeoutError:
                    return False
                folder, segment = await self._recordings.place(run.visit)
                if not self._calls.open(run.visit, folder, segment):
                    return False
        # An order may have come while we waited; it found no call to cut.
        if not run.under_way or self._desk.suspending(run):
            self._calls.cut(run.visit.id)
            return False
        return True

    async def attends(self, visit: VisitId, party: Party) -> bool:
        """Whether the party has joined and has not been lost yet, on whichever connection."""
        return party in (await self._desk.find(visit)).attending

    async def leave(self, visit: VisitId, party: Party) -> None:
        """The party hangs up."""
        run = await self._desk.find(visit)
        run.attending.pop(party, None)
        self._calls.close_peer(visit, party)
        await self._desk.dispatch(run, PartyLeft(party))

    async def hold(self, visit: VisitId, party: Party) -> None:
        """The party's devices have no power: it counts as lost until it offers again."""
        run = await self._desk.find(visit)
        if party in run.attending:
            self._calls.close_peer(visit, party)
            await self._desk.dispatch(run, PartyLost(party))

    def gone(self, visit: VisitId, party: Party, client: Client) -> None:
        """The party's connection broke; unless it comes back it is lost."""
        self._audience.leave(client)
        wait = asyncio.create_task(self._lose_unless_back(visit, party, client))
        self._waits.add(wait)
        wait.add_done_callback(self._waits.discard)

    async def _lose_unless_back(self, visit: VisitId, party: Party, client: Client) -> None:
        run = await self._desk.find(visit)
        if run.attending.get(party) is not client:
            return
        await asyncio.sleep(SILENCE_S)
        if run.attending.get(party) is client:
            del run.attending[party]
            self._calls.close_peer(visit, party)
            self._spawn(self._lost(run, party))

    async def _lost(self, run: VisitRun, party: Party) -> None:
        await self._desk.dispatch(run, PartyLost(party))

    # ── what media workers tell (CallListener) ────────────────────────────────────────────
    def media_changed(self, visit: VisitId, party: Party, connected: bool) -> None:
        """A party's media arrives, or has been silent too long."""
        self._spawn(self._media_changed(visit, party, connected))

    async def _media_changed(self, visit: VisitId, party: Party, connected: bool) -> None:
        run = await self._desk.find(visit)
        if connected and party in run.attending:
            await self._desk.dispatch(run, PartyConnected(party))
        elif not connected:
            await self._desk.dispatch(run, PartyLost(party))

    def call_lost(self, visit: VisitId) -> None:
        """The worker died: both parties must come again."""
        self._spawn(self._call_lost(visit))

    async def _call_lost(self, visit: VisitId) -> None:
        run = await self._desk.find(visit)
        clients = list(run.attending.values())
        run.attending.clear()
        await self._recordings.worker_died(visit)
        await self._desk.dispatch(run, RelayRestarted())
        for client in clients:
            client.close(CloseCode.FAILED)
        await self._alerts.raise_alert(AlertKind.WORKER_LOST, visit=visit)

    def recording_opened(self, visit: VisitId, message: RecordingOpened) -> None:
        """A party's file exists."""
        self._spawn(self._recordings.opened(visit, message))

    def recording_closed(self, visit: VisitId, message: RecordingClosed) -> None:
        """A party's file is finished."""
        self._spawn(self._recordings.closed(visit, message))

    def segment_wanted(self, visit: VisitId) -> None:
        """The recordings have ended; they go on in a segment of their own."""
        self._spawn(self._segment_wanted(visit))

    async def _segment_wanted(self, visit: VisitId) -> None:
        run = await self._desk.find(visit)
        _, segment = await self._recordings.place(run.visit)
        self._calls.resume_recording(visit, segment)

    def offer_wanted(self, visit: VisitId, party: Party) -> None:
        """The call has another video codec now; that party's media has to be made anew."""
        self._spawn(self._offer_wanted(visit, party))

    async def _offer_wanted(self, visit: VisitId, party: Party) -> None:
        run = await self._desk.find(visit)
        # Whoever is not there just now offers in any case when it comes back.
        if (client := run.attending.get(party)) is not None:
            client.send(OfferWanted())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        async def owned() -> None:
            try:
                await work
            except StoreError as error:
                log.error("%s", error)

        task = asyncio.create_task(owned())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Returns when everything the workers told has been dealt with; at shutdown.

        Whoever is still on the way back then comes back to the next process.
        """
        for wait in self._waits:
            wait.cancel()
        while self._tasks:
            await asyncio.wait(self._tasks)
