"""What the terminal knows and which screen shows it.

Guarantees: `Situation` is one frozen value, replaced whole, and every screen is a function of it;
forgetting a person forgets everything about them. Pure.
Leaves to others: how a situation changes (`kiosk.call`) and how it looks (`kiosk.ui`).
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from kiosk.board import NO_BOARD, Board
from kiosk.upkeep import Upkeep
from visit_protocol.signalling import OrderNotice, OwnPlan, Refusal, TerminalAgenda, VisitView
from visit_protocol.vocabulary import CallState, DeviceState, RequestKind, WarningReason

NOTHING_KNOWN: Final = Upkeep()


class Screen(StrEnum):
    """The screens of the booth; exactly one is shown, and its value is its public name."""

    STARTING = "starting"
    IDLE = "idle"
    IDENTIFY = "identify"
    MY_VISITS = "my_visits"
    NOTICE = "notice"
    READY = "ready"
    WAITING = "waiting"
    CALL = "call"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    RECONNECTING = "reconnecting"
    ENDED = "ended"
    DECLINED = "declined"
    CANNOT_VISIT = "cannot_visit"
    RELAY_LOST = "relay_lost"
    OUT_OF_SERVICE = "out_of_service"
    ENROLMENT = "enrolment"
    MAINTENANCE = "maintenance"
    DEVICE_TEST = "device_test"
    """A technician looks at camera and sound; only out of `MAINTENANCE`."""
    BRIDGE_LOST = "bridge_lost"
    VISIT_HELD = "visit_held"
    """In a visit, and the board is away: no power, and the visit's clock stands still."""


class Sheet(StrEnum):
    """A question or a word that lies over the screen; the screen goes on behind it."""

    LANGUAGE = "language"
    STAFF = "staff"
    WARNING = "warning"
    APPEAL = "appeal"
    REQUESTS = "requests"
    COMPLAINT = "complaint"
    PERMIT = "permit"
    FILED = "filed"


class Aid(StrEnum):
    """A way to make the screens easier for one person."""

    LARGE = "large"
    CONTRAST = "contrast"
    SPEECH = "speech"


RESTING: Final = (
    Screen.STARTING,
    Screen.IDLE,
    Screen.RELAY_LOST,
    Screen.OUT_OF_SERVICE,
    Screen.ENROLMENT,
    Screen.MAINTENANCE,
    Screen.BRIDGE_LOST,
)
"""Nobody is using the booth; which of them it is follows from the facts alone."""
PREPARING: Final = (Screen.NOTICE, Screen.READY)
"""Somebody is known and has not joined yet."""
JOINED: Final = (
    Screen.WAITING,
    Screen.CALL,
    Screen.PAUSED,
    Screen.INTERRUPTED,
    Screen.RECONNECTING,
)
"""The inmate has joined a visit that is not over."""
FINISHED: Final = (Screen.ENDED, Screen.DECLINED, Screen.CANNOT_VISIT)
"""A message to read; then the booth rests again."""
TOLD_AT_ONCE: Final = 2
"""Displaced visits that stand above the own visits; the relay tells of the others next time."""
_BEFORE_CALL: Final = (Screen.IDENTIFY, Screen.MY_VISITS, *PREPARING, Screen.WAITING, *FINISHED)
SHEETS: Final[dict[Sheet, frozenset[Screen]]] = {
    Sheet.LANGUAGE: frozenset({*RESTING, *_BEFORE_CALL}) - {Screen.STARTING},
    Sheet.WARNING: frozenset({Screen.CALL}),
    Sheet.APPEAL: frozenset({Screen.CANNOT_VISIT, Screen.ENDED}),
    Sheet.REQUESTS: frozenset({Screen.MY_VISITS}),
    Sheet.COMPLAINT: frozenset({Screen.MY_VISITS, Screen.ENDED}),
    Sheet.PERMIT: frozenset({Screen.MY_VISITS}),
    Sheet.FILED: frozenset({Screen.MY_VISITS, Screen.ENDED}),
    Sheet.STAFF: frozenset(Screen) - {Screen.STARTING, Screen.RELAY_LOST, Screen.RECONNECTING},
}
"""Over which screens a sheet may lie; when another comes up, the sheet is gone."""


class RelayLink(StrEnum):
    """How the terminal stands with the relay."""

    UNKNOWN = "unknown"
    UP = "up"
    LOST = "lost"
    REFUSED = "refused"
    ENROLLING = "enrolling"
    """The relay waits with us for somebody to confirm our code."""


