"""`Enforcement`: suspension orders at this facility, from the envelope's bytes to the proof.

An order is verified → committed together with its ``received`` receipt → cut → attested by an
``enforced`` receipt. What a power cut leaves undone is done at the next start, before any visit is
taken up: the stages are read back from the receipts, and each is written once.

Guarantees: nothing denies that was not verified, also after a restart, under the metadata that it
was accepted with; an order is on the disk before it cuts, and cuts before anything else is done;
a refused envelope leaves a receipt and an alert. Leaves to others: what an order means and who may
sign it (`suspension`), drafting and approval, and everything else about visits (`visits`).
"""

import asyncio
import hashlib
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.core.model import Facility
from relay.service.alerts import AlertDesk
from relay.service.calls import Calls, CutReport
from relay.service.feed import Feed
from relay.service.receipts import Event, ReceiptBook
from relay.service.staff import SYSTEM, Actor
from relay.service.visit_run import VisitRun
from relay.service.visits import VisitDesk
from relay.store.clock_mark import ClockMarks
from relay.store.database import Store
from relay.store.errors import TamperedStoreError
from relay.store.journal import Journal
from relay.store.key_files import KeyFolder
from relay.store.orders import OrderCut, OrderRow, Orders
from relay.store.receipts import Receipts
from relay.store.sqlite import Database
from relay.store.trust import TrustMetadata
from suspension import (
    Accepted,
    Home,
    InvalidTrustError,
    OrderBook,
    OrderKind,
    Refused,
    SuspensionError,
    SuspensionOrder,
    TrustedOrders,
    denying,
    outlived,
)
from suspension.envelope import parse_envelope
from suspension.metadata import signer_of
from suspension.receipt import CutVisit, OrderName, Stage, Via
from suspension.trust import FACILITY, Trust
from suspension.trusted import unsigned

log = logging.getLogger(__name__)

_LONGEST_PAUSE_S: Final = 60.0
"""How often the clock's high-water mark is kept."""
_TRUST_WARNING: Final = timedelta(days=60)


