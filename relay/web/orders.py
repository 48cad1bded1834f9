"""Suspension orders over REST: draft, count, approve, sign, renew, lift, review, explain.

The way of an order: `POST drafts` → `POST drafts/{order}/impact`, which shows numbers and a
``digest`` → `POST drafts/{order}/approve` with that digest, by somebody else, where
``approvals_missing`` says so → `POST drafts/{order}/sign` with the digest and the number of visits
typed. `POST orders` does all of it at once where one person may.
"""

import contextlib
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from relay.core.model import VisitId
from relay.service.desks import Desks
from relay.service.explanation import explain
from relay.service.order_desk import Counted, ImpactChangedError
from relay.service.order_file import OrderDraft, OrderFile
from relay.service.staff import Actor
from relay.service.views import StaffVisit, refusals_of
from relay.service.visits import UnknownVisitError
from relay.store.displaced import Recipient, Via
from relay.store.orders import Orders
from relay.web.access import ADMINISTRATOR, APPROVER, AUDITOR, OVERSIGHT, Service, allow
from relay.web.directory import scope_labels
from relay.web.errors import ApiError
from relay.web.visits import shown
from suspension import (
    Alternative,
    DeskError,
    DeskState,
    Impact,
    Narrowing,
    OrderClass,
    OrderState,
    PublicText,
    ReasonCode,
    Scope,
    SuspensionOrder,
    Terms,
    UnknownOrderError,
)
from suspension.withheld import WithheldGround, withheld_ground
from visit_protocol.message import Identifier
from visit_protocol.signalling import Refusal
from visit_protocol.vocabulary import CallState, VisitType

router = APIRouter(prefix="/orders", tags=["orders"])

Reader = Annotated[Actor, Depends(allow(ADMINISTRATOR, APPROVER, OVERSIGHT, AUDITOR))]
Administrator = Annotated[Actor, Depends(allow(ADMINISTRATOR))]
Approver = Annotated[Actor, Depends(allow(APPROVER, OVERSIGHT))]
Reviewer = Annotated[Actor, Depends(allow(ADMINISTRATOR, APPROVER, OVERSIGHT))]
ScopeBody = dict[Identifier, Annotated[list[Identifier | str], Field(max_length=1000)]]
Secret = Annotated[str | None, Field(max_length=1024)]
_LISTED = 500
"""Visits that are named one by one; the numbers count all."""


class Text(BaseModel):
    """What inmate and visitor read, in both languages."""

    ru: Annotated[str, Field(min_length=1, max_length=2000)]
    en: Annotated[str, Field(min_length=1, max_length=2000)]


# ── what is sent ───────────────────────────────────────────────────────────────────────────
class TermsBody(BaseModel):
    """Whom, how long, which protected types."""

    scope: ScopeBody
    protected: list[VisitType] = []
    not_before: AwareDatetime | None = None
    expires: AwareDatetime
    emergency: bool = False
    incident: Annotated[list[Identifier], Field(max_length=50)] = []
    """Visits that the incident concerned; without any, those that are live in the scope."""


class DraftBody(TermsBody):
    """A whole order, as its author fills it in."""

    reason_code: ReasonCode
    legal_basis: Annotated[str, Field(min_length=1, max_length=500)]
    public_text: Text
    why_not_narrower: Annotated[str, Field(max_length=500)] = ""
    """Needed from a housing unit upward."""
    withheld: WithheldGround | None = None
    """The reason is not told to inmate and visitor, on this ground; a neutral text is."""

    def draft(self) -> OrderDraft:
        """As the desk takes it.

        Raises:
            InvalidOrderError: a text that may not be.
        """
        return OrderDraft(
            scope=self.scope,
            reason_code=self.reason_code,
            legal_basis=self.legal_basis,
            public_text=PublicText(self.public_text.ru, self.public_text.en),
            expires=self.expires,
            protected=frozenset(self.protected),
            not_before=self.not_before,
            emergency=self.emergency,
            why_not_narrower=self.why_not_narrower,
            withheld=self.withheld,
            incident=tuple(self.incident),
        )


class OrderBody(DraftBody):
    """A whole order, with the number of visits its author says it cancels."""

    confirm_visits: Annotated[int, Field(ge=0)]
    secret: Secret = None
    """Unlocks the key with which the order is signed."""


