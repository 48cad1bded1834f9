"""The suspension order: one frozen record, its canonical bytes, its digest, its lift.

Guarantees: an order that exists keeps every rule of this package, so nothing behind it checks
again; equal orders have equal bytes, so one SHA-256 names one order. Leaves to others: reading
bytes (`order_format`), proof of who issued it (`trust`), and which revision counts (`book`).
"""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, Literal

from evidence.canonical import MAX_WHOLE, canonical, parse
from evidence.errors import MalformedError
from suspension.cut import IMMEDIATE, Cut
from suspension.errors import InvalidOrderError, UnknownCriticalError, UnknownVersionError
from suspension.instant import instant_text
from suspension.preview import Preview
from suspension.scope import ID, Dimension, Scope
from suspension.terms import OrderClass, Terms, utc
from visit_protocol.vocabulary import VisitType

ORDER_VERSION: Final = 1
MAX_ORDER_BYTES: Final = 256 * 1024
MAX_TEXT: Final = 500
MAX_NAME: Final = 128
MAX_CRITICAL: Final = 32
MAX_EMERGENCY: Final = timedelta(minutes=60)
MAX_EMERGENCY_REVIEW: Final = timedelta(hours=24)
"""How long after its beginning an emergency order must have been looked at again."""

FIELDS: Final = frozenset(
    (
        *("v", "id", "rev", "kind", "scope", "protected", "reason_code", "legal_basis"),
        *("public_text", "not_before", "expires", "review_at", "issued", "issuer", "issuer_seq"),
        *("prev_rev_sha256", "root_version", "cut", "preview", "emergency", "crit", "comment"),
    )
)
"""Every field that is understood here."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Everything that could move a terminal's cursor or is not text; line feeds may stay."""


class OrderKind(StrEnum):
    """What a revision does."""

    SUSPEND = "suspend"
    LIFT = "lift"


class ReasonCode(StrEnum):
    """Why; each has a text of its own on the screens."""

    SECURITY_INCIDENT = "SECURITY_INCIDENT"
    INVESTIGATION = "INVESTIGATION"
    PERSON_SAFETY = "PERSON_SAFETY"
    RULE_VIOLATION = "RULE_VIOLATION"
    TECHNICAL_WORK = "TECHNICAL_WORK"
    QUARANTINE = "QUARANTINE"
    COURT_ORDER = "COURT_ORDER"


@dataclass(frozen=True, slots=True)
class PublicText:
    """What inmate and visitor read, in both languages.

    Raises:
        InvalidOrderError: either is blank, longer than `MAX_TEXT` or holds control characters.
    """

    ru: str
    en: str

    def __post_init__(self) -> None:
        _check_text("public_text.ru", self.ru, MAX_TEXT)
        _check_text("public_text.en", self.en, MAX_TEXT)

    def to_mapping(self) -> dict[str, str]:
        """``{"ru": …, "en": …}``."""
        return {"ru": self.ru, "en": self.en}


