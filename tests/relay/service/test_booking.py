"""Booking: what the policy accepts gets a visit and a link; the rest, every reason."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from operate import example
from relay.core.model import (
    Allowance,
    HousingUnitId,
    InmateId,
    TemplateId,
    Terminal,
    TerminalId,
    Visit,
    VisitorId,
)
from relay.service.booking import Booked, Proposal, Refused, book, call_off, issue_link
from relay.service.facts import FacilityMissingError, gather
from relay.service.staff import SYSTEM
from relay.store.database import DATABASE_FILE, Store
from relay.store.facilities import Facilities
from relay.store.journal import Journal
from relay.store.links import Links
from relay.store.people import People
from relay.store.rules import Rules
from relay.store.secret import fingerprint
from relay.store.timetable import Timetable
from relay.store.visits import Visits
from suspension import ClockInterval, OrderBook
from visit_protocol.vocabulary import BookingStatus, Outcome, RejectionCode, VisitType

CREATED = datetime(2027, 1, 4, 7, 0, tzinfo=UTC)
NOW = datetime(2027, 2, 27, 10, 0, tzinfo=UTC)
MONDAY = datetime(2027, 3, 1, 5, 0, tzinfo=UTC)  # 10:00 in the facility
QUARTER = timedelta(minutes=15)
FAMILY = Proposal(InmateId("i-01"), (VisitorId("v-01"),), VisitType.FAMILY, MONDAY)


@pytest.fixture(scope="module")
def example_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example")
    example.create(folder, CREATED)
    return folder


@pytest.fixture
def store(example_folder: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(example_folder / DATABASE_FILE, tmp_path)
    with Store.open(tmp_path / DATABASE_FILE) as store:
        yield store


def _book(store: Store, proposal: Proposal) -> Booked | Refused:
    return store.write_now(
        lambda db: book(db, proposal, NOW, OrderBook(), ClockInterval.exact(NOW), SYSTEM)
    )


def _booked(store: Store, proposal: Proposal = FAMILY) -> Visit:
    answer = _book(store, proposal)
    assert isinstance(answer, Booked), answer
    return answer.visit


def _codes(store: Store, proposal: Proposal) -> set[RejectionCode]:
    answer = _book(store, proposal)
    assert isinstance(answer, Refused)
    return {ground.code for ground in answer.grounds}


def test_booked_visit_has_a_reference_a_link_and_a_line_in_the_journal(store: Store) -> None:
    answer = _book(store, FAMILY)
    assert isinstance(answer, Booked)
    visit = answer.visit
    assert store.read_now(lambda db: Visits(db).by_reference(visit.reference)) == visit
    assert (visit.starts, visit.ends) == (MONDAY, MONDAY + QUARTER)
    link = store.read_now(lambda db: Links(db).find(fingerprint(answer.token)))
    assert link is not None
    assert (link.visit, link.visitor, link.expires) == (visit.id, "v-01", visit.ends)
    rows = store.read_now(lambda db: Journal(db).after(limit=1000))[-2:]
    assert [(row.action, row.subject) for row in rows] == [
        ("visit.booked", visit.id),
        ("link.issued", visit.id),
    ]
    assert answer.token not in str(rows)


def test_refused_proposal_leaves_nothing(store: Store) -> None:
    before = store.read_now(lambda db: Journal(db).last_seq())
    assert _codes(store, replace(FAMILY, visitors=(VisitorId("v-03"),))) == {
        RejectionCode.VISITOR_NOT_ON_LIST
    }
    assert store.read_now(lambda db: Journal(db).last_seq()) == before


def test_terminal_of_the_inmates_own_unit_comes_first(store: Store) -> None:
    assert _booked(store).terminal == "T-01"
    other = Proposal(InmateId("i-02"), (VisitorId("v-03"),), VisitType.FAMILY, MONDAY)
    assert _booked(store, other).terminal == "T-03"
    legal = Proposal(InmateId("i-07"), (VisitorId("v-20"),), VisitType.LEGAL, MONDAY + 16 * QUARTER)
    assert _booked(store, legal).terminal == "T-02"


def test_terminal_out_of_service_is_passed_over(store: Store) -> None:
    store.write_now(lambda db: Facilities(db).set_in_service(TerminalId("T-01"), False))
    assert _booked(store).terminal == "T-03"
    named = replace(FAMILY, terminal=TerminalId("T-01"), starts=MONDAY + QUARTER)
    assert _codes(store, named) == {RejectionCode.TERMINAL_OUT_OF_SERVICE}


def test_counsel_cannot_be_booked_as_family(store: Store) -> None:
    proposal = replace(FAMILY, visitors=(VisitorId("v-19"),))
    assert RejectionCode.VISIT_TYPE_MISMATCH in _codes(store, proposal)


def test_slot_holds_no_more_visits_than_its_capacity(store: Store) -> None:
    def add_booth(number: int) -> None:
        booth = Terminal(
            TerminalId(f"T-1{number}"),
            "Кабина",
            HousingUnitId("unit-1"),
            frozenset({VisitType.FAMILY}),
        )
        store.write_now(lambda db: Facilities(db).put_terminal(booth))

    for number in range(3):
        add_booth(number)
    pairs = [("i-01", "v-01"), ("i-02", "v-03"), ("i-03", "v-04"), ("i-07", "v-09")]
    answers = [
        _book(store, Proposal(InmateId(i), (VisitorId(v),), VisitType.FAMILY, MONDAY))
        for i, v in pairs
    ]
    assert [isinstance(answer, Booked) for answer in answers] == [True, True, True, False]
    last = answers[-1]
    assert isinstance(last, Refused)
    assert {ground.code for ground in last.grounds} == {RejectionCode.SLOT_UNAVAILABLE}


def test_cancelled_visit_gives_its_place_back(store: Store) -> None:
    visit = _booked(store)
    assert RejectionCode.DOUBLE_BOOKING in _codes(store, FAMILY)
    store.write_now(lambda db: call_off(db, visit, Outcome.ESTABLISHMENT_CANCELLED, NOW, SYSTEM))
    ended = store.read_now(lambda db: Visits(db).get(visit.id))
    assert ended is not None
    assert (ended.status, ended.outcome) == (
        BookingStatus.CANCELLED,
        Outcome.ESTABLISHMENT_CANCELLED,
    )
    assert _booked(store).terminal == visit.terminal


@pytest.mark.parametrize(
    ("booked_days", "wanted_day", "allowed"),
    [
        ((0, 1), 2, False),
        ((1, 2), 0, False),  # filling later days first is no way around
        ((0, 2), 1, False),
        ((0, 7), 8, True),  # Monday is out of any week that holds Tuesday week
        ((1, 8), 0, True),
        ((0, 1), 7, True),
        ((0,), 1, True),
    ],
)
def test_allowance_holds_in_every_rolling_period(
    store: Store, booked_days: tuple[int, ...], wanted_day: int, allowed: bool
) -> None:
    store.write_now(
        lambda db: Rules(db).put_allowance(Allowance("settlement", 2, timedelta(days=7)))
    )
    daily = store.read_now(lambda db: Timetable(db).templates())[0]
    always = replace(daily, id=TemplateId("daily"), rrule="FREQ=DAILY")
    store.write_now(lambda db: Timetable(db).put_template(always))
    for day in booked_days:
        _booked(store, replace(FAMILY, starts=MONDAY + timedelta(days=day)))
    wanted = replace(FAMILY, starts=MONDAY + timedelta(days=wanted_day))
    if allowed:
        _booked(store, wanted)
    else:
        assert _codes(store, wanted) == {RejectionCode.NO_ALLOWANCE}


@pytest.mark.parametrize("year", [1, 1999, 2500, 9999])
def test_no_year_is_too_odd_to_be_refused(store: Store, year: int) -> None:
    odd = datetime(year, 12, 31, 23, 59, tzinfo=UTC)
    assert RejectionCode.SLOT_UNAVAILABLE in _codes(store, replace(FAMILY, starts=odd))


def test_visitor_named_twice_comes_once(store: Store) -> None:
    assert _booked(store, replace(FAMILY, visitors=FAMILY.visitors * 2)).visitors == ("v-01",)


@pytest.mark.parametrize(
    "proposal",
    [
        replace(FAMILY, inmate=InmateId("nobody")),
        replace(FAMILY, visitors=(VisitorId("nobody"),)),
        replace(FAMILY, visitors=()),
        replace(FAMILY, terminal=TerminalId("T-99")),
    ],
)
def test_unknown_people_and_places_are_refused(store: Store, proposal: Proposal) -> None:
    assert RejectionCode.FACTS_MISSING in _codes(store, proposal)


def test_new_link_takes_the_old_ones_place(store: Store) -> None:
    answer = _book(store, FAMILY)
    assert isinstance(answer, Booked)
    token = store.write_now(lambda db: issue_link(db, answer.visit, NOW, SYSTEM))
    old = store.read_now(lambda db: Links(db).find(fingerprint(answer.token)))
    new = store.read_now(lambda db: Links(db).find(fingerprint(token)))
    assert old is not None
    assert new is not None
    assert (old.replaced_at, new.replaced_at) == (NOW, None)


def test_facts_tell_what_is_not_known_from_what_is_not_there(store: Store) -> None:
    visit = _booked(store)
    unknown = replace(visit, inmate=InmateId("nobody"), visitors=(VisitorId("nobody"),))
    facts = store.read_now(
        lambda db: gather(db, unknown, OrderBook(), ClockInterval.exact(NOW), None)
    )
    assert (facts.inmate, facts.allowance, facts.allowance_used, facts.slot_taken) == (None,) * 4
    assert (facts.visitors, facts.contacts, facts.permits, facts.clashing) == ((),) * 4
    known = store.read_now(lambda db: People(db).inmate(visit.inmate))
    facts = store.read_now(
        lambda db: gather(db, visit, OrderBook(), ClockInterval.exact(NOW), None)
    )
    assert (facts.inmate, facts.allowance_used, facts.slot_taken) == (known, 0, 0)
    assert facts.notices_accepted == frozenset()


def test_nothing_is_decided_before_the_facility_is_known(tmp_path: Path) -> None:
    with Store.open(tmp_path / DATABASE_FILE) as store, pytest.raises(FacilityMissingError):
        _book(store, replace(FAMILY, terminal=TerminalId("T-01")))
