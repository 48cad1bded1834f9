"""Canonical JSON: equal values have equal bytes, in every language (RFC 8785, JCS).

The journal, orders and receipts are written by this one module (ADR 0019).

Guarantees: `canonical` is a function of the value alone; whatever it writes, `parse` reads back
as an equal value, and `parse` refuses every other spelling of it. What has no canonical form is
refused and never bent into one:

- keys that are no text, and everything that is no JSON;
- text that is not Unicode (a lone surrogate); nothing is normalised, so NFC stays NFC and NFD NFD;
- NaN, infinities, and whole numbers beyond ±(2⁵³ − 1), which other languages would round.

Numbers with a fraction are written as ECMAScript writes them (RFC 8785 §3.2.2.3). They are poor
evidence all the same: prefer a count of a smaller unit. Orders and receipts have none
(``whole=True``).

Leaves to others: what the values mean.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Self

from evidence.errors import MalformedError, NotCanonicalError

MAX_WHOLE: Final = 2**53 - 1
"""The largest whole number that every JSON parser keeps exactly (RFC 7493 §2.2)."""
MAX_DEPTH: Final = 64

_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")
)
_BEYOND: Final = re.compile("[\ud800-\U0010ffff]")
"""Where the order of code points is not that of UTF-16, or text is no Unicode."""
_NESTED: Final = frozenset({dict, list, tuple})
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
        if _is_plain(value, 0):
            # What nearly everything is; json's own writer, in C, is four times as fast.
            text = _ENCODER.encode(value)
            if _BEYOND.search(text) is None:
                return text.encode("utf-8")
        return _write(value, 0).encode("utf-8")
    except _RefusedError as refused:
        raise NotCanonicalError(f"${''.join(refused.path)}: {refused.why}") from None


def parse(data: bytes, *, whole: bool = False) -> Any:
    """The value that `canonical` wrote as ``data``; with ``whole`` no number has a fraction.

    Raises:
        MalformedError: not JSON, or not its canonical form.
    """
    value = read(data) if whole else _loads(data)
    try:
        again = canonical(value)
    except NotCanonicalError as error:
        raise MalformedError(str(error)) from error
    if again != data:
        raise MalformedError("is not written in its canonical form")
    return value


def read(data: bytes) -> Any:
    """The value of ``data``, JSON of whole numbers, however it is laid out.

    Raises:
        MalformedError: it is something else, or an object names a field twice.
    """
    return _loads(
        data,
        parse_int=_integer,
        parse_float=_no_fraction,
        parse_constant=_no_fraction,
        object_pairs_hook=_once,
    )


def _loads(data: bytes, **hooks: Any) -> Any:
    try:
        return json.loads(data.decode("utf-8"), **hooks)
    except (ValueError, RecursionError) as error:
        raise MalformedError("is not JSON") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise MalformedError("names a field twice")
    return made


def _integer(text: str) -> int:
    number = int(text) if len(text) <= len(str(-MAX_WHOLE)) else MAX_WHOLE + 1
    if abs(number) > MAX_WHOLE:
        raise MalformedError("has a number that is too large")
    return number


def _no_fraction(_text: str) -> float:
    raise MalformedError("has a number that is not whole")


def _is_plain(value: Any, depth: int) -> bool:
    """Whether `json` writes ``value`` as RFC 8785 does, were it not for the order of keys."""
    if isinstance(value, dict):
        for key in value:
            if type(key) is not str:
                return False
        parts: Iterable[Any] = value.values()
    elif isinstance(value, list | tuple):
        parts = value
    else:
        parts = (value,)
    for part in parts:
        kind = type(part)
        if kind is str or part is None or kind is bool or isinstance(part, str):
            continue
        if kind is int:
            if not -MAX_WHOLE <= part <= MAX_WHOLE:
                return False
        elif kind not in _NESTED or depth >= MAX_DEPTH or not _is_plain(part, depth + 1):
            return False
    return True


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
