"""The suspension order: one frozen record, its canonical bytes, its digest, its lift.

Guarantees: an order that exists keeps every rule of this package, so nothing behind it checks
again; equal orders have equal bytes, and `parse_order` accepts only those bytes, so one
SHA-256 names one order. Leaves to others: proof of who issued it (see the package's
docstring), and which revision counts (`book`).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal

from suspension.errors import InvalidOrderError
from suspension.scope import ID, Scope
from suspension.terms import OrderClass, Terms, utc
from visit_protocol.vocabulary import VisitType

ORDER_VERSION: Final = 1
MAX_ORDER_BYTES: Final = 256 * 1024
MAX_TEXT: Final = 500
MAX_NAME: Final = 128

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


@dataclass(frozen=True, slots=True, kw_only=True)
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
    v: Literal[1] = ORDER_VERSION

    def __post_init__(self) -> None:
        if self.v != ORDER_VERSION:
            raise InvalidOrderError("v", "is a version that is not understood here")
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
        if self.kind is OrderKind.SUSPEND and self.expires <= self.issued:
            raise InvalidOrderError("expires", "has passed already")

    def _check_revision(self) -> None:
        if not 1 <= self.rev < 2**31:
            raise InvalidOrderError("rev", "must be 1 or more")
        if self.prev_rev_sha256 is not None and _SHA256.fullmatch(self.prev_rev_sha256) is None:
            raise InvalidOrderError("prev_rev_sha256", "is not a SHA-256 in lower-case hex")
        if (self.rev == 1) != (self.prev_rev_sha256 is None):
            raise InvalidOrderError("prev_rev_sha256", "must be there from revision 2 on")

    @property
    def terms(self) -> Terms:
        """What this order does, apart from who gave it and why."""
        return Terms(self.scope, self.protected, self.not_before, self.expires)

    @property
    def order_class(self) -> OrderClass:
        """Narrow, wide or protected."""
        return self.terms.order_class

    def to_bytes(self) -> bytes:
        """The one JSON text of this order: keys sorted, no spaces, UTF-8, instants in UTC."""
        fields = {
            "v": self.v,
            "id": self.id,
            "rev": self.rev,
            "kind": self.kind,
            "scope": self.scope.to_mapping(),
            "protected": sorted(self.protected),
            "reason_code": self.reason_code,
            "legal_basis": self.legal_basis,
            "public_text": self.public_text.to_mapping(),
            "not_before": _instant_text(self.not_before),
            "expires": _instant_text(self.expires),
            "issued": _instant_text(self.issued),
            "issuer": self.issuer,
            "prev_rev_sha256": self.prev_rev_sha256,
            "comment": self.comment,
        }
        return json.dumps(
            fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        ).encode()

    @property
    def sha256(self) -> str:
        """Digest of the canonical bytes, in lower-case hex."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


def lift(order: SuspensionOrder, by: str, now: datetime, comment: str) -> SuspensionOrder:
    """The next revision of ``order``, which ends it as soon as a facility accepts it.

    Everything that was said stays in it, so that a lifted order can still be read.

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
    )


def parse_order(data: bytes) -> SuspensionOrder:
    """The order whose canonical bytes are ``data``.

    Raises:
        InvalidOrderError: too large, not JSON, a field missing, unknown or broken, or bytes that
            are not the canonical ones.
    """
    if len(data) > MAX_ORDER_BYTES:
        raise InvalidOrderError("order", f"is larger than {MAX_ORDER_BYTES} bytes")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidOrderError("order", "is not JSON") from error
    order = _from_mapping(value)
    if order.to_bytes() != data:
        raise InvalidOrderError("order", "is not written in its canonical form")
    return order


_FIELDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "v": int,
    "id": str,
    "rev": int,
    "kind": str,
    "scope": dict,
    "protected": list,
    "reason_code": str,
    "legal_basis": str,
    "public_text": dict,
    "not_before": str,
    "expires": str,
    "issued": str,
    "issuer": str,
    "prev_rev_sha256": (str, type(None)),
    "comment": str,
}


def _from_mapping(value: object) -> SuspensionOrder:
    if not isinstance(value, dict) or not value.keys() <= _FIELDS.keys():
        raise InvalidOrderError("order", "is not an object of the known fields only")
    fields: dict[str, Any] = dict(value)
    for name, kind in _FIELDS.items():
        if name not in fields:
            raise InvalidOrderError(name, "is missing")
        if not isinstance(fields[name], kind) or isinstance(fields[name], bool):
            raise InvalidOrderError(name, "is of the wrong kind")
    text = fields["public_text"]
    if text.keys() != {"ru", "en"} or not all(isinstance(one, str) for one in text.values()):
        raise InvalidOrderError("public_text", "needs a text in ru and one in en, and no other")
    if not all(isinstance(one, str) for one in fields["protected"]):
        raise InvalidOrderError("protected", "is of the wrong kind")
    fields["public_text"] = PublicText(text["ru"], text["en"])
    fields["scope"] = Scope.parse(fields["scope"])
    fields["protected"] = frozenset(fields["protected"])
    for name in ("not_before", "expires", "issued"):
        fields[name] = _instant(name, fields[name])
    return SuspensionOrder(**fields)


def _instant(field: str, text: str) -> datetime:
    try:
        return utc(field, datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise InvalidOrderError(field, "is not an instant") from error


def _instant_text(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")


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
