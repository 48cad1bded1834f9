"""Visits: what is asked of them, and what nobody can do to them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from relay.core.model import (
    VisitId,
)
from relay.store.database import Store
from relay.store.errors import RowRefusedError
from relay.store.notices import NoticeAnswer, Notices
from relay.store.sqlite import Database
from relay.store.visit_events import VisitEvents
from relay.store.visits import SPENDING_OUTCOMES, Visits
from tests.relay.store.samples import (
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
    BookingStatus,
    Outcome,
    Party,
    VisitType,
)


def test_visit_comes_back_with_its_visitors_in_order(store: Store) -> None:
    booked(store, VISIT)
    assert store.read_now(lambda db: Visits(db).get(VISIT.id)) == VISIT
    assert store.read_now(lambda db: Visits(db).by_reference("V-7K2M")) == VISIT


def test_between_is_half_open(store: Store) -> None:
    booked(store, VISIT)
    for start, end, found in (
        (NOW - MINUTE, NOW, ()),
        (NOW, NOW + MINUTE, (VISIT,)),
        (NOW + 14 * MINUTE, NOW + 20 * MINUTE, (VISIT,)),
        (NOW + 15 * MINUTE, NOW + 20 * MINUTE, ()),
    ):
        between = store.read_now(lambda db, s=start, e=end: Visits(db).between(s, e))
        assert between == found


@pytest.mark.parametrize(
    ("changes", "clashes"),
    [
        ({"terminal": TERMINAL.id, "inmate": OTHER_INMATE.id, "visitors": ()}, True),
        ({"inmate": INMATE.id, "visitors": ()}, True),
        ({"inmate": OTHER_INMATE.id, "visitors": (VISITOR.id,)}, True),
        ({"outcome": Outcome.INMATE_CANCELLED}, False),
        ({"status": BookingStatus.CANCELLED}, False),
        ({"starts": NOW + 15 * MINUTE, "ends": NOW + 30 * MINUTE}, False),
        ({"starts": NOW + 14 * MINUTE, "ends": NOW + 30 * MINUTE}, True),
    ],
)
def test_clashing_means_same_booth_or_person_at_once(
    store: Store, changes: dict[str, object], clashes: bool
) -> None:
    other = another(2, **changes)
    booked(store, other)
    assert store.read_now(lambda db: Visits(db).clashing(VISIT)) == ((other,) if clashes else ())


def test_visit_does_not_clash_with_itself(store: Store) -> None:
    booked(store, VISIT)
    assert store.read_now(lambda db: Visits(db).clashing(VISIT)) == ()


def test_unfinished_includes_those_whose_slot_is_over(store: Store) -> None:
    past = another(2, starts=NOW - timedelta(days=2), ends=NOW - timedelta(days=1))
    done = another(3, outcome=Outcome.COMPLETED_NORMALLY, status=BookingStatus.CALLED)
    asked = another(4, status=BookingStatus.REQUESTED)
    later = another(5, starts=NOW + timedelta(days=2), ends=NOW + timedelta(days=3))
    booked(store, VISIT, past, done, asked, later)
    unfinished = store.read_now(lambda db: Visits(db).unfinished(NOW + timedelta(hours=1)))
    assert unfinished == (past, VISIT)


def test_outcome_can_be_taken_back(store: Store) -> None:
    booked(store, VISIT)
    store.write_now(lambda db: Visits(db).set_status(VISIT.id, BookingStatus.CALLED))
    store.write_now(lambda db: Visits(db).set_outcome(VISIT.id, Outcome.SUSPENDED_BY_ORDER))
    ended = store.read_now(lambda db: Visits(db).get(VISIT.id))
    assert ended is not None
    assert ended.outcome is Outcome.SUSPENDED_BY_ORDER
    store.write_now(lambda db: Visits(db).set_outcome(VISIT.id, None))
    assert store.read_now(lambda db: Visits(db).get(VISIT.id)) == replace(
        VISIT, status=BookingStatus.CALLED
    )


@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_visits_that_took_place_use_the_allowance(store: Store, outcome: Outcome) -> None:
    booked(store, replace(VISIT, outcome=outcome, status=BookingStatus.CALLED))
    used = store.read_now(lambda db: Visits(db).spending_starts(INMATE.id, NOW, NOW + MINUTE))
    assert used == ((NOW,) if outcome in SPENDING_OUTCOMES else ())


@pytest.mark.parametrize("visit_type", list(VisitType))
def test_protected_visits_use_no_allowance(store: Store, visit_type: VisitType) -> None:
    booked(store, replace(VISIT, visit_type=visit_type))
    used = store.read_now(lambda db: Visits(db).spending_starts(INMATE.id, NOW, NOW + MINUTE))
    assert used == (() if visit_type.protected else (NOW,))
    without = store.read_now(
        lambda db: Visits(db).spending_starts(INMATE.id, NOW, NOW + MINUTE, VISIT.id)
    )
    assert without == ()


def test_type_of_a_visit_never_changes(store: Store) -> None:
    booked(store, replace(VISIT, visit_type=VisitType.LEGAL))
    with pytest.raises(RowRefusedError, match="never changes"):
        store.write_now(lambda db: db.execute("UPDATE visit SET visit_type = 'FAMILY'"))
    with pytest.raises(RowRefusedError, match="never deleted"):
        store.write_now(lambda db: db.execute("DELETE FROM visit"))
    with pytest.raises(RowRefusedError):
        store.write_now(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO visit SELECT id, reference, 'FAMILY', inmate, terminal, "
                "starts, ends, status, outcome, booked_at FROM visit"
            )
        )
    visit = store.read_now(lambda db: Visits(db).get(VISIT.id))
    assert visit is not None
    assert visit.visit_type is VisitType.LEGAL


def test_events_are_numbered_and_never_change(store: Store) -> None:
    booked(store, VISIT, another(2))

    def append(db: Database) -> list[int]:
        events = VisitEvents(db)
        return [
            events.append(VISIT.id, NOW, "SlotOpened", {}),
            events.append(VISIT.id, NOW + MINUTE, "Joined", {"party": "INMATE", "кто": 1}),
            events.append(VisitId("visit-2"), NOW, "SlotOpened", {}),
        ]

    assert store.write_now(append) == [1, 2, 1]
    opened, joined = store.read_now(lambda db: VisitEvents(db).of(VISIT.id))
    assert (opened.kind, opened.at, opened.payload) == ("SlotOpened", NOW, {})
    assert joined.payload == {"party": "INMATE", "кто": 1}
    for forbidden in ("UPDATE visit_event SET kind = 'x'", "DELETE FROM visit_event"):
        with pytest.raises(RowRefusedError, match="append-only"):
            store.write_now(lambda db, sql=forbidden: db.execute(sql))


def test_latest_answer_to_the_notice_counts(store: Store) -> None:
    booked(store, VISIT)
    answer = NoticeAnswer(VISIT.id, Party.VISITOR, "v-1", "2025-1", "ru", False, NOW)

    def accepted(version: str = "2025-1", person: str = "v-1") -> bool:
        return store.read_now(
            lambda db: Notices(db).accepted(VISIT.id, Party.VISITOR, person, version)
        )

    store.write_now(lambda db: Notices(db).add(answer))
    assert not accepted()
    store.write_now(lambda db: Notices(db).add(replace(answer, accepted=True)))
    assert accepted()
    assert not accepted(version="2025-2")
    assert not accepted(person="v-2")
    assert len(store.read_now(lambda db: Notices(db).of(VISIT.id))) == 2
