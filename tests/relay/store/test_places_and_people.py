"""Places, people, rules and the timetable come back as they were put."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from operate.example.people import FACILITY, HOUSING_UNITS, INMATES, TERMINALS, VISITORS
from relay.core.model import (
    Allowance,
    CallPermit,
    Contact,
    ContactId,
    ExcludeDate,
    Facility,
    FacilityId,
    InmateId,
    NonAssociation,
    Restriction,
    SessionTemplate,
    TemplateId,
    VisitId,
)
from relay.store.database import Store
from relay.store.errors import RowRefusedError
from relay.store.facilities import Facilities
from relay.store.people import People
from relay.store.rules import Rules
from relay.store.sqlite import Database
from relay.store.terminal_keys import TerminalKey, TerminalKeys
from relay.store.timetable import Timetable
from tests.relay.store.samples import (
    CHILD,
    INMATE,
    MINUTE,
    NOW,
    OTHER_INMATE,
    TERMINAL,
    VISIT,
    VISITOR,
    another,
    booked,
)
from visit_protocol.vocabulary import (
    Relationship,
    RestrictionKind,
    VisitType,
)


def test_places_come_back_equal(store: Store) -> None:
    assert store.read_now(lambda db: Facilities(db).terminals()) == TERMINALS
    assert store.read_now(lambda db: Facilities(db).housing_units()) == HOUSING_UNITS
    assert store.read_now(lambda db: Facilities(db).facility()) == FACILITY


def test_there_is_only_one_facility(store: Store) -> None:
    other = Facility(FacilityId("f-2"), "Другое", "Asia/Omsk")
    store.write_now(lambda db: Facilities(db).put_facility(other))
    assert store.read_now(lambda db: Facilities(db).facility()) == other
    assert store.read_now(lambda db: db.table("facility").count) == 1


def test_a_terminal_has_one_key_and_a_key_one_terminal(store: Store) -> None:
    key = TerminalKey(TERMINAL.id, "ab" * 32, NOW, "administrator")
    store.write_now(lambda db: TerminalKeys(db).add(key))
    with pytest.raises(RowRefusedError):
        store.write_now(lambda db: TerminalKeys(db).add(replace(key, public_key="cd" * 32)))
    assert store.read_now(lambda db: TerminalKeys(db).all()) == (key,)
    assert store.write_now(lambda db: TerminalKeys(db).remove(TERMINAL.id))
    assert store.read_now(lambda db: TerminalKeys(db).of(TERMINAL.id)) is None


def test_changing_a_terminal_keeps_its_key(store: Store) -> None:
    key = TerminalKey(TERMINAL.id, "ab" * 32, NOW, "administrator")
    store.write_now(lambda db: TerminalKeys(db).add(key))
    store.write_now(lambda db: Facilities(db).put_terminal(replace(TERMINAL, label="Новая")))
    store.write_now(lambda db: Facilities(db).set_in_service(TERMINAL.id, False))
    assert store.read_now(lambda db: TerminalKeys(db).of(TERMINAL.id)) == key
    terminal = store.read_now(lambda db: Facilities(db).terminal(TERMINAL.id))
    assert terminal == replace(TERMINAL, label="Новая", in_service=False)


def test_people_come_back_equal(store: Store) -> None:
    assert store.read_now(lambda db: People(db).inmates()) == INMATES
    assert store.read_now(lambda db: People(db).visitors()) == VISITORS
    counsel = VISITORS[18]
    assert counsel.credentials
    assert store.read_now(lambda db: People(db).visitor(counsel.id)) == counsel
    assert store.read_now(lambda db: People(db).inmate(InmateId("nobody"))) is None


def test_credentials_become_exactly_the_given_ones(store: Store) -> None:
    counsel = VISITORS[18]
    store.write_now(lambda db: People(db).put_visitor(replace(counsel, credentials=())))
    visitor = store.read_now(lambda db: People(db).visitor(counsel.id))
    assert visitor is not None
    assert visitor.credentials == ()


def test_changing_an_inmate_keeps_the_pin(store: Store) -> None:
    store.write_now(lambda db: People(db).set_pin_hash(INMATE.id, "hash"))
    store.write_now(lambda db: People(db).put_inmate(replace(INMATE, language="tt")))
    assert store.read_now(lambda db: People(db).pin_hash(INMATE.id)) == "hash"
    assert store.read_now(lambda db: People(db).pin_hash(OTHER_INMATE.id)) is None


def test_a_pair_has_one_contact(store: Store) -> None:
    contact = Contact(ContactId("c-1"), INMATE.id, VISITOR.id, Relationship.SPOUSE)
    store.write_now(lambda db: People(db).put_contact(contact))
    between = store.read_now(lambda db: People(db).contact_between(INMATE.id, VISITOR.id))
    assert between == contact
    assert store.read_now(lambda db: People(db).contacts(OTHER_INMATE.id)) == ()
    with pytest.raises(RowRefusedError):
        store.write_now(lambda db: People(db).put_contact(replace(contact, id=ContactId("c-2"))))


def test_rules_come_back_equal(store: Store) -> None:
    ban = Restriction("r-1", RestrictionKind.BAN, NOW, None, visitor=VISITOR.id, set_by="a")
    pair = Restriction(
        "r-2", RestrictionKind.CHILD, NOW, NOW + MINUTE, INMATE.id, CHILD.id, "почему", "a"
    )
    allowance = Allowance("general", 4, timedelta(days=30))
    permit = CallPermit("p-1", INMATE.id, VISITOR.id, "следователь", NOW, NOW + MINUTE)

    def put(db: Database) -> None:
        rules = Rules(db)
        rules.put_restriction(ban)
        rules.put_restriction(pair)
        rules.put_allowance(allowance)
        rules.put_permit(permit)
        rules.put_non_association(NonAssociation(OTHER_INMATE.id, INMATE.id))
        rules.put_non_association(NonAssociation(INMATE.id, OTHER_INMATE.id))

    store.write_now(put)
    assert store.read_now(lambda db: Rules(db).restrictions(INMATE.id, [VISITOR.id])) == (
        ban,
        pair,
    )
    assert store.read_now(lambda db: Rules(db).restrictions(OTHER_INMATE.id, [])) == ()
    assert store.read_now(lambda db: Rules(db).allowance("general")) == allowance
    assert store.read_now(lambda db: Rules(db).allowance("strict")) is None
    assert store.read_now(lambda db: Rules(db).permits(INMATE.id)) == (permit,)
    for inmate in (INMATE.id, OTHER_INMATE.id):
        pairs = store.read_now(lambda db, inmate=inmate: Rules(db).non_associations(inmate))
        assert pairs == (NonAssociation(INMATE.id, OTHER_INMATE.id),)


def test_a_permit_is_spent_once_and_comes_back_with_its_visit(store: Store) -> None:
    permit = CallPermit("p-1", INMATE.id, VISITOR.id, "суд", NOW, NOW + MINUTE)
    booked(store, VISIT, another(2))
    store.write_now(lambda db: Rules(db).put_permit(permit))
    store.write_now(lambda db: Rules(db).use_permit("p-1", VISIT.id))
    store.write_now(lambda db: Rules(db).use_permit("p-1", VisitId("visit-2")))
    (spent,) = store.read_now(lambda db: Rules(db).permits(INMATE.id))
    assert spent.used_by == VISIT.id
    store.write_now(lambda db: Rules(db).release_permits(VISIT.id))
    assert store.read_now(lambda db: Rules(db).permits(INMATE.id)) == (permit,)


def test_timetable_comes_back_equal(store: Store) -> None:
    template = SessionTemplate(
        id=TemplateId("s-1"),
        name="Будни",
        rrule="FREQ=WEEKLY;BYDAY=MO,TU",
        first_day=date(2025, 1, 6),
        starts_at=time(9, 30),
        slot=15 * MINUTE,
        slots_per_day=8,
        capacity=3,
        visit_types=frozenset({VisitType.FAMILY}),
        valid_from=date(2025, 1, 1),
        valid_to=date(2025, 12, 31),
        housing_units=frozenset({HOUSING_UNITS[0].id}),
    )
    everywhere = ExcludeDate(date(2025, 5, 9), None, "Праздник")
    one = ExcludeDate(date(2025, 5, 9), template.id, "")

    def put(db: Database) -> None:
        Timetable(db).put_template(template)
        Timetable(db).put_exclude_date(everywhere)
        Timetable(db).put_exclude_date(one)

    store.write_now(put)
    assert store.read_now(lambda db: Timetable(db).templates()) == (template,)
    assert store.read_now(lambda db: Timetable(db).exclude_dates()) == (everywhere, one)
    store.write_now(lambda db: Timetable(db).remove_exclude_date(everywhere))
    store.write_now(lambda db: Timetable(db).remove_template(template.id))
    assert store.read_now(lambda db: Timetable(db).templates()) == ()
    assert store.read_now(lambda db: Timetable(db).exclude_dates()) == ()