@dataclass(frozen=True, kw_only=True)
class SuspensionOrder:
    """One revision of one order.

    Raises:
        InvalidOrderError: any field breaks its rule; the error names the first one.
    """

    id: str
    scope: Scope
    reason_code: ReasonCode
    legal_basis: str
    """The law, rule or decision that allows it; for staff and auditors."""
    public_text: PublicText
    not_before: datetime
    expires: datetime
    """Mandatory: there is no order "until further notice"."""
    issued: datetime
    issuer: str
    """Who answers for it, as the facility writes a member of staff."""
    protected: frozenset[VisitType] = frozenset()
    rev: int = 1
    kind: OrderKind = OrderKind.SUSPEND
    prev_rev_sha256: str | None = None
    """Digest of the revision that this one follows; None exactly for revision 1."""
    comment: str = ""
    """For staff: why it was lifted or changed."""
    review_at: datetime | None = None
    """When somebody must look at it again; an emergency order always says so."""
    issuer_seq: int = 1
    """Counts the issuer's orders, so that a gap shows that one was withheld."""
    root_version: int = 1
    """Version of the root of trust under which it was signed."""
    cut: Cut = IMMEDIATE
    preview: Preview | None = None
    emergency: bool = False
    """Signed by one person, for one facility, for at most an hour."""
    crit: tuple[str, ...] = ()
    """Fields that a reader must understand or refuse the order; sorted."""
    more: bytes = b"{}"
    """Canonical JSON of the fields that are not understood here and need not be."""
    v: Literal[1] = ORDER_VERSION

    def __post_init__(self) -> None:
        if type(self.v) is not int or self.v != ORDER_VERSION:
            raise UnknownVersionError("v", "is a version that is not understood here")
        more = self._check_more()
        self._check_critical(more)
        if ID.fullmatch(self.id) is None:
            raise InvalidOrderError("id", "is not 1 to 64 letters, digits or _.:-")
        terms = self.terms
        object.__setattr__(self, "protected", terms.protected)
        object.__setattr__(self, "not_before", terms.not_before)
        object.__setattr__(self, "expires", terms.expires)
        object.__setattr__(self, "issued", utc("issued", self.issued))
        object.__setattr__(
            self, "reason_code", _member(ReasonCode, "reason_code", self.reason_code)
        )
        object.__setattr__(self, "kind", _member(OrderKind, "kind", self.kind))
        _check_text("legal_basis", self.legal_basis, MAX_TEXT)
        _check_text("issuer", self.issuer, MAX_NAME)
        _check_text("comment", self.comment, MAX_TEXT, may_be_blank=True)
        self._check_revision()
        self._check_review()
        self._check_emergency()
        if self.kind is OrderKind.SUSPEND and self.expires <= self.issued:
            raise InvalidOrderError("expires", "has passed already")

    def _check_more(self) -> dict[str, Any]:
        if self.more == b"{}":
            return {}
        try:
            more = parse(self.more, whole=True)
        except MalformedError as error:
            raise InvalidOrderError("order", str(error)) from error
        if not isinstance(more, dict) or more.keys() & FIELDS or len(more) > MAX_CRITICAL:
            raise InvalidOrderError("order", "has further fields that may not be")
        return more

    def _check_critical(self, more: dict[str, Any]) -> None:
        if tuple(sorted(set(self.crit))) != self.crit or len(self.crit) > MAX_CRITICAL:
            raise InvalidOrderError("crit", "must be sorted, without repetition and short")
        for name in self.crit:
            if name not in FIELDS:
                known = "is not understood here" if name in more else "is not there"
                raise UnknownCriticalError("crit", f"names a field that {known}")

    def _check_review(self) -> None:
        for field in ("issuer_seq", "root_version"):
            number = getattr(self, field)
            if type(number) is not int or not 1 <= number <= MAX_WHOLE:
                raise InvalidOrderError(field, "must be 1 or more")
        if self.review_at is not None:
            object.__setattr__(self, "review_at", utc("review_at", self.review_at))

    def _check_emergency(self) -> None:
        if type(self.emergency) is not bool:
            raise InvalidOrderError("emergency", "must be true or false")
        if not self.emergency:
            return
        if len(dict(self.scope.ids).get(Dimension.FACILITY, ())) != 1:
            raise InvalidOrderError("scope.facility", "of an emergency order names one facility")
        if self.protected:
            raise InvalidOrderError("protected", "cannot be touched by an emergency order")
        if self.terms.length > MAX_EMERGENCY:
            raise InvalidOrderError("expires", "is too late: an emergency order lasts 60 minutes")
        if self.kind is OrderKind.SUSPEND and self.rev != 1:
            raise InvalidOrderError("rev", "an emergency order is not prolonged by a revision")
        if self.review_at is None or self.review_at > self.not_before + MAX_EMERGENCY_REVIEW:
            raise InvalidOrderError("review_at", "of an emergency order is within 24 hours")

    def _check_revision(self) -> None:
        if not 1 <= self.rev < 2**31:
            raise InvalidOrderError("rev", "must be 1 or more")
        if self.prev_rev_sha256 is not None and _SHA256.fullmatch(self.prev_rev_sha256) is None:
            raise InvalidOrderError("prev_rev_sha256", "is not a SHA-256 in lower-case hex")
        if (self.rev == 1) != (self.prev_rev_sha256 is None):
            raise InvalidOrderError("prev_rev_sha256", "must be there from revision 2 on")

    @cached_property
    def terms(self) -> Terms:
        """What this order does, apart from who gave it and why."""
        return Terms(self.scope, self.protected, self.not_before, self.expires)

    @property
    def order_class(self) -> OrderClass:
        """Narrow, wide or protected."""
        return self.terms.order_class

    def to_bytes(self) -> bytes:
        """The one JSON text of this order: keys sorted, no spaces, UTF-8, instants in UTC."""
        return self._bytes

    @cached_property
    def _bytes(self) -> bytes:
        fields = {
            **self._check_more(),
            "v": self.v,
            "id": self.id,
            "rev": self.rev,
            "kind": self.kind,
            "scope": self.scope.to_mapping(),
            "protected": sorted(self.protected),
            "reason_code": self.reason_code,
            "legal_basis": self.legal_basis,
            "public_text": self.public_text.to_mapping(),
            "not_before": instant_text(self.not_before),
            "expires": instant_text(self.expires),
            "review_at": None if self.review_at is None else instant_text(self.review_at),
            "issued": instant_text(self.issued),
            "issuer": self.issuer,
            "issuer_seq": self.issuer_seq,
            "prev_rev_sha256": self.prev_rev_sha256,
            "root_version": self.root_version,
            "cut": self.cut.to_mapping(),
            "preview": None if self.preview is None else self.preview.to_mapping(),
            "emergency": self.emergency,
            "crit": list(self.crit),
            "comment": self.comment,
        }
        return canonical(fields)

    @cached_property
    def sha256(self) -> str:
        """Digest of the canonical bytes, in lower-case hex."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


def lift(
    order: SuspensionOrder,
    by: str,
    now: datetime,
    comment: str,
    *,
    issuer_seq: int | None = None,
    root_version: int | None = None,
) -> SuspensionOrder:
    """The next revision of ``order``, which ends it as soon as a facility accepts it.

    Everything that was said stays in it, so that a lifted order can still be read, and so that
    lifting asks for as many people as issuing did. ``issuer_seq`` and ``root_version`` are those
    of ``order`` unless given.

    Raises:
        InvalidOrderError: ``order`` is a lift already, or ``by`` or ``comment`` break their rules.
    """
    if order.kind is OrderKind.LIFT:
        raise InvalidOrderError("kind", "is a lift already")
    return replace(
        order,
        kind=OrderKind.LIFT,
        rev=order.rev + 1,
        prev_rev_sha256=order.sha256,
        issued=now,
        issuer=by,
        comment=comment,
        issuer_seq=order.issuer_seq if issuer_seq is None else issuer_seq,
        root_version=order.root_version if root_version is None else root_version,
    )


def _member(kind: type[StrEnum], field: str, value: str) -> StrEnum:
    try:
        return kind(value)
    except ValueError as error:
        raise InvalidOrderError(field, f"must be one of {', '.join(kind)}") from error


def _check_text(field: str, text: str, limit: int, *, may_be_blank: bool = False) -> None:
    if not may_be_blank and not text.strip():
        raise InvalidOrderError(field, "must not be blank")
    if len(text) > limit:
        raise InvalidOrderError(field, f"is longer than {limit} characters")
    if _CONTROL.search(text):
        raise InvalidOrderError(field, "has control characters")
