"""`Effect`: what the orders in force do to visits, and the events that are worth a receipt.

Guarantees: `Effect.take` has flipped the flag of every call in scope before it does anything else,
and returns when each is certain to have stopped; a stage that has its receipt is not told again.
Leaves to others: which orders are believed, and the one who calls (`enforcement`).
"""

import asyncio
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from relay.clock import Clock
from relay.core.model import VisitId
from relay.service.calls import Calls, CutReport
from relay.service.feed import Feed
from relay.service.receipts import Event, ReceiptBook
from relay.service.visit_run import VisitRun
from relay.service.visits import VisitDesk
from relay.store.database import Store
from relay.store.errors import StoreError
from relay.store.journal import Journal
from relay.store.orders import OrderCut, OrderRow, Orders
from relay.store.sqlite import Database
from suspension import OrderBook, OrderKind, SuspensionOrder, denying, outlived
from suspension.receipt import CutVisit, OrderName, Stage

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Cut:
    """A call that has been told to stop."""

    run: VisitRun
    committed_ns: int
    """When the order that cut it was on the disk, or later, when time cut it."""
    orders: tuple[SuspensionOrder, ...]
    report: "asyncio.Task[CutReport] | None"
    """None when its media had stopped before, with the worker or the relay that carried it."""


_Cuts = Sequence[tuple[_Cut, CutReport | None]]


