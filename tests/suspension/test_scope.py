import pytest

from suspension import Dimension, InvalidOrderError, Scope
from suspension.scope import MAX_IDS
from visit_protocol.vocabulary import VisitType


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        ({}, "scope"),
        ({"inmate": []}, "scope.inmate"),
        ({"inmate": ["*"]}, "scope.inmate"),
        ({"facility": ["*"]}, "scope.facility"),
        ({"inmate": ["i 1"]}, "scope.inmate"),
        ({"inmate": [""]}, "scope.inmate"),
        ({"inmate": ["i-1\n"]}, "scope.inmate"),
        ({"inmate": [7]}, "scope.inmate"),
        ({"inmate": "i-1"}, "scope.inmate"),
        ({"inmate": None}, "scope.inmate"),
        ({"country": ["RU"]}, "scope"),
        ({"terminal": ["T-01"]}, "scope.terminal"),
        ({"housing_unit": ["u-1"]}, "scope.housing_unit"),
        ({"visit_type": ["FAMILY"]}, "scope.visit_type"),
        ({"facility": ["f-1"], "visit_type": ["PARTY"]}, "scope.visit_type"),
        ({"inmate": [f"i-{n}" for n in range(MAX_IDS + 1)]}, "scope.inmate"),
    ],
)
def test_a_scope_that_names_nobody_or_everybody_is_refused_by_field(mapping, field):
    with pytest.raises(InvalidOrderError) as refused:
        Scope.parse(mapping)
    assert refused.value.field == field
    assert refused.value.message


def test_a_dimension_named_twice_is_refused():
    with pytest.raises(InvalidOrderError):
        Scope(((Dimension.INMATE, ("i-1",)), (Dimension.INMATE, ("i-2",))))


def test_a_scope_is_canonical_whatever_the_order_it_was_written_in():
    one = Scope.parse({"inmate": ["i-2", "i-1", "i-2"], "facility": ["f-1"]})
    other = Scope.parse({"facility": ["f-1"], "inmate": ["i-1", "i-2"]})
    assert one == other
    assert list(one.to_mapping()) == ["facility", "inmate"]
    assert Scope.parse(one.to_mapping()) == one


def test_the_longest_list_is_allowed():
    ids = [f"i-{n}" for n in range(MAX_IDS)]
    assert len(Scope.parse({"inmate": ids}).to_mapping()["inmate"]) == MAX_IDS


@pytest.mark.parametrize(
    "mapping",
    [
        {"facility": ["f-1"]},
        {"facility": ["f-1"], "housing_unit": ["u-1"]},
        {"facility": ["f-1"], "terminal": ["T-01"]},
        {"inmate": ["i-9", "i-1"]},
        {"visitor": ["v-1"]},
        {"contact": ["c-1"]},
        {"inmate": ["i-1"], "visit_type": ["FAMILY"]},
    ],
)
def test_a_visit_is_covered_when_every_dimension_matches(mapping, make_subject):
    assert Scope.parse(mapping).covers(make_subject())


@pytest.mark.parametrize(
    "mapping",
    [
        {"facility": ["f-2"]},
        {"facility": ["f-2"], "terminal": ["T-01"]},
        {"facility": ["f-1"], "terminal": ["T-02"]},
        {"inmate": ["i-1"], "visitor": ["v-2"]},
        {"inmate": ["i-1"], "visit_type": ["OFFICIAL"]},
    ],
)
def test_a_visit_is_not_covered_when_one_dimension_differs(mapping, make_subject):
    assert not Scope.parse(mapping).covers(make_subject())


def test_a_housing_unit_reaches_its_inmates_and_its_booths(make_subject):
    scope = Scope.parse({"facility": ["f-1"], "housing_unit": ["u-2"]})
    assert scope.covers(make_subject(housing_units=frozenset({"u-1", "u-2"})))


def test_one_of_several_visitors_in_scope_is_enough(make_subject):
    assert Scope.parse({"visitor": ["v-2"]}).covers(
        make_subject(visitors=frozenset({"v-1", "v-2"}))
    )


def test_a_facility_that_does_not_know_its_region_obeys_an_order_for_a_region(make_subject):
    scope = Scope.parse({"region": ["66"]})
    assert scope.covers(make_subject(region=None))
    assert scope.covers(make_subject(region="66"))
    assert not scope.covers(make_subject(region="77"))
    assert Scope.parse({"operator": ["op-1"]}).covers(make_subject(operator="op-1"))


def test_a_scope_tells_the_visit_types_it_narrows_to():
    assert Scope.parse({"inmate": ["i-1"]}).visit_types is None
    both = Scope.parse({"facility": ["f-1"], "visit_type": ["FAMILY", "OFFICIAL"]})
    assert both.visit_types == {VisitType.FAMILY, VisitType.OFFICIAL}
