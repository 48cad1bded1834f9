"""`OrderFile`: everything said and done about one order, replayed from its stored events.

Guarantees: the same events give the same file; an event is kept as it happened, with the state
that follows from it computed and never stored. Leaves to others: which acts are legal
(`suspension.desk`), and doing them (`relay.service.order_desk`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from relay.store.order_cases import CaseEventRow
from suspension import Cut, CutMode, OrderCase, Person, PublicText, ReasonCode, Scope, Terms
from suspension.cut import IMMEDIATE
from suspension.desk import (
    Approved,
    Declined,
    Enforced,
    Event,
    Expired,
    ImpactShown,
    Lifted,
    Renewed,
    Reviewed,
    Signed,
    TermsChanged,
    TimePassed,
    Withdrawn,
)
from suspension.withheld import WithheldGround
from visit_protocol.vocabulary import VisitType


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """What a person fills in; everything else of the order is ours to fill."""

    scope: Mapping[str, list[str]]
    reason_code: ReasonCode
    legal_basis: str
    public_text: PublicText
    expires: datetime
    protected: frozenset[VisitType] = frozenset()
    not_before: datetime | None = None
    """None: from the moment at which the impact is counted."""
    emergency: bool = False
    why_not_narrower: str = ""
    withheld: WithheldGround | None = None
    incident: tuple[str, ...] = ()
    """Visits that the incident concerned; narrower orders are sought around them."""
    renews: str | None = None
    """The order that this one follows."""
    grace_s: int | None = None
    """How long calls that run still have; None stops them at once."""

    def terms(self, now: datetime) -> Terms:
        """What the order would do if it began at ``now`` at the earliest.

        Raises:
            InvalidOrderError: such terms may not exist.
        """
        return Terms(
            Scope.parse(self.scope),
            self.protected,
            self.not_before or now,
            self.expires,
            self.emergency,
        )

    @property
    def cut(self) -> Cut:
        """What becomes of the calls that run.

        Raises:
            InvalidOrderError: so many seconds may not be granted.
        """
        return IMMEDIATE if self.grace_s is None else Cut(CutMode.GRACE, self.grace_s)

    def to_payload(self) -> dict[str, Any]:
        """As an event's payload; `from_payload` reads it back."""
        return {
            "scope": {name: list(ids) for name, ids in self.scope.items()},
            "reason_code": self.reason_code.value,
            "legal_basis": self.legal_basis,
            "public_text": self.public_text.to_mapping(),
            "expires": self.expires.isoformat(),
            "protected": sorted(self.protected),
            "not_before": None if self.not_before is None else self.not_before.isoformat(),
            "emergency": self.emergency,
            "why_not_narrower": self.why_not_narrower,
            "withheld": None if self.withheld is None else self.withheld.value,
            "incident": list(self.incident),
            "renews": self.renews,
            "grace_s": self.grace_s,
        }

    @classmethod
    def from_payload(cls, value: Mapping[str, Any]) -> "OrderDraft":
        """The draft that `to_payload` wrote."""
        begins, withheld = value["not_before"], value["withheld"]
        return cls(
            scope=value["scope"],
            reason_code=ReasonCode(value["reason_code"]),
            legal_basis=value["legal_basis"],
            public_text=PublicText(**value["public_text"]),
            expires=datetime.fromisoformat(value["expires"]),
            protected=frozenset(map(VisitType, value["protected"])),
            not_before=None if begins is None else datetime.fromisoformat(begins),
            emergency=value["emergency"],
            why_not_narrower=value["why_not_narrower"],
            withheld=None if withheld is None else WithheldGround(withheld),
            incident=tuple(value["incident"]),
            renews=value["renews"],
            grace_s=value.get("grace_s"),
        )


