"""`OrderDesk`: the way of an order at this facility, from a draft to the last signature.

Guarantees: nothing is signed whose impact was not counted again at that moment and found to be
what was shown; a step that the machine (`suspension.desk`) refuses changes nothing. Leaves to
others: keeping the steps (`order_files`), enforcing what was signed and telling those concerned
(`issuance`), what follows (`standing_orders`), and who may ask (`relay.web`).
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from relay.clock import Clock
from relay.service.enforcement import Enforcement, NoTrustError, OrderRefusedError
from relay.service.issuance import Issuance
from relay.service.order_counting import Counted, Counting
from relay.service.order_file import OrderDraft, OrderFile
from relay.service.order_files import OrderFiles
from relay.service.signing import Signing, unsigned
from relay.service.staff import Actor
from relay.store.database import Store
from relay.store.staff_accounts import StaffAccounts
from suspension import (
    DeskError,
    DeskState,
    InvalidOrderError,
    Preview,
    SuspensionOrder,
    Terms,
    order_in,
)
from suspension.desk import review_due, shown_digest
from suspension.withheld import NEUTRAL_TEXT, withheld_field
from visit_protocol.vocabulary import StaffRole

_APPROVERS: Final = frozenset({StaffRole.APPROVER, StaffRole.OVERSIGHT})


class ImpactChangedError(Exception):
    """Other visits are affected than the person confirmed; approvals are void."""

    def __init__(self, counted: Counted) -> None:
        super().__init__("the number of visits affected has changed")
        self.counted = counted


class OrderDesk:
    """Drafts, approvals and signatures of this facility's orders."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        files: OrderFiles,
        counting: Counting,
        enforcement: Enforcement,
        signing: Signing,
        issuance: Issuance,
    ) -> None:
        self._store = store
        self._clock = clock
        self._files = files
        self._counting = counting
        self._enforcement = enforcement
        self._signing = signing
        self._issuance = issuance

    async def count(self, terms: Terms, incident: Sequence[str] = ()) -> Counted:
        """What ``terms`` would touch as of now, and what narrower orders would.

        Raises:
            UnknownIdsError: the scope names what is not there.
        """
        return await self._counting.count(terms, incident)

    def people_needed(self, terms: Terms) -> int:
        """How many people an order of these terms takes, the drafter among them."""
        try:
            return self._signing.people_needed(terms)
        except NoTrustError:
            return terms.consent.people

    def approvals_missing(self, file: OrderFile) -> int:
        """How many more must agree before the drafter may sign."""
        case = file.case
        return max(case.approvals_missing, self.people_needed(case.terms) - 1 - len(case.approvals))

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
        async with self._files.one_at_a_time:
            return await self._files.keep(None, ident, "DRAFTED", payload, by)

    async def change(self, ident: str, draft: OrderDraft, by: Actor) -> OrderFile:
        """The draft as it is from now on; what was shown and approved is void.

        Raises:
            As `draft`, and DeskError: not the drafter's, or signed already.
        """
        draft = self._checked(draft)
        await self._counting.require_known(draft.terms(self._clock.now()))
        async with self._files.one_at_a_time:
            file = await self._files.of(ident)
            draft = replace(draft, renews=file.draft.renews)
            return await self._files.keep(file, ident, "CHANGED", {"draft": draft.to_payload()}, by)

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
        async with self._files.one_at_a_time:
            return await self._show(await self._files.of(ident), by)

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
        return await self._files.keep(file, file.id, "SHOWN", payload, by), counted

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
        async with self._files.one_at_a_time:
            file = await self._files.of(ident)
            payload = {"digest": digest, "envelope": "", **oversight}
            self._files.require(file, "APPROVED", payload, by)
            await self._require_unchanged(file, by)
            envelope = await self._signing.sign(file.envelope or b"", by, secret)
            return await self._files.keep(
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
        async with self._files.one_at_a_time:
            file = await self._files.of(ident)
            payload: dict[str, Any] = {"digest": digest, "envelope": ""}
            self._files.require(file, "SIGNED", payload, by)
            if self.approvals_missing(file):
                raise DeskError("APPROVAL_MISSING", "needs more people: the root asks for them")
            counted = await self._require_unchanged(file, by)
            if counted.impact.visits != confirmed_visits:
                raise ImpactChangedError(counted)
            envelope = await self._signing.sign(file.envelope or b"", by, secret)
            if (refused := self._signing.lacking(envelope)) is not None:
                raise OrderRefusedError(refused)
            file = await self._files.keep(
                file, ident, "SIGNED", {**payload, "envelope": envelope.decode()}, by
            )
            return await self._issuance.enact(file, by, counted)

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
        async with self._files.one_at_a_time:
            return await self._files.keep(
                await self._files.of(ident), ident, "DECLINED", {"reason": reason}, by
            )

    async def withdraw(self, ident: str, by: Actor) -> OrderFile:
        """Give the draft up.

        Raises:
            UnknownOrderError, DeskError.
        """
        async with self._files.one_at_a_time:
            return await self._files.keep(await self._files.of(ident), ident, "WITHDRAWN", {}, by)

    async def renew(self, ident: str, expires: datetime, by: Actor) -> OrderFile:
        """A draft that follows an order; it goes the whole way again.

        Raises:
            UnknownOrderError, InvalidOrderError.
            DeskError: an emergency order, which nothing prolongs, or one that does not stand.
        """
        file = await self._files.of(ident)
        if file.draft.emergency:
            raise DeskError("EMERGENCY_NOT_RENEWED", "of an emergency ends by itself")
        if file.case.state not in (DeskState.SIGNED, DeskState.ENFORCED):
            raise DeskError(
                "NOT_POSSIBLE_NOW", f"is not possible while the order is {file.case.state}"
            )
        begins = max(file.draft.terms(file.drafted).expires, self._clock.now())
        draft = replace(file.draft, not_before=begins, expires=expires, renews=ident)
        return await self.draft(draft, by)

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


def _digest(order: SuspensionOrder, counted: Counted) -> str:
    return shown_digest(counted.terms, counted.impact, order.to_bytes())