class Effect:
    """Orders at work; used by one at a time."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        desk: VisitDesk,
        calls: Calls,
        feed: Feed,
        receipts: ReceiptBook,
    ) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk
        self._calls = calls
        self._feed = feed
        self._receipts = receipts
        self.rows: dict[str, OrderRow] = {}
        """Every order that was accepted, by digest."""
        self.stages: dict[str, set[Stage]] = {}
        """The stages of each that have their receipt."""
        self.enforced_ns: dict[str, int] = {}
        """Powered time of the machine when each was first enforced."""
        self._owed: list[tuple[_Cut, CutReport | None]] = []
        """Cuts that have not been entered yet."""
        self._live_before: int | None = None
        self._granted: dict[VisitId, str] = {}
        """Calls that were told how long they still have, and by which order."""
        desk.stops_at = self._stops_at

    @property
    def _book(self) -> OrderBook:
        return self._desk.orders

    async def take(self, committed_ns: int) -> None:
        """Bring every open visit in line with the orders in force now, and attest it.

        ``committed_ns`` is CLOCK_MONOTONIC when the latest order was on the disk.
        What cannot be written, since the disk is full, is owed and written the next time.
        """
        if self._live_before is None:
            self._live_before = self._live()
        cuts = self._cut(committed_ns)
        for run in self._desk.open_now():
            await self._desk.review_orders(run)
        for cut in cuts:
            self._owed.append((cut, None if cut.report is None else await cut.report))
        self._grant()
        try:
            await self._attest(self._live_before, self._owed)
        except StoreError as error:
            # Media has stopped all the same; the receipt says so when there is room again.
            log.error("enforced and not attested yet: %s", error)
        else:
            self._owed, self._live_before = [], None
        self._feed.changed()

    def _cut(self, committed_ns: int) -> list[_Cut]:
        """Flip the flag of every call in scope before anything else is done."""
        clock = self._clock.interval()
        found = []
        for run in self._desk.under_way():
            orders = tuple(
                one
                for one in denying(self._book, run.subject, clock)
                if not (run.in_call and self._desk.spares(one))
            )
            if orders and ((task := self._calls.cut(run.visit.id)) or run.in_call):
                found.append(_Cut(run, committed_ns, orders, task))
        return found

    def _grant(self) -> None:
        """Tell each call that an order grants a moment until when it goes on, or that it does."""
        before, self._granted = self._granted, {}
        for run in self._desk.under_way():
            ident, stopping = run.visit.id, self._desk.stopping(run)
            if stopping is None or stopping.order is None or stopping.until is None:
                if ident in before:
                    self._desk.announce(run)
                continue
            self._granted[ident] = stopping.order.sha256
            if before.get(ident) != stopping.order.sha256:
                self._desk.grant(run, stopping.until)

    async def _attest(self, live_before: int, cuts: _Cuts) -> None:
        mark, live_after = self._clock.mark(), self._live()
        events = self._due_events(live_before, live_after, cuts)
        if not cuts and not events:
            return

        def write(db: Database) -> None:
            for cut, report in cuts:
                if report is None:
                    continue
                _enter_cut(db, cut, report, mark.now)
            for event in events:
                self._receipts.write(db, event, mark)
                if event.stage is Stage.ENFORCED:
                    Orders(db).put_first_enforced(event.order.sha256, mark.powered_ns)

        await self._store.write(write)
        for event in events:
            self.stages.setdefault(event.order.sha256, set()).add(event.stage)
            if event.stage is Stage.ENFORCED:
                self.enforced_ns.setdefault(event.order.sha256, mark.powered_ns)

    def _due_events(
        self,
        live_before: int,
        live_after: int,
        cuts: _Cuts,
    ) -> list[Event]:
        """What has happened to orders and has no receipt yet."""
        clock = self._clock.interval()
        found = []
        in_force = {one.sha256 for one in self._book.in_force(clock)}
        for order in sorted(self._book.heads(), key=lambda one: (one.id, one.rev, one.sha256)):
            done = self.stages.get(order.sha256, set())
            via = self.rows[order.sha256].via
            if order.kind is OrderKind.LIFT:
                if Stage.LIFTED not in done:
                    found.append(Event(order=name_of(order), stage=Stage.LIFTED, via=via))
            elif order.sha256 in in_force:
                if Stage.ENFORCED not in done and not self._waits(order):
                    found.append(
                        Event(
                            order=name_of(order),
                            stage=Stage.ENFORCED,
                            via=via,
                            cut=self._stopped_by(order, cuts),
                            live_before=live_before,
                            live_after=live_after,
                        )
                    )
            elif Stage.EXPIRED not in done and self._book.ended(order, clock):
                found.append(Event(order=name_of(order), stage=Stage.EXPIRED, via=via))
        return found

    def _stopped_by(self, order: SuspensionOrder, cuts: _Cuts) -> tuple[CutVisit, ...]:
        now, now_ns = self._clock.now(), self._clock.monotonic_ns()

        def stopped(cut: _Cut, report: CutReport | None) -> CutVisit:
            if report is None:
                return CutVisit(cut.run.visit.id, now, None)
            last_ns = report.last_packet_ns
            return CutVisit(
                visit=cut.run.visit.id,
                media_stopped=now - timedelta(microseconds=(now_ns - report.stopped_ns) // 1000),
                last_packet_ms=None
                if last_ns is None
                else max(0, math.ceil((last_ns - cut.committed_ns) / 1e6)),
            )

        return tuple(stopped(cut, report) for cut, report in cuts if order in cut.orders)

    def _live(self) -> int:
        return sum(run.in_call for run in self._desk.under_way())

    def _stops_at(self, order: SuspensionOrder) -> datetime | None:
        row = self.rows.get(order.sha256)
        began = order.not_before if row is None else max(order.not_before, row.received_at)
        return order.cut.stops_at(began)

    def _waits(self, order: SuspensionOrder) -> bool:
        """Whether ``order`` still grants a call in its scope a moment."""
        stops = self._stops_at(order)
        return (
            stops is not None
            and self._clock.now() < stops
            and any(
                run.in_call and order.terms.reaches(run.subject) for run in self._desk.under_way()
            )
        )

    def next_stop_in(self) -> timedelta | None:
        """How long until a moment that an order granted is over; None if none is."""
        mark = self._clock.mark()
        stops = (self._stops_at(one) for one in self._book.in_force(mark.interval))
        return min((one - mark.now for one in stops if one and one > mark.now), default=None)

    def outlived(self) -> frozenset[str]:
        """Digests of orders that this machine has lived through, whatever its clock says."""
        powered_ns = self._clock.mark().powered_ns
        return frozenset(
            sha256
            for sha256, since_ns in self.enforced_ns.items()
            if (row := self.rows.get(sha256)) is not None
            and outlived(row.order, timedelta(microseconds=(powered_ns - since_ns) // 1000))
        )


def name_of(order: SuspensionOrder) -> OrderName:
    """How receipts name an order."""
    return OrderName(order.id, order.rev, order.sha256)


def _enter_cut(db: Database, cut: _Cut, report: CutReport, now: datetime) -> None:
    order, last = cut.orders[0], report.last_packet_ns
    ident, committed_ns = cut.run.visit.id, cut.committed_ns
    stopped_ms = (report.stopped_ns - committed_ns) / 1e6
    log.info("order %s cut visit %s in %.1f ms", order.id, ident, stopped_ms)
    Orders(db).put_cut(OrderCut(order.id, order.rev, ident, committed_ns, last))
    detail: Mapping[str, object] = {
        "visit": ident,
        "stopped_ms": round(stopped_ms, 1),
        "last_packet_ms": None if last is None else round((last - committed_ns) / 1e6, 1),
        "worker_killed": report.worker_killed,
    }
    Journal(db).append(now, order.issuer, "order.enforced", order.id, detail)
