"""Claims about the life of a visit."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.core.visit import REMINDERS, TRANSITIONS, IllegalEventError, VisitMachine
from relay.core.visit_events import (
    EVENTS,
    Announce,
    Cancelled,
    ClearOutcome,
    CutMedia,
    Event,
    HoldMedia,
    Interrupted,
    NoticeReconsidered,
    NoticeRefused,
    OrderEnforced,
    OrderLifted,
    PartyConnected,
    PartyLeft,
    PartyLost,
    PolicyDenied,
    RecordOutcome,
    RelayRestarted,
    Resumed,
    SendReminder,
    SlotOpened,
    StartMedia,
    Terminated,
    TimePassed,
    event_from_payload,
    event_to_payload,
)
from visit_protocol.vocabulary import CallState, Outcome, Party, TerminationReason

STARTS = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ENDS = STARTS + timedelta(minutes=15)
LATEST = ENDS + timedelta(minutes=10)
INMATE, VISITOR = Party.INMATE, Party.VISITOR
OPENED = SlotOpened(LATEST)


def through_json(event: Event) -> tuple[str, dict[str, object]]:
    name, payload = event_to_payload(event)
    return name, json.loads(json.dumps(payload))


def at(minutes: float) -> datetime:
    return STARTS + timedelta(minutes=minutes)


def visit(*history: tuple[Event, float]) -> VisitMachine:
    return VisitMachine.replay(STARTS, ENDS, [(event, at(minute)) for event, minute in history])


PATHS: dict[CallState, tuple[tuple[Event, float], ...]] = {
    CallState.SCHEDULED: (),
    CallState.OPEN: ((OPENED, 0),),
    CallState.WAITING_INMATE: ((OPENED, 0), (PartyConnected(VISITOR), 1)),
    CallState.WAITING_VISITOR: ((OPENED, 0), (PartyConnected(INMATE), 1)),
    CallState.LIVE: ((OPENED, 0), (PartyConnected(INMATE), 1), (PartyConnected(VISITOR), 1)),
}
PATHS[CallState.PAUSED] = (*PATHS[CallState.LIVE], (Interrupted("g"), 1))
PATHS[CallState.RECONNECTING] = (*PATHS[CallState.LIVE], (PartyLost(VISITOR), 1))
PATHS[CallState.ENDED] = (*PATHS[CallState.LIVE], (PartyLeft(VISITOR), 1))

SAMPLES: tuple[Event, ...] = (
    OPENED,
    PartyConnected(INMATE),
    PartyConnected(VISITOR),
    PartyLost(INMATE),
    PartyLost(VISITOR),
    PartyLeft(INMATE),
    PartyLeft(VISITOR),
    NoticeRefused(INMATE),
    NoticeRefused(VISITOR),
    NoticeReconsidered(INMATE),
    NoticeReconsidered(VISITOR),
    Interrupted("g"),
    Resumed("g"),
    Terminated(TerminationReason.RULES_BROKEN, "g"),
    OrderEnforced("o-1"),
    OrderLifted(),
    PolicyDenied(("VISITOR_BANNED",)),
    Cancelled(Outcome.ESTABLISHMENT_CANCELLED, "a"),
    RelayRestarted(),
    TimePassed(),
)


def test_every_event_has_a_sample() -> None:
    assert {type(event) for event in SAMPLES} == set(EVENTS)


@pytest.mark.parametrize("state", list(CallState))
@pytest.mark.parametrize("event", SAMPLES, ids=repr)
def test_every_state_and_event_either_moves_along_a_row_or_changes_nothing(
    state: CallState, event: Event
) -> None:
    machine = visit(*PATHS[state])
    assert machine.state is state
    before = machine._ledger
    rows = {row.next for row in TRANSITIONS if row.state is state and row.event is type(event)}
    try:
        effects = machine.handle(event, at(2))
    except IllegalEventError:
        assert machine._ledger == before
        assert not rows or any(
            row.when is not None
            for row in TRANSITIONS
            if row.state is state and row.event is type(event)
        )
    else:
        assert machine.state in rows
        assert effects or isinstance(event, TimePassed)
        assert (machine.outcome is not None) == (machine.state is CallState.ENDED)


def test_nobody_enters_before_the_slot_opens() -> None:
    machine = visit()
    with pytest.raises(IllegalEventError):
        machine.handle(PartyConnected(VISITOR), at(-1))
    with pytest.raises(IllegalEventError):
        machine.handle(OPENED, at(-0.001))
    assert machine.next_deadline() == STARTS


def test_the_call_is_live_when_both_parties_media_has_arrived() -> None:
    machine = visit(*PATHS[CallState.WAITING_VISITOR])
    assert machine.handle(PartyConnected(VISITOR), at(2)) == [StartMedia(), Announce()]
    assert machine.state is CallState.LIVE


def test_reminders_come_once_each_at_five_and_one_minutes() -> None:
    machine = visit(*PATHS[CallState.LIVE])
    assert machine.next_deadline() == at(10)
    assert machine.handle(TimePassed(), at(10)) == [SendReminder(5)]
    assert machine.handle(TimePassed(), at(10.1)) == []
    assert machine.next_deadline() == at(14)
    assert machine.handle(TimePassed(), at(14)) == [SendReminder(1)]
    assert machine.next_deadline() == ENDS


def test_the_end_of_the_slot_ends_the_call() -> None:
    machine = visit(*PATHS[CallState.LIVE])
    effects = machine.handle(TimePassed(), ENDS)
    assert effects == [CutMedia(), RecordOutcome(Outcome.COMPLETED_NORMALLY), Announce()]
    assert machine.next_deadline() is None


def test_time_waited_for_the_inmate_is_given_back() -> None:
    machine = visit((OPENED, 0), (PartyConnected(VISITOR), 1), (PartyConnected(INMATE), 5))
    assert machine.given_back == timedelta(minutes=4)
    assert machine.ends_at() == at(19)


def test_time_waited_for_the_visitor_is_not_given_back() -> None:
    machine = visit((OPENED, 0), (PartyConnected(INMATE), 1), (PartyConnected(VISITOR), 5))
    assert machine.ends_at() == ENDS


def test_time_is_given_back_only_as_far_as_the_next_slot_allows() -> None:
    machine = visit((OPENED, 0), (PartyConnected(VISITOR), 0), (PartyConnected(INMATE), 14))
    assert machine.ends_at() == LATEST


def test_a_pause_by_staff_stops_the_clock() -> None:
    machine = visit(*PATHS[CallState.PAUSED])
    assert machine.handle(Resumed("g"), at(4)) == [StartMedia(), Announce()]
    assert machine.ends_at() == at(18)


def test_a_lost_connection_holds_media_and_gives_its_time_back() -> None:
    machine = visit(*PATHS[CallState.LIVE])
    assert machine.handle(PartyLost(VISITOR), at(3)) == [HoldMedia(), Announce()]
    assert machine.ends_at(now=at(4)) == at(16)
    machine.handle(PartyConnected(VISITOR), at(5))
    assert machine.state is CallState.LIVE
    assert machine.ends_at() == at(17)


def test_a_connection_not_mended_by_the_end_is_a_technical_failure_of_its_side() -> None:
    for party, outcome in (
        (VISITOR, Outcome.TECHNICAL_FAILURE_VISITOR),
        (INMATE, Outcome.TECHNICAL_FAILURE_FACILITY),
    ):
        machine = visit(*PATHS[CallState.LIVE], (PartyLost(party), 3))
        machine.handle(TimePassed(), ENDS)
        assert machine.outcome is outcome


def test_a_restart_of_the_relay_goes_on_within_the_slot() -> None:
    machine = visit(*PATHS[CallState.LIVE], (RelayRestarted(), 2))
    assert machine.state is CallState.RECONNECTING
    machine.handle(PartyConnected(VISITOR), at(2.1))
    assert machine.state is CallState.RECONNECTING
    machine.handle(PartyConnected(INMATE), at(2.2))
    assert machine.state is CallState.LIVE


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (CallState.OPEN, Outcome.INMATE_NOT_BROUGHT),
        (CallState.WAITING_INMATE, Outcome.INMATE_NOT_BROUGHT),
        (CallState.WAITING_VISITOR, Outcome.VISITOR_DID_NOT_ARRIVE),
    ],
)
def test_who_did_not_come_is_named_by_the_outcome(state: CallState, outcome: Outcome) -> None:
    machine = visit(*PATHS[state])
    machine.handle(TimePassed(), ENDS)
    assert machine.outcome is outcome


@pytest.mark.parametrize("state", [s for s in CallState if s not in {"SCHEDULED", "ENDED"}])
def test_an_order_cuts_first_and_a_lift_within_the_slot_opens_the_visit_again(
    state: CallState,
) -> None:
    machine = visit(*PATHS[state])
    assert machine.handle(OrderEnforced("o-1"), at(3))[0] == CutMedia()
    assert machine.outcome is Outcome.SUSPENDED_BY_ORDER
    assert machine.handle(OrderLifted(), at(4)) == [ClearOutcome(), Announce()]
    assert machine.state is CallState.OPEN
    assert machine.present == frozenset()


def test_a_lift_after_the_slot_changes_nothing() -> None:
    machine = visit(*PATHS[CallState.LIVE], (OrderEnforced("o-1"), 3))
    with pytest.raises(IllegalEventError):
        machine.handle(OrderLifted(), at(30))
    assert machine.outcome is Outcome.SUSPENDED_BY_ORDER


def test_hanging_up_while_waiting_does_not_end_the_visit() -> None:
    machine = visit(*PATHS[CallState.WAITING_INMATE], (PartyLeft(VISITOR), 2))
    assert machine.state is CallState.OPEN


def test_an_end_by_staff_keeps_their_reason() -> None:
    machine = visit(*PATHS[CallState.LIVE])
    assert machine.termination is None
    machine.handle(Terminated(TerminationReason.INDECENCY, "g"), at(3))
    assert machine.outcome is Outcome.TERMINATED_BY_STAFF
    assert machine.termination is TerminationReason.INDECENCY


def test_refusing_the_notice_ends_the_visit_in_that_partys_name() -> None:
    for party, outcome in (
        (INMATE, Outcome.INMATE_REFUSED_TO_ATTEND),
        (VISITOR, Outcome.VISITOR_CANCELLED),
    ):
        machine = visit((OPENED, 0), (NoticeRefused(party), 1))
        assert machine.outcome is outcome


def test_whoever_refused_the_notice_may_think_again_within_the_slot() -> None:
    machine = visit((OPENED, 0), (NoticeRefused(VISITOR), 1))
    with pytest.raises(IllegalEventError):
        machine.handle(NoticeReconsidered(INMATE), at(2))
    assert machine.handle(NoticeReconsidered(VISITOR), at(2)) == [ClearOutcome(), Announce()]
    assert machine.state is CallState.OPEN
    late = visit((OPENED, 0), (NoticeRefused(VISITOR), 1))
    with pytest.raises(IllegalEventError):
        late.handle(NoticeReconsidered(VISITOR), at(40))


@given(st.sampled_from(SAMPLES))
def test_events_survive_the_store(event: Event) -> None:
    assert event_from_payload(*through_json(event)) == event


def test_an_unknown_stored_event_is_refused() -> None:
    with pytest.raises(ValueError, match="Vanished"):
        event_from_payload("Vanished", {})


@given(st.lists(st.tuples(st.sampled_from(SAMPLES), st.integers(0, 90)), max_size=40))
def test_any_history_keeps_the_promises(steps: list[tuple[Event, int]]) -> None:
    machine = VisitMachine(STARTS, ENDS)
    now = STARTS
    kept: list[tuple[Event, datetime]] = []
    for event, seconds in steps:
        now += timedelta(seconds=seconds)
        before = machine._ledger
        try:
            machine.handle(event, now)
        except IllegalEventError:
            assert machine._ledger == before
            continue
        kept.append((event, now))
        assert (machine.outcome is not None) == (machine.state is CallState.ENDED)
        assert ENDS <= machine.ends_at() <= LATEST
        if machine.state is CallState.LIVE:
            assert machine.present == set(Party)
        deadline = machine.next_deadline()
        assert (deadline is None) == (machine.state is CallState.ENDED)
    again = VisitMachine.replay(STARTS, ENDS, kept)
    assert again._ledger == machine._ledger


def test_reminders_are_for_five_and_one_minutes() -> None:
    assert [left.total_seconds() / 60 for left in REMINDERS] == [5, 1]
