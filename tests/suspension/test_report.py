"""What the report tells, and what nobody can compute from it."""

import itertools
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suspension import AppealOutcome, ReasonCode, replay, report
from suspension.report import (
    AppealRecord,
    OrderRecord,
    VisitsRecord,
    _told,
)
from suspension.untold import withheld_rows
from tests.suspension.test_impact import DAY, HOUR, planned, terms
from tests.suspension.test_properties import NOON
from visit_protocol.vocabulary import VisitType


def order(**changes):
    fields = {
        "breadth": "inmate",
        "reason": ReasonCode.INVESTIGATION,
        "begins": NOON,
        "ends": NOON + HOUR,
        "renewal": False,
        "emergency": False,
        "protected": False,
        "review_late": False,
        "narrower_offered": True,
        "narrower_declined": False,
        "lifted": False,
    }
    return OrderRecord(**(fields | changes))


def made(orders=(), appeals=(), visits=(0, 0, 0)):
    found = report(
        facility="f-1",
        begins=NOON,
        ends=NOON + 30 * DAY,
        made=NOON + 31 * DAY,
        orders=list(orders),
        appeals=list(appeals),
        visits=VisitsRecord(*visits),
    )
    return {table.name: table for table in found.tables}


def rows(table):
    return {row.name: row.count for row in table.rows if row.count != 0}


def test_orders_are_counted_by_scope_reason_length_and_end():
    tables = made(
        [order() for _ in range(6)]
        + [order(breadth="facility", ends=NOON + DAY, lifted=True) for _ in range(5)]
    )
    assert rows(tables["orders_by_scope"]) == {"inmate": 6, "facility": 5}
    assert rows(tables["orders_by_length"]) == {"UP_TO_1_H": 6, "UP_TO_24_H": 5}
    assert rows(tables["orders_by_reason"]) == {"INVESTIGATION": 11}
    assert rows(tables["orders_by_end"]) == {"LIFTED": 5, "BY_ITSELF": 6}
    assert tables["orders_by_scope"].total == 11


def test_narrower_orders_declined_reviews_late_and_appeals_are_counted():
    tables = made(
        [order(narrower_declined=True, review_late=True) for _ in range(5)]
        + [order(narrower_offered=False, review_late=None) for _ in range(5)],
        [AppealRecord(AppealOutcome.LIFTED, late=True)] * 5 + [AppealRecord(None, late=False)] * 7,
    )
    assert rows(tables["orders_by_narrower"]) == {"DECLINED": 5, "NONE_OFFERED": 5}
    assert rows(tables["orders_by_review"]) == {"LATE": 5, "NOT_DUE": 5}
    assert rows(tables["appeals_by_outcome"]) == {"LIFTED": 5, "OPEN": 7}
    assert rows(tables["appeals_by_time"]) == {"LATE": 5, "IN_TIME": 7}


def test_fewer_than_five_orders_tell_neither_a_row_nor_a_total():
    for table in made([order(), order(breadth="terminal")]).values():
        assert all(row.count in (None, 0) for row in table.rows)
        assert table.total in (None, 0)


@pytest.mark.parametrize(
    ("visits", "told"),
    [
        ((7, 100, 300), (7, 100, 107)),
        ((3, 100, 300), (None, 100, None)),
        ((7, 2, 300), (7, None, None)),
        ((7, 98, 100), (7, None, None)),
        ((7, 100, 100), (7, 100, 107)),
        ((0, 0, 0), (0, 0, 0)),
    ],
)
def test_visits_lost_and_kept_are_told_without_what_gives_a_small_count_away(visits, told):
    table = made(visits=visits)["visits_against_facility_wide"]
    assert (*(row.count for row in table.rows), table.total) == told


@pytest.mark.parametrize("width", [2, 3, 4])
def test_no_count_under_five_can_be_computed_from_a_table_and_its_total(width):
    """Everything that a table can have been, told from what was published: no small one is sure."""
    possible = defaultdict(lambda: [set() for _ in range(width)])
    for counts in itertools.product(range(24 // width), repeat=width):
        (table,) = _told({"t": {str(n): count for n, count in enumerate(counts)}}, sum(counts))
        published = (tuple(row.count for row in table.rows), table.total)
        for seen, count in zip(possible[published], counts, strict=True):
            seen.add(count)
    for (told, _total), candidates in possible.items():
        for count, seen in zip(told, candidates, strict=True):
            if count is None:
                assert len(seen) > 1 or min(seen) >= 5
            else:
                assert not 0 < count < 5


KINDS = (
    order(breadth="facility", emergency=True),
    order(breadth="facility", renewal=True),
    order(),
    order(breadth="facility", protected=True, ends=NOON + 2 * DAY),
    order(breadth="facility", ends=NOON + 7 * DAY),
    order(ends=NOON + 20 * DAY),
)


@given(st.tuples(*[st.sampled_from([0, 1, 3, 5, 6, 9]) for _ in KINDS]))
def test_no_count_under_five_can_be_computed_from_two_tables(counts):
    tables = made(one for one, count in zip(KINDS, counts, strict=True) for _ in range(count))

    def told(table, *names):
        counts = [row.count for row in tables[f"orders_by_{table}"].rows if row.name in names]
        return None if None in counts else sum(counts)

    emergency, renewal = told("emergency", "EMERGENCY"), told("renewal", "RENEWAL")
    ordinary, protected = told("emergency", "ORDINARY"), told("protected", "TOUCHES_PROTECTED")
    unprotected, longest = told("protected", "LEAVES_PROTECTED"), told("length", "UP_TO_30_D")
    for larger, part in (
        (told("length", "UP_TO_1_H"), emergency),
        (ordinary, renewal),
        (ordinary, protected),
        (unprotected, told("length", "UP_TO_7_D", "UP_TO_30_D")),
        (told("scope", "inmate", "visitor", "contact", "terminal"), longest),
    ):
        if larger is not None and part:
            assert not 0 < larger - part < 5


def test_small_rows_go_together_and_a_lone_one_takes_the_smallest_told_with_it():
    assert withheld_rows({"a": 2, "b": 9, "c": 9, "d": 30}) == {"a", "b", "c"}
    assert withheld_rows({"a": 2, "b": 0, "c": 30}) == {"a", "b"}
    assert withheld_rows({"a": 6, "b": 0}) == frozenset()


def test_the_replay_counts_everything_beside_one_order(make_subject):
    agenda = [
        planned("a", make_subject(), NOON + HOUR, minors=["v-1"]),
        planned("b", make_subject(inmate="i-2"), NOON + 40 * DAY),
        planned("l", make_subject(visit_type=VisitType.LEGAL), NOON + HOUR),
        planned("over", make_subject(), NOON - HOUR),
    ]
    one = terms({"inmate": ["i-1"]}, NOON, length=DAY)
    was, now = replay(NOON, [("INMATE", one)], agenda)
    assert (was.name, was.ends) == ("AS_IT_WAS", None)
    assert (was.lost, was.kept, was.protected_lost) == (3, 0, 1)
    assert (now.lost, now.kept, now.protected_lost, now.children) == (1, 2, 0, 1)
