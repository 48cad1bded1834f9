"""`StandingOrders`: signed orders of this facility, from enforcement to their end.

Guarantees: a lift takes as many people as the order did; a review that is due is reminded of, and
what has expired is noted, also after a restart. Leaves to others: the way to the signature
(`order_desk`), the end of denying itself (`enforcement`), appeals (`appeals`).
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.service.alerts import AlertDesk
from relay.service.enforcement import Enforcement, NoTrustError, OrderRefusedError
from relay.service.issuance import Issuance
from relay.service.order_file import OrderFile, replayed
from relay.service.order_files import OrderFiles
from relay.service.signing import Signing, person_of, unsigned
from relay.service.staff import SYSTEM, Actor
from relay.store.database import Store
from relay.store.errors import StoreError
from relay.store.order_cases import CaseEventRow
from relay.store.orders import Orders
from suspension import DeskState, OrderState, SuspensionOrder, lift, order_in

log = logging.getLogger(__name__)

_LONGEST_PAUSE_S: Final = 3600.0
_AFTER_FAULT_S: Final = 30.0


class StandingOrders:
    """Lifts, reviews and the time of orders that were given."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        files: OrderFiles,
        enforcement: Enforcement,
        signing: Signing,
        issuance: Issuance,
        alerts: AlertDesk,
    ) -> None:
        self._store = store
        self._clock = clock
        self._files = files
        self._enforcement = enforcement
        self._signing = signing
        self._issuance = issuance
        self._alerts = alerts

    async def first_revision(self, ident: str) -> SuspensionOrder:
        """The order as it was issued, before any lift.

        Raises:
            UnknownOrderError: there is no such order.
        """
        rows = await self._store.read(lambda db: Orders(db).revisions(ident))
        if not rows:
            return self._enforcement.book.head(ident)[0]
        return min(rows, key=lambda row: row.rev).order

    async def lift(
        self, ident: str, by: Actor, comment: str, secret: str | None = None
    ) -> frozenset[str]:
        """End an order by its next revision; visits in their slots open again at once.

        Lifting asks for as many people as ordering did. The first of two asks for it, and the
        order stands until the second has signed the same; the answer is who has signed so far.

        Raises:
            UnknownOrderError: there is no such order.
            InvalidOrderError: it is lifted already.
            DeskError, KeyringError, NobodySignsError: this person does not sign it.
        """
        async with self._files.one_at_a_time:
            head = self._enforcement.book.head(ident)[0]
            rows = await self._files.rows(ident)
            asked = _lift_asked(rows, head)
            if asked is None:
                root = self._enforcement.trust.root_version
                person, now = person_of(by), self._clock.now()
                number = await self._enforcement.numbers.next_of(person, ident)
                order = lift(head, person, now, comment, issuer_seq=number, root_version=root)
                asked = unsigned(order)
            envelope = await self._signing.sign(asked, by, secret)
            people = await self._signing.people(envelope)
            if self._signing.lacking(envelope) is not None:
                asks = order_in(asked)
                payload = {
                    "envelope": envelope.decode(),
                    "comment": comment,
                    "issuer": asks.issuer,
                    "number": asks.issuer_seq,
                }
                await self._files.append(self._files.step(ident, "LIFT_ASKED", payload, by), "")
                return people
            await self._enforcement.accept(envelope, by=by)
            file = replayed(rows)
            if file is not None and DeskState.EXPIRED is not file.case.state:
                await self._files.keep(file, ident, "LIFTED", {"comment": comment}, by)
        self._issuance.changed.set()
        return people

    async def lift_asked(self, ident: str) -> frozenset[str]:
        """Who has signed a lift of this order that is not complete yet."""
        rows = await self._files.rows(ident)
        asked = _lift_asked(rows, self._enforcement.book.head(ident)[0])
        return frozenset() if asked is None else await self._signing.people(asked)

    async def review(self, ident: str, note: str, by: Actor) -> OrderFile:
        """Say that somebody has looked at the order again.

        Raises:
            UnknownOrderError.
            DeskError: not signed yet, or an emergency reviewed by who ordered it.
        """
        async with self._files.one_at_a_time:
            file = await self._files.keep(
                await self._files.of(ident), ident, "REVIEWED", {"note": note}, by
            )
        self._issuance.changed.set()
        return file

    async def run(self) -> None:
        """Remind of reviews and note what has expired, until cancelled."""
        while True:
            self._issuance.changed.clear()
            try:
                pause = await self.keep_time()
            except StoreError as error:
                log.error("orders not looked at: %s", error)
                pause = _AFTER_FAULT_S
            try:
                async with asyncio.timeout(min(pause, _LONGEST_PAUSE_S)):
                    await self._issuance.changed.wait()
            except TimeoutError:
                continue

    async def keep_time(self) -> float:
        """Do what is due by now; how many seconds until there is more to do."""
        now = self._clock.now()
        waits = [_LONGEST_PAUSE_S]
        async with self._files.one_at_a_time:
            await self._issuance.tell_of_others()
            for file in (await self._files.all()).values():
                file = await self._keep_file_time(file)
                deadlines = [file.case.next_deadline()]
                if file.case.state is DeskState.ENFORCED:
                    deadlines.append(file.case.terms.expires)
                waits += [(when - now).total_seconds() for when in deadlines if when is not None]
        return max(0.05, min(waits))

    async def _keep_file_time(self, file: OrderFile) -> OrderFile:
        now, ident = self._clock.now(), file.id
        if file.case.state is DeskState.SIGNED and now < file.case.terms.expires:
            # The relay ended between the signature and the note that it is enforced.
            try:
                await self._issuance.enact(file, SYSTEM)
            except (OrderRefusedError, NoTrustError) as error:
                # Refused now, e.g. under a root that has run out; there is a receipt of that.
                log.error("order %s was signed and is not accepted: %s", ident, error.code)
                return file
            file = await self._files.of(ident)
        if self._has_expired(file):
            file = await self._files.keep(file, ident, "EXPIRED", {}, SYSTEM)
        due = file.case.next_deadline()
        if due is not None and due <= now:
            file = await self._files.keep(file, ident, "REMINDED", {}, SYSTEM)
            await self._alerts.raise_alert(AlertKind.ORDER_REVIEW_DUE, detail={"order": ident})
        return file

    def _has_expired(self, file: OrderFile) -> bool:
        if file.case.state is DeskState.SIGNED:
            return True  # it ended before it could be enforced
        state = self._enforcement.book.state_of
        return (
            file.case.state is DeskState.ENFORCED
            and file.id in self._enforcement.book.ids
            and state(file.id, self._clock.interval()) is OrderState.EXPIRED
        )


def _lift_asked(rows: Sequence[CaseEventRow], head: SuspensionOrder) -> bytes | None:
    """The lift of ``head`` that somebody has signed already, or None."""
    for row in reversed(rows):
        if row.kind == "LIFT_ASKED":
            envelope: bytes = row.payload["envelope"].encode()
            if order_in(envelope).prev_rev_sha256 == head.sha256:
                return envelope
    return None