class ApprovalBody(BaseModel):
    """Agreement to exactly what was shown."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    secret: Secret = None


class SignatureBody(ApprovalBody):
    """The drafter's signature, with the number of visits typed."""

    confirm_visits: Annotated[int, Field(ge=0)]


class LiftBody(BaseModel):
    """Why the order ends."""

    comment: Annotated[str, Field(max_length=500)] = ""
    secret: Secret = None


class ReviewBody(BaseModel):
    """What somebody found who looked again."""

    note: Annotated[str, Field(min_length=1, max_length=500)]


class RenewalBody(BaseModel):
    """Until when another order goes on."""

    expires: AwareDatetime


# ── what is answered ───────────────────────────────────────────────────────────────────────
class ListedVisit(BaseModel):
    """A visit that an order would touch."""

    id: str
    reference: str
    starts: AwareDatetime
    state: CallState
    inmate: str
    terminal: str
    visit_type: VisitType


class Numbers(BaseModel):
    """What an order would cost, in numbers."""

    visits: int
    visits_24h: int
    visits_7d: int
    live: int
    inmates: int
    visitors: int
    children: int
    terminals: int
    facilities: int
    kept: int
    """Visits in the order's time that go on."""
    protected_kept: int
    under_minimum: int
    """Inmates whom this and the standing orders together leave without a visit in 14 days."""


class AlternativeView(Numbers):
    """A narrower order that answers the same incident, with its own numbers."""

    narrowing: Narrowing
    scope: dict[str, list[str]]
    scope_labels: dict[str, list[str]]
    protected: list[VisitType]
    expires: AwareDatetime
    order_class: OrderClass
    people_needed: int


class ImpactView(Numbers):
    """What an order would cost, with the visits and with narrower orders."""

    as_of: AwareDatetime
    order_class: OrderClass
    people_needed: int
    oversight_needed: bool
    asks_why_not_narrower: bool
    listed: list[ListedVisit]
    """The first 500 visits."""
    under_minimum_inmates: list[str]
    """Their names."""
    alternatives: list[AlternativeView]


class DraftView(BaseModel):
    """An order that is not signed yet."""

    id: str
    state: DeskState
    scope: dict[str, list[str]]
    scope_labels: dict[str, list[str]]
    protected: list[VisitType]
    reason_code: ReasonCode
    legal_basis: str
    public_text: Text
    not_before: AwareDatetime | None
    expires: AwareDatetime
    emergency: bool
    why_not_narrower: str
    withheld: WithheldGround | None
    incident: list[str]
    renews: str | None
    order_class: OrderClass
    people_needed: int
    oversight_needed: bool
    asks_why_not_narrower: bool
    drafter: str
    """The person, not the account."""
    drafted: AwareDatetime
    digest: str | None
    """What an approval and a signature are about; None until the impact was shown."""
    confirmed: dict[str, int]
    """The numbers that ``digest`` is bound to."""
    approvals: list[str]
    """People who have agreed to ``digest``."""
    approvals_missing: int
    may_approve: bool
    """Whether you could."""
    may_sign: bool


class ShownDraft(BaseModel):
    """A draft with the impact that was counted for it."""

    draft: DraftView
    impact: ImpactView


class DraftList(BaseModel):
    """Drafts that are neither signed nor withdrawn, the newest first."""

    drafts: list[DraftView]


class CutView(BaseModel):
    """A call that the order cut."""

    visit: str
    reference: str
    committed_ms_to_last_packet: float | None


class ReviewView(BaseModel):
    """A review that was done."""

    at: AwareDatetime
    person: str
    note: str


class NoticeView(BaseModel):
    """Somebody who is told that an order took the time of their visit."""

    id: int
    visit: str
    recipient: Recipient
    person: str
    delivered: AwareDatetime | None
    via: Via | None


