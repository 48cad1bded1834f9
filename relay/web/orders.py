"""Suspension orders over REST: draft, count, approve, sign, renew, lift, review, explain.

The way of an order: `POST drafts` → `POST drafts/{order}/impact`, which shows numbers and a
``digest`` → `POST drafts/{order}/approve` with that digest, by somebody else, where
``approvals_missing`` says so → `POST drafts/{order}/sign` with the digest and the number of visits
typed. `POST orders` does all of it at once where one person may.
"""

import contextlib
from typing import Annotated

from fastapi import APIRouter, Depends

from relay.core.model import VisitId
from relay.service.desks import Desks
from relay.service.explanation import explain
from relay.service.order_desk import ImpactChangedError
from relay.service.order_file import OrderFile
from relay.service.staff import Actor
from relay.service.viewings import Viewed
from relay.service.views import refusals_of
from relay.web.access import ADMINISTRATOR, APPROVER, AUDITOR, OVERSIGHT, Service, allow
from relay.web.directory import scope_labels
from relay.web.errors import ApiError
from relay.web.order_models import (
    ApprovalBody,
    DeclineBody,
    DraftBody,
    DraftList,
    DraftView,
    ExplainedOrder,
    ExplanationView,
    ImpactView,
    LiftBody,
    MissingNumbersView,
    OrderBody,
    OrderList,
    OrderView,
    RenewalBody,
    ReviewBody,
    ShownDraft,
    SignatureBody,
    TermsBody,
    Text,
)
from relay.web.order_views import (
    draft_view,
    impact_changed,
    impact_view,
    order_view,
    refused_views,
)
from relay.web.visits import shown
from suspension import (
    DeskError,
    DeskState,
    Scope,
    SuspensionOrder,
    Terms,
)
from suspension.withheld import withheld_ground

router = APIRouter(prefix="/orders", tags=["orders"])

Reader = Annotated[
    Actor, Depends(allow(ADMINISTRATOR, APPROVER, OVERSIGHT, AUDITOR, views=Viewed.ORDERS))
]
Administrator = Annotated[Actor, Depends(allow(ADMINISTRATOR))]
Approver = Annotated[Actor, Depends(allow(APPROVER, OVERSIGHT))]
Reviewer = Annotated[Actor, Depends(allow(ADMINISTRATOR, APPROVER, OVERSIGHT))]


@router.get("")
async def orders(desks: Service, _asker: Reader) -> OrderList:
    """Every order of this facility."""
    files = await desks.order_files.all()
    views = [
        await order_view(desks, ident, files.get(ident)) for ident in desks.enforcement.book.ids
    ]
    views.sort(key=lambda view: view.issued, reverse=True)
    return OrderList(
        now=desks.clock.now(),
        orders=views,
        refused=await refused_views(desks),
        missing_numbers=[
            MissingNumbersView(issuer=one.issuer, first=one.first, last=one.last)
            for one in await desks.enforcement.numbers.missing()
        ],
    )


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
        raise await impact_changed(desks, ImpactChangedError(counted))
    if desks.orders.approvals_missing(file) and not file.case.lacks_reason:
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
        raise await impact_changed(desks, changed) from changed
    except Exception:
        with contextlib.suppress(DeskError):  # signed and not enforced: the desk goes on with it
            await desks.orders.withdraw(file.id, asker)
        raise
    return await order_view(desks, order.id)


@router.get("/drafts")
async def drafts(desks: Service, asker: Reader) -> DraftList:
    """Orders on their way: what waits for counting, approval or signature."""
    open_states = (DeskState.DRAFT, DeskState.COUNTED, DeskState.APPROVED)
    files = [
        one for one in (await desks.order_files.all()).values() if one.case.state in open_states
    ]
    files.sort(key=lambda file: file.drafted, reverse=True)
    return DraftList(drafts=[await draft_view(desks, file, asker) for file in files])


@router.post("/drafts", status_code=201)
async def new_draft(body: DraftBody, desks: Service, asker: Administrator) -> DraftView:
    """Begin an order; nothing is suspended yet."""
    return await draft_view(desks, await desks.orders.draft(body.draft(), asker), asker)


@router.get("/drafts/{order}")
async def one_draft(order: str, desks: Service, asker: Reader) -> DraftView:
    """One order on its way, also when it has ended or was withdrawn."""
    return await draft_view(desks, await desks.order_files.of(order), asker)


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
        raise await impact_changed(desks, changed) from changed
    return await draft_view(desks, file, asker)


@router.post("/drafts/{order}/decline")
async def decline(order: str, body: DeclineBody, desks: Service, asker: Approver) -> DraftView:
    """Not agree, and say why; the draft goes back to whoever wrote it."""
    return await draft_view(desks, await desks.orders.decline(order, asker, body.reason), asker)


@router.post("/drafts/{order}/sign")
async def sign(order: str, body: SignatureBody, desks: Service, asker: Administrator) -> OrderView:
    """Sign and enforce; calls in the order's scope have been cut when this answers."""
    try:
        signed = await desks.orders.sign(
            order, body.digest, body.confirm_visits, asker, body.secret
        )
    except ImpactChangedError as changed:
        raise await impact_changed(desks, changed) from changed
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
        files=desks.order_files,
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


@router.post("/{order}/renew", status_code=201)
async def renew(order: str, body: RenewalBody, desks: Service, asker: Administrator) -> DraftView:
    """A draft that follows this order; it is counted, approved and signed like any other."""
    return await draft_view(desks, await desks.orders.renew(order, body.expires, asker), asker)


@router.post("/{order}/review")
async def review(order: str, body: ReviewBody, desks: Service, asker: Reviewer) -> OrderView:
    """Say that somebody has looked at the order again."""
    await desks.standing.review(order, body.note, asker)
    return await order_view(desks, order)


@router.post("/{order}/lift")
async def lift(order: str, body: LiftBody, desks: Service, asker: Reviewer) -> OrderView:
    """End an order before its time; one that took two people waits for the second to ask too."""
    await desks.standing.lift(order, asker, body.comment, body.secret)
    return await order_view(desks, order)
