"""What can happen to a visit (past tense) and what must then be done (imperative).

Events are kept in the store in order; `event_to_payload` and `event_from_payload` are each other's
inverse. Effects are carried out by `relay.service.visits` and never stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter

from visit_protocol.vocabulary import Outcome, Party, TerminationReason


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened."""


@dataclass(frozen=True, slots=True)
class SlotOpened(Event):
    """The slot began; time lost to the facility may be given back until ``latest_end``."""

    latest_end: datetime


@dataclass(frozen=True, slots=True)
class PartyConnected(Event):
    """A party joined and its media arrives."""

    party: Party


@dataclass(frozen=True, slots=True)
class PartyLost(Event):
    """A party's connection or media is gone without a word."""

    party: Party


@dataclass(frozen=True, slots=True)
class PartyLeft(Event):
    """A party hung up."""

    party: Party


@dataclass(frozen=True, slots=True)
class NoticeRefused(Event):
    """A party did not agree to the notice."""

    party: Party


@dataclass(frozen=True, slots=True)
class NoticeReconsidered(Event):
    """The party that refused the notice agrees to it after all."""

    party: Party


@dataclass(frozen=True, slots=True)
class Interrupted(Event):
    """Staff froze the call."""

    by: str


@dataclass(frozen=True, slots=True)
class Resumed(Event):
    """Staff let a frozen call go on."""

    by: str


@dataclass(frozen=True, slots=True)
class Terminated(Event):
    """Staff ended the call for a reason."""

    reason: TerminationReason
    by: str


@dataclass(frozen=True, slots=True)
class OrderEnforced(Event):
    """A suspension order covers this visit."""

    order: str


@dataclass(frozen=True, slots=True)
class OrderLifted(Event):
    """No suspension order covers this visit any more."""


@dataclass(frozen=True, slots=True)
class PolicyDenied(Event):
    """A fact changed and the visit is no longer allowed."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cancelled(Event):
    """The visit was called off."""

    outcome: Outcome
    by: str


@dataclass(frozen=True, slots=True)
class RelayRestarted(Event):
    """The relay or the call's media worker came back; every connection through it is gone."""


@dataclass(frozen=True, slots=True)
class TimePassed(Event):
    """A deadline that `VisitMachine.next_deadline` named is here."""


EVENTS: Final[tuple[type[Event], ...]] = (
    SlotOpened,
    PartyConnected,
    PartyLost,
    PartyLeft,
    NoticeRefused,
    NoticeReconsidered,
    Interrupted,
    Resumed,
    Terminated,
    OrderEnforced,
    OrderLifted,
    PolicyDenied,
    Cancelled,
    RelayRestarted,
    TimePassed,
)
_BY_NAME: Final = {event.__name__: TypeAdapter(event) for event in EVENTS}


def event_to_payload(event: Event) -> tuple[str, dict[str, Any]]:
    """The event's name and its payload, ready for JSON."""
    name = type(event).__name__
    return name, _BY_NAME[name].dump_python(event, mode="json")


def event_from_payload(name: str, payload: Mapping[str, Any]) -> Event:
    """The event that `event_to_payload` named.

    Raises:
        ValueError: an unknown name or a payload that does not fit.
    """
    if name not in _BY_NAME:
        raise ValueError(f"unknown visit event {name!r}")
    return _BY_NAME[name].validate_python(payload)


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that must now be done."""


@dataclass(frozen=True, slots=True)
class StartMedia(Effect):
    """Forward (and, unless protected, record) between the parties."""


@dataclass(frozen=True, slots=True)
class HoldMedia(Effect):
    """Stop forwarding and recording; the peers stay."""


@dataclass(frozen=True, slots=True)
class CutMedia(Effect):
    """Drop every further packet, then take the call down."""


@dataclass(frozen=True, slots=True)
class RecordOutcome(Effect):
    """Enter the outcome in the visit's record."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class ClearOutcome(Effect):
    """The visit goes on after all: take its outcome back."""


@dataclass(frozen=True, slots=True)
class SendReminder(Effect):
    """Tell both parties that so many minutes are left."""

    minutes: int


@dataclass(frozen=True, slots=True)
class Announce(Effect):
    """Tell everybody concerned how the visit stands."""
