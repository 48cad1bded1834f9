"""Canonical JSON: the one text of a value, so that one digest names one thing.

Keys sorted by code point, no blanks, UTF-8 unescaped, integers within ±2**53 and no other numbers.
Guarantees: `from_canonical` accepts exactly what `to_canonical` writes. Leaves to others: what the
values mean.
"""

import json
from typing import Any, Final

MAX_INTEGER: Final = 2**53 - 1
"""What every implementation's numbers hold exactly (RFC 8259 § 6)."""

_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


class NotCanonicalError(ValueError):
    """Bytes that are not JSON, or not its canonical form; the text is one sentence's predicate."""


def to_canonical(value: Any) -> bytes:
    """The canonical bytes of ``value``.

    Raises:
        NotCanonicalError: it holds something that canonical JSON has no form for.
    """
    try:
        return _ENCODER.encode(value).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise NotCanonicalError("has no canonical form") from error


def from_canonical(data: bytes) -> Any:
    """The value whose canonical bytes are ``data``.

    Raises:
        NotCanonicalError: it is something else.
    """
    value = from_json(data)
    if to_canonical(value) != data:
        raise NotCanonicalError("is not written in its canonical form")
    return value


def from_json(data: bytes) -> Any:
    """The value of ``data``, JSON of canonical numbers, however it is written.

    Raises:
        NotCanonicalError: it is something else, or an object names a field twice.
    """
    try:
        return json.loads(
            data.decode(),
            parse_int=_integer,
            parse_float=_no_float,
            parse_constant=_no_float,
            object_pairs_hook=_object,
        )
    except NotCanonicalError:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonicalError("is not JSON") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise NotCanonicalError("names a field twice")
    return made


def _integer(text: str) -> int:
    number = int(text) if len(text) <= len(str(-MAX_INTEGER)) else MAX_INTEGER + 1
    if abs(number) > MAX_INTEGER:
        raise NotCanonicalError("has a number that is too large")
    return number


def _no_float(_text: str) -> float:
    raise NotCanonicalError("has a number that is not whole")
