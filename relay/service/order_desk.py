"""`OrderDesk`: the way of every order at this facility, from a draft to its end.

Guarantees: nothing is signed whose impact was not counted again at that moment and found to be
what was shown; every step is kept with who did it before anybody is told; a step that the machine
(`suspension.desk`) refuses changes nothing. Leaves to others: enforcing what was signed
(`enforcement`), telling those concerned (`displaced`), appeals (`appeals`), and who may ask
(`relay.web`).
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.core.model import Facility
from relay.service.alerts import AlertDesk
from relay.service.displaced import DisplacedDesk
from relay.service.enforcement import Enforcement, NoTrustError, OrderRefusedError
from relay.service.feed import Feed
from relay.service.order_counting import Counted, Counting
from relay.service.order_file import OrderDraft, OrderFile, after, replayed
from relay.service.signing import Signing, person_of, unsigned
from relay.service.staff import SYSTEM, Actor
from relay.service.visits import VisitDesk
from relay.store.database import Store
from relay.store.errors import StoreError
from relay.store.journal import Journal
from relay.store.order_cases import CaseEventRow, OrderCases
from relay.store.orders import Orders
from relay.store.sqlite import Database
from relay.store.staff_accounts import StaffAccounts
from suspension import (
    DeskError,
    DeskState,
    InvalidOrderError,
    OrderKind,
    OrderState,
    Preview,
    SuspensionOrder,
    Terms,
    UnknownOrderError,
    lift,
    order_in,
)
from suspension.desk import review_due, shown_digest
from suspension.withheld import NEUTRAL_TEXT, withheld_field
from visit_protocol.vocabulary import StaffRole

log = logging.getLogger(__name__)

_LONGEST_PAUSE_S: Final = 3600.0
_AFTER_FAULT_S: Final = 30.0
_ENTERED_BY_ENFORCEMENT: Final = frozenset({"ENFORCED", "LIFTED"})
"""Steps that stand in the journal already, with what they did."""
_APPROVERS: Final = frozenset({StaffRole.APPROVER, StaffRole.OVERSIGHT})


class ImpactChangedError(Exception):
    """Other visits are affected than the person confirmed; approvals are void."""

    def __init__(self, counted: Counted) -> None:
        super().__init__("the number of visits affected has changed")
        self.counted = counted


class OrderDesk:
    """Drafts, approvals, signatures, reviews, renewals and lifts of this facility's orders."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        facility: Facility,
        visits: VisitDesk,
        enforcement: Enforcement,
        signing: Signing,
        displaced: DisplacedDesk,
        alerts: AlertDesk,
        feed: Feed,
    ) -> None:
        self._store = store
        self._clock = clock
        self._enforcement = enforcement
        self._counting = Counting(store, clock, facility, visits, enforcement)
        self._signing = signing
        self._displaced = displaced
        self._alerts = alerts
        self._feed = feed
        self._changed = asyncio.Event()
        self._told: set[str] = set()
        """Orders whose displaced visits have been seen to."""
        self._one_at_a_time = asyncio.Lock()
        """Held while a step is decided and kept, so that two people cannot cross."""

    # ── looking ───────────────────────────────────────────────────────────────────────────
    async def file(self, ident: str) -> OrderFile:
        """The order's file.

        Raises:
            UnknownOrderError: no order of this id was drafted here.
        """
        found = replayed(await self._store.read(lambda db: OrderCases(db).of(ident)))
        if found is None:
            raise UnknownOrderError(ident)
        return found

    async def files(self) -> dict[str, OrderFile]:
        """Every order that was drafted here, by id, the earliest first."""
        rows: dict[str, list[CaseEventRow]] = {}
        for row in await self._store.read(lambda db: OrderCases(db).all()):
            rows.setdefault(row.order, []).append(row)
        files = {ident: replayed(events) for ident, events in rows.items()}
        return {ident: file for ident, file in files.items() if file is not None}

    async def first_revision(self, ident: str) -> SuspensionOrder:
        """The order as it was issued, before any lift.

        Raises:
            UnknownOrderError: there is no such order.
        """
        rows = await self._store.read(lambda db: Orders(db).revisions(ident))
        if not rows:
            return self._enforcement.book.head(ident)[0]
        return min(rows, key=lambda row: row.rev).order

    async def count(self, terms: Terms, incident: Sequence[str] = ()) -> Counted:
        """What ``terms`` would touch as of now, and what narrower orders would.

        Raises:
            UnknownIdsError: the scope names what is not there.
        """
        return await self._counting.count(terms, incident)

    # ── before it is signed ───────────────────────────────────────────────────────────────
    async def draft(self, draft: OrderDraft, by: Actor) -> OrderFile:
        """A new draft.

        Raises:
            InvalidOrderError: an order of these terms may not exist.
            UnknownIdsError: its scope names what is not there.
        """
        draft = self._checked(draft)
        await self._counting.require_known(draft.terms(self._clock.now()))
        ident = f"ord-{secrets.token_hex(6)}"
        payload = {"draft": draft.to_payload(), **await self._oversight(by)}
        async with self._one_at_a_time:
            return await self._keep(None, ident, "DRAFTED", payload, by)

    async def change(self, ident: str, draft: OrderDraft, by: Actor) -> OrderFile:
        """The draft as it is from now on; what was shown and approved is void.

        Raises:
            As `draft`, and DeskError: not the drafter's, or signed already.
        """
        draft = self._checked(draft)
        await self._counting.require_known(draft.terms(self._clock.now()))
        async with self._one_at_a_time:
            file = await self.file(ident)
            draft = replace(draft, renews=file.draft.renews)
            return await self._keep(file, ident, "CHANGED", {"draft": draft.to_payload()}, by)

    def _checked(self, draft: OrderDraft) -> OrderDraft:
        """The draft with the neutral text where its reason is withheld, if it may exist at all."""
        now = self._clock.now()
        if draft.expires <= now:
            raise InvalidOrderError("expires", "has passed already", rule="EXPIRES_PAST")
        if draft.withheld is not None:
            draft = replace(draft, public_text=NEUTRAL_TEXT)
        self._order(draft, "ord-0", now, None, "nobody", 1)
        return draft

    async def show(self, ident: str, by: Actor) -> tuple[OrderFile, Counted]:
        """Count the draft's impact and keep what was shown.

        Showing the same again keeps the approvals; anything else voids them.

        Raises:
            UnknownOrderError, InvalidOrderError, UnknownIdsError.
            DeskError: signed or withdrawn already.
        """
        async with self._one_at_a_time:
            return await self._show(await self.file(ident), by)

    async def _show(self, file: OrderFile, by: Actor) -> tuple[OrderFile, Counted]:
        now = self._clock.now()
        if file.shown:
            # The same beginning and preview, so that nothing has changed unless the world has.
            order = order_in(file.shown["envelope"].encode())
            counted = await self.count(replace(order.terms, emergency=order.emergency))
            if _digest(order, counted) == file.case.shown:
                return file, await self._with_alternatives(file, counted)
        terms = file.draft.terms(now)
        counted = await self.count(terms, file.draft.incident)
        preview = Preview(
            visits=counted.impact.visits,
            inmates=counted.impact.inmates,
            visitors=counted.impact.visitors,
            terminals=counted.impact.terminals,
            facilities=counted.impact.facilities,
            as_of=counted.as_of,
        )
        issuer = file.case.drafter.id
        number = await self._enforcement.numbers.next_of(issuer, file.id)
        order = self._order(file.draft, file.id, now, preview, issuer, number)
        payload = {
            "issuer": issuer,
            "number": number,
            "digest": _digest(order, counted),
            "envelope": unsigned(order).decode(),
            "impact": {
                **counted.impact.numbers,
                "kept": counted.impact.kept,
                "reached": list(counted.impact.reached),
            },
            "alternatives": [
                {"narrowing": one.narrowing.value, "visits": one.impact.visits}
                for one in counted.alternatives
            ],
        }
        return await self._keep(file, file.id, "SHOWN", payload, by), counted

    async def _with_alternatives(self, file: OrderFile, counted: Counted) -> Counted:
        if not file.draft.incident:
            return counted
        return await self.count(counted.terms, file.draft.incident)

    def _order(
        self,
        draft: OrderDraft,
        ident: str,
        now: datetime,
        preview: Preview | None,
        issuer: str,
        number: int,
    ) -> SuspensionOrder:
        terms = draft.terms(now)
        return SuspensionOrder(
            id=ident,
            scope=terms.scope,
            protected=terms.protected,
            reason_code=draft.reason_code,
            legal_basis=draft.legal_basis,
            public_text=draft.public_text,
            not_before=terms.not_before,
            expires=terms.expires,
            issued=now,
            issuer=issuer,
            issuer_seq=number,
            review_at=review_due(terms, max(now, terms.not_before)),
            cut=draft.cut,
            emergency=draft.emergency,
            preview=preview,
            root_version=self._enforcement.trust.root_version,
            more=withheld_field(draft.withheld),
        )

    async def approve(
        self, ident: str, digest: str, by: Actor, secret: str | None = None
    ) -> OrderFile:
        """Agree to exactly what ``digest`` names; the approver's signature is put on it.

        Raises:
            DeskError: the drafter's own, approved before, or not what is shown any more.
            ImpactChangedError: counted again now, it is something else.
            KeyringError: the approver's key cannot be unlocked.
        """
        oversight = await self._oversight(by)
        await self._require_approver(by)
        async with self._one_at_a_time:
            file = await self.file(ident)
            payload = {"digest": digest, "envelope": "", **oversight}
            self._try(file, "APPROVED", payload, by)
            await self._require_unchanged(file, by)
            envelope = await self._signing.sign(file.envelope or b"", by, secret)
            return await self._keep(
                file, ident, "APPROVED", {**payload, "envelope": envelope.decode()}, by
            )

    async def sign(
        self,
        ident: str,
        digest: str,
        confirmed_visits: int,
        by: Actor,
        secret: str | None = None,
    ) -> SuspensionOrder:
        """Sign what ``digest`` names and enforce it; calls in its scope have been cut then.

        Raises:
            DeskError: approvals are missing, or it is not what is shown any more.
            ImpactChangedError: the number typed, or the world, is another.
            KeyringError: the drafter's key cannot be unlocked.
            StoreError: it could not be committed, so nothing was cut.
        """
        async with self._one_at_a_time:
            file = await self.file(ident)
            payload: dict[str, Any] = {"digest": digest, "envelope": ""}
            self._try(file, "SIGNED", payload, by)
            counted = await self._require_unchanged(file, by)
            if counted.impact.visits != confirmed_visits:
                raise ImpactChangedError(counted)
            envelope = await self._signing.sign(file.envelope or b"", by, secret)
            if (refused := self._signing.lacking(envelope)) is not None:
                raise OrderRefusedError(refused)
            file = await self._keep(
                file, ident, "SIGNED", {**payload, "envelope": envelope.decode()}, by
            )
            order = await self._enact(file, by, counted)
        self._changed.set()
        return order

    async def _enact(
        self, file: OrderFile, by: Actor, counted: Counted | None = None
    ) -> SuspensionOrder:
        """Enforce what was signed, then tell those concerned; again is harmless."""
        accepted = await self._enforcement.accept(file.envelope or b"", by=by)
        order = accepted.order
        if counted is None:
            await self._tell(order)
        else:
            await self._displaced.tell(order, counted.agenda, counted.impact.reached)
        file = await self._keep(file, file.id, "ENFORCED", {}, SYSTEM)
        if file.draft.renews is not None:
            old = await self.file(file.draft.renews)
            if old.case.state in (DeskState.SIGNED, DeskState.ENFORCED):
                await self._keep(old, old.id, "RENEWED", {"successor": file.id}, SYSTEM)
        if order.emergency:
            await self._alerts.raise_alert(
                AlertKind.ORDER_REVIEW_OPENED, detail={"order": order.id}
            )
        return order

    async def _require_unchanged(self, file: OrderFile, by: Actor) -> Counted:
        after_count, counted = await self._show(file, by)
        if after_count.case.shown != file.case.shown:
            raise ImpactChangedError(counted)
        return counted

    async def decline(self, ident: str, by: Actor, reason: str) -> OrderFile:
        """Say that one does not agree, and why; approvals fall, and the drafter is told.

        Raises:
            UnknownOrderError: there is no such order.
            DeskError: one's own draft, not one's part, or nothing that waits for approval.
        """
        await self._require_approver(by)
        async with self._one_at_a_time:
            return await self._keep(
                await self.file(ident), ident, "DECLINED", {"reason": reason}, by
            )

    async def withdraw(self, ident: str, by: Actor) -> OrderFile:
        """Give the draft up.

        Raises:
            UnknownOrderError, DeskError.
        """
        async with self._one_at_a_time:
            return await self._keep(await self.file(ident), ident, "WITHDRAWN", {}, by)

    # ── after it is signed ────────────────────────────────────────────────────────────────
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
        async with self._one_at_a_time:
            head = self._enforcement.book.head(ident)[0]
            rows = await self._store.read(lambda db: OrderCases(db).of(ident))
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
                await self._append(self._row(ident, "LIFT_ASKED", payload, by), "")
                return people
            await self._enforcement.accept(envelope, by=by)
            file = replayed(rows)
            if file is not None and DeskState.EXPIRED is not file.case.state:
                await self._keep(file, ident, "LIFTED", {"comment": comment}, by)
        self._changed.set()
        return people

    async def lift_asked(self, ident: str) -> frozenset[str]:
        """Who has signed a lift of this order that is not complete yet."""
        rows = await self._store.read(lambda db: OrderCases(db).of(ident))
        asked = _lift_asked(rows, self._enforcement.book.head(ident)[0])
        return frozenset() if asked is None else await self._signing.people(asked)

    async def review(self, ident: str, note: str, by: Actor) -> OrderFile:
        """Say that somebody has looked at the order again.

        Raises:
            UnknownOrderError.
            DeskError: not signed yet, or an emergency reviewed by who ordered it.
        """
        async with self._one_at_a_time:
            file = await self._keep(await self.file(ident), ident, "REVIEWED", {"note": note}, by)
        self._changed.set()
        return file

    async def renew(self, ident: str, expires: datetime, by: Actor) -> OrderFile:
        """A draft that follows an order; it goes the whole way again.

        Raises:
            UnknownOrderError, InvalidOrderError.
            DeskError: an emergency order, which nothing prolongs, or one that does not stand.
        """
        file = await self.file(ident)
        if file.draft.emergency:
            raise DeskError("EMERGENCY_NOT_RENEWED", "of an emergency ends by itself")
        if file.case.state not in (DeskState.SIGNED, DeskState.ENFORCED):
            raise DeskError(
                "NOT_POSSIBLE_NOW", f"is not possible while the order is {file.case.state}"
            )
        begins = max(file.draft.terms(file.drafted).expires, self._clock.now())
        draft = replace(file.draft, not_before=begins, expires=expires, renews=ident)
        return await self.draft(draft, by)

    # ── time ──────────────────────────────────────────────────────────────────────────────
    async def run(self) -> None:
        """Remind of reviews and note what has expired, until cancelled."""
        while True:
            self._changed.clear()
            try:
                pause = await self.keep_time()
            except StoreError as error:
                log.error("orders not looked at: %s", error)
                pause = _AFTER_FAULT_S
            try:
                async with asyncio.timeout(min(pause, _LONGEST_PAUSE_S)):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def keep_time(self) -> float:
        """Do what is due by now; how many seconds until there is more to do."""
        now = self._clock.now()
        waits = [_LONGEST_PAUSE_S]
        async with self._one_at_a_time:
            await self._tell_of_others()
            for file in (await self.files()).values():
                file = await self._keep_file_time(file)
                deadlines = [file.case.next_deadline()]
                if file.case.state is DeskState.ENFORCED:
                    deadlines.append(file.case.terms.expires)
                waits += [(when - now).total_seconds() for when in deadlines if when is not None]
        return max(0.05, min(waits))

    async def _tell_of_others(self) -> None:
        """Tell those concerned by orders that came ready-made, on a stick or over the link."""
        clock = self._clock.interval()
        drafted = await self.files()
        for ident in set(self._enforcement.book.ids) - self._told:
            order = self._enforcement.book.head(ident)[0]
            stands = order.kind is OrderKind.SUSPEND and not clock.has_reached(order.expires)
            if stands and ident not in drafted:
                await self._tell(order)
            self._told.add(ident)

    async def _tell(self, order: SuspensionOrder) -> None:
        """Make the notices of an order that has been enforced before its visits were counted."""
        agenda, reached = await self._counting.displaced_by(order)
        await self._displaced.tell(order, agenda, reached)

    async def _keep_file_time(self, file: OrderFile) -> OrderFile:
        now, ident = self._clock.now(), file.id
        if file.case.state is DeskState.SIGNED and now < file.case.terms.expires:
            # The relay ended between the signature and the note that it is enforced.
            try:
                await self._enact(file, SYSTEM)
            except (OrderRefusedError, NoTrustError) as error:
                # Refused now, e.g. under a root that has run out; there is a receipt of that.
                log.error("order %s was signed and is not accepted: %s", ident, error.code)
                return file
            file = await self.file(ident)
        if self._has_expired(file):
            file = await self._keep(file, ident, "EXPIRED", {}, SYSTEM)
        due = file.case.next_deadline()
        if due is not None and due <= now:
            file = await self._keep(file, ident, "REMINDED", {}, SYSTEM)
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

    # ── keeping ───────────────────────────────────────────────────────────────────────────
    def _row(self, ident: str, kind: str, payload: Mapping[str, Any], by: Actor) -> CaseEventRow:
        person = "" if by.kind == "system" else person_of(by)
        return CaseEventRow(0, ident, self._clock.now(), by.label, person, kind, payload)

    def _try(self, file: OrderFile, kind: str, payload: Mapping[str, Any], by: Actor) -> None:
        """Refuse what is not legal before anything is done for it."""
        after(file, self._row(file.id, kind, payload, by))

    async def _keep(
        self,
        file: OrderFile | None,
        ident: str,
        kind: str,
        payload: Mapping[str, Any],
        by: Actor,
    ) -> OrderFile:
        row = self._row(ident, kind, payload, by)
        kept = replayed([row]) if file is None else after(file, row)
        if kept is None:  # pragma: no cover  one row always makes a file
            raise UnknownOrderError(ident)

        await self._append(row, kept.case.state)
        return kept

    async def _append(self, row: CaseEventRow, state: str) -> None:
        def write(db: Database) -> None:
            OrderCases(db).append(row.order, row.at, row.actor, row.person, row.kind, row.payload)
            if row.kind in _ENTERED_BY_ENFORCEMENT:
                return
            detail = {"person": row.person, "state": state}
            Journal(db).append(row.at, row.actor, f"order.{row.kind.lower()}", row.order, detail)

        await self._store.write(write, vital=True)
        self._feed.changed()

    async def _oversight(self, by: Actor) -> dict[str, bool]:
        return {"oversight": StaffRole.OVERSIGHT in await self._roles(by)}

    async def _require_approver(self, by: Actor) -> None:
        if not await self._roles(by) & _APPROVERS:
            raise DeskError("NOT_AN_APPROVER", "is approved by people with the role of approver")

    async def _roles(self, by: Actor) -> frozenset[StaffRole]:
        """The roles of the account; of the local operator, those of the person they act as."""
        if by.role is not None:
            return frozenset({by.role})
        accounts = await self._store.read(lambda db: StaffAccounts(db).of_person(by.person))
        return frozenset(one.role for one in accounts if one.enabled)


def _lift_asked(rows: Sequence[CaseEventRow], head: SuspensionOrder) -> bytes | None:
    """The lift of ``head`` that somebody has signed already, or None."""
    for row in reversed(rows):
        if row.kind == "LIFT_ASKED":
            envelope: bytes = row.payload["envelope"].encode()
            if order_in(envelope).prev_rev_sha256 == head.sha256:
                return envelope
    return None


def _digest(order: SuspensionOrder, counted: Counted) -> str:
    return shown_digest(counted.terms, counted.impact, order.to_bytes())
