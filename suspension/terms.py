"""What an order does, apart from who gave it and why: whom, how long, which protected types.

Guarantees: terms that exist end, last no longer than their class may, and never reach a
protected visit by accident; terms that contain others reach every visit that those reach.
Leaves to others: the clock, which order counts (`book`), and whose consent was proved.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from suspension.errors import InvalidOrderError
from suspension.scope import Dimension, Scope, Subject
from visit_protocol.vocabulary import PROTECTED_TYPES, VisitType


class OrderClass(StrEnum):
    """How far an order reaches, which decides how long it may last and who must agree."""

    NARROW = "NARROW"
    """Named people, pairs or terminals."""
    WIDE = "WIDE"
    """A housing unit or more."""
    PROTECTED = "PROTECTED"
    """Touches visits of counsel, consul, ombudsman, physician or clergy."""


MAX_LENGTH: Final = {
    OrderClass.NARROW: timedelta(days=30),
    OrderClass.WIDE: timedelta(days=7),
    OrderClass.PROTECTED: timedelta(hours=72),
}

EMERGENCY_LENGTH: Final = timedelta(minutes=60)
"""The longest that one person alone may suspend a whole facility; it ends by itself."""


class Consent(NamedTuple):
    """Who must agree to an order, the drafter included."""

    people: int
    """Distinct people, not accounts."""
    oversight: bool
    """Whether one of them must hold an oversight role."""


_NARROW: Final = frozenset(
    {Dimension.INMATE, Dimension.VISITOR, Dimension.CONTACT, Dimension.TERMINAL}
)


@dataclass(frozen=True, slots=True)
class Terms:
    """Scope, protected types and the interval ``[not_before, expires)``.

    Raises:
        InvalidOrderError: an instant without offset, an end before the beginning, longer than the
            class allows, or protected types that do not agree with the scope.
    """

    scope: Scope
    protected: frozenset[VisitType]
    """The protected visit types that the order reaches; all others are left alone."""
    not_before: datetime
    expires: datetime
    emergency: bool = False
    """Given by one person for one facility, for `EMERGENCY_LENGTH` at most."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "protected", _protected_types(self.protected))
        object.__setattr__(self, "not_before", utc("not_before", self.not_before))
        object.__setattr__(self, "expires", utc("expires", self.expires))
        if self.expires <= self.not_before:
            raise InvalidOrderError(
                "expires", "must be later than the beginning", rule="EXPIRES_PAST"
            )
        if self.length > MAX_LENGTH[self.order_class]:
            hours = MAX_LENGTH[self.order_class] // timedelta(hours=1)
            raise InvalidOrderError(
                "expires",
                f"is too late: an order of class {self.order_class} lasts {hours} h",
                rule="EXPIRES_TOO_LATE",
            )
        self._check_protected()
        if self.emergency:
            self._check_emergency()

    def _check_emergency(self) -> None:
        facilities = dict(self.scope.ids).get(Dimension.FACILITY, ())
        if len(facilities) != 1:
            raise InvalidOrderError(
                "emergency", "must name exactly one facility", rule="EMERGENCY_TOO_WIDE"
            )
        if self.protected:
            raise InvalidOrderError(
                "emergency", "leaves protected visits alone", rule="EMERGENCY_TOO_WIDE"
            )
        if self.length > EMERGENCY_LENGTH:
            raise InvalidOrderError(
                "expires", "is too late: an emergency order lasts 60 min", rule="EXPIRES_TOO_LATE"
            )

    def _check_protected(self) -> None:
        """An order must do what its scope says it does, no less and no more."""
        reached = self.scope.visit_types
        if reached is None:
            return
        if not self.protected <= reached:
            raise InvalidOrderError("protected", "names a visit type that the scope leaves out")
        if reached & PROTECTED_TYPES - self.protected:
            raise InvalidOrderError(
                "protected", "must name the protected visit types that the scope names"
            )

    @property
    def length(self) -> timedelta:
        """From ``not_before`` to ``expires``."""
        return self.expires - self.not_before

    @property
    def order_class(self) -> OrderClass:
        """Narrow when people, pairs or terminals are named; protected above all else."""
        if self.protected:
            return OrderClass.PROTECTED
        return OrderClass.NARROW if self.scope.dimensions & _NARROW else OrderClass.WIDE

    @property
    def consent(self) -> Consent:
        """Who must agree before these terms may be signed."""
        if self.emergency or self.order_class is OrderClass.NARROW:
            return Consent(people=1, oversight=False)
        return Consent(people=2, oversight=self.order_class is OrderClass.PROTECTED)

    def contains(self, other: "Terms") -> bool:
        """Whether these terms certainly reach every visit that ``other`` reaches, whenever."""
        return (
            self.scope.contains(other.scope)
            and other.protected <= self.protected
            and self.not_before <= other.not_before
            and other.expires <= self.expires
        )

    def reaches(self, subject: Subject) -> bool:
        """Whether a visit is denied while these terms are in force."""
        spared = subject.visit_type in PROTECTED_TYPES and subject.visit_type not in self.protected
        return not spared and self.scope.covers(subject)

    def spares(self, subject: Subject) -> bool:
        """Whether a visit is in scope and left alone because its type is protected."""
        return self.scope.covers(subject) and not self.reaches(subject)

    def overlaps(self, starts: datetime, ends: datetime) -> bool:
        """Whether ``[starts, ends)`` shares a moment with ``[not_before, expires)``."""
        return starts < self.expires and self.not_before < ends


def utc(field: str, instant: datetime) -> datetime:
    """``instant`` in UTC.

    Raises:
        InvalidOrderError: it has no offset.
    """
    if instant.utcoffset() is None:
        raise InvalidOrderError(field, "needs a time zone offset")
    return instant.astimezone(UTC)


def _protected_types(named: Iterable[str]) -> frozenset[VisitType]:
    if not set(named) <= PROTECTED_TYPES:
        raise InvalidOrderError("protected", "may only name visit types that are protected")
    return frozenset(map(VisitType, named))
