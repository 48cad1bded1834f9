"""`Actor`: plays the inmate by itself, one touch at a time, on the real screens.

Guarantees: it does only what a finger could; it looks at every screen for a moment first; a wrong
PIN is never typed twice, so it locks nobody. Pure.
Leaves to others: the PIN and the clock (`kiosk.app`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kiosk.call_events import (
    Dismissed,
    Event,
    JoinTouched,
    NoticeAccepted,
    PinEntered,
    StartTouched,
    VisitWanted,
)
from kiosk.situation import Screen, Situation
from visit_protocol.signalling import TerminalAgenda
from visit_protocol.vocabulary import CallState, RejectionCode

GLANCE: Final = timedelta(seconds=0.25)
READ: Final = timedelta(seconds=4)
"""How long it looks at the end of a visit."""
HOPE: Final = timedelta(seconds=10)
"""How long it waits on "cannot visit" for the reason to go away before it goes back."""
ASK_AGAIN: Final = timedelta(seconds=6)
"""How long it rests when there was no visit, unless the agenda changes."""


@dataclass(slots=True)
class _Memory:
    screen: Screen | None = None
    since: datetime | None = None
    touched: bool = False
    turned_away_at: datetime | None = None
    turned_away_with: TerminalAgenda | None = None
    given_up: bool = False


class Actor:
    """One person who wants to have their visit."""

    def __init__(self, pin: str) -> None:
        self._pin = pin
        self._memory = _Memory()

    def turn(self, screen: Screen, now: datetime) -> None:
        """A screen has come up, perhaps one that was there a moment ago."""
        memory = self._memory
        memory.screen, memory.since, memory.touched = screen, now, False

    def next_touch(self, screen: Screen, situation: Situation, now: datetime) -> Event | None:
        """What to touch now, or None to go on looking. Call it a few times a second."""
        memory = self._memory
        if screen is not memory.screen:
            self.turn(screen, now)
        since = memory.since or now
        if memory.touched or memory.given_up:
            return None
        touch = self._touch(screen, situation, now - since, now)
        # A screen that is still there after a touch was touched for nothing: wait for another.
        memory.touched = touch is not None
        return touch

    def _touch(
        self, screen: Screen, situation: Situation, looked: timedelta, now: datetime
    ) -> Event | None:
        if looked < GLANCE or situation.busy:
            return None
        match screen:
            case Screen.IDLE if self._wants_to_start(situation, now):
                return StartTouched()
            case Screen.IDENTIFY if not situation.board.badge_wanted:
                return PinEntered(self._pin)
            case Screen.MY_VISITS if situation.visit is not None and not situation.refusals:
                return VisitWanted()
            case Screen.MY_VISITS if looked >= HOPE:
                self._note_turned_away(situation, now)
                return Dismissed()
            case Screen.NOTICE:
                return NoticeAccepted()
            case Screen.READY if self._may_join(situation) and not situation.board.handset_down:
                return JoinTouched()
            case Screen.ENDED if looked >= READ:
                return Dismissed()
            case Screen.CANNOT_VISIT if looked >= HOPE:
                self._note_turned_away(situation, now)
                return Dismissed()
        return None

    def heard_refusal(self, situation: Situation) -> None:
        """The PIN was refused: a wrong one is given up for good."""
        codes = {refusal.code for refusal in situation.refusals}
        if codes & {RejectionCode.PIN_WRONG, RejectionCode.INMATE_LOCKED}:
            self._memory.given_up = True

    def _note_turned_away(self, situation: Situation, now: datetime) -> None:
        self._memory.turned_away_at = now
        self._memory.turned_away_with = situation.agenda

    def _wants_to_start(self, situation: Situation, now: datetime) -> bool:
        away = self._memory.turned_away_at
        if away is None or now - away >= ASK_AGAIN:
            return True
        old, new = self._memory.turned_away_with, situation.agenda
        return _slot(old) != _slot(new)

    @staticmethod
    def _may_join(situation: Situation) -> bool:
        visit = situation.visit
        return visit is not None and visit.state is not CallState.SCHEDULED


def _slot(agenda: TerminalAgenda | None) -> tuple[object, ...]:
    """What of an agenda makes another try worth while."""
    if agenda is None:
        return ()
    return (agenda.next_starts, agenda.next_ends, agenda.refusals)
