"""What an entry is in bytes."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from evidence.canonical import canonical, parse
from evidence.entry import parse_entry, parse_instant, write_instant
from evidence.errors import MalformedError, NotCanonicalError
from tests.evidence.samples import NOON, entry


def test_its_bytes_are_those_of_the_specification():
    assert entry(7).encoded() == (
        b'{"action":"visit.ended","actor":"staff:guard","at":"2026-11-24T12:00:07.000000Z",'
        b'"detail":{"outcome":"COMPLETED_NORMALLY"},"seq":7,"subject":"visit-7","v":1}'
    )


def test_it_reads_back_what_it_wrote():
    assert parse_entry(entry(7).encoded()) == entry(7)


def test_every_field_counts():
    one = entry(7)
    others = [
        replace(one, seq=8),
        replace(one, at=one.at + timedelta(microseconds=1)),
        replace(one, actor="staff:other"),
        replace(one, action="visit.live"),
        replace(one, subject=""),
        replace(one, detail={}),
    ]
    assert len({other.leaf() for other in [one, *others]}) == 7


def test_one_instant_has_one_text_whatever_zone_it_came_in():
    ural = NOON.astimezone(timezone(timedelta(hours=5)))
    assert write_instant(ural) == write_instant(NOON) == "2026-11-24T12:00:00.000000Z"
    with pytest.raises(NotCanonicalError, match="zone"):
        replace(entry(1), at=datetime(2026, 11, 24)).encoded()  # noqa: DTZ001


@pytest.mark.parametrize(
    "text", ["", "2026-11-24", "2026-11-24T12:00:00Z", "2026-11-24T17:00:00.000000+05:00"]
)
def test_no_other_spelling_of_a_time_is_taken(text):
    with pytest.raises(MalformedError):
        parse_instant(text)


@pytest.mark.parametrize(
    "change",
    [{"v": 2}, {"seq": 0}, {"seq": True}, {"at": 1}, {"detail": []}, {"more": 1}, {"actor": None}],
)
def test_what_is_no_entry_is_refused(change):
    value = parse(entry(1).encoded()) | change
    with pytest.raises(MalformedError):
        parse_entry(canonical(value))
    with pytest.raises(MalformedError):
        parse_entry(b"[]")
