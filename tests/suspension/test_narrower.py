from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from suspension import Narrowing, impact, narrower
from tests.suspension.test_algebra import all_terms
from tests.suspension.test_impact import HOUR, agendas, planned, terms
from tests.suspension.test_properties import NOON
from visit_protocol.vocabulary import VisitType

DAY = timedelta(days=1)


@given(all_terms(), agendas(), st.data())
def test_no_suggestion_is_wider_or_costs_more_and_each_answers_the_incident(draft, agenda, data):
    incident = [one.subject for one in agenda if data.draw(st.booleans())]
    cost = impact(draft, agenda, as_of=NOON)
    found = narrower(draft, incident, agenda, as_of=NOON)
    for one in found:
        assert draft.contains(one.terms)
        assert one.terms != draft
        assert set(one.impact.reached) <= set(cost.reached)
        if one.narrowing is not Narrowing.SHORTER:
            for subject in incident:
                assert one.terms.reaches(subject) == draft.reaches(subject)
    assert [one.impact.visits for one in found] == sorted(one.impact.visits for one in found)


def test_a_facility_wide_draft_is_answered_by_everything_the_incident_concerned(make_subject, noon):
    broken = make_subject()
    others = [
        planned(f"v-{n}", make_subject(inmate=f"i-{n}", terminal=f"T-{n}"), noon + HOUR)
        for n in range(2, 30)
    ]
    draft = terms({"facility": ["f-1"]}, noon, length=3 * DAY)
    agenda = [planned("v-1", broken, noon, live=True), *others]
    found = {one.narrowing: one for one in narrower(draft, [broken], agenda, as_of=noon)}
    assert found[Narrowing.INMATE].impact.visits == 1
    assert found[Narrowing.INMATE].terms.scope.to_mapping() == {
        "facility": ["f-1"],
        "inmate": ["i-1"],
    }
    assert found[Narrowing.TERMINAL].impact.visits == 1
    assert found[Narrowing.HOUSING_UNIT].impact.visits == 29
    assert found[Narrowing.SHORTER].terms.length == DAY


def test_counsel_is_dropped_when_the_incident_did_not_concern_counsel(make_subject, noon):
    draft = terms({"facility": ["f-1"]}, noon, [VisitType.LEGAL])
    for one in narrower(draft, [make_subject()], [], as_of=noon):
        if one.narrowing is not Narrowing.SHORTER:
            assert one.terms.protected == frozenset()


def test_without_an_incident_only_a_shorter_term_is_offered(noon):
    draft = terms({"facility": ["f-1"]}, noon, length=2 * DAY)
    assert [one.narrowing for one in narrower(draft, [], [], as_of=noon)] == [Narrowing.SHORTER]
    brief = terms({"facility": ["f-1"]}, noon, length=HOUR)
    assert narrower(brief, [], [], as_of=noon) == ()
