"""`VisitDesk`: drives every visit's machine with time, orders and what others tell it.

Guarantees: what a machine did is in the store before anybody is told of it, except a cut, which
goes to the media worker first; events of one visit are handled one at a time; a visit whose facts
change under it is decided anew. Leaves to others: the machine's rules (`relay.core.visit`), yes
and no (`relay.core.policy`), parties coming and going (`attendance`), packets (`calls`).
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from relay.clock import Clock
from relay.core.model import Facility, Visit, VisitId
from relay.core.policy import Ground, Purpose, Request, decide
from relay.core.visit import IllegalEventError
from relay.core.visit_events import (
    Announce,
    Cancelled,
    ClearOutcome,
    CutMedia,
    Effect,
    Event,
    HoldMedia,
    Interrupted,
    OrderEnforced,
    OrderLifted,
    PolicyDenied,
    RecordOutcome,
    RelayRestarted,
    Resumed,
    SendReminder,
    SlotOpened,
    StartMedia,
    TimePassed,
    event_to_payload,
)
from relay.service.audience import Audience
from relay.service.calls import Calls
from relay.service.facts import gather
from relay.service.feed import Feed
from relay.service.staff import SYSTEM, Actor
from relay.service.visit_run import VisitRun, load
from relay.store.database import Store
from relay.store.errors import StoreError
from relay.store.journal import Journal
from relay.store.rules import Rules
from relay.store.sqlite import Database
from relay.store.visit_events import VisitEvents
from relay.store.visits import Visits
from suspension import OrderBook, SuspensionOrder, denying
from visit_protocol.signalling import Reminder
from visit_protocol.vocabulary import BookingStatus, CallState, Outcome, RejectionCode

log = logging.getLogger(__name__)

_ACTIONS: Final = {Interrupted: "visit.interrupted", Resumed: "visit.resumed"}
_HORIZON = timedelta(seconds=60)
_REVIEW_S = 10.0


class UnknownVisitError(Exception):
    """No visit of that id, or its people are not on record."""


class VisitDesk:
    """All visits that are open, about to open, or being looked at."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        facility: Facility,
        calls: Calls,
        audience: Audience,
        feed: Feed,
    ) -> None:
        self._store = store
        self._clock = clock
        self.facility = facility
        self._calls = calls
        self._audience = audience
        self._feed = feed
        self.orders = OrderBook()
        """The suspension orders that hold here; `relay.service.enforcement` replaces it."""
        self.stops_at: Callable[[SuspensionOrder], datetime | None] = lambda one: one.not_before
        """When an order stops the calls that run; None lets them finish. `effect` says it."""
        self.ended: Callable[[VisitRun, Event], None] = lambda _run, _event: None
        """Told at once that a visit has ended, and of what; `boards` listens."""
        self._runs: dict[VisitId, VisitRun] = {}
        self._shelf: dict[VisitId, VisitRun] = {}
        """Visits that were only looked at, until the next `refresh`: pages look often."""
        self._wake = asyncio.Event()

    # ── time ──────────────────────────────────────────────────────────────────────────────
    async def start(self) -> None:
        """Take up where the last process stopped, after `refresh`: every connection is gone."""
        now = self._clock.now()
        for run in list(self._runs.values()):
            if run.machine.state is CallState.SCHEDULED and run.visit.ends <= now:
                # The relay was away for the whole slot: nobody's fault but the facility's.
                await self.dispatch(run, Cancelled(Outcome.TECHNICAL_FAILURE_FACILITY, "system"))
            elif run.under_way:
                await self.dispatch(run, RelayRestarted())

    async def run(self) -> None:
        """Open slots, remind, end and review until cancelled."""
        loop = asyncio.get_running_loop()
        next_review = loop.time()
        while True:
            self._wake.clear()
            await self._handle_due()
            if loop.time() >= next_review:
                next_review = loop.time() + _REVIEW_S
                await self.refresh()
                await self.review()
            try:
                async with asyncio.timeout(self._pause(next_review - loop.time())):
                    await self._wake.wait()
            except TimeoutError:
                continue  # a deadline or the next review is here

    async def refresh(self) -> None:
        """Load visits that are about to open (or were booked since) and drop those long over."""
        now = self._clock.now()
        self._shelf.clear()

        def fetch(db: Database) -> list[VisitRun]:
            visits = Visits(db)
            found = {visit.id: visit for visit in visits.unfinished(now + _HORIZON)}
            for visit in visits.between(now, now + _HORIZON):
                if visit.outcome is Outcome.SUSPENDED_BY_ORDER:
                    found[visit.id] = visit
            new = [visit for ident, visit in found.items() if ident not in self._runs]
            return self._loaded(db, new)

        for run in await self._store.read(fetch):
            self._runs.setdefault(run.visit.id, run)
        for ident, run in list(self._runs.items()):
            if run.machine.state is CallState.ENDED and now >= run.machine.ends_at():
                del self._runs[ident]
        self._wake.set()

    def _loaded(self, db: Database, visits: Iterable[Visit]) -> list[VisitRun]:
        runs = (self._runs.get(v.id) or self._shelf.get(v.id) or self._load(db, v) for v in visits)
        return [run for run in runs if run is not None]

    def _load(self, db: Database, visit: Visit) -> VisitRun | None:
        """The visit from the store; one that cannot be read must not take the others along."""
        try:
            run = load(db, self.facility, visit)
        except (ValueError, IllegalEventError) as error:
            log.error("visit %s has a history that cannot be read: %s", visit.id, error)
            return None
        if run is None:
            log.error("visit %s has people or a terminal that are not on record", visit.id)
        else:
            self._shelf[visit.id] = run
        return run

    def _pause(self, until_review: float) -> float:
        deadlines = [run.machine.next_deadline() for run in self._runs.values()]
        now = self._clock.now()
        waits = [(when - now).total_seconds() for when in deadlines if when is not None]
        return max(0.0, min([until_review, *waits]))

    async def _handle_due(self) -> None:
        now = self._clock.now()
        for run in list(self._runs.values()):
            deadline = run.machine.next_deadline()
            if deadline is None or deadline > now:
                continue
            if run.machine.state is CallState.SCHEDULED:
                await self.dispatch(run, SlotOpened(await self._latest_end(run.visit)))
                await self.review_orders(run)
            else:
                await self.dispatch(run, TimePassed())

    async def _latest_end(self, visit: Visit) -> datetime:
        """How far time can be given back: to the next visit here, at most one more length."""
        limit = visit.ends + (visit.ends - visit.starts)

        def following(db: Database) -> list[Visit]:
            visits = Visits(db)
            return [
                *visits.at_terminal(visit.terminal, visit.ends, limit),
                *visits.of_inmate(visit.inmate, visit.ends, limit),
            ]

        starts = [
            other.starts
            for other in await self._store.read(following)
            if other.id != visit.id and other.outcome is None and other.starts >= visit.ends
        ]
        return min([limit, *starts])

    # ── looking ───────────────────────────────────────────────────────────────────────────
    async def find(self, visit: VisitId) -> VisitRun:
        """The visit, from memory or from the store.

        Raises:
            UnknownVisitError: there is none.
        """
        if run := self._runs.get(visit):
            return run
        loaded = await self._store.read(
            lambda db: self._loaded(db, [found] if (found := Visits(db).get(visit)) else [])
        )
        if not loaded:
            raise UnknownVisitError(visit)
        return loaded[0]

    async def between(self, start: datetime, end: datetime) -> list[VisitRun]:
        """All visits overlapping [start, end), as they stand now."""
        return await self._store.read(lambda db: self._loaded(db, Visits(db).between(start, end)))

    def in_memory(self) -> list[VisitRun]:
        """The visits that have a machine running here."""
        return list(self._runs.values())

    def under_way(self) -> list[VisitRun]:
        """Visits whose slot is open and that have not ended."""
        return [run for run in self._runs.values() if run.under_way]

    def open_now(self) -> list[VisitRun]:
        """Visits whose slot is open now and that can still take place, suspended ones included."""
        now = self._clock.now()
        return [
            run
            for run in self._runs.values()
            if run.under_way
            or (
                run.machine.outcome is Outcome.SUSPENDED_BY_ORDER
                and run.visit.starts <= now < run.machine.ends_at()
            )
        ]

    def suspending(self, run: VisitRun) -> tuple[Ground, ...]:
        """The orders that deny this visit now, as grounds."""
        return tuple(
            Ground(RejectionCode.SUSPENDED_BY_ORDER, order.expires, order)
            for order in denying(self.orders_on(run), run.subject, self._clock.interval())
        )

    def orders_on(self, run: VisitRun) -> OrderBook:
        """The orders that may stop this visit: a call that runs may be granted a moment."""
        if not run.in_call:
            return self.orders
        in_force = self.orders.in_force(self._clock.interval())
        return self.orders.spend(one.sha256 for one in in_force if self.spares(one))

    def spares(self, order: SuspensionOrder) -> bool:
        """Whether ``order``, in force, lets calls that run go on for now."""
        stops = self.stops_at(order)
        return stops is None or self._clock.now() < stops

    def stopping(self, run: VisitRun) -> Ground | None:
        """The order that stops this call next, and when; None when none grants it a moment."""
        if not run.in_call:
            return None
        now, orders = self._clock.now(), denying(self.orders, run.subject, self._clock.interval())
        stops = [(stop, one) for one in orders if (stop := self.stops_at(one)) and now < stop]
        if not stops:
            return None
        until, order = min(stops, key=lambda pair: (pair[0], pair[1].id))
        return Ground(RejectionCode.SUSPENDED_BY_ORDER, until, order)

    def standing_grounds(self, run: VisitRun) -> tuple[Ground, ...]:
        """Reasons that hold without anybody asking to join: suspended, too early, no codec."""
        if run.machine.outcome not in (None, Outcome.SUSPENDED_BY_ORDER):
            return ()
        early = self._clock.now() < run.visit.starts
        too_early = (Ground(RejectionCode.SLOT_NOT_OPEN, run.visit.starts),) if early else ()
        no_codec = (Ground(RejectionCode.NO_CODEC),) if run.codec_missing else ()
        return (*self.suspending(run), *too_early, *no_codec)

    # ── doing ─────────────────────────────────────────────────────────────────────────────
    async def dispatch(self, run: VisitRun, event: Event, by: Actor = SYSTEM) -> bool:
        """Let something happen to a visit; False when it cannot happen in its state."""
        async with run.lock:
            now = max(self._clock.now(), run.last_at)
            try:
                effects = run.machine.handle(event, now)
            except IllegalEventError:
                return False
            run.last_at = now
            if CutMedia() in effects:
                self._calls.cut(run.visit.id)
                self.ended(run, event)
            await self._keep(run, event, now, effects, by)
            self._carry_out(run, effects)
        self._runs.setdefault(run.visit.id, run)
        self._wake.set()
        return True

    async def _keep(
        self, run: VisitRun, event: Event, now: datetime, effects: list[Effect], by: Actor
    ) -> None:
        kind, payload = event_to_payload(event)
        ident = run.visit.id
        first_live = run.machine.live_since == now and StartMedia() in effects

        def write(db: Database) -> Visit:
            visits = Visits(db)
            VisitEvents(db).append(ident, now, kind, payload)
            for effect in effects:
                match effect:
                    case RecordOutcome(outcome=outcome):
                        visits.set_outcome(ident, outcome)
                        detail = {"event": kind, "outcome": outcome, **payload}
                        Journal(db).append(now, by.label, "visit.ended", ident, detail)
                    case ClearOutcome():
                        visits.set_outcome(ident, None)
                        Journal(db).append(now, by.label, "visit.reopened", ident)
            if isinstance(event, Interrupted | Resumed):
                Journal(db).append(now, by.label, _ACTIONS[type(event)], ident)
            if first_live:
                visits.set_status(ident, BookingStatus.CALLED)
                Journal(db).append(now, by.label, "visit.live", ident)
                _use_permits(db, run)
            if isinstance(event, Cancelled):
                visits.set_status(ident, BookingStatus.CANCELLED)
            return visits.get(ident) or run.visit

        try:
            run.visit = await self._store.write(write, vital=True)
        except StoreError as error:
            # People in a call are not cut off for a full disk; the alarm is the recorder's.
            log.error("visit %s: %s not kept: %s", ident, kind, error)

    def _carry_out(self, run: VisitRun, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case StartMedia():
                    self._calls.forward(run.visit.id, on=True)
                case HoldMedia():
                    self._calls.forward(run.visit.id, on=False)
                case SendReminder(minutes=minutes):
                    self._audience.tell(run.visit.id, Reminder(minutes=minutes))
                case RecordOutcome():
                    run.attending.clear()
                case Announce():
                    self.announce(run)

    def grant(self, run: VisitRun, until: datetime) -> None:
        """Tell both parties that their call stops then, and in how many minutes."""
        self.announce(run)
        if (minutes := int((until - self._clock.now()).total_seconds() // 60)) > 0:
            self._audience.tell(run.visit.id, Reminder(minutes=minutes))

    def announce(self, run: VisitRun) -> None:
        """Tell both parties and the staff pages how the visit stands."""
        now, grounds = self._clock.now(), self.standing_grounds(run)
        self._audience.show(run, now, grounds, self.stopping(run))
        self._feed.changed()

    # ── deciding anew ─────────────────────────────────────────────────────────────────────
    async def review(self) -> None:
        """Ask the policy again about every visit under way; facts may have changed."""
        for run in self.open_now():
            await self.review_orders(run)
            if run.under_way:
                await self._review_facts(run)

    async def review_orders(self, run: VisitRun) -> None:
        """Enforce what suspends the visit; open it again when nothing does any more."""
        grounds = self.suspending(run)
        if grounds and grounds[0].order is not None and run.under_way:
            await self.dispatch(run, OrderEnforced(grounds[0].order.id))
        elif not grounds and run.machine.outcome is Outcome.SUSPENDED_BY_ORDER:
            await self.dispatch(run, OrderLifted())

    async def _review_facts(self, run: VisitRun) -> None:
        now, clock, orders = self._clock.now(), self._clock.interval(), self.orders_on(run)

        def ask(db: Database) -> tuple[RejectionCode, ...]:
            stored = Visits(db).get(run.visit.id)
            if stored is None or stored.visit_type is not run.visit.visit_type:
                # Somebody changed the record underneath: a counsel's call must never go on as
                # another kind, nor another kind as counsel's.
                return (RejectionCode.VISIT_TYPE_MISMATCH,)
            facts = gather(db, run.visit, orders, clock, None)
            return decide(Request(Purpose.CONTINUE, run.visit), facts, now).codes

        codes = await self._store.read(ask)
        if codes:
            log.warning("visit %s no longer allowed: %s", run.visit.id, ", ".join(codes))
            await self.dispatch(run, PolicyDenied(tuple(codes)))


def _use_permits(db: Database, run: VisitRun) -> None:
    """A permit names one visitor and is valid for one call: this one."""
    if not run.inmate.on_remand or run.visit.visit_type.protected:
        return
    rules = Rules(db)
    for permit in rules.permits(run.inmate.id):
        fits = permit.visitor in run.visit.visitors and permit.used_by is None
        if fits and permit.valid_from <= run.visit.starts < permit.valid_until:
            rules.use_permit(permit.id, run.visit.id)