@dataclass(frozen=True, slots=True)
class OrderFile:
    """One order on its way, with what was said about it."""

    id: str
    draft: OrderDraft
    case: OrderCase
    drafted: datetime
    shown: Mapping[str, Any] = field(default_factory=dict)
    """Payload of the latest counting: ``digest``, ``order``, ``impact``, ``alternatives``."""
    envelope: bytes | None = None
    """The order's bytes with the signatures that there are."""
    declined: tuple[datetime, str, str] | None = None
    """When, which person, why; until the drafter has changed the draft or counted it again."""
    signed: datetime | None = None
    lifted: datetime | None = None
    lifted_by: str = ""
    comment: str = ""
    reviews: tuple[tuple[datetime, str, str], ...] = ()
    """When, which person, what they wrote."""
    reviewed_late: bool = False
    """Whether any review came later than it was due."""


def replayed(rows: Iterable[CaseEventRow]) -> OrderFile | None:
    """The file that these events of one order make; None when there are none."""
    found: OrderFile | None = None
    for row in rows:
        if row.kind == "LIFT_ASKED":
            continue  # half a lift changes nothing
        found = _begun(row) if found is None else after(found, row)
    return found


def _begun(row: CaseEventRow) -> OrderFile:
    draft = OrderDraft.from_payload(row.payload["draft"])
    case = OrderCase(_person(row), draft.terms(row.at), draft.why_not_narrower)
    return OrderFile(row.order, draft, case, row.at)


def after(file: OrderFile, row: CaseEventRow) -> OrderFile:
    """The file after one more event.

    Raises:
        DeskError: the event is not legal now.
    """
    case = file.case.handle(event_of(row), row.at)
    payload = row.payload
    match row.kind:
        case "CHANGED":
            draft = OrderDraft.from_payload(payload["draft"])
            return replace(file, case=case, draft=draft, shown={}, envelope=None, declined=None)
        case "SHOWN":
            envelope = payload["envelope"].encode()
            return replace(file, case=case, shown=payload, envelope=envelope, declined=None)
        case "APPROVED":
            return replace(file, case=case, envelope=payload["envelope"].encode())
        case "DECLINED":
            declined = (row.at, row.person, payload["reason"])
            return replace(file, case=case, shown={}, envelope=None, declined=declined)
        case "SIGNED":
            envelope = payload["envelope"].encode()
            return replace(file, case=case, envelope=envelope, signed=row.at)
        case "LIFTED":
            return replace(
                file, case=case, lifted=row.at, lifted_by=row.actor, comment=payload["comment"]
            )
        case "REVIEWED":
            done = (row.at, row.person, payload["note"])
            late = file.reviewed_late or file.case.review_overdue(row.at)
            reviews = (*file.reviews, done)
            return replace(file, case=case, reviews=reviews, reviewed_late=late)
    return replace(file, case=case)


def event_of(row: CaseEventRow) -> Event:
    """The machine's event that a stored one means.

    Raises:
        ValueError: a kind that this version does not know.
    """
    by, payload = _person(row), row.payload
    match row.kind:
        case "CHANGED":
            draft = OrderDraft.from_payload(payload["draft"])
            return TermsChanged(by, draft.terms(row.at), draft.why_not_narrower)
        case "SHOWN":
            return ImpactShown(payload["digest"])
        case "APPROVED":
            return Approved(by, payload["digest"])
        case "DECLINED":
            return Declined(by)
        case "SIGNED":
            return Signed(by, payload["digest"])
        case "LIFTED":
            return Lifted(by)
        case "RENEWED":
            return Renewed(payload["successor"])
        case "WITHDRAWN":
            return Withdrawn(by)
        case "REVIEWED":
            return Reviewed(by)
    if row.kind in _BY_ITSELF:
        return _BY_ITSELF[row.kind]
    raise ValueError(f"{row.kind} is no event of an order")


_BY_ITSELF: Final[Mapping[str, Event]] = {
    "ENFORCED": Enforced(),
    "EXPIRED": Expired(),
    "REMINDED": TimePassed(),
}


def _person(row: CaseEventRow) -> Person:
    return Person(row.person, oversight=bool(row.payload.get("oversight", False)))
