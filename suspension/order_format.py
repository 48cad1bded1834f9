"""An order's bytes and back.

Guarantees: `parse_order` is total and accepts only canonical bytes, so one SHA-256 names one
order; fields that it does not know are kept, unless the order says that they are critical.
Leaves to others: every rule between fields (`order`).
"""

from collections.abc import Mapping
from typing import Any, Final

from evidence.canonical import canonical, read
from evidence.errors import MalformedError, NotCanonicalError
from suspension.cut import Cut
from suspension.errors import InvalidOrderError, UnknownVersionError
from suspension.instant import parse_instant
from suspension.order import FIELDS, MAX_ORDER_BYTES, ORDER_VERSION, PublicText, SuspensionOrder
from suspension.preview import Preview
from suspension.scope import Scope

_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "v": (int,),
    "id": (str,),
    "rev": (int,),
    "kind": (str,),
    "scope": (dict,),
    "protected": (list,),
    "reason_code": (str,),
    "legal_basis": (str,),
    "public_text": (dict,),
    "not_before": (str,),
    "expires": (str,),
    "review_at": (str, type(None)),
    "issued": (str,),
    "issuer": (str,),
    "issuer_seq": (int,),
    "prev_rev_sha256": (str, type(None)),
    "root_version": (int,),
    "cut": (dict,),
    "preview": (dict, type(None)),
    "emergency": (bool,),
    "crit": (list,),
    "comment": (str,),
}
"""Which kinds of JSON value each field may have; true is no number here."""


def parse_order(data: bytes) -> SuspensionOrder:
    """The order whose canonical bytes are ``data``.

    Raises:
        UnknownVersionError: a major version that is not understood here.
        UnknownCriticalError: a critical field that is not understood here.
        InvalidOrderError: too large, not JSON, a field missing or broken, or bytes that are not
            the canonical ones.
    """
    if len(data) > MAX_ORDER_BYTES:
        raise InvalidOrderError("order", f"is larger than {MAX_ORDER_BYTES} bytes")
    try:
        value = read(data)
    except MalformedError as error:
        raise InvalidOrderError("order", str(error)) from error
    if not isinstance(value, dict):
        raise InvalidOrderError("order", "is not an object")
    order = _from_mapping(value)
    if order.to_bytes() != data:
        raise InvalidOrderError("order", "is not written in its canonical form")
    return order


def _from_mapping(value: dict[str, Any]) -> SuspensionOrder:
    version = value.get("v")
    if type(version) is int and version != ORDER_VERSION:
        # Before anything else is looked at: it may mean something else by now.
        raise UnknownVersionError("v", "is a version that is not understood here")
    fields = {}
    for name, kinds in _KINDS.items():
        if name not in value:
            raise InvalidOrderError(name, "is missing")
        fields[name] = value[name]
        if type(fields[name]) not in kinds:
            raise InvalidOrderError(name, "is of the wrong kind")
    text = fields["public_text"]
    if text.keys() != {"ru", "en"} or not all(isinstance(one, str) for one in text.values()):
        raise InvalidOrderError("public_text", "needs a text in ru and one in en, and no other")
    for name in ("protected", "crit"):
        if not all(isinstance(one, str) for one in fields[name]):
            raise InvalidOrderError(name, "is of the wrong kind")
    fields["public_text"] = PublicText(text["ru"], text["en"])
    fields["scope"] = Scope.parse(fields["scope"])
    fields["protected"] = frozenset(fields["protected"])
    fields["crit"] = tuple(fields["crit"])
    fields["cut"] = Cut.parse(fields["cut"])
    if fields["preview"] is not None:
        fields["preview"] = Preview.parse(fields["preview"])
    for name in ("not_before", "expires", "review_at", "issued"):
        if fields[name] is not None:
            fields[name] = parse_instant(name, fields[name])
    more = {name: one for name, one in value.items() if name not in FIELDS}
    try:
        return SuspensionOrder(**fields, more=canonical(more))
    except NotCanonicalError as error:
        raise InvalidOrderError("order", str(error)) from error
