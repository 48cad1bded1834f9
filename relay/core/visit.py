"""`VisitMachine`: the life of one visit from its slot's opening to its one outcome.

Guarantees: the table `TRANSITIONS` is the whole truth about states (the diagram in
``docs/visit-states.md`` is generated from it); `VisitMachine.handle` either moves along a row and
returns what must now be done, or raises `IllegalEventError` and changes nothing; replaying the same
events at the same instants gives the same machine, which is how a visit survives a restart.
Leaves to others: who may join (`relay.core.policy`), timers and media (`relay.service.visits`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from relay.core.visit_events import (
    Announce,
    Cancelled,
    ClearOutcome,
    CutMedia,
    Effect,
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
)
from visit_protocol.vocabulary import CallState, Outcome, Party, TerminationReason

S = CallState
REMINDERS: Final = (timedelta(minutes=5), timedelta(minutes=1))


class IllegalEventError(Exception):
    """The event cannot happen in this state; the machine is as it was."""

    def __init__(self, state: CallState, event: Event) -> None:
        super().__init__(f"{type(event).__name__} in {state}")
        self.state = state
        self.event = event


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that the machine remembers; replaced whole, so a refused event cannot leave a trace."""

    state: CallState = CallState.SCHEDULED
    present: frozenset[Party] = frozenset()
    latest_end: datetime | None = None
    given_back: timedelta = timedelta()
    stopped_at: datetime | None = None
    """Since when the visit's clock stands still, or None while it runs."""
    live_since: datetime | None = None
    reminded: frozenset[timedelta] = frozenset()
    outcome: Outcome | None = None
    refused_by: Party | None = None
    """Whose refusal of the notice ended the visit."""
    termination: TerminationReason | None = None
    """Why staff ended the call."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: in ``state``, on ``event``, when ``when`` holds, go to ``next``."""

    state: CallState
    event: type[Event]
    next: CallState
    when: "Condition | None" = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A named question about the machine after presence was brought up to date."""

    name: str
    holds: Callable[["VisitMachine", Ledger, Event, datetime], bool]


BOTH_PRESENT = Condition("both present", lambda _m, led, _e, _n: len(led.present) == len(Party))
ONLY_INMATE = Condition(
    "only inmate present", lambda _m, led, _e, _n: led.present == {Party.INMATE}
)
ONLY_VISITOR = Condition(
    "only visitor present", lambda _m, led, _e, _n: led.present == {Party.VISITOR}
)
TIME_UP = Condition("time is up", lambda m, led, _e, now: now >= m.deadline_of_end(led))
BY_ORDER = Condition(
    "ended by order, time left",
    lambda m, led, _e, now: led.outcome is Outcome.SUSPENDED_BY_ORDER and now < m.ends_at(led, now),
)
BY_OWN_REFUSAL = Condition(
    "ended by this party's refusal, time left",
    lambda m, led, event, now: (
        isinstance(event, NoticeReconsidered)
        and led.refused_by is event.party
        and now < m.ends_at(led, now)
    ),
)

_BEFORE_CALL = (S.OPEN, S.WAITING_INMATE, S.WAITING_VISITOR)
_IN_CALL = (S.LIVE, S.PAUSED, S.RECONNECTING)
_UNDER_WAY = (*_BEFORE_CALL, *_IN_CALL)


def _rows() -> Iterable[Row]:
    yield Row(S.SCHEDULED, SlotOpened, S.OPEN)
    yield Row(S.SCHEDULED, Cancelled, S.ENDED)
    for state in _BEFORE_CALL:
        for event in (PartyConnected, PartyLost, PartyLeft):
            if event is PartyConnected:
                yield Row(state, event, S.LIVE, BOTH_PRESENT)
            yield Row(state, event, S.WAITING_VISITOR, ONLY_INMATE)
            yield Row(state, event, S.WAITING_INMATE, ONLY_VISITOR)
            if event is not PartyConnected:
                yield Row(state, event, S.OPEN)
        yield Row(state, NoticeRefused, S.ENDED)
        yield Row(state, RelayRestarted, S.OPEN)
    yield Row(S.LIVE, PartyConnected, S.LIVE)
    yield Row(S.LIVE, PartyLost, S.RECONNECTING)
    yield Row(S.LIVE, Interrupted, S.PAUSED)
    yield Row(S.LIVE, RelayRestarted, S.RECONNECTING)
    yield Row(S.PAUSED, PartyConnected, S.PAUSED)
    yield Row(S.PAUSED, PartyLost, S.PAUSED)
    yield Row(S.PAUSED, Resumed, S.LIVE, BOTH_PRESENT)
    yield Row(S.PAUSED, Resumed, S.RECONNECTING)
    yield Row(S.PAUSED, RelayRestarted, S.PAUSED)
    yield Row(S.RECONNECTING, PartyConnected, S.LIVE, BOTH_PRESENT)
    yield Row(S.RECONNECTING, PartyConnected, S.RECONNECTING)
    yield Row(S.RECONNECTING, PartyLost, S.RECONNECTING)
    yield Row(S.RECONNECTING, Interrupted, S.PAUSED)
    yield Row(S.RECONNECTING, RelayRestarted, S.RECONNECTING)
    for state in _IN_CALL:
        yield Row(state, PartyLeft, S.ENDED)
    for state in _UNDER_WAY:
        yield Row(state, TimePassed, S.ENDED, TIME_UP)
        yield Row(state, TimePassed, state)
        for ending in (Terminated, OrderEnforced, PolicyDenied, Cancelled):
            yield Row(state, ending, S.ENDED)
    yield Row(S.ENDED, OrderLifted, S.OPEN, BY_ORDER)
    yield Row(S.ENDED, NoticeReconsidered, S.OPEN, BY_OWN_REFUSAL)


TRANSITIONS: Final[tuple[Row, ...]] = tuple(_rows())
"""Every legal move; of several rows for one (state, event) the first whose condition holds."""


class VisitMachine:
    """One visit. ``now`` is an aware UTC instant and never goes back between calls."""

    def __init__(self, starts: datetime, ends: datetime) -> None:
        self._starts = starts
        self._ends = ends
        self._ledger = Ledger()

    @classmethod
    def replay(
        cls, starts: datetime, ends: datetime, history: Iterable[tuple[Event, datetime]]
    ) -> "VisitMachine":
        """The machine as it stood after ``history``; its effects are not repeated.

        Raises:
            IllegalEventError: the history was not written by this machine.
        """
        machine = cls(starts, ends)
        for event, at in history:
            machine.handle(event, at)
        return machine

    @property
    def state(self) -> CallState:
        """The call's state."""
        return self._ledger.state

    @property
    def outcome(self) -> Outcome | None:
        """How the visit ended; None while it has not."""
        return self._ledger.outcome

    @property
    def termination(self) -> TerminationReason | None:
        """Why staff ended the call; None while it has not ended, or ended otherwise."""
        return self._ledger.termination

    @property
    def present(self) -> frozenset[Party]:
        """The parties whose media arrives."""
        return self._ledger.present

    @property
    def live_since(self) -> datetime | None:
        """When the parties first met."""
        return self._ledger.live_since

    @property
    def given_back(self) -> timedelta:
        """Time added to the slot so far."""
        return self._ledger.given_back

    def ends_at(self, ledger: Ledger | None = None, now: datetime | None = None) -> datetime:
        """When the call ends as things stand; with ``now``, time standing still is added."""
        led = ledger or self._ledger
        owed = led.given_back
        if now is not None and led.stopped_at is not None and led.state in _IN_CALL:
            owed += now - led.stopped_at
        return min(self._ends + owed, max(led.latest_end or self._ends, self._ends))

    def deadline_of_end(self, ledger: Ledger | None = None) -> datetime:
        """When `TimePassed` must end the visit if nothing else happens.

        A pause by staff never runs out by itself before the room is needed; a lost connection
        that is not mended by the planned end has lost its time.
        """
        led = ledger or self._ledger
        if led.state is S.PAUSED:
            return max(led.latest_end or self._ends, self._ends)
        return self.ends_at(led)

    def next_deadline(self) -> datetime | None:
        """When to send `SlotOpened` (while SCHEDULED) or `TimePassed`; None when it is over."""
        led = self._ledger
        if led.state is S.SCHEDULED:
            return self._starts
        if led.state is S.ENDED:
            return None
        end = self.deadline_of_end()
        if led.state is not S.LIVE:
            return end
        due = [end - left for left in REMINDERS if left not in led.reminded]
        return min([end, *due])

    def handle(self, event: Event, now: datetime) -> list[Effect]:
        """Move along the table and return what must now be done, in order.

        Raises:
            IllegalEventError: no row for this event here and now; nothing has changed.
        """
        before = self._ledger
        if isinstance(event, SlotOpened) and now < self._starts:
            raise IllegalEventError(before.state, event)
        seen = replace(before, present=_present_after(before.present, event))
        row = next((row for row in TRANSITIONS if self._fits(row, seen, event, now)), None)
        if row is None:
            raise IllegalEventError(before.state, event)
        after, effects = self._enter(seen, row.next, event, now)
        self._ledger = after
        return effects

    def _fits(self, row: Row, seen: Ledger, event: Event, now: datetime) -> bool:
        if row.state is not seen.state or row.event is not type(event):
            return False
        return row.when is None or row.when.holds(self, seen, event, now)

    def _enter(
        self, led: Ledger, target: CallState, event: Event, now: datetime
    ) -> tuple[Ledger, list[Effect]]:
        effects: list[Effect] = []
        came_from = led.state
        if isinstance(event, SlotOpened):
            led = replace(led, latest_end=event.latest_end)
        if came_from is not target:
            led = self._keep_time(led, came_from, target, now)
        led = replace(led, state=target)
        match target:
            case S.ENDED:
                outcome = self._outcome(event, came_from, led.present)
                refused_by = event.party if isinstance(event, NoticeRefused) else None
                led = replace(
                    led,
                    outcome=outcome,
                    refused_by=refused_by,
                    termination=event.reason if isinstance(event, Terminated) else None,
                    present=frozenset(),
                )
                effects += [CutMedia(), RecordOutcome(outcome)]
            case S.LIVE if came_from is not S.LIVE:
                effects.append(StartMedia())
                late = {left for left in REMINDERS if now > self.ends_at(led) - left}
                led = replace(led, reminded=frozenset(late))
            case S.PAUSED | S.RECONNECTING if came_from is S.LIVE:
                effects.append(HoldMedia())
            case S.OPEN if came_from is S.ENDED:
                led = replace(led, outcome=None, refused_by=None)
                effects.append(ClearOutcome())
        if target is S.LIVE and isinstance(event, TimePassed):
            due = [left for left in REMINDERS if now >= self.ends_at(led) - left]
            for left in due:
                if left not in led.reminded:
                    effects.append(SendReminder(int(left.total_seconds() // 60)))
            led = replace(led, reminded=led.reminded | set(due))
        else:
            effects.append(Announce())
        return led, effects

    def _keep_time(
        self, led: Ledger, came_from: CallState, target: CallState, now: datetime
    ) -> Ledger:
        """Stop and restart the visit's clock: whoever waits for the facility loses nothing."""
        if target in (S.WAITING_INMATE, S.PAUSED, S.RECONNECTING):
            return led if led.stopped_at is not None else replace(led, stopped_at=now)
        if target is not S.LIVE:
            return replace(led, stopped_at=None) if came_from is S.WAITING_INMATE else led
        stopped = led.stopped_at if led.stopped_at is not None else now
        room = max(led.latest_end or self._ends, self._ends) - self._ends
        return replace(
            led,
            given_back=min(led.given_back + (now - stopped), room),
            stopped_at=None,
            live_since=led.live_since or now,
        )

    @staticmethod
    def _outcome(event: Event, state: CallState, present: frozenset[Party]) -> Outcome:
        match event:
            case Terminated():
                return Outcome.TERMINATED_BY_STAFF
            case OrderEnforced():
                return Outcome.SUSPENDED_BY_ORDER
            case PolicyDenied():
                return Outcome.ESTABLISHMENT_CANCELLED
            case Cancelled(outcome=outcome):
                return outcome
            case NoticeRefused(party=Party.INMATE):
                return Outcome.INMATE_REFUSED_TO_ATTEND
            case NoticeRefused():
                return Outcome.VISITOR_CANCELLED
            case PartyLeft(party=Party.INMATE):
                return Outcome.INMATE_COMPLETED_EARLY
            case PartyLeft():
                return Outcome.VISITOR_COMPLETED_EARLY
        return _outcome_of_time(state, present)


def _outcome_of_time(state: CallState, present: frozenset[Party]) -> Outcome:
    match state:
        case S.LIVE:
            return Outcome.COMPLETED_NORMALLY
        case S.PAUSED:
            return Outcome.TERMINATED_BY_STAFF
        case S.RECONNECTING if Party.INMATE in present:
            return Outcome.TECHNICAL_FAILURE_VISITOR
        case S.RECONNECTING:
            return Outcome.TECHNICAL_FAILURE_FACILITY
        case S.WAITING_VISITOR:
            return Outcome.VISITOR_DID_NOT_ARRIVE
    # Nobody came, or only the visitor did: bringing the inmate is the facility's part.
    return Outcome.INMATE_NOT_BROUGHT


def _present_after(present: frozenset[Party], event: Event) -> frozenset[Party]:
    match event:
        case PartyConnected(party=party):
            return present | {party}
        case PartyLost(party=party) | PartyLeft(party=party):
            return present - {party}
        case RelayRestarted():
            return frozenset()
    return present