class OrderView(BaseModel):
    """An order as it stands."""

    id: str
    rev: int
    state: OrderState
    desk_state: DeskState | None
    """None for an order that was not drafted here."""
    order_class: OrderClass
    scope: dict[str, list[str]]
    scope_labels: dict[str, list[str]]
    protected: list[VisitType]
    reason_code: ReasonCode
    legal_basis: str
    public_text: Text
    withheld: WithheldGround | None
    emergency: bool
    not_before: AwareDatetime
    expires: AwareDatetime
    issued: AwareDatetime
    issuer: str
    drafter: str | None
    approvals: list[str]
    why_not_narrower: str
    narrower_declined: bool
    """Whether a cheaper order was on the screen when this one was signed."""
    renews: str | None
    renewed_by: str | None
    review_due: AwareDatetime | None
    review_overdue: bool
    reviews: list[ReviewView]
    lifted_at: AwareDatetime | None = None
    lifted_by: str | None = None
    comment: str = ""
    lift_asked_by: list[str]
    """People who have signed a lift that waits for another."""
    visits_cut: list[CutView]
    notices: int
    notices_delivered: int


class OrderList(BaseModel):
    """Every order, newest first."""

    now: AwareDatetime
    orders: list[OrderView]


class ExplainedOrder(BaseModel):
    """An order that stands against a visit."""

    id: str
    reason_code: ReasonCode
    legal_basis: str
    public_text: Text
    withheld: WithheldGround | None
    scope_labels: dict[str, list[str]]
    not_before: AwareDatetime
    expires: AwareDatetime
    issuer: str
    approvals: list[str]
    why_not_narrower: str
    review_due: AwareDatetime | None


class ExplanationView(BaseModel):
    """Why a visit can or cannot happen."""

    visit: StaffVisit
    possible: bool
    over: bool
    refusals: list[Refusal]
    orders: list[ExplainedOrder]
    rebooked_as: str | None
    as_of: AwareDatetime


# ── how one becomes the other ──────────────────────────────────────────────────────────────
def _numbers(counted: Impact) -> dict[str, int]:
    return {
        **counted.numbers,
        "visits_24h": counted.visits_24h,
        "visits_7d": counted.visits_7d,
        "live": counted.live,
        "kept": counted.kept,
    }


async def impact_view(desks: Desks, counted: Counted) -> ImpactView:
    """An impact for a page, its narrower alternatives beside it."""
    agenda, terms = counted.agenda, counted.terms
    runs = {run.visit.id: run for run in desks.visits.in_memory()}
    listed = []
    for ident in counted.impact.reached[:_LISTED]:
        visit = agenda.visits[VisitId(ident)]
        run = runs.get(visit.id)
        listed.append(
            ListedVisit(
                id=visit.id,
                reference=visit.reference,
                starts=visit.starts,
                state=CallState.SCHEDULED if run is None else run.machine.state,
                inmate=agenda.inmates[visit.inmate].name,
                terminal=agenda.terminals[visit.terminal].label,
                visit_type=visit.visit_type,
            )
        )
    names = {str(one.id): one.name for one in agenda.inmates.values()}
    return ImpactView(
        **_numbers(counted.impact),
        as_of=counted.as_of,
        order_class=terms.order_class,
        people_needed=terms.consent.people,
        oversight_needed=terms.consent.oversight,
        asks_why_not_narrower=terms.scope.asks_why_not_narrower,
        listed=listed,
        under_minimum_inmates=[names.get(one, one) for one in counted.impact.under_minimum],
        alternatives=[await _alternative(desks, one) for one in counted.alternatives],
    )


async def _alternative(desks: Desks, one: Alternative) -> AlternativeView:
    scope = one.terms.scope.to_mapping()
    return AlternativeView(
        **_numbers(one.impact),
        narrowing=one.narrowing,
        scope=scope,
        scope_labels=await scope_labels(desks, scope),
        protected=sorted(one.terms.protected),
        expires=one.terms.expires,
        order_class=one.terms.order_class,
        people_needed=one.terms.consent.people,
    )


