"""Canonical JSON against RFC 8785, and against another implementation of it."""

import hashlib
import json
import struct
from enum import IntEnum, StrEnum
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from evidence.canonical import MAX_WHOLE, canonical, parse, read
from evidence.errors import MalformedError, NotCanonicalError

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/evidence/canonical.json").read_text())

text = st.text(st.characters(exclude_categories=["Cs"]))
numbers = st.integers(-MAX_WHOLE, MAX_WHOLE) | st.floats(
    allow_nan=False, allow_infinity=False
).filter(lambda one: one != int(one) or abs(one) <= MAX_WHOLE)
values = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_it_writes_what_another_implementation_writes(value):
    assert canonical(value) == rfc8785.dumps(value)


@given(values)
def test_what_it_writes_it_reads_back(value):
    again = parse(canonical(value))
    assert again == value
    assert canonical(again) == canonical(value)


@pytest.mark.parametrize("one", VECTORS["numbers"], ids=lambda one: one["text"])
def test_numbers_are_those_of_the_rfc(one):
    (number,) = struct.unpack(">d", bytes.fromhex(one["ieee754"]))
    assert canonical(number) == one["text"].encode()


def test_values_hash_to_the_known_answers():
    for one in VECTORS["values"]:
        assert hashlib.sha256(canonical(one["value"])).hexdigest() == one["sha256"]


def test_keys_are_ordered_by_utf16_and_not_by_code_point():
    # RFC 8785 §3.2.3: U+1F600 (D83D DE00) comes before U+FB33.
    assert canonical({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


def test_text_is_not_normalised():
    assert canonical("é") != canonical("e\u0301")


def test_codes_are_written_as_what_they_stand_for():
    class Word(StrEnum):
        ONE = "one"

    class Number(IntEnum):
        TWO = 2

    assert canonical({Word.ONE: Number.TWO, "w": Word.ONE}) == b'{"one":2,"w":"one"}'


@pytest.mark.parametrize(
    "value",
    [
        2**53, -(2**53), 1e300, float("nan"), float("inf"), "\ud800", {"\udc00": 1}, {1: 2},
        b"x", {1, 2}, object(), [[object()]],
    ],
)  # fmt: skip
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(NotCanonicalError):
        canonical({"deep": [value]})


def test_endless_nesting_is_refused_and_not_followed():
    value = []
    value.append(value)
    with pytest.raises(NotCanonicalError, match="deeply"):
        canonical(value)
    with pytest.raises(MalformedError):
        parse(b"[" * 100_000)


@pytest.mark.parametrize(
    "data",
    [b'{"b":1,"a":2}', b'{"a":1,"a":2}', b'{ "a":1}', b'"\\u0041"', b"1.0", b"1e2", b"\xff",
     b"", b"NaN", b'"\\ud800"', b"01", b"12345678901234567890"],
)  # fmt: skip
def test_every_other_spelling_is_refused(data):
    with pytest.raises(MalformedError):
        parse(data)


def test_orders_are_read_in_any_layout_and_without_fractions_or_fields_named_twice():
    assert read(b' {"b": 1,\n "a": [true, null]}') == {"a": [True, None], "b": 1}
    for data in (b"1.5", b"[1e3]", b"NaN", b'{"a": 1, "a": 1}', b"9007199254740992", b"\xff", b"{"):
        with pytest.raises(MalformedError):
            read(data)
        with pytest.raises(MalformedError):
            parse(data, whole=True)
    with pytest.raises(MalformedError, match="canonical form"):
        parse(b'{"a": 1}', whole=True)