class StaffCall(StrEnum):
    """Whether somebody in the booth has asked for a member of staff."""

    NONE = "none"
    ASKED = "asked"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Booth:
    """What the relay said about this terminal when it welcomed it."""

    facility: str
    timezone: str
    label: str
    notice_version: str


@dataclass(frozen=True, slots=True)
class Devices:
    """The engine's own words on its devices; ``usable`` weighs them by the configuration."""

    camera: DeviceState
    microphone: DeviceState
    usable: bool
    speech: bool = False
    """Whether the screens can be read aloud: there is a voice, and something to hear it with."""


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a screen may show."""

    language: str
    home_language: str
    """What the screens speak when nobody has chosen."""
    language_chosen: bool = False
    languages: tuple[str, ...] = ("ru", "en")
    """Those that there are words in."""
    aids: frozenset[Aid] = frozenset()
    """What this person has switched on."""
    sheet: Sheet | None = None
    """What lies over the screen."""
    relay: RelayLink = RelayLink.UNKNOWN
    booth: Booth | None = None
    agenda: TerminalAgenda | None = None
    engine_up: bool | None = None
    """None until the engine was heard of for the first time."""
    devices: Devices | None = None
    board: Board = NO_BOARD
    upkeep: Upkeep = NOTHING_KNOWN
    panic: StaffCall = StaffCall.NONE
    """Whether the panic button was pressed a short time ago, and the relay has heard of it."""
    inmate_name: str = ""
    visit: VisitView | None = None
    plan: OwnPlan | None = None
    """This person's visits to come, at whichever terminal."""
    number_wanted: bool = False
    """They have no visit here now: their number is asked for before the PIN."""
    number: str = field(default="", repr=False)
    refusals: tuple[Refusal, ...] = ()
    """Why the last thing that was asked for cannot be."""
    notices: tuple[OrderNotice, ...] = ()
    """What this person is told now of visits that orders displaced."""
    staff: StaffCall = StaffCall.NONE
    warning: WarningReason | None = None
    """What the guard has warned both parties of, for the last time."""
    appeals: tuple[tuple[str, datetime], ...] = ()
    """Orders that this person has appealed against, and when each is answered."""
    filed: tuple[RequestKind, datetime] | None = None
    """What this person has asked for last, and by when it is answered."""
    minutes_left: int | None = None
    """The relay's latest reminder in this call."""
    media_up: bool = False
    busy: bool = False
    """Something was asked of the relay and its answer is awaited."""
    badge: str = field(default="", repr=False)
    """The badge that this person showed."""
    handset_wanted: bool = False
    """They wanted to join with the handset on its hook."""

    @property
    def equipped(self) -> bool:
        """Whether the engine runs and has what a visit at this terminal needs."""
        return bool(self.engine_up) and self.devices is not None and self.devices.usable

    @property
    def appealable(self) -> str | None:
        """The order that this person may appeal against here; None when there is none left."""
        if self.visit is None:
            return None
        done = {order for order, _ in self.appeals}
        orders = [refusal.order for refusal in self.refusals if refusal.order]
        return next((order for order in orders if order not in done), None)

    @property
    def complainable(self) -> str | None:
        """The reference of the visit that a complaint made now is about."""
        if self.visit is not None and self.visit.state is CallState.ENDED:
            return self.visit.reference
        return self.plan.last.reference if self.plan and self.plan.last else None

    @property
    def touched(self) -> bool:
        """Whether somebody has left something of theirs on a screen that rests."""
        return self.language_chosen or bool(self.aids) or self.staff is not StaffCall.NONE

    @property
    def can_speak(self) -> bool:
        """Whether the screens can be read aloud."""
        return self.devices is not None and self.devices.speech

    def without_person(self) -> "Situation":
        """The same booth with nobody in it."""
        return replace(
            self,
            language=self.home_language,
            language_chosen=False,
            aids=frozenset(),
            sheet=None,
            inmate_name="",
            visit=None,
            plan=None,
            number_wanted=False,
            number="",
            refusals=self.refusals if self.relay is RelayLink.REFUSED else (),
            notices=(),
            staff=StaffCall.NONE,
            warning=None,
            appeals=(),
            filed=None,
            minutes_left=None,
            media_up=False,
            busy=False,
            badge="",
            handset_wanted=False,
        )