async def draft_view(desks: Desks, file: OrderFile, asker: Actor) -> DraftView:
    """A draft for a page, and what the asker could do about it."""
    draft, case = file.draft, file.case
    scope = case.terms.scope.to_mapping()
    person = asker.person or asker.name
    counted = case.state in (DeskState.COUNTED, DeskState.APPROVED)
    mine = person == case.drafter.id
    agreed = any(one.id == person for one in case.approvals)
    numbers = file.shown.get("impact", {})
    return DraftView(
        id=file.id,
        state=case.state,
        scope=scope,
        scope_labels=await scope_labels(desks, scope),
        protected=sorted(draft.protected),
        reason_code=draft.reason_code,
        legal_basis=draft.legal_basis,
        public_text=Text(ru=draft.public_text.ru, en=draft.public_text.en),
        not_before=draft.not_before,
        expires=draft.expires,
        emergency=draft.emergency,
        why_not_narrower=draft.why_not_narrower,
        withheld=draft.withheld,
        incident=list(draft.incident),
        renews=draft.renews,
        order_class=case.terms.order_class,
        people_needed=case.terms.consent.people,
        oversight_needed=case.terms.consent.oversight,
        asks_why_not_narrower=case.terms.scope.asks_why_not_narrower,
        drafter=case.drafter.id,
        drafted=file.drafted,
        digest=case.shown,
        confirmed={name: count for name, count in numbers.items() if name != "reached"},
        approvals=[one.id for one in case.approvals],
        approvals_missing=case.approvals_missing,
        may_approve=counted and not mine and not agreed,
        may_sign=counted and mine and not case.approvals_missing,
    )


async def order_view(desks: Desks, ident: str, file: OrderFile | None = None) -> OrderView:
    """A signed order for a page.

    Raises:
        UnknownOrderError: no such order was accepted here.
    """
    book = desks.enforcement.book
    head = book.head(ident)[0]
    first = await desks.orders.first_revision(ident)
    if file is None:
        try:
            file = await desks.orders.file(ident)
        except UnknownOrderError:
            file = None
    notices = await desks.displaced.notices_of(ident)
    scope = head.scope.to_mapping()
    lifted = head.rev > first.rev
    case = None if file is None else file.case
    shown_then = {} if file is None else file.shown
    return OrderView(
        id=head.id,
        rev=head.rev,
        state=book.state_of(ident, desks.clock.interval()),
        desk_state=None if case is None else case.state,
        order_class=head.order_class,
        scope={dim: list(ids) for dim, ids in scope.items()},
        scope_labels=await scope_labels(desks, scope),
        protected=sorted(head.protected),
        reason_code=head.reason_code,
        legal_basis=head.legal_basis,
        public_text=Text(ru=head.public_text.ru, en=head.public_text.en),
        withheld=withheld_ground(head),
        emergency=head.emergency,
        not_before=head.not_before,
        expires=head.expires,
        issued=first.issued,
        issuer=first.issuer,
        drafter=None if case is None else case.drafter.id,
        approvals=[] if case is None else [one.id for one in case.approvals],
        why_not_narrower="" if file is None else file.draft.why_not_narrower,
        narrower_declined=any(
            one["visits"] < shown_then["impact"]["visits"]
            for one in shown_then.get("alternatives", ())
        ),
        renews=None if file is None else file.draft.renews,
        renewed_by=None if case is None else case.successor,
        review_due=head.review_at if case is None else case.review_due,
        review_overdue=case is not None and case.review_overdue(desks.clock.now()),
        reviews=[]
        if file is None
        else [ReviewView(at=at, person=who, note=note) for at, who, note in file.reviews],
        lifted_at=head.issued if lifted else None,
        lifted_by=head.issuer if lifted else None,
        comment=head.comment,
        lift_asked_by=sorted(await desks.orders.lift_asked(ident)),
        visits_cut=await _cuts(desks, ident),
        notices=len(notices),
        notices_delivered=sum(one.delivered is not None for one in notices),
    )


async def _cuts(desks: Desks, ident: str) -> list[CutView]:
    cuts = []
    for cut in await desks.store.read(lambda db: Orders(db).cuts(ident)):
        try:
            reference = (await desks.visits.find(VisitId(cut.visit))).visit.reference
        except UnknownVisitError:
            reference = cut.visit
        last = cut.last_packet_ns
        took = None if last is None else round((last - cut.committed_ns) / 1e6, 1)
        cuts.append(CutView(visit=cut.visit, reference=reference, committed_ms_to_last_packet=took))
    return cuts


async def _changed(desks: Desks, changed: ImpactChangedError) -> ApiError:
    view = await impact_view(desks, changed.counted)
    return ApiError(
        409,
        "IMPACT_CHANGED",
        f"The order now touches {view.visits} visits; look again and confirm.",
        impact=view.model_dump(mode="json"),
    )


