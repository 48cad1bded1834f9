from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from suspension import MinimumContact, Planned, Scope, Terms, impact
from tests.suspension.test_algebra import all_terms
from tests.suspension.test_properties import NOON, subjects
from visit_protocol.vocabulary import VisitType

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)


def planned(visit, subject, starts, *, live=False, minors=()):
    return Planned(
        visit=visit,
        subject=subject,
        starts=starts,
        ends=starts + QUARTER,
        live=live,
        minors=frozenset(minors),
    )


def terms(scope, noon, protected=(), length=2 * HOUR):
    return Terms(Scope.parse(scope), frozenset(protected), noon, noon + length)


@st.composite
def agendas(draw):
    """Some visits in the hours around noon."""
    found = draw(st.lists(subjects(), max_size=6))
    return [
        planned(f"visit-{n}", one, NOON + draw(st.integers(-2, 12)) * HOUR)
        for n, one in enumerate(found)
    ]


def test_everything_an_order_reaches_is_counted_once(make_subject, noon):
    family = make_subject()
    other = make_subject(inmate="i-2", terminal="T-02", visitors=frozenset({"v-1", "v-2"}))
    counted = impact(
        terms({"facility": ["f-1"]}, noon),
        [
            planned("b", family, noon + HOUR),
            planned("a", other, noon, live=True, minors=["v-2"]),
            planned("c", family, noon + HOUR + QUARTER),
        ],
        as_of=noon,
    )
    assert counted.reached == ("a", "b", "c")
    assert (counted.visits, counted.live) == (3, 1)
    assert (counted.inmates, counted.visitors, counted.children) == (2, 2, 1)
    assert (counted.terminals, counted.facilities) == (2, 1)
    assert (counted.kept, counted.protected_kept) == (0, 0)


def test_visits_of_the_next_day_and_of_the_next_week_are_told_apart(make_subject, noon):
    visits = [planned(f"v-{n}", make_subject(), noon + n * DAY) for n in (0, 1, 6, 7, 9)]
    counted = impact(terms({"inmate": ["i-1"]}, noon, length=10 * DAY), visits, as_of=noon)
    assert (counted.visits, counted.visits_7d, counted.visits_24h) == (5, 3, 1)


def test_protected_visits_in_scope_are_counted_as_kept_unless_named(make_subject, noon):
    counsel = [planned("l", make_subject(visit_type=VisitType.LEGAL), noon)]
    kept = impact(terms({"inmate": ["i-1"]}, noon), counsel, as_of=noon)
    assert (kept.visits, kept.kept, kept.protected_kept) == (0, 1, 1)
    named = impact(terms({"inmate": ["i-1"]}, noon, [VisitType.LEGAL]), counsel, as_of=noon)
    assert (named.visits, named.kept, named.protected_kept) == (1, 0, 0)


def test_visits_outside_the_time_or_the_scope_are_not_counted(make_subject, noon):
    counted = impact(
        terms({"inmate": ["i-1"]}, noon),
        [
            planned("over", make_subject(), noon - QUARTER),
            planned("after", make_subject(), noon + 2 * HOUR),
            planned("elsewhere", make_subject(inmate="i-2"), noon),
        ],
        as_of=noon,
    )
    assert (counted.visits, counted.kept) == (0, 1)
    assert counted.reached == ()


def test_who_keeps_a_visit_within_two_weeks_keeps_the_minimum(make_subject, noon):
    order = terms({"inmate": ["i-1"]}, noon)
    lost, kept = planned("a", make_subject(), noon), planned("b", make_subject(), noon + 13 * DAY)
    assert impact(order, [lost], as_of=noon).under_minimum == ("i-1",)
    assert impact(order, [lost, kept], as_of=noon).under_minimum == ()
    later = planned("b", make_subject(), noon + 15 * DAY)
    assert impact(order, [lost, later], as_of=noon).under_minimum == ("i-1",)


def test_stacked_orders_count_together_against_the_minimum(make_subject, noon):
    visits = [
        planned("a", make_subject(), noon),
        planned("b", make_subject(terminal="T-02"), noon + HOUR),
    ]
    order = terms({"facility": ["f-1"], "terminal": ["T-01"]}, noon)
    standing = terms({"facility": ["f-1"], "terminal": ["T-02"]}, noon)
    assert impact(order, visits, as_of=noon).under_minimum == ()
    stacked = impact(order, visits, as_of=noon, in_force=[standing])
    assert stacked.under_minimum == ("i-1",)


def test_counsel_is_no_contact_with_the_family(make_subject, noon):
    visits = [
        planned("a", make_subject(), noon),
        planned("l", make_subject(visit_type=VisitType.LEGAL), noon + HOUR),
    ]
    order = terms({"inmate": ["i-1"]}, noon)
    assert impact(order, visits, as_of=noon).under_minimum == ("i-1",)
    assert impact(order, visits[1:], as_of=noon).under_minimum == ()


def test_another_minimum_can_be_asked_for(make_subject, noon):
    visits = [planned(f"v-{n}", make_subject(), noon + n * DAY) for n in range(3)]
    order = terms({"inmate": ["i-1"]}, noon)
    two = impact(order, visits, as_of=noon, minimum=MinimumContact(visits=2))
    three = impact(order, visits, as_of=noon, minimum=MinimumContact(visits=3))
    assert (two.under_minimum, three.under_minimum) == ((), ("i-1",))


@given(all_terms(), agendas(), st.randoms())
def test_an_impact_is_exactly_what_the_terms_reach_in_any_order(order, agenda, shuffler):
    shuffled = list(agenda)
    shuffler.shuffle(shuffled)
    counted = impact(order, agenda, as_of=NOON)
    assert impact(order, shuffled, as_of=NOON) == counted
    assert set(counted.reached) == {
        one.visit
        for one in agenda
        if order.overlaps(one.starts, one.ends) and order.reaches(one.subject)
    }


@given(all_terms(), all_terms(), agendas())
def test_contained_terms_never_cost_more(one, other, agenda):
    if one.contains(other):
        wide, narrow = (impact(which, agenda, as_of=NOON) for which in (one, other))
        assert set(narrow.reached) <= set(wide.reached)
        assert narrow.inmates <= wide.inmates