class OrderRefusedError(Exception):
    """An envelope was refused; ``refused`` says why, with a stable code."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.detail)
        self.refused = refused
        self.code = refused.code.value


class NoTrustError(Exception):
    """No root of trust was made here, so no order can be believed."""

    code: Final = "NO_TRUST"

    def __init__(self) -> None:
        super().__init__("this facility has no keys for orders yet; make them: parloir keys init")


@dataclass(slots=True)
class _Cut:
    """A call that has been told to stop."""

    run: VisitRun
    orders: tuple[SuspensionOrder, ...]
    report: "asyncio.Task[CutReport] | None"
    """None when its media had stopped before, with the worker or the relay that carried it."""


_Cuts = Sequence[tuple[_Cut, CutReport | None]]


class Enforcement:
    """The facility's orders, and their effect."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        facility: Facility,
        data_dir: Path,
        desk: VisitDesk,
        calls: Calls,
        feed: Feed,
        alerts: AlertDesk,
    ) -> None:
        self._store = store
        self._clock = clock
        self._home = Home(facility.id)
        self._keys = KeyFolder.of(data_dir)
        self._desk = desk
        self._calls = calls
        self._feed = feed
        self._alerts = alerts
        self._receipts = ReceiptBook(facility.id)
        self._trusted: TrustedOrders | None = None
        self._rows: dict[str, OrderRow] = {}
        self._stages: dict[str, set[Stage]] = {}
        self._enforced_ns: dict[str, int] = {}
        """Powered time when each order was first enforced."""
        self._changed = asyncio.Event()
        self._lock = asyncio.Lock()
        desk.spares = self._spares

    @property
    def book(self) -> OrderBook:
        """Every order this facility has accepted, at its highest revision."""
        return self._desk.orders

    @property
    def trust(self) -> Trust:
        """The root and the delegations that are believed.

        Raises:
            NoTrustError: there are none.
        """
        if self._trusted is None:
            raise NoTrustError
        return self._trusted.trust

    # ── coming back ───────────────────────────────────────────────────────────────────────
    async def start(self) -> None:
        """Read everything back and verify it again; before any visit is taken up.

        Raises:
            TamperedStoreError: something in the store is not what was accepted.
            KeyFileError: the receipt key cannot be used.
        """
        mark = await self._store.read(lambda db: ClockMarks(db).latest())
        if mark is not None:
            self._clock.resume(mark)
        trust = await self._store.read(_kept_trust)
        await self._find_receipt_key()
        rows = await self._store.read(_verified_rows)
        self._stages = await self._store.read(lambda db: Receipts(db).stages())
        self._enforced_ns = await self._store.read(lambda db: Orders(db).first_enforced())
        self._rows = {row.sha256: row for row in rows}
        self._desk.orders = OrderBook.of(row.order for row in rows)
        if trust is not None:
            self._believe(trust)
        self._spend()

    async def _find_receipt_key(self) -> None:
        private = await asyncio.to_thread(self._keys.receipt_key, self._home.facility)
        self._receipts.sign_with(
            None if private is None else signer_of(private, {FACILITY: self._home.facility})
        )

    def _believe(self, trust: Trust) -> None:
        self._trusted = TrustedOrders(trust, self._home, self._desk.orders)
        self._receipts.manifest_version = trust.version

    async def take_effect(self) -> None:
        """Enforce what is in force, and attest what a power cut left without a receipt."""
        async with self._lock:
            await self._settle(self._clock.monotonic_ns())

    async def run(self) -> None:
        """Enforce orders as they begin, open visits again as they expire, until cancelled."""
        while True:
            self._changed.clear()
            await self.take_effect()
            await self._keep_mark()
            try:
                async with asyncio.timeout(self._pause_s()):
                    await self._changed.wait()
            except TimeoutError:
                self._feed.changed()  # an order has begun or expired

    def _pause_s(self) -> float:
        mark = self._clock.mark()
        waits = [self.book.next_change_in(mark.interval)]
        for order in self.book.in_force(mark.interval):
            stops = self._stops_at(order)
            waits.append(None if stops is None or stops <= mark.now else stops - mark.now)
        pauses = [wait.total_seconds() for wait in waits if wait is not None]
        return min([max(pause, 0.0) + 0.01 for pause in pauses] + [_LONGEST_PAUSE_S])

    async def _keep_mark(self) -> None:
        mark = self._clock.mark()
        await self._store.write(lambda db: ClockMarks(db).put(mark))
        if mark.doubtful:
            await self._alerts.raise_alert(AlertKind.CLOCK_DOUBTFUL)
        if self._trusted is not None and mark.now > self.trust.expires - _TRUST_WARNING:
            await self._alerts.raise_alert(AlertKind.TRUST_EXPIRES)

    # ── trust ─────────────────────────────────────────────────────────────────────────────
    async def update_trust(self, roots: Sequence[bytes], delegations: bytes, by: Actor) -> Trust:
        """What is believed from now on; orders accepted before keep standing.

        The first root that a facility is told is the one that it believes.

        Raises:
            InvalidTrustError: it does not follow from what is believed now.
            StoreError: it could not be kept, so nothing has changed.
        """
        async with self._lock:
            if self._trusted is None:
                trust = Trust.load(roots, delegations)
            else:
                trust = self.trust.updated(roots, delegations)
            now = self._clock.now()

            def write(db: Database) -> None:
                TrustMetadata(db).put(trust, now)
                detail = {"root": trust.root_version, "delegations": trust.version}
                Journal(db).append(now, by.label, "trust.updated", "", detail)

            await self._store.write(write)
            await self._find_receipt_key()  # a facility's first is made with its first root
            self._believe(trust)
        self._feed.changed()
        return trust

    # ── accepting ─────────────────────────────────────────────────────────────────────────
    async def accept(self, envelope: bytes, via: str = Via.LOCAL, by: Actor = SYSTEM) -> Accepted:
        """Verify, commit, cut, attest; when this returns, every call in scope has stopped.

        An order that is known already changes nothing.

        Raises:
            NoTrustError: there is nobody whose signature would count.
            OrderRefusedError: it was refused; there is a receipt and an alert of that.
            StoreError: it could not be committed, so nothing was cut.
        """
        async with self._lock:
            mark = self._clock.mark()
            if self._trusted is None:
                raise NoTrustError
            trusted, verdict = self._trusted.accept(envelope, mark.interval)
            if isinstance(verdict, Refused):
                await self._reject(envelope, verdict, Via(via), by)
                raise OrderRefusedError(verdict)
            if not verdict.new:
                return verdict
            await self._commit(trusted, verdict.order, envelope, Via(via), by)
            return verdict

    async def _commit(
        self,
        trusted: TrustedOrders,
        order: SuspensionOrder,
        envelope: bytes,
        via: Via,
        by: Actor,
    ) -> None:
        mark = self._clock.mark()
        row = OrderRow(
            id=order.id,
            rev=order.rev,
            sha256=order.sha256,
            content=envelope,
            via=via,
            root_version=trusted.trust.root_version,
            delegations_version=trusted.trust.version,
            received_at=mark.now,
        )
        received = Event(order=_name(order), stage=Stage.RECEIVED, via=via)
        action = "order.lifted" if order.kind is OrderKind.LIFT else "order.issued"
        detail = {"rev": order.rev, "sha256": order.sha256, "via": via}

        def write(db: Database) -> None:
            Orders(db).add(row)
            self._receipts.write(db, received, mark)
            ClockMarks(db).put(mark)
            Journal(db).append(mark.now, by.label, action, order.id, detail)

        await self._store.write(write, vital=True)
        committed_ns = self._clock.monotonic_ns()
        self._trusted = trusted
        self._rows[row.sha256] = row
        self._stages.setdefault(row.sha256, set()).add(Stage.RECEIVED)
        self._desk.orders = trusted.book
        await self._settle(committed_ns)
        self._changed.set()
        self._feed.changed()
        if order.id in self.book.equivocated:
            await self._alerts.raise_alert(
                AlertKind.ORDER_EQUIVOCATED, detail={"order": order.id, "rev": order.rev}
            )

    async def _reject(self, envelope: bytes, refused: Refused, via: Via, by: Actor) -> None:
        mark = self._clock.mark()
        order = refused.order
        name = (
            OrderName(None, None, hashlib.sha256(envelope).hexdigest())
            if order is None
            else _name(order)
        )
        event = Event(order=name, stage=Stage.REJECTED, why=refused.code.value, via=via)
        detail = {"code": refused.code, "sha256": name.sha256, "via": via}

        def write(db: Database) -> None:
            self._receipts.write(db, event, mark)
            Journal(db).append(mark.now, by.label, "order.refused", name.id or "", detail)

        await self._store.write(write)
        log.warning("order %s refused: %s", name.id, refused.code)
        await self._alerts.raise_alert(
            AlertKind.ORDER_REFUSED, detail={"order": name.id, "code": refused.code.value}
        )

    # ── enforcing; the lock is held ───────────────────────────────────────────────────────
    async def _settle(self, committed_ns: int) -> None:
        """Bring every open visit in line with the orders in force now, and attest it."""
        self._spend()
        before = self._live()
        cuts = self._cut()
        for run in self._desk.open_now():
            await self._desk.review_orders(run)
        reports = [None if cut.report is None else await cut.report for cut in cuts]
        await self._attest(committed_ns, before, list(zip(cuts, reports, strict=True)))
        self._feed.changed()

    def _cut(self) -> list[_Cut]:
        """Flip the flag of every call in scope before anything else is done."""
        clock = self._clock.interval()
        found = []
        for run in self._desk.under_way():
            orders = tuple(
                one
                for one in denying(self.book, run.subject, clock)
                if not (run.in_call and self._spares(one))
            )
            if orders and ((task := self._calls.cut(run.visit.id)) or run.in_call):
                found.append(_Cut(run, orders, task))
        return found

    async def _attest(self, committed_ns: int, live_before: int, cuts: _Cuts) -> None:
        mark, live_after = self._clock.mark(), self._live()
        events = self._due_events(committed_ns, live_before, live_after, cuts)
        if not cuts and not events:
            return

        def write(db: Database) -> None:
            for cut, report in cuts:
                if report is None:
                    continue
                _enter_cut(db, cut, report, committed_ns, mark.now)
            for event in events:
                self._receipts.write(db, event, mark)
                if event.stage is Stage.ENFORCED:
                    Orders(db).put_first_enforced(event.order.sha256, mark.powered_ns)

        await self._store.write(write, vital=True)
        for event in events:
            self._stages.setdefault(event.order.sha256, set()).add(event.stage)
            if event.stage is Stage.ENFORCED:
                self._enforced_ns.setdefault(event.order.sha256, mark.powered_ns)

    def _due_events(
        self,
        committed_ns: int,
        live_before: int,
        live_after: int,
        cuts: _Cuts,
    ) -> list[Event]:
        """What has happened to orders and has no receipt yet."""
        clock = self._clock.interval()
        found = []
        in_force = {one.sha256 for one in self.book.in_force(clock)}
        for order in (one for ident in self.book.ids for one in self.book.head(ident)):
            done = self._stages.get(order.sha256, set())
            via = self._rows[order.sha256].via
            if order.kind is OrderKind.LIFT:
                if Stage.LIFTED not in done:
                    found.append(Event(order=_name(order), stage=Stage.LIFTED, via=via))
            elif order.sha256 in in_force:
                if Stage.ENFORCED not in done and not self._waits(order):
                    found.append(
                        Event(
                            order=_name(order),
                            stage=Stage.ENFORCED,
                            via=via,
                            cut=self._stopped_by(order, cuts, committed_ns),
                            live_before=live_before,
                            live_after=live_after,
                        )
                    )
            elif Stage.EXPIRED not in done and self.book.ended(order, clock):
                found.append(Event(order=_name(order), stage=Stage.EXPIRED, via=via))
        return found

    def _stopped_by(
        self, order: SuspensionOrder, cuts: _Cuts, committed_ns: int
    ) -> tuple[CutVisit, ...]:
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
                else max(0, math.ceil((last_ns - committed_ns) / 1e6)),
            )

        return tuple(stopped(cut, report) for cut, report in cuts if order in cut.orders)

    def _live(self) -> int:
        return sum(run.in_call for run in self._desk.under_way())

    # ── moments granted ───────────────────────────────────────────────────────────────────
    def _stops_at(self, order: SuspensionOrder) -> datetime | None:
        row = self._rows.get(order.sha256)
        began = order.not_before if row is None else max(order.not_before, row.received_at)
        return order.cut.stops_at(began)

    def _spares(self, order: SuspensionOrder) -> bool:
        """Whether calls that run may go on for now although ``order`` is in force."""
        stops = self._stops_at(order)
        return stops is None or self._clock.now() < stops

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

    def _spend(self) -> None:
        """End orders that this machine has lived through, whatever its clock says."""
        powered_ns = self._clock.mark().powered_ns
        over = [
            sha256
            for sha256, since_ns in self._enforced_ns.items()
            if (row := self._rows.get(sha256)) is not None
            and outlived(row.order, timedelta(microseconds=(powered_ns - since_ns) // 1000))
        ]
        if over:
            self._desk.orders = self.book.spend(over)
            if self._trusted is not None:
                self._believe(self._trusted.trust)

    async def drain(self) -> None:
        """Returns when what was being enforced has been attested; at shutdown."""
        async with self._lock:
            return


def _name(order: SuspensionOrder) -> OrderName:
    return OrderName(order.id, order.rev, order.sha256)


def _enter_cut(
    db: Database, cut: _Cut, report: CutReport, committed_ns: int, now: datetime
) -> None:
    order, last = cut.orders[0], report.last_packet_ns
    ident = cut.run.visit.id
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


def _kept_trust(db: Database) -> Trust | None:
    metadata = TrustMetadata(db)
    roots, delegations = metadata.roots(), metadata.delegations()
    if not roots or delegations is None:
        return None
    try:
        return Trust.load(roots, delegations)
    except InvalidTrustError as error:
        raise TamperedStoreError(f"the kept root of trust {error}") from error


def _verified_rows(db: Database) -> tuple[OrderRow, ...]:
    """Every order, its signatures verified again as they were when it came.

    Raises:
        TamperedStoreError: one is not what was accepted.
    """
    metadata = TrustMetadata(db)
    believed: dict[tuple[int, int], Trust] = {}
    rows = Orders(db).all()
    for row in rows:
        versions = (row.root_version, row.delegations_version)
        try:
            if versions not in believed:
                delegations = metadata.delegations(row.delegations_version) or b""
                believed[versions] = Trust.load(metadata.roots(row.root_version), delegations)
            order = row.order
            signers = believed[versions].signers(parse_envelope(row.content))
            refused = unsigned(order, signers)
        except SuspensionError as error:
            raise TamperedStoreError(f"order {row.id}, revision {row.rev}: {error}") from error
        if refused is not None or order.sha256 != row.sha256:
            raise TamperedStoreError(
                f"order {row.id}, revision {row.rev}: is not what was accepted"
            )
    return rows
