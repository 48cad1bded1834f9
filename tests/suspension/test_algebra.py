"""What holds between any two scopes and any two terms (Hypothesis)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suspension import Dimension, InvalidOrderError, Scope, Terms
from tests.suspension.test_properties import NOON, scopes, some, subjects
from visit_protocol.vocabulary import PROTECTED_TYPES, VisitType

HOUR = timedelta(hours=1)


@st.composite
def all_terms(draw):
    scope = draw(scopes())
    named = frozenset(draw(st.sets(st.sampled_from(sorted(PROTECTED_TYPES)))))
    if scope.visit_types is not None:
        named = scope.visit_types & PROTECTED_TYPES
    begins = NOON + draw(st.integers(0, 6)) * HOUR
    return Terms(scope, named, begins, begins + draw(st.integers(1, 6)) * HOUR)


@given(scopes(), scopes(), subjects())
def test_a_contained_scope_reaches_nobody_whom_its_container_leaves(one, other, subject):
    if one.contains(other) and other.covers(subject):
        assert one.covers(subject)


@given(scopes(), st.data())
def test_narrowing_gives_a_contained_and_never_larger_scope(scope, data):
    dimension = data.draw(st.sampled_from(list(Dimension)))
    more = {dimension: data.draw(some(dimension))}
    if dimension in (Dimension.HOUSING_UNIT, Dimension.TERMINAL):
        more[Dimension.FACILITY] = data.draw(some(Dimension.FACILITY))
    narrowed = scope.narrowed(more)
    if narrowed is not None:
        assert scope.contains(narrowed)
        assert narrowed.size <= scope.size


@given(scopes(), scopes(), scopes())
def test_containment_is_a_partial_order(one, other, third):
    assert one.contains(one)
    if one.contains(other) and other.contains(one):
        assert one == other
    if one.contains(other) and other.contains(third):
        assert one.contains(third)


@given(scopes(), scopes())
def test_overlap_is_symmetric_and_follows_from_containment(one, other):
    assert one.overlaps(other) == other.overlaps(one)
    if one.contains(other):
        assert one.overlaps(other)


@given(scopes(), scopes(), subjects())
def test_scopes_that_share_a_visit_overlap(one, other, subject):
    places_known = subject.region is not None and subject.operator is not None
    if places_known and one.covers(subject) and other.covers(subject):
        assert one.overlaps(other)


@given(all_terms(), all_terms(), subjects())
def test_contained_terms_reach_nobody_whom_their_container_leaves(one, other, subject):
    if one.contains(other) and other.reaches(subject):
        assert one.reaches(subject)


def test_what_names_whom_decides_the_size_and_a_type_only_breaks_a_tie():
    facility = Scope.parse({"facility": ["f-1"]})
    unit = Scope.parse({"facility": ["f-1"], "housing_unit": ["u-1"]})
    inmate = Scope.parse({"inmate": ["i-1"]})
    family = Scope.parse({"facility": ["f-1"], "visit_type": ["FAMILY"]})
    assert inmate.size < unit.size < family.size < facility.size
    assert [s.asks_why_not_narrower for s in (inmate, unit, facility)] == [False, True, True]


def test_narrowing_to_nobody_is_none():
    scope = Scope.parse({"inmate": ["i-1"]})
    assert scope.narrowed({Dimension.INMATE: ["i-2"]}) is None


def terms(scope, length=HOUR, protected=(), **more):
    return Terms(Scope.parse(scope), frozenset(protected), NOON, NOON + length, **more)


@pytest.mark.parametrize(
    ("scope", "more", "people", "oversight"),
    [
        ({"inmate": ["i-1"]}, {}, 1, False),
        ({"facility": ["f-1"], "terminal": ["T-1"]}, {}, 1, False),
        ({"facility": ["f-1"], "housing_unit": ["u-1"]}, {}, 2, False),
        ({"facility": ["f-1"]}, {}, 2, False),
        ({"region": ["66"]}, {}, 2, False),
        ({"inmate": ["i-1"]}, {"protected": [VisitType.LEGAL]}, 2, True),
        ({"facility": ["f-1"]}, {"emergency": True}, 1, False),
    ],
)
def test_who_must_agree_follows_from_the_terms(scope, more, people, oversight):
    assert terms(scope, **more).consent == (people, oversight)


@pytest.mark.parametrize(
    ("scope", "more", "rule"),
    [
        ({"facility": ["f-1"]}, {"length": 61 * timedelta(minutes=1)}, "EXPIRES_TOO_LATE"),
        ({"facility": ["f-1", "f-2"]}, {}, "EMERGENCY_TOO_WIDE"),
        ({"region": ["66"]}, {}, "EMERGENCY_TOO_WIDE"),
        ({"facility": ["f-1"]}, {"protected": [VisitType.LEGAL]}, "EMERGENCY_TOO_WIDE"),
    ],
)
def test_an_emergency_is_one_facility_for_an_hour_and_leaves_counsel_alone(scope, more, rule):
    with pytest.raises(InvalidOrderError) as refused:
        terms(scope, emergency=True, **more)
    assert refused.value.rule == rule


def ids(count):
    return [f"i-{number}" for number in range(count)]


@pytest.mark.parametrize(
    ("scope", "rule"),
    [
        ({}, "SCOPE_EMPTY"),
        ({"inmate": []}, "SCOPE_EMPTY"),
        ({"visit_type": ["FAMILY"]}, "SCOPE_EMPTY"),
        ({"facility": ["*"]}, "SCOPE_WILDCARD"),
        ({"terminal": ["T-1"]}, "PLACE_WITHOUT_FACILITY"),
        ({"inmate": ids(201)}, "TOO_MANY_IDS"),
    ],
)
def test_each_broken_rule_of_a_scope_has_a_word(scope, rule):
    with pytest.raises(InvalidOrderError) as refused:
        Scope.parse(scope)
    assert refused.value.rule == rule


def test_an_end_that_is_past_or_too_late_has_a_word():
    for length, rule in ((-HOUR, "EXPIRES_PAST"), (HOUR * 24 * 31, "EXPIRES_TOO_LATE")):
        with pytest.raises(InvalidOrderError) as refused:
            terms({"inmate": ["i-1"]}, length)
        assert refused.value.rule == rule
