"""`OrderDesk`: suspension orders at this facility: kept, enforced at once, lifted, expired.

Guarantees: an order is committed before it cuts and cuts before anything else is done; every cut
is entered with the time between commit and last packet; orders survive a restart because they are
read back as the bytes that were kept. Leaves to others: what an order means (`suspension`), who
may issue one (`relay.web`), signatures and approval (they verify bytes before `OrderDesk.issue`).
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from relay.clock import Clock
from relay.core.model import VisitId
from relay.service.calls import Calls, CutReport
from relay.service.feed import Feed
from relay.service.staff import Actor
from relay.service.visit_run import VisitRun
from relay.service.visits import VisitDesk
from relay.store.database import Store
from relay.store.journal import Journal
from relay.store.orders import OrderCut, Orders
from relay.store.sqlite import Database
from suspension import (
    Impact,
    OrderBook,
    Planned,
    PublicText,
    ReasonCode,
    Scope,
    SuspensionOrder,
    Terms,
    denying,
    impact,
    lift,
    parse_order,
)
from visit_protocol.vocabulary import CallState, VisitType

log = logging.getLogger(__name__)

_LONGEST_LOOK = timedelta(days=31)
_LONGEST_PAUSE_S = 3600.0


class ImpactChangedError(Exception):
    """More or fewer visits are affected than the person confirmed."""

    def __init__(self, found: "Reach") -> None:
        super().__init__("the number of visits affected has changed")
        self.found = found


@dataclass(frozen=True, slots=True)
class Reach:
    """An impact with the visits themselves."""

    impact: Impact
    as_of: datetime
    runs: tuple[VisitRun, ...]


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """What a person fills in; everything else of the order is ours to fill."""

    scope: Mapping[str, list[str]]
    protected: frozenset[VisitType]
    reason_code: ReasonCode
    legal_basis: str
    public_text: PublicText
    not_before: datetime | None
    expires: datetime


class OrderDesk:
    """The facility's orders and their enforcement."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        desk: VisitDesk,
        calls: Calls,
        feed: Feed,
    ) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk
        self._calls = calls
        self._feed = feed
        self._changed = asyncio.Event()
        self._cuts: set[asyncio.Task[None]] = set()

    @property
    def book(self) -> OrderBook:
        """Every order this facility knows, at its highest revision."""
        return self._desk.orders

    async def start(self) -> None:
        """Read the orders back; before any visit is taken up.

        Raises:
            InvalidOrderError: bytes in the store that are no order; nothing may run on half a book.
        """
        rows = await self._store.read(lambda db: Orders(db).all())
        self._desk.orders = OrderBook.of(parse_order(row.content) for row in rows)

    async def run(self) -> None:
        """Enforce orders as they begin and open visits again as they expire, until cancelled."""
        while True:
            self._changed.clear()
            await self._settle()
            due = self.book.next_change_in(self._clock.interval())
            pause = _LONGEST_PAUSE_S if due is None else due.total_seconds()
            try:
                async with asyncio.timeout(min(max(pause, 0.0) + 0.01, _LONGEST_PAUSE_S)):
                    await self._changed.wait()
            except TimeoutError:
                self._feed.changed()  # an order has begun or expired

    async def reach(self, terms: Terms) -> Reach:
        """Which visits ``terms`` would touch, as of now."""
        now = self._clock.now()
        until = min(terms.expires, now + _LONGEST_LOOK)
        runs = await self._desk.between(max(terms.not_before, now), until)
        alive = [
            run
            for run in runs
            if run.machine.state is not CallState.ENDED and run.visit.outcome is None
        ]
        planned = [
            Planned(
                run.visit.id,
                run.subject,
                run.visit.starts,
                run.machine.ends_at(now=now),
                live=run.in_call,
            )
            for run in alive
        ]
        found = impact(terms, planned)
        by_id = {run.visit.id: run for run in alive}
        return Reach(found, now, tuple(by_id[VisitId(ident)] for ident in found.reached))

    async def first_revision(self, ident: str) -> SuspensionOrder:
        """The order as it was issued, before any lift.

        Raises:
            UnknownOrderError: there is no such order.
        """
        rows = await self._store.read(lambda db: Orders(db).revisions(ident))
        if not rows:
            return self.book.head(ident)[0]
        return parse_order(min(rows, key=lambda row: row.rev).content)

    async def issue(
        self, draft: OrderDraft, by: Actor, confirmed_visits: int | None
    ) -> SuspensionOrder:
        """Commit the order, then cut everything in its scope.

        Raises:
            InvalidOrderError: the draft breaks a rule; nothing has happened.
            ImpactChangedError: ``confirmed_visits`` is not what the order touches now.
            StoreError: it could not be committed, so nothing was cut.
        """
        now = self._clock.now()
        order = SuspensionOrder(
            id=f"ord-{secrets.token_hex(6)}",
            scope=Scope.parse(draft.scope),
            protected=draft.protected,
            reason_code=draft.reason_code,
            legal_basis=draft.legal_basis,
            public_text=draft.public_text,
            not_before=draft.not_before or now,
            expires=draft.expires,
            issued=now,
            issuer=by.label,
        )
        found = await self.reach(order.terms)
        if confirmed_visits is not None and confirmed_visits != found.impact.visits:
            raise ImpactChangedError(found)
        await self._commit(order, by, "order.issued", {"visits": found.impact.visits})
        return order

    async def lift(self, ident: str, by: Actor, comment: str) -> SuspensionOrder:
        """End an order by its next revision; visits in their slots open again at once.

        Raises:
            UnknownOrderError: there is no such order.
            InvalidOrderError: it is lifted already.
        """
        order = lift(self.book.head(ident)[0], by.label, self._clock.now(), comment)
        await self._commit(order, by, "order.lifted", {})
        return order

    async def _commit(
        self, order: SuspensionOrder, by: Actor, action: str, detail: Mapping[str, object]
    ) -> None:
        def write(db: Database) -> None:
            now = self._clock.now()
            Orders(db).add(order.id, order.rev, order.to_bytes(), now)
            entered = {"rev": order.rev, "sha256": order.sha256, **detail}
            Journal(db).append(now, by.label, action, order.id, entered)

        await self._store.write(write)
        committed_ns = self._clock.monotonic_ns()
        self._desk.orders = self.book.accept(order)
        self._cut(committed_ns)
        self._changed.set()
        self._feed.changed()
        await self._settle()

    def _cut(self, committed_ns: int) -> None:
        """Flip the flag of every call in scope before anything else is done."""
        clock = self._clock.interval()
        for run in self._desk.under_way():
            orders = denying(self.book, run.subject, clock)
            if orders and (task := self._calls.cut(run.visit.id)):
                note = asyncio.create_task(self._note_cut(orders[0], run, committed_ns, task))
                self._cuts.add(note)
                note.add_done_callback(self._cuts.discard)

    async def _note_cut(
        self,
        order: SuspensionOrder,
        run: VisitRun,
        committed_ns: int,
        cut: "asyncio.Task[CutReport]",
    ) -> None:
        report = await cut
        last = report.last_packet_ns
        row = OrderCut(order.id, order.rev, run.visit.id, committed_ns, last)
        stopped_ms = (report.stopped_ns - committed_ns) / 1e6
        log.info("order %s cut visit %s in %.1f ms", order.id, run.visit.id, stopped_ms)

        def write(db: Database) -> None:
            Orders(db).put_cut(row)
            Journal(db).append(
                self._clock.now(),
                order.issuer,
                "order.enforced",
                order.id,
                {
                    "visit": run.visit.id,
                    "stopped_ms": round(stopped_ms, 1),
                    "last_packet_ms": None
                    if last is None
                    else round((last - committed_ns) / 1e6, 1),
                    "worker_killed": report.worker_killed,
                },
            )

        await self._store.write(write)
        self._feed.changed()

    async def _settle(self) -> None:
        """Bring every open visit in line with the orders in force now."""
        self._cut(self._clock.monotonic_ns())
        for run in self._desk.open_now():
            await self._desk.review_orders(run)

    async def drain(self) -> None:
        """Returns when every cut under way has been entered; at shutdown."""
        while self._cuts:
            await asyncio.wait(self._cuts)