# ── the routes ─────────────────────────────────────────────────────────────────────────────
@router.get("")
async def orders(desks: Service, _asker: Reader) -> OrderList:
    """Every order of this facility."""
    files = await desks.orders.files()
    views = [
        await order_view(desks, ident, files.get(ident)) for ident in desks.enforcement.book.ids
    ]
    views.sort(key=lambda view: view.issued, reverse=True)
    return OrderList(now=desks.clock.now(), orders=views)


@router.post("/impact")
async def count(body: TermsBody, desks: Service, _asker: Administrator) -> ImpactView:
    """What an order would cost, with narrower orders and their numbers; nothing is kept."""
    terms = Terms(
        Scope.parse(body.scope),
        frozenset(body.protected),
        body.not_before or desks.clock.now(),
        body.expires,
        body.emergency,
    )
    return await impact_view(desks, await desks.orders.count(terms, body.incident))


@router.post("", status_code=201)
async def suspend(body: OrderBody, desks: Service, asker: Administrator) -> OrderView:
    """Draft, count, sign and enforce at once, where one person may.

    An order that needs a second person is kept as a draft that waits for approval; the answer is
    then a refusal that names it.
    """
    file = await desks.orders.draft(body.draft(), asker)
    file, counted = await desks.orders.show(file.id, asker)
    if counted.impact.visits != body.confirm_visits:
        await desks.orders.withdraw(file.id, asker)
        raise await _changed(desks, ImpactChangedError(counted))
    if file.case.approvals_missing and not file.case.lacks_reason:
        raise ApiError(
            409,
            "APPROVAL_MISSING",
            "The order needs the approval of a second person; it waits for it as a draft.",
            draft=file.id,
            digest=file.case.shown,
        )
    try:
        order = await desks.orders.sign(
            file.id, file.case.shown or "", body.confirm_visits, asker, body.secret
        )
    except ImpactChangedError as changed:
        await desks.orders.withdraw(file.id, asker)
        raise await _changed(desks, changed) from changed
    except Exception:
        with contextlib.suppress(DeskError):  # signed and not enforced: the desk goes on with it
            await desks.orders.withdraw(file.id, asker)
        raise
    return await order_view(desks, order.id)


@router.get("/drafts")
async def drafts(desks: Service, asker: Reader) -> DraftList:
    """Orders on their way: what waits for counting, approval or signature."""
    open_states = (DeskState.DRAFT, DeskState.COUNTED, DeskState.APPROVED)
    files = [one for one in (await desks.orders.files()).values() if one.case.state in open_states]
    files.sort(key=lambda file: file.drafted, reverse=True)
    return DraftList(drafts=[await draft_view(desks, file, asker) for file in files])


@router.post("/drafts", status_code=201)
async def new_draft(body: DraftBody, desks: Service, asker: Administrator) -> DraftView:
    """Begin an order; nothing is suspended yet."""
    return await draft_view(desks, await desks.orders.draft(body.draft(), asker), asker)


@router.get("/drafts/{order}")
async def one_draft(order: str, desks: Service, asker: Reader) -> DraftView:
    """One order on its way, also when it has ended or was withdrawn."""
    return await draft_view(desks, await desks.orders.file(order), asker)


@router.put("/drafts/{order}")
async def change_draft(
    order: str, body: DraftBody, desks: Service, asker: Administrator
) -> DraftView:
    """Change a draft; what was shown is void, and so are its approvals."""
    return await draft_view(desks, await desks.orders.change(order, body.draft(), asker), asker)


@router.post("/drafts/{order}/impact")
async def show_impact(order: str, desks: Service, asker: Reviewer) -> ShownDraft:
    """Count the draft's impact; its ``digest`` is what is approved and signed.

    Approvals stand while the same is shown again, and fall when anything has changed.
    """
    file, counted = await desks.orders.show(order, asker)
    return ShownDraft(
        draft=await draft_view(desks, file, asker), impact=await impact_view(desks, counted)
    )


@router.post("/drafts/{order}/approve")
async def approve(order: str, body: ApprovalBody, desks: Service, asker: Approver) -> DraftView:
    """Agree to exactly what ``digest`` names; never by the person who drafted it."""
    try:
        file = await desks.orders.approve(order, body.digest, asker, body.secret)
    except ImpactChangedError as changed:
        raise await _changed(desks, changed) from changed
    return await draft_view(desks, file, asker)


