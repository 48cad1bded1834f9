"""Who may meet whom."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from relay.core.model import Credential, Custody, Restriction
from relay.core.policy import Purpose, Request, decide
from tests.relay.core.ordinary_visit import (
    BEFORE,
    BOOK_AND_JOIN,
    CHILD,
    CHILD_CONTACT,
    CONTACT,
    COUNSEL,
    ENDS,
    EVERY_PURPOSE,
    FACTS,
    INMATE,
    LEGAL_FACTS,
    LEGAL_VISIT,
    NOW,
    ON_REMAND,
    PERMIT,
    STARTS,
    TERMINAL,
    VISIT,
    VISITOR,
    codes,
)
from visit_protocol.vocabulary import Party, RejectionCode, Relationship, RestrictionKind, VisitType


@EVERY_PURPOSE
@pytest.mark.parametrize(
    "contacts",
    [
        (),
        (replace(CONTACT, approved=False),),
        (replace(CONTACT, inmate="i-2"),),
        (replace(CONTACT, visitor="v-9"),),
    ],
)
def test_a_visitor_without_an_approved_contact_is_not_on_the_list(purpose, contacts):
    found = codes(purpose, replace(FACTS, contacts=contacts))
    assert found == (RejectionCode.VISITOR_NOT_ON_LIST,)


@EVERY_PURPOSE
@pytest.mark.parametrize(
    ("who", "code"),
    [
        ({"visitor": "v-1"}, RejectionCode.VISITOR_BANNED),
        ({"inmate": "i-1"}, RejectionCode.INMATE_BANNED),
        ({"inmate": "i-1", "visitor": "v-1"}, RejectionCode.VISITOR_BANNED),
    ],
)
def test_a_ban_on_visitor_inmate_or_pair_denies_until_it_expires(purpose, who, code):
    ban = Restriction("r-1", RestrictionKind.BAN, BEFORE, ENDS, **who)
    decision = decide(
        Request(purpose, VISIT, Party.INMATE), replace(FACTS, restrictions=(ban,)), NOW[purpose]
    )
    assert [(ground.code, ground.until) for ground in decision.grounds] == [(code, ENDS)]


@EVERY_PURPOSE
@pytest.mark.parametrize(
    "ban",
    [
        Restriction("r", RestrictionKind.BAN, BEFORE, STARTS, inmate="i-1"),
        Restriction("r", RestrictionKind.BAN, ENDS + timedelta(seconds=1), None, inmate="i-1"),
        Restriction("r", RestrictionKind.BAN, BEFORE, None, inmate="i-2"),
        Restriction("r", RestrictionKind.BAN, BEFORE, None, inmate="i-1", visitor="v-9"),
        Restriction("r", RestrictionKind.CHILD, BEFORE, None, inmate="i-1"),
        Restriction("r", RestrictionKind.CLOSED, BEFORE, None, inmate="i-1"),
        Restriction("r", RestrictionKind.NON_CONTACT, BEFORE, None, inmate="i-1"),
        Restriction("r", RestrictionKind.PRE_INFO, BEFORE, None, inmate="i-1"),
    ],
)
def test_a_restriction_of_another_time_person_or_kind_denies_nobody(purpose, ban):
    assert codes(purpose, replace(FACTS, restrictions=(ban,))) == ()


@EVERY_PURPOSE
def test_a_ban_that_names_nobody_denies_everybody(purpose):
    ban = Restriction("r", RestrictionKind.BAN, BEFORE, None)
    found = codes(purpose, replace(FACTS, restrictions=(ban,)))
    assert found == (RejectionCode.INMATE_BANNED,)


FAMILY_WITH_CHILD = replace(VISIT, visitors=("v-1", "v-2"))
WITH_CHILD = replace(FACTS, visitors=(VISITOR, CHILD), contacts=(CONTACT, CHILD_CONTACT))


@EVERY_PURPOSE
def test_a_child_with_an_adult_is_allowed_unless_the_inmate_may_not_meet_minors(purpose):
    assert codes(purpose, WITH_CHILD, FAMILY_WITH_CHILD) == ()
    kept_apart = Restriction("r", RestrictionKind.CHILD, BEFORE, None, inmate="i-1")
    found = codes(purpose, replace(WITH_CHILD, restrictions=(kept_apart,)), FAMILY_WITH_CHILD)
    assert found == (RejectionCode.RESTRICTED,)


@BOOK_AND_JOIN
def test_a_child_alone_needs_an_adult(purpose):
    found = codes(purpose, WITH_CHILD, replace(VISIT, visitors=("v-2",)))
    assert found == (RejectionCode.NO_ADULT,)


@pytest.mark.parametrize(
    ("born", "adult"),
    [(date(2008, 3, 2), True), (date(2008, 3, 3), False), (date(2008, 2, 29), True)],
)
def test_a_visitor_is_an_adult_from_the_eighteenth_birthday_on(born, adult):
    facts = replace(FACTS, visitors=(replace(VISITOR, birth_date=born),))
    assert (codes(Purpose.BOOK, facts) == ()) is adult


def test_the_day_of_age_is_counted_in_the_facilitys_zone():
    starts = datetime(2026, 3, 1, 20, tzinfo=UTC)  # already 2 March, 01:00, in Yekaterinburg
    visit = replace(VISIT, starts=starts, ends=starts + timedelta(minutes=15))
    facts = replace(FACTS, visitors=(replace(VISITOR, birth_date=date(2008, 3, 2)),))
    assert RejectionCode.NO_ADULT not in codes(Purpose.BOOK, facts, visit)


def test_counsel_is_never_booked_as_family_even_when_also_a_spouse():
    counsel = replace(CONTACT, id="c-3", relationship=Relationship.COUNSEL)
    facts = replace(FACTS, visitors=(COUNSEL,), contacts=(CONTACT, counsel))
    assert codes(Purpose.BOOK, facts) == (RejectionCode.VISIT_TYPE_MISMATCH,)


@pytest.mark.parametrize("relationship", [one for one in Relationship if one.required_type])
@pytest.mark.parametrize("visit_type", list(VisitType))
def test_a_relationship_with_a_type_of_its_own_is_bookable_only_as_that_type(
    relationship, visit_type
):
    facts = replace(
        LEGAL_FACTS,
        contacts=(replace(CONTACT, relationship=relationship),),
        terminal=replace(TERMINAL, visit_types=frozenset(VisitType)),
    )
    found = codes(Purpose.BOOK, facts, replace(VISIT, visit_type=visit_type))
    matches = relationship.required_type is visit_type
    assert (RejectionCode.VISIT_TYPE_MISMATCH not in found) is matches


@BOOK_AND_JOIN
def test_a_spouse_cannot_sit_in_a_legal_visit_even_beside_counsel(purpose):
    facts = replace(
        LEGAL_FACTS,
        visitors=(COUNSEL, replace(COUNSEL, id="v-2")),
        contacts=(*LEGAL_FACTS.contacts, replace(CHILD_CONTACT, relationship=Relationship.SPOUSE)),
    )
    found = codes(purpose, facts, replace(LEGAL_VISIT, visitors=("v-1", "v-2")))
    assert found == (RejectionCode.VISIT_TYPE_MISMATCH,)


@BOOK_AND_JOIN
@pytest.mark.parametrize(
    "credentials",
    [
        (),
        (Credential(VisitType.CLERGY, "1", verified_by="a.smirnova"),),
        (Credential(VisitType.LEGAL, "1", verified_by=""),),
        (Credential(VisitType.LEGAL, "1", verified_by="a.smirnova", valid_until=STARTS),),
    ],
)
def test_counsel_without_a_verified_valid_paper_is_refused(purpose, credentials):
    facts = replace(LEGAL_FACTS, visitors=(replace(COUNSEL, credentials=credentials),))
    assert codes(purpose, facts, LEGAL_VISIT) == (RejectionCode.CREDENTIAL_NOT_VERIFIED,)


def test_an_allowance_that_is_used_up_refuses_a_family_visit_and_no_protected_one():
    used_up = {"allowance_used": 4}
    assert codes(Purpose.BOOK, replace(FACTS, **used_up)) == (RejectionCode.NO_ALLOWANCE,)
    assert codes(Purpose.JOIN, replace(FACTS, **used_up)) == ()
    assert codes(Purpose.BOOK, replace(LEGAL_FACTS, **used_up), LEGAL_VISIT) == ()


@BOOK_AND_JOIN
@pytest.mark.parametrize(
    ("permits", "found"),
    [
        ((PERMIT,), ()),
        ((replace(PERMIT, used_by="visit-1"),), ()),
        ((replace(PERMIT, used_by="visit-9"), replace(PERMIT, id="p-2")), ()),
        ((replace(PERMIT, used_by="visit-9"),), (RejectionCode.PERMIT_USED,)),
        ((), (RejectionCode.NO_PERMIT,)),
        ((replace(PERMIT, visitor="v-9"),), (RejectionCode.NO_PERMIT,)),
        ((replace(PERMIT, inmate="i-9"),), (RejectionCode.NO_PERMIT,)),
        ((replace(PERMIT, valid_until=STARTS),), (RejectionCode.NO_PERMIT,)),
        ((replace(PERMIT, valid_from=ENDS),), (RejectionCode.NO_PERMIT,)),
    ],
)
def test_on_remand_an_unprotected_visit_needs_a_permit_of_its_own(purpose, permits, found):
    assert codes(purpose, replace(ON_REMAND, permits=permits)) == found


@BOOK_AND_JOIN
def test_on_remand_counsel_needs_no_permit(purpose):
    facts = replace(LEGAL_FACTS, inmate=ON_REMAND.inmate)
    assert codes(purpose, facts, LEGAL_VISIT) == ()


@EVERY_PURPOSE
@pytest.mark.parametrize(
    ("custody", "code"),
    [
        (Custody.MOVED, RejectionCode.INMATE_MOVED),
        (Custody.RELEASED, RejectionCode.INMATE_RELEASED),
    ],
)
def test_an_inmate_who_is_gone_is_not_visited(purpose, custody, code):
    facts = replace(FACTS, inmate=replace(INMATE, custody=custody))
    assert codes(purpose, facts) == (code,)
