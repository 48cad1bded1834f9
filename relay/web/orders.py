"""Suspension orders over REST: look, count, suspend, lift."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field

from relay.core.model import VisitId
from relay.service.desks import Desks
from relay.service.orders import ImpactChangedError, OrderDraft, Reach
from relay.service.staff import Actor
from relay.service.visits import UnknownVisitError
from relay.store.orders import Orders
from relay.web.access import ADMINISTRATOR, APPROVER, AUDITOR, Service, allow
from relay.web.directory import scope_labels
from relay.web.errors import ApiError
from suspension import OrderState, PublicText, ReasonCode, Scope, SuspensionOrder, Terms
from visit_protocol.message import Identifier
from visit_protocol.vocabulary import CallState, VisitType

router = APIRouter(prefix="/orders", tags=["orders"])

Reader = Annotated[Actor, Depends(allow(ADMINISTRATOR, APPROVER, AUDITOR))]
Administrator = Annotated[Actor, Depends(allow(ADMINISTRATOR))]
ScopeBody = dict[Identifier, Annotated[list[Identifier], Field(min_length=1, max_length=200)]]


class Text(BaseModel):
    """What inmate and visitor read, in both languages."""

    ru: Annotated[str, Field(min_length=1, max_length=2000)]
    en: Annotated[str, Field(min_length=1, max_length=2000)]


class TermsBody(BaseModel):
    """Whom, how long, which protected types."""

    scope: ScopeBody
    protected: list[VisitType] = []
    not_before: AwareDatetime | None = None
    expires: AwareDatetime


class DraftBody(TermsBody):
    """A whole order, with the number of visits its author says it cancels."""

    reason_code: ReasonCode
    legal_basis: Annotated[str, Field(min_length=1, max_length=500)]
    public_text: Text
    confirm_visits: Annotated[int, Field(ge=0)]


class LiftBody(BaseModel):
    """Why the order ends."""

    comment: Annotated[str, Field(max_length=500)] = ""


class ListedVisit(BaseModel):
    """A visit that an order would touch."""

    id: str
    reference: str
    starts: AwareDatetime
    state: CallState
    inmate: str
    terminal: str
    visit_type: VisitType


class ImpactView(BaseModel):
    """What an order would cost."""

    visits: int
    live: int
    inmates: int
    visitors: int
    terminals: int
    protected_kept: int
    as_of: AwareDatetime
    listed: list[ListedVisit]


class CutView(BaseModel):
    """A call that the order cut."""

    visit: str
    reference: str
    committed_ms_to_last_packet: float | None


class OrderView(BaseModel):
    """An order as it stands."""

    id: str
    rev: int
    state: OrderState
    scope: dict[str, list[str]]
    scope_labels: dict[str, list[str]]
    protected: list[VisitType]
    reason_code: ReasonCode
    legal_basis: str
    public_text: Text
    not_before: AwareDatetime
    expires: AwareDatetime
    issued: AwareDatetime
    issuer: str
    lifted_at: AwareDatetime | None = None
    lifted_by: str | None = None
    comment: str = ""
    visits_cut: list[CutView]


class OrderList(BaseModel):
    """Every order, newest first."""

    now: AwareDatetime
    orders: list[OrderView]


def _impact(found: Reach) -> ImpactView:
    counted = found.impact
    return ImpactView(
        visits=counted.visits,
        live=counted.live,
        inmates=counted.inmates,
        visitors=counted.visitors,
        terminals=counted.terminals,
        protected_kept=counted.protected_kept,
        as_of=found.as_of,
        listed=[
            ListedVisit(
                id=run.visit.id,
                reference=run.visit.reference,
                starts=run.visit.starts,
                state=run.machine.state,
                inmate=run.inmate.name,
                terminal=run.terminal.label,
                visit_type=run.visit.visit_type,
            )
            for run in found.runs
        ],
    )


async def _view(desks: Desks, ident: str) -> OrderView:
    head = desks.orders.book.head(ident)[0]
    first = await desks.orders.first_revision(ident)
    lifted = head.rev > first.rev
    cuts = []
    for cut in await desks.store.read(lambda db: Orders(db).cuts(ident)):
        try:
            reference = (await desks.visits.find(VisitId(cut.visit))).visit.reference
        except UnknownVisitError:
            reference = cut.visit
        last = cut.last_packet_ns
        took = None if last is None else round((last - cut.committed_ns) / 1e6, 1)
        cuts.append(CutView(visit=cut.visit, reference=reference, committed_ms_to_last_packet=took))
    scope = head.scope.to_mapping()
    return OrderView(
        id=head.id,
        rev=head.rev,
        state=desks.orders.book.state_of(ident, desks.clock.interval()),
        scope={dim: list(ids) for dim, ids in scope.items()},
        scope_labels=await scope_labels(desks, scope),
        protected=sorted(head.protected),
        reason_code=head.reason_code,
        legal_basis=head.legal_basis,
        public_text=Text(ru=head.public_text.ru, en=head.public_text.en),
        not_before=head.not_before,
        expires=head.expires,
        issued=first.issued,
        issuer=first.issuer,
        lifted_at=head.issued if lifted else None,
        lifted_by=head.issuer if lifted else None,
        comment=head.comment,
        visits_cut=cuts,
    )


@router.get("")
async def orders(desks: Service, _asker: Reader) -> OrderList:
    """Every order this facility knows, newest first."""
    views = [await _view(desks, ident) for ident in desks.orders.book.ids]
    views.sort(key=lambda view: view.issued, reverse=True)
    return OrderList(now=desks.clock.now(), orders=views)


@router.get("/{order}")
async def one(order: str, desks: Service, _asker: Reader) -> OrderView:
    """One order."""
    return await _view(desks, order)


@router.post("/impact")
async def count(body: TermsBody, desks: Service, _asker: Administrator) -> ImpactView:
    """What an order would cost, before anybody signs it."""
    terms = Terms(
        Scope.parse(body.scope),
        frozenset(body.protected),
        body.not_before or desks.clock.now(),
        body.expires,
    )
    return _impact(await desks.orders.reach(terms))


@router.post("", status_code=201)
async def suspend(body: DraftBody, desks: Service, asker: Administrator) -> OrderView:
    """Issue an order; calls in its scope have been cut when this answers."""
    draft = OrderDraft(
        scope=body.scope,
        protected=frozenset(body.protected),
        reason_code=body.reason_code,
        legal_basis=body.legal_basis,
        public_text=PublicText(body.public_text.ru, body.public_text.en),
        not_before=body.not_before,
        expires=body.expires,
    )
    try:
        order: SuspensionOrder = await desks.orders.issue(draft, asker, body.confirm_visits)
    except ImpactChangedError as changed:
        impact = _impact(changed.found)
        raise ApiError(
            409,
            "IMPACT_CHANGED",
            f"The order now touches {impact.visits} visits; confirm that number.",
            impact=impact.model_dump(mode="json"),
        ) from changed
    return await _view(desks, order.id)


@router.post("/{order}/lift")
async def lift(order: str, body: LiftBody, desks: Service, asker: Administrator) -> OrderView:
    """End an order before its time."""
    await desks.orders.lift(order, asker, body.comment)
    return await _view(desks, order)
