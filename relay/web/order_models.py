"""What the REST API on orders is sent and answers: its contract, in one place.

Leaves to others: filling it (`order_views`), and the routes (`orders`).
"""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from relay.service.order_file import OrderDraft
from relay.service.views import StaffVisit
from relay.store.power_offs import PowerOffState
from suspension import (
    DeskState,
    Narrowing,
    OrderClass,
    OrderState,
    PublicText,
    ReasonCode,
    RefusalCode,
)
from suspension.cut import MAX_GRACE_S
from suspension.receipt import Via
from suspension.withheld import WithheldGround
from visit_protocol.message import Identifier
from visit_protocol.signalling import Refusal
from visit_protocol.vocabulary import CallState, VisitType

ScopeBody = dict[Identifier, Annotated[list[Identifier | str], Field(max_length=1000)]]
Secret = Annotated[str | None, Field(max_length=1024)]


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
    grace_s: Annotated[int | None, Field(ge=1, le=MAX_GRACE_S)] = None
    """How long calls that run still have; without it they stop at once."""

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
            grace_s=self.grace_s,
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


class DeclineBody(BaseModel):
    """Why somebody does not agree."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


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


class DeclinedView(BaseModel):
    """Somebody did not agree."""

    at: AwareDatetime
    person: str
    reason: str


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
    grace_s: int | None
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
    declined: DeclinedView | None
    """Who did not agree, until the draft is changed or counted again."""
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


class PowerOffView(BaseModel):
    """Whether a terminal's camera and microphone were seen to go off when the order ended a visit.

    ``after_ms`` is from the end to the board's word; none where there was no power to take.
    """

    terminal: str
    label: str
    visit: str
    state: PowerOffState
    after_ms: int | None


class ReviewView(BaseModel):
    """A review that was done."""

    at: AwareDatetime
    person: str
    note: str


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
    grace_s: int | None
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
    power: list[PowerOffView]
    notices: int
    notices_delivered: int


class RefusedView(BaseModel):
    """An order that was refused here, as the facility's signed receipt says it."""

    receipt: int
    at: AwareDatetime
    code: RefusalCode
    via: Via
    order: str | None
    """None where the bytes could not be read; nobody vouches for the id otherwise."""
    sha256: str


class MissingNumbersView(BaseModel):
    """Numbers of an issuer's orders that did not come here."""

    issuer: str
    first: int
    last: int


class OrderList(BaseModel):
    """Every order, newest first; what was refused lately, and what may have been withheld."""

    now: AwareDatetime
    orders: list[OrderView]
    refused: list[RefusedView]
    missing_numbers: list[MissingNumbersView]


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
