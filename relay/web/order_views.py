"""Orders, drafts and impacts as pages and commands get them.

Guarantees: everything that a page may offer its reader (`may_approve`, `may_sign`) is said here and
checked again by the desk. Leaves to others: the contract's shapes (`order_models`).
"""

from relay.core.model import VisitId
from relay.service.desks import Desks
from relay.service.order_counting import Counted
from relay.service.order_desk import ImpactChangedError
from relay.service.order_file import OrderFile
from relay.service.staff import Actor
from relay.service.visits import UnknownVisitError
from relay.store.orders import Orders
from relay.store.power_offs import PowerOffs
from relay.store.receipts import Receipts
from relay.web.directory import scope_labels
from relay.web.errors import ApiError
from relay.web.order_models import (
    AlternativeView,
    CutView,
    DeclinedView,
    DraftView,
    ImpactView,
    ListedVisit,
    OrderView,
    PowerOffView,
    RefusedView,
    ReviewView,
    Text,
)
from suspension import (
    Alternative,
    DeskState,
    Impact,
    RefusalCode,
    UnknownOrderError,
)
from suspension.envelope import RECEIPT_TYPE, parse_envelope
from suspension.receipt import parse_receipt
from suspension.withheld import withheld_ground
from visit_protocol.vocabulary import CallState

_LISTED = 500
"""Visits that are named one by one; the numbers count all."""
_REFUSED = 20
"""Refusals that are shown; all stand in the receipts and in the journal."""


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
        people_needed=desks.orders.people_needed(terms),
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
        people_needed=desks.orders.people_needed(one.terms),
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
    missing = desks.orders.approvals_missing(file)
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
        grace_s=draft.grace_s,
        incident=list(draft.incident),
        renews=draft.renews,
        order_class=case.terms.order_class,
        people_needed=desks.orders.people_needed(case.terms),
        oversight_needed=case.terms.consent.oversight,
        asks_why_not_narrower=case.terms.scope.asks_why_not_narrower,
        drafter=case.drafter.id,
        drafted=file.drafted,
        digest=case.shown,
        confirmed={name: count for name, count in numbers.items() if name != "reached"},
        approvals=[one.id for one in case.approvals],
        approvals_missing=missing,
        declined=None
        if file.declined is None
        else DeclinedView(at=file.declined[0], person=file.declined[1], reason=file.declined[2]),
        may_approve=counted and not mine and not agreed,
        may_sign=counted and mine and not missing,
    )


async def order_view(desks: Desks, ident: str, file: OrderFile | None = None) -> OrderView:
    """A signed order for a page.

    Raises:
        UnknownOrderError: no such order was accepted here.
    """
    book = desks.enforcement.book
    head = book.head(ident)[0]
    first = await desks.standing.first_revision(ident)
    if file is None:
        try:
            file = await desks.order_files.of(ident)
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
        grace_s=head.cut.grace_s,
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
        lift_asked_by=sorted(await desks.standing.lift_asked(ident)),
        visits_cut=await _cuts(desks, ident),
        power=await _power(desks, ident),
        notices=len(notices),
        notices_delivered=sum(one.delivered is not None for one in notices),
    )


async def _power(desks: Desks, ident: str) -> list[PowerOffView]:
    return [
        PowerOffView(
            terminal=row.terminal,
            label=desks.booths.label(row.terminal),
            visit=row.visit,
            state=row.state,
            after_ms=row.after_ms,
        )
        for row in await desks.store.read(lambda db: PowerOffs(db).of_order(ident))
    ]


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


async def refused_views(desks: Desks) -> list[RefusedView]:
    """The orders that were refused lately, the newest first, from what the receipts say."""
    rows = await desks.store.read(lambda db: Receipts(db).rejected(_REFUSED))
    found = []
    for row in rows:
        receipt = parse_receipt(parse_envelope(row.content, RECEIPT_TYPE).payload)
        found.append(
            RefusedView(
                receipt=receipt.seq,
                at=receipt.t.wall,
                code=RefusalCode(row.why),
                via=receipt.via,
                order=receipt.order.id,
                sha256=receipt.order.sha256,
            )
        )
    return found


async def impact_changed(desks: Desks, changed: ImpactChangedError) -> ApiError:
    """The refusal that shows the new impact."""
    view = await impact_view(desks, changed.counted)
    return ApiError(
        409,
        "IMPACT_CHANGED",
        f"The order now touches {view.visits} visits; look again and confirm.",
        impact=view.model_dump(mode="json"),
    )
