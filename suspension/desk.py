"""The way of one order from a draft to its end, as a pure machine.

Guarantees: nothing is signed whose impact was not shown in exactly that form; an approval holds
for one digest and falls with any change; nobody approves what they drafted, by whichever account,
because people are compared and not accounts; an event that is not legal in a state raises and
changes nothing. Leaves to others: what a digest is taken over (`shown_digest`), the secret with
which somebody signs, carrying out the effects, and the clock.

::

    DRAFT ──ImpactShown──▶ COUNTED ──Approved…──▶ APPROVED ──Signed──▶ SIGNED ──Enforced──▶ ENFORCED
      ▲                      │  └── Signed, where one person may ──▶ SIGNED          │
      ├── TermsChanged ──────┴───────── from every state before SIGNED               ▼
      └── Declined ────────────────── from COUNTED and APPROVED
                                                            LIFTED · EXPIRED · RENEWED
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from suspension.errors import DeskError
from suspension.impact import Impact
from suspension.terms import Terms

EMERGENCY_REVIEW_WITHIN: Final = timedelta(hours=24)
"""How soon somebody else looks at what one person did alone."""
LONGEST_REVIEW: Final = timedelta(days=7)


class DeskState(StrEnum):
    """Where an order is on its way."""

    DRAFT = "DRAFT"
    COUNTED = "COUNTED"
    """Its impact has been shown; it waits for approval or signature."""
    APPROVED = "APPROVED"
    SIGNED = "SIGNED"
    ENFORCED = "ENFORCED"
    LIFTED = "LIFTED"
    EXPIRED = "EXPIRED"
    RENEWED = "RENEWED"
    """Another order goes on where this one ends."""
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class Person:
    """A human being who acts; several accounts can be one person."""

    id: str
    oversight: bool = False
    """Whether they hold an oversight role, which a protected order needs."""


@dataclass(frozen=True, slots=True)
class TermsChanged:
    """The drafter changed anything at all."""

    by: Person
    terms: Terms
    why_not_narrower: str = ""


@dataclass(frozen=True, slots=True)
class ImpactShown:
    """The impact was counted and shown; ``digest`` names exactly what was shown."""

    digest: str


@dataclass(frozen=True, slots=True)
class Approved:
    """Somebody agrees to exactly what ``digest`` names."""

    by: Person
    digest: str


@dataclass(frozen=True, slots=True)
class Declined:
    """Somebody who was asked does not agree; the drafter goes on or gives it up."""

    by: Person


@dataclass(frozen=True, slots=True)
class Signed:
    """The drafter signs exactly what ``digest`` names."""

    by: Person
    digest: str


@dataclass(frozen=True, slots=True)
class Enforced:
    """A facility has committed the order and cut what it reaches."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """Somebody ended it early."""

    by: Person


@dataclass(frozen=True, slots=True)
class Expired:
    """It ended by itself."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """Another order, which went the whole way itself, follows this one."""

    successor: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The drafter gives the draft up."""

    by: Person


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Somebody has looked again at an order that stands, or at an emergency afterwards."""

    by: Person


@dataclass(frozen=True, slots=True)
class TimePassed:
    """The next deadline may be here."""


Event = (
    TermsChanged
    | ImpactShown
    | Approved
    | Declined
    | Signed
    | Enforced
    | Lifted
    | Expired
    | Renewed
    | Withdrawn
    | Reviewed
    | TimePassed
)


class Effect(StrEnum):
    """What a shell has to do."""

    HAND_OVER = "HAND_OVER"
    """Give the signed order to enforcement."""
    VOID_APPROVALS = "VOID_APPROVALS"
    """Tell the approvers that what they approved is no longer what stands there."""
    OPEN_REVIEW = "OPEN_REVIEW"
    REMIND_OF_REVIEW = "REMIND_OF_REVIEW"


_BEFORE_SIGNING: Final = frozenset({DeskState.DRAFT, DeskState.COUNTED, DeskState.APPROVED})
_STANDING: Final = frozenset({DeskState.SIGNED, DeskState.ENFORCED, DeskState.RENEWED})
_REVIEWABLE: Final = frozenset(
    {DeskState.SIGNED, DeskState.ENFORCED, DeskState.RENEWED, DeskState.LIFTED, DeskState.EXPIRED}
)

LEGAL: Final[Mapping[type[Event], frozenset[DeskState]]] = MappingProxyType(
    {
        TermsChanged: _BEFORE_SIGNING,
        ImpactShown: _BEFORE_SIGNING,
        Approved: frozenset({DeskState.COUNTED, DeskState.APPROVED}),
        Declined: frozenset({DeskState.COUNTED, DeskState.APPROVED}),
        Signed: frozenset({DeskState.COUNTED, DeskState.APPROVED}),
        Withdrawn: _BEFORE_SIGNING,
        Enforced: frozenset({DeskState.SIGNED}),
        Lifted: _STANDING,
        Expired: _STANDING,
        Renewed: frozenset({DeskState.SIGNED, DeskState.ENFORCED}),
        Reviewed: _REVIEWABLE,
        TimePassed: frozenset(DeskState),
    }
)
"""In which states an event can happen at all."""


@dataclass(frozen=True, slots=True)
class OrderCase:
    """One order on its way; a value: `handle` gives the next one."""

    drafter: Person
    terms: Terms
    why_not_narrower: str = ""
    state: DeskState = DeskState.DRAFT
    shown: str | None = None
    """Digest of the impact that stands on the screen."""
    approvals: tuple[Person, ...] = ()
    """Who has agreed to ``shown``, in order."""
    review_due: datetime | None = None
    reminded: bool = False
    reviewed_at: datetime | None = None
    successor: str | None = None
    effects: tuple[Effect, ...] = field(default=(), compare=False)
    """What the latest event asks the shell to do."""

    def handle(self, event: Event, now: datetime) -> "OrderCase":
        """The case after ``event``.

        Raises:
            DeskError: not legal in this state, or it breaks a rule; nothing has changed.
        """
        if self.state not in LEGAL[type(event)]:
            raise DeskError("NOT_POSSIBLE_NOW", f"is not possible while the order is {self.state}")
        return _HANDLERS[type(event)](replace(self, effects=()), event, now)

    @property
    def approvals_missing(self) -> int:
        """How many more people must agree before the drafter may sign."""
        consent = self.terms.consent
        missing = max(0, consent.people - 1 - len(self.approvals))
        return max(missing, int(self._lacks_oversight))

    @property
    def _lacks_oversight(self) -> bool:
        involved = (self.drafter, *self.approvals)
        return self.terms.consent.oversight and not any(one.oversight for one in involved)

    @property
    def people(self) -> frozenset[str]:
        """Everybody who decided on this order; an appeal goes to somebody else."""
        return frozenset(one.id for one in (self.drafter, *self.approvals))

    @property
    def lacks_reason(self) -> bool:
        """Whether it must say why nothing narrower would do, and does not."""
        return self.terms.scope.asks_why_not_narrower and not self.why_not_narrower.strip()

    def next_deadline(self) -> datetime | None:
        """When `TimePassed` will have something to do."""
        waiting = self.review_due is not None and self.reviewed_at is None and not self.reminded
        return self.review_due if waiting else None

    def review_overdue(self, now: datetime) -> bool:
        """Whether the review should have been done by ``now``."""
        return self.review_due is not None and self.reviewed_at is None and self.review_due <= now


def review_due(terms: Terms, signed: datetime) -> datetime:
    """When an order is looked at again: an emergency within a day, others at half their length.

    Never later than `LONGEST_REVIEW` after the signature.
    """
    if terms.emergency:
        return signed + EMERGENCY_REVIEW_WITHIN
    return signed + min(LONGEST_REVIEW, (terms.expires - signed) / 2)


def shown_digest(terms: Terms, impact: Impact, content: bytes = b"") -> str:
    """The name of exactly what was shown: terms, confirmed numbers, the visits themselves.

    ``content`` is whatever else must not change under an approval, e.g. the order's bytes.
    """
    value = {
        "scope": terms.scope.to_mapping(),
        "protected": sorted(terms.protected),
        "not_before": terms.not_before.isoformat(),
        "expires": terms.expires.isoformat(),
        "emergency": terms.emergency,
        "numbers": impact.numbers,
        "reached": list(impact.reached),
        "content": hashlib.sha256(content).hexdigest(),
    }
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


# ── one handler an event ───────────────────────────────────────────────────────────────────
def _drafter_only(case: OrderCase, by: Person) -> None:
    if by.id != case.drafter.id:
        raise DeskError("NOT_THE_DRAFTER", "is for the person who drafted the order")


def _void(case: OrderCase) -> tuple[Effect, ...]:
    return (Effect.VOID_APPROVALS,) if case.approvals else ()


def _on_terms(case: OrderCase, event: TermsChanged, _now: datetime) -> OrderCase:
    _drafter_only(case, event.by)
    return replace(
        case,
        terms=event.terms,
        why_not_narrower=event.why_not_narrower,
        state=DeskState.DRAFT,
        shown=None,
        approvals=(),
        effects=_void(case),
    )


def _on_impact(case: OrderCase, event: ImpactShown, _now: datetime) -> OrderCase:
    if event.digest == case.shown:
        return case
    return replace(
        case, state=DeskState.COUNTED, shown=event.digest, approvals=(), effects=_void(case)
    )


def _check_agreement(case: OrderCase, digest: str, now: datetime) -> None:
    if digest != case.shown:
        raise DeskError("IMPACT_CHANGED", "is about an impact that is no longer the one shown")
    if case.lacks_reason:
        raise DeskError(
            "WHY_NOT_NARROWER_MISSING", "needs the reason why nothing narrower would do"
        )
    if case.terms.expires <= now:
        raise DeskError("EXPIRES_PAST", "would have ended already")


def _on_approved(case: OrderCase, event: Approved, now: datetime) -> OrderCase:
    if event.by.id == case.drafter.id:
        raise DeskError("SAME_PERSON", "cannot be approved by the person who drafted it")
    if any(one.id == event.by.id for one in case.approvals):
        raise DeskError("APPROVED_ALREADY", "was approved by this person already")
    _check_agreement(case, event.digest, now)
    after = replace(case, approvals=(*case.approvals, event.by))
    return replace(
        after, state=DeskState.COUNTED if after.approvals_missing else DeskState.APPROVED
    )


def _on_declined(case: OrderCase, event: Declined, _now: datetime) -> OrderCase:
    if event.by.id == case.drafter.id:
        raise DeskError("SAME_PERSON", "is withdrawn, not declined, by the person who drafted it")
    return replace(case, state=DeskState.DRAFT, shown=None, approvals=(), effects=_void(case))


def _on_signed(case: OrderCase, event: Signed, now: datetime) -> OrderCase:
    _drafter_only(case, event.by)
    _check_agreement(case, event.digest, now)
    if case._lacks_oversight and len(case.approvals) >= case.terms.consent.people - 1:
        raise DeskError("OVERSIGHT_MISSING", "needs the approval of somebody with oversight")
    if case.approvals_missing:
        raise DeskError("APPROVAL_MISSING", "needs the approval of a second person")
    return replace(
        case,
        state=DeskState.SIGNED,
        review_due=review_due(case.terms, now),
        effects=(Effect.HAND_OVER, Effect.OPEN_REVIEW)
        if case.terms.emergency
        else (Effect.HAND_OVER,),
    )


def _on_reviewed(case: OrderCase, event: Reviewed, now: datetime) -> OrderCase:
    if case.terms.emergency and event.by.id == case.drafter.id:
        raise DeskError("SAME_PERSON", "cannot be reviewed by the person who ordered it alone")
    standing = case.state in _STANDING and now < case.terms.expires
    if standing and not case.terms.emergency:
        # It goes on: somebody looks again at half of what is left.
        return replace(case, review_due=review_due(case.terms, now), reminded=False)
    return replace(case, reviewed_at=now)


def _on_time(case: OrderCase, _event: TimePassed, now: datetime) -> OrderCase:
    due = case.next_deadline()
    if due is None or now < due:
        return case
    return replace(case, reminded=True, effects=(Effect.REMIND_OF_REVIEW,))


def _to(state: DeskState) -> Callable[..., OrderCase]:
    return lambda case, _event, _now: replace(case, state=state)


def _on_expired(case: OrderCase, _event: Expired, _now: datetime) -> OrderCase:
    """An order that was renewed stays so: what goes on is its successor."""
    return case if case.state is DeskState.RENEWED else replace(case, state=DeskState.EXPIRED)


def _on_renewed(case: OrderCase, event: Renewed, _now: datetime) -> OrderCase:
    return replace(case, state=DeskState.RENEWED, successor=event.successor)


def _on_withdrawn(case: OrderCase, event: Withdrawn, _now: datetime) -> OrderCase:
    _drafter_only(case, event.by)
    return replace(case, state=DeskState.WITHDRAWN, approvals=(), effects=_void(case))


_HANDLERS: Final[Mapping[type[Event], Callable[..., OrderCase]]] = MappingProxyType(
    {
        TermsChanged: _on_terms,
        ImpactShown: _on_impact,
        Approved: _on_approved,
        Declined: _on_declined,
        Signed: _on_signed,
        Enforced: _to(DeskState.ENFORCED),
        Lifted: _to(DeskState.LIFTED),
        Expired: _on_expired,
        Renewed: _on_renewed,
        Withdrawn: _on_withdrawn,
        Reviewed: _on_reviewed,
        TimePassed: _on_time,
    }
)
