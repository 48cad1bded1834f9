"""Canonical JSON: equal values have equal bytes, in every language (RFC 8785, JCS).

Guarantees: `canonical` is a function of the value alone; whatever it writes, `parse` reads back
as an equal value, and `parse` refuses every other spelling of it. What has no canonical form is
refused and never bent into one:

- keys that are no text, and everything that is no JSON;
- text that is not Unicode (a lone surrogate); nothing is normalised, so NFC stays NFC and NFD NFD;
- NaN, infinities, and whole numbers beyond ±(2⁵³ − 1), which other languages would round.

Numbers with a fraction are written as ECMAScript writes them (RFC 8785 §3.2.2.3). They are poor
evidence all the same: prefer a count of a smaller unit.

Leaves to others: what the values mean.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

from evidence.errors import MalformedError, NotCanonicalError

MAX_WHOLE: Final = 2**53 - 1
"""The largest whole number that every JSON parser keeps exactly (RFC 7493 §2.2)."""
MAX_DEPTH: Final = 64

_ESCAPE: Final = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    **{chr(code): f"\\u{code:04x}" for code in range(0x20) if chr(code) not in "\b\f\n\r\t"},
}
_ESCAPED: Final = re.compile(r'["\\\x00-\x1f]')


def canonical(value: Any) -> bytes:
    """The canonical JSON of ``value``, in UTF-8.

    Raises:
        NotCanonicalError: some part of it has none; the text names the part.
    """
    try:
        return _write(value, 0).encode("utf-8")
    except _RefusedError as refused:
        raise NotCanonicalError(f"${''.join(refused.path)}: {refused.why}") from None


def parse(data: bytes) -> Any:
    """The value that `canonical` wrote as ``data``.

    Raises:
        MalformedError: not JSON, or not its canonical form.
    """
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"not JSON in UTF-8 ({type(error).__name__})") from error
    try:
        again = canonical(value)
    except NotCanonicalError as error:
        raise MalformedError(str(error)) from error
    if again != data:
        raise MalformedError("JSON, but not in its canonical form")
    return value


class _RefusedError(Exception):
    """Something has no canonical form; its path is put together on the way out."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
        self.path: list[str] = []

    def within(self, part: str) -> Self:
        self.path.insert(0, part)
        return self


def _write(value: Any, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise _RefusedError("nested too deeply")
    match value:
        case str():
            return _text(value)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            if abs(value) > MAX_WHOLE:
                raise _RefusedError("a whole number beyond 2^53 - 1")
            # Of an IntEnum the number counts, as for `json`.
            return str(int(value))
        case float():
            return _fraction(value)
        case Mapping():
            return _object(value, depth)
        case list() | tuple():
            return _array(value, depth)
        case _:
            raise _RefusedError(f"JSON has no {type(value).__name__}")


def _object(value: Mapping[Any, Any], depth: int) -> str:
    members = []
    for key in _ordered(value):
        try:
            members.append(f"{_text(key)}:{_write(value[key], depth + 1)}")
        except _RefusedError as refused:
            raise refused.within(f".{key}") from None
    return f"{{{','.join(members)}}}"


def _ordered(value: Mapping[Any, Any]) -> list[str]:
    """The keys by UTF-16 code units (RFC 8785 §3.2.3), which is not the order of code points."""
    if not all(isinstance(key, str) for key in value):
        raise _RefusedError("a key that is no text")
    if all(key.isascii() for key in value):
        return sorted(value)
    return sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))


def _array(value: Sequence[Any], depth: int) -> str:
    members = []
    for number, one in enumerate(value):
        try:
            members.append(_write(one, depth + 1))
        except _RefusedError as refused:
            raise refused.within(f"[{number}]") from None
    return f"[{','.join(members)}]"


def _text(value: str) -> str:
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise _RefusedError("a surrogate without its other half") from None
    if _ESCAPED.search(value) is None:
        return f'"{value}"'
    return f'"{_ESCAPED.sub(lambda found: _ESCAPE[found[0]], value)}"'


def _fraction(value: float) -> str:
    """ECMAScript's Number::toString; Python's repr has the same digits in another dress."""
    if not math.isfinite(value):
        raise _RefusedError("not a finite number")
    if value == int(value):
        if abs(value) > MAX_WHOLE:
            raise _RefusedError("a whole number beyond 2^53 - 1")
        return str(int(value))
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, part = mantissa.partition(".")
    written = whole + part
    digits = written.strip("0")
    # The value is 0.digits × 10^point; what stripping took from the left moves the point.
    point = len(whole) + int(exponent or 0) - (len(written) - len(written.lstrip("0")))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{point - 1:+d}"
