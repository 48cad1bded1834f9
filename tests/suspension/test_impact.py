from datetime import timedelta

from suspension import Planned, Scope, Terms, impact
from visit_protocol.vocabulary import VisitType

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)


def planned(visit, subject, starts, *, live=False):
    return Planned(visit=visit, subject=subject, starts=starts, ends=starts + QUARTER, live=live)


def terms(scope, noon, protected=()):
    return Terms(Scope.parse(scope), frozenset(protected), noon, noon + 2 * HOUR)


def test_everything_an_order_reaches_is_counted_once(make_subject, noon):
    family = make_subject()
    other = make_subject(inmate="i-2", terminal="T-02", visitors=frozenset({"v-1", "v-2"}))
    counted = impact(
        terms({"facility": ["f-1"]}, noon),
        [
            planned("b", family, noon + HOUR),
            planned("a", other, noon, live=True),
            planned("c", family, noon + HOUR + QUARTER),
        ],
    )
    assert counted.reached == ("a", "b", "c")
    assert (counted.visits, counted.live) == (3, 1)
    assert (counted.inmates, counted.visitors, counted.terminals) == (2, 2, 2)
    assert counted.protected_kept == 0


def test_protected_visits_in_scope_are_counted_as_kept_unless_named(make_subject, noon):
    counsel = [planned("l", make_subject(visit_type=VisitType.LEGAL), noon)]
    kept = impact(terms({"inmate": ["i-1"]}, noon), counsel)
    assert (kept.visits, kept.protected_kept) == (0, 1)
    named = impact(terms({"inmate": ["i-1"]}, noon, [VisitType.LEGAL]), counsel)
    assert (named.visits, named.protected_kept) == (1, 0)


def test_visits_outside_the_time_or_the_scope_are_not_counted(make_subject, noon):
    counted = impact(
        terms({"inmate": ["i-1"]}, noon),
        [
            planned("over", make_subject(), noon - QUARTER),
            planned("after", make_subject(), noon + 2 * HOUR),
            planned("elsewhere", make_subject(inmate="i-2"), noon),
        ],
    )
    assert counted.visits == 0
    assert counted.reached == ()


def test_a_visit_that_has_begun_when_the_order_begins_is_counted(make_subject, noon):
    began = [planned("running", make_subject(), noon - timedelta(minutes=5), live=True)]
    assert impact(terms({"inmate": ["i-1"]}, noon), began).live == 1