@router.post("/drafts/{order}/sign")
async def sign(order: str, body: SignatureBody, desks: Service, asker: Administrator) -> OrderView:
    """Sign and enforce; calls in the order's scope have been cut when this answers."""
    try:
        signed = await desks.orders.sign(
            order, body.digest, body.confirm_visits, asker, body.secret
        )
    except ImpactChangedError as changed:
        raise await _changed(desks, changed) from changed
    return await order_view(desks, signed.id)


@router.post("/drafts/{order}/withdraw")
async def withdraw(order: str, desks: Service, asker: Administrator) -> DraftView:
    """Give a draft up."""
    return await draft_view(desks, await desks.orders.withdraw(order, asker), asker)


@router.get("/explain/{visit}")
async def why(visit: str, desks: Service, _asker: Reader) -> ExplanationView:
    """Why this visit can or cannot happen, naming every order that stands against it."""
    found = await explain(
        VisitId(visit),
        store=desks.store,
        clock=desks.clock,
        visits=desks.visits,
        desk=desks.orders,
        enforcement=desks.enforcement,
    )
    return ExplanationView(
        visit=shown(desks, found.run),
        possible=found.possible,
        over=found.over,
        refusals=list(refusals_of(found.grounds, desks.facility)),
        orders=[await _explained(desks, order, file) for order, file in found.orders],
        rebooked_as=found.rebooked_as,
        as_of=found.as_of,
    )


async def _explained(
    desks: Desks, order: SuspensionOrder, file: OrderFile | None
) -> ExplainedOrder:
    return ExplainedOrder(
        id=order.id,
        reason_code=order.reason_code,
        legal_basis=order.legal_basis,
        public_text=Text(ru=order.public_text.ru, en=order.public_text.en),
        withheld=withheld_ground(order),
        scope_labels=await scope_labels(desks, order.scope.to_mapping()),
        not_before=order.not_before,
        expires=order.expires,
        issuer=order.issuer,
        approvals=[] if file is None else [one.id for one in file.case.approvals],
        why_not_narrower="" if file is None else file.draft.why_not_narrower,
        review_due=order.review_at if file is None else file.case.review_due,
    )


@router.get("/{order}")
async def one(order: str, desks: Service, _asker: Reader) -> OrderView:
    """One order."""
    return await order_view(desks, order)


@router.get("/{order}/notices")
async def notices(
    order: str,
    desks: Service,
    _asker: Reader,
    open_only: Annotated[bool, Query()] = False,
) -> list[NoticeView]:
    """Who is told that this order took the time of their visit, and whether they were."""
    return [
        NoticeView(
            id=row.id,
            visit=row.visit,
            recipient=row.recipient,
            person=row.person,
            delivered=row.delivered,
            via=row.via,
        )
        for row in await desks.displaced.notices_of(order)
        if not (open_only and row.delivered)
    ]


@router.post("/notices/{notice}/delivered", status_code=204)
async def told(notice: int, desks: Service, asker: Administrator) -> None:
    """A member of staff has told somebody who was not on a screen."""
    if not await desks.displaced.told_by_staff(notice, asker):
        raise ApiError(409, "NOT_POSSIBLE", "The notice is unknown or was delivered before.")


@router.post("/{order}/renew", status_code=201)
async def renew(order: str, body: RenewalBody, desks: Service, asker: Administrator) -> DraftView:
    """A draft that follows this order; it is counted, approved and signed like any other."""
    return await draft_view(desks, await desks.orders.renew(order, body.expires, asker), asker)


@router.post("/{order}/review")
async def review(order: str, body: ReviewBody, desks: Service, asker: Reviewer) -> OrderView:
    """Say that somebody has looked at the order again."""
    await desks.orders.review(order, body.note, asker)
    return await order_view(desks, order)


@router.post("/{order}/lift")
async def lift(order: str, body: LiftBody, desks: Service, asker: Reviewer) -> OrderView:
    """End an order before its time; one that took two people waits for the second to ask too."""
    await desks.orders.lift(order, asker, body.comment, body.secret)
    return await order_view(desks, order)
