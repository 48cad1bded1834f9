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
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.core.model import Facility
from relay.service.alerts import AlertDesk
from relay.service.calls import Calls
from relay.service.effect import Effect, name_of
from relay.service.feed import Feed
from relay.service.issuer_numbers import IssuerNumbers
from relay.service.kept_orders import kept_orders, kept_trust
from relay.service.receipts import Event, ReceiptBook
from relay.service.staff import SYSTEM, Actor
from relay.service.visits import VisitDesk
from relay.store.clock_mark import ClockMarks
from relay.store.database import Store
from relay.store.errors import StoreError
from relay.store.journal import Journal
from relay.store.key_files import KeyFolder
from relay.store.order_shelf import OrderShelf
from relay.store.orders import OrderRow, Orders
from relay.store.receipts import Receipts
from relay.store.sqlite import Database
from relay.store.trust import TrustMetadata
from suspension import (
    Accepted,
    Home,
    OrderBook,
    OrderKind,
    Refused,
    SuspensionOrder,
    TrustedOrders,
)
from suspension.metadata import signer_of
from suspension.receipt import OrderName, Stage, Via
from suspension.trust import FACILITY, Trust

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
        self._shelf = OrderShelf.of(data_dir)
        self._desk = desk
        self._calls = calls
        self._feed = feed
        self._alerts = alerts
        self.numbers = IssuerNumbers(store, clock, alerts)
        self._receipts = ReceiptBook(facility.id)
        self._trusted: TrustedOrders | None = None
        self._effect = Effect(
            store=store, clock=clock, desk=desk, calls=calls, feed=feed, receipts=self._receipts
        )
        self._told: set[AlertKind] = set()
        self._changed = asyncio.Event()
        self._lock = asyncio.Lock()

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
        trust = await self._store.read(kept_trust)
        await self._find_receipt_key()
        rows = await self._store.read(kept_orders)
        self._effect.stages = await self._store.read(lambda db: Receipts(db).stages())
        self._effect.enforced_ns = await self._store.read(lambda db: Orders(db).first_enforced())
        self._effect.rows = {row.sha256: row for row in rows}
        orders = [row.order for row in rows]
        self._desk.orders = OrderBook.of(orders)
        await self.numbers.start(orders)
        if trust is not None:
            self._believe(trust)
        self._spend()
        await self._take_from_shelf()

    async def _take_from_shelf(self) -> None:
        """Take in again what a database from a backup has forgotten."""
        forgotten = sorted(await asyncio.to_thread(self._shelf.digests) - self._effect.rows.keys())
        back = 0
        for digest in forgotten:
            try:
                envelope = await asyncio.to_thread(self._shelf.read, digest)
            except OSError as error:
                log.error("order %s on the shelf: %s", digest, error.strerror)
                continue
            trusted = self._trusted
            if trusted is None:
                continue
            after, verdict = trusted.accept(envelope, self._clock.interval())
            if isinstance(verdict, Accepted) and verdict.new:
                await self._keep(after, verdict.order, envelope, Via.LOCAL, SYSTEM)
                await self.numbers.came(verdict.order)
                back += 1
        if back:
            await self._alerts.raise_alert(AlertKind.STORE_OLDER, detail={"orders": back})
        await self._fill_shelf()

    async def _fill_shelf(self) -> None:
        envelopes = {digest: row.content for digest, row in self._effect.rows.items()}
        try:
            await asyncio.to_thread(self._shelf.put, envelopes)
        except OSError as error:
            # The database has them; a full disk raises its own alarm.
            log.error("orders not put on the shelf: %s", error.strerror)

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
            await self._take(self._clock.monotonic_ns())

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
        waits = [
            self.book.next_change_in(self._clock.interval()),
            self._effect.next_stop_in(),
        ]
        pauses = [wait.total_seconds() for wait in waits if wait is not None]
        return min([max(pause, 0.0) + 0.01 for pause in pauses] + [_LONGEST_PAUSE_S])

    async def _keep_mark(self) -> None:
        """Keep the clock's high-water mark, and tell what is wrong with time and trust."""
        mark = self._clock.mark()
        soon = self._trusted is not None and mark.now > self.trust.expires - _TRUST_WARNING
        try:
            await self._store.write(lambda db: ClockMarks(db).put(mark))
            for kind, wrong in (
                (AlertKind.CLOCK_DOUBTFUL, mark.doubtful),
                (AlertKind.TRUST_EXPIRES, soon),
            ):
                if wrong and kind not in self._told:
                    await self._alerts.raise_alert(kind)
                    self._told.add(kind)
                elif not wrong and kind in self._told:
                    await self._alerts.settle(kind)
                    self._told.discard(kind)
        except StoreError as error:
            # Orders are enforced on a full disk, too.
            log.error("the clock's mark was not kept: %s", error)

    # ── trust ─────────────────────────────────────────────────────────────────────────────
    async def update_trust(self, roots: Sequence[bytes], delegations: bytes, by: Actor) -> Trust:
        """What is believed from now on; orders accepted before keep standing.

        The first root that a facility is told is the one that it believes.

        Raises:
            InvalidTrustError: it does not follow from what is believed now, or asks for more
                people than can ever sign.
            StoreError: it could not be kept, so nothing has changed.
        """
        async with self._lock:
            if self._trusted is None:
                trust = Trust.load(roots, delegations)
            else:
                trust = self.trust.updated(roots, delegations)
            trust.require_reachable()
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
        self, trusted: TrustedOrders, order: SuspensionOrder, envelope: bytes, via: Via, by: Actor
    ) -> None:
        committed_ns = await self._keep(trusted, order, envelope, via, by)
        await self._take(committed_ns)
        self._changed.set()
        self._feed.changed()
        await self._fill_shelf()
        await self.numbers.came(order)
        if order.id in self.book.equivocated:
            await self._alerts.raise_alert(
                AlertKind.ORDER_EQUIVOCATED, detail={"order": order.id, "rev": order.rev}
            )

    async def _keep(
        self,
        trusted: TrustedOrders,
        order: SuspensionOrder,
        envelope: bytes,
        via: Via,
        by: Actor,
    ) -> int:
        """When the order was on the disk, with its receipt, in CLOCK_MONOTONIC nanoseconds."""
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
        received = Event(order=name_of(order), stage=Stage.RECEIVED, via=via)
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
        self._effect.rows[row.sha256] = row
        self._effect.stages.setdefault(row.sha256, set()).add(Stage.RECEIVED)
        self._desk.orders = trusted.book
        return committed_ns

    async def _reject(self, envelope: bytes, refused: Refused, via: Via, by: Actor) -> None:
        mark = self._clock.mark()
        order = refused.order
        name = (
            OrderName(None, None, hashlib.sha256(envelope).hexdigest())
            if order is None
            else name_of(order)
        )
        event = Event(order=name, stage=Stage.REJECTED, why=refused.code.value, via=via)
        detail = {"code": refused.code, "sha256": name.sha256, "via": via}

        def write(db: Database) -> None:
            self._receipts.write(db, event, mark)
            Journal(db).append(mark.now, by.label, "order.refused", name.id or "", detail)

        await self._store.write(write)
        log.info("order %s refused: %s", name.id, refused.code)
        await self._alerts.raise_alert(
            AlertKind.ORDER_REFUSED, detail={"order": name.id, "code": refused.code.value}
        )

    # ── enforcing; the lock is held ───────────────────────────────────────────────────────
    async def _take(self, committed_ns: int) -> None:
        self._spend()
        await self._effect.take(committed_ns)

    def _spend(self) -> None:
        """End orders that were outlived."""
        if over := self._effect.outlived():
            self._desk.orders = self.book.spend(over)
            if self._trusted is not None:
                self._believe(self._trusted.trust)

    async def drain(self) -> None:
        """Returns when what was being enforced has been attested; at shutdown."""
        async with self._lock:
            return
