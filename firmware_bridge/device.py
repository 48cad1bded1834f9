"""`Device`: what the bridge knows of its board, asks of it and tells the kiosk. Pure.

Guarantees: the table `TRANSITIONS` is the whole truth about the states; `Device.handle` either
moves along it and returns what must now be done, or raises `IllegalEventError` and changes nothing;
the board is asked for power only by a kiosk's own renewal and for no longer than that lasts; *power
off confirmed* is said only after the board has carried the cut out **and** measured no power; power
where none may be, or that nobody can rule out, is a fault.
Leaves to others: greeting and repetition (`link`), who may have power (the relay, through the
kiosk). Times are seconds of one monotonic clock.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from firmware_bridge.link import (
    Done,
    Failed,
    Fell,
    Greeted,
    Happening,
    Heard,
    Mismatched,
    Reason,
    Unanswered,
)
from firmware_bridge.payloads import (
    Ask,
    Badge,
    Cut,
    Lamp,
    LampCode,
    Opening,
    Output,
    Panic,
    Payload,
    Renew,
    State,
)
from visit_protocol.bridge import (
    LEASE_S,
    BadgeRemoved,
    BadgeShown,
    BoardFault,
    BoardFound,
    BoardLoss,
    BoardLost,
    BoothSensed,
    CutPower,
    FaultBegan,
    FaultEnded,
    FromBridge,
    FromKiosk,
    PanicPressed,
    PowerOffConfirmed,
    PowerSensed,
    RenewPower,
    ShowLamp,
)

CONFIRM_S: Final = 1.0
"""Power that is not known to be off so long after it should be is a fault."""
RISE_S: Final = 0.5
"""Power that is not there so long after it was asked for is a fault."""
HOT_DC: Final = 700
COOL_DC: Final = 650
"""Tenths of a degree: too hot from here, right again below there."""


class Contact(Enum):
    """How it stands between bridge and board."""

    ABSENT = "there is no port"
    GREETING = "the port is open, nobody has answered yet"
    UNFIT = "what answers is no board for us, or nothing answers"
    READY = "a board is spoken with"


@dataclass(frozen=True, slots=True)
class Event:
    """Anything that happens beside the link."""


@dataclass(frozen=True, slots=True)
class PortOpened(Event):
    """There is a port and it is ours."""


@dataclass(frozen=True, slots=True)
class PortLost(Event):
    """It is gone."""


@dataclass(frozen=True, slots=True)
class KioskJoined(Event):
    """A kiosk has connected and knows nothing yet."""


@dataclass(frozen=True, slots=True)
class KioskLeft(Event):
    """The kiosk's end has closed."""


@dataclass(frozen=True, slots=True)
class KioskSaid(Event):
    """The kiosk wants something."""

    message: FromKiosk


@dataclass(frozen=True, slots=True)
class DeadlinePassed(Event):
    """`Device.next_deadline` is now."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Anything that must now be done."""


@dataclass(frozen=True, slots=True)
class Order(Effect):
    """Send the board that."""

    command: Payload


@dataclass(frozen=True, slots=True)
class Tell(Effect):
    """Tell the kiosk that, if there is one."""

    message: FromBridge


C = Contact
_ANYWHERE: Final = (KioskJoined, KioskLeft, KioskSaid, DeadlinePassed, Failed)
TRANSITIONS: Final[dict[tuple[Contact, type[Event] | type[Happening]], Contact]] = {
    (C.ABSENT, PortOpened): C.GREETING,
    (C.GREETING, PortLost): C.ABSENT,
    (C.GREETING, Greeted): C.READY,
    (C.GREETING, Mismatched): C.UNFIT,
    (C.GREETING, Unanswered): C.UNFIT,
    (C.UNFIT, PortLost): C.ABSENT,
    (C.UNFIT, Greeted): C.READY,
    (C.UNFIT, Mismatched): C.UNFIT,
    (C.UNFIT, Unanswered): C.UNFIT,
    (C.READY, PortLost): C.ABSENT,
    (C.READY, Fell): C.GREETING,
    (C.READY, Heard): C.READY,
    (C.READY, Done): C.READY,
    **{(state, event): state for state in Contact for event in _ANYWHERE},
}


class IllegalEventError(Exception):
    """The event cannot happen in this state; the machine is as it was."""

    def __init__(self, contact: Contact, event: Event | Happening) -> None:
        super().__init__(f"{type(event).__name__} in {contact.name}")
        self.contact = contact
        self.event = event


class Device:
    """The board, as far as the bridge knows."""

    def __init__(self) -> None:
        self.contact = Contact.ABSENT
        self._loss: BoardLoss | None = BoardLoss.NO_PORT
        self._found: BoardFound | None = None
        self._sensed: BoothSensed | None = None
        self._badge = b""
        self._panics: int | None = None
        self._panic_untold = False
        self._has_kiosk = False
        self._lamp = LampCode.FAULT
        self._faults: set[BoardFault] = set()
        self._allowed = Output.NONE
        self._allowed_since = 0.0
        self._until = 0.0
        self._driven = self._power = Output.NONE
        self._cuts = 0
        """Cuts that the board has not acknowledged yet."""
        self._confirmed = True

    @property
    def allowed(self) -> Output:
        """What may have power now."""
        return self._allowed

    @property
    def power(self) -> Output:
        """What had power, measured, when the board last said."""
        return self._power

    @property
    def off_confirmed(self) -> bool:
        """Whether it is certain that nothing has power."""
        return self._confirmed

    def handle(self, event: Event | Happening, now: float) -> list[Effect]:
        """Let ``event`` happen; what must be done about it, in order.

        Raises:
            IllegalEventError: it has no row in `TRANSITIONS`.
        """
        after = TRANSITIONS.get((self.contact, type(event)))
        if after is None:
            raise IllegalEventError(self.contact, event)
        self.contact = after
        match event:
            case PortLost():
                effects = self._lose(BoardLoss.UNPLUGGED, now)
            case Fell(boot=boot):
                lost = BoardLoss.SILENT if boot is None else BoardLoss.RESTARTED
                effects = self._lose(lost, now)
            case Mismatched():
                effects = self._be_unfit(BoardLoss.WRONG_VERSION)
            case Unanswered(bytes_heard=heard):
                effects = self._be_unfit(BoardLoss.WRONG_DEVICE if heard else BoardLoss.SILENT)
            case Greeted(welcome=welcome):
                self._found = BoardFound(
                    board=welcome.board.hex(), firmware=".".join(map(str, welcome.firmware))
                )
                self._loss, self._panics, self._cuts = None, None, 0
                effects = [Tell(self._found), Order(Lamp(self._lamp)), Order(Ask())]
            case Heard(payload=payload):
                effects = self._hear(payload, now)
            case Done(command=Cut()):
                # What the board says from here on is true of the time after the cut.
                self._cuts = max(0, self._cuts - 1)
                effects = []
            case Failed(command=Cut(), reason=Reason.NO_ANSWER):
                effects = self._order(Cut())
            case KioskJoined():
                effects = self._introduce(now)
            case KioskLeft():
                self._has_kiosk, self._lamp = False, LampCode.FAULT
                effects = [*self._forbid(now), *self._order(Lamp(self._lamp))]
            case KioskSaid(message=message):
                effects = self._obey(message, now)
            case DeadlinePassed() if self._allowed and now >= self._until:
                effects = self._forbid(now)
            case _:
                effects = []
        return [*effects, *self._judge(now)]

    def next_deadline(self) -> float | None:
        """When `DeadlinePassed` has something to say."""
        found = [self._until] if self._allowed else []
        if self._excess() and BoardFault.POWER_NOT_CUT not in self._faults:
            found.append(self._allowed_since + CONFIRM_S)
        if self._lack() and BoardFault.POWER_NOT_GIVEN not in self._faults:
            found.append(self._allowed_since + RISE_S)
        return min(found, default=None)

    # ── the board ──────────────────────────────────────────────────────────────────────────
    def _lose(self, loss: BoardLoss, now: float) -> list[Effect]:
        """The board has gone: it takes the power away by itself, and nobody sees it do so."""
        self._loss, self._found, self._sensed = loss, None, None
        had_badge, self._badge = self._badge, b""
        if self._allowed:
            self._allow(Output.NONE, now)
        self._cuts = 0
        removed = [Tell(BadgeRemoved())] if had_badge else []
        return [Tell(BoardLost(code=loss)), *removed]

    def _be_unfit(self, loss: BoardLoss) -> list[Effect]:
        if loss is self._loss:
            return []
        self._loss = loss
        return [Tell(BoardLost(code=loss))]

    def _hear(self, payload: Payload, now: float) -> list[Effect]:
        match payload:
            case State():
                return self._hear_state(payload, now)
            case Badge(uid=uid) if uid != self._badge:
                self._badge = uid
                return [Tell(BadgeShown(uid=uid.hex()) if uid else BadgeRemoved())]
            case Panic(panics=panics) if panics != self._panics:
                self._panics = panics
                self._panic_untold = not self._has_kiosk
                return [Tell(PanicPressed())]
            case _:
                return []

    def _hear_state(self, state: State, now: float) -> list[Effect]:
        effects: list[Effect] = []
        celsius = None if state.temperature_dc is None else float(round(state.temperature_dc / 10))
        sensed = BoothSensed(
            handset_lifted=state.lifted,
            door_open=Opening.DOOR in state.open,
            case_open=Opening.CASE in state.open,
            temperature_c=celsius,
        )
        first = self._sensed is None
        if sensed != self._sensed:
            self._sensed = sensed
            effects.append(Tell(sensed))
        if state.sensed != self._power:
            effects.append(Tell(_power_sensed(state.sensed)))
        self._driven, self._power = state.driven, state.sensed
        power = state.driven | state.sensed
        if power:
            self._confirmed = False
        if not power and not self._allowed and not self._cuts and (first or not self._confirmed):
            self._confirmed = True
            effects.append(Tell(self._off(now)))
        if state.temperature_dc is not None:
            limit = COOL_DC if BoardFault.TOO_HOT in self._faults else HOT_DC
            effects += self._fault(BoardFault.TOO_HOT, holds=state.temperature_dc >= limit)
        return effects

    def _off(self, now: float) -> PowerOffConfirmed:
        return PowerOffConfirmed(after_ms=round((now - self._allowed_since) * 1000))

    # ── the kiosk ──────────────────────────────────────────────────────────────────────────
    def _introduce(self, now: float) -> list[Effect]:
        """Everything that a kiosk must know, now that there is one."""
        self._has_kiosk = True
        messages: list[FromBridge] = []
        if self._loss is not None:
            messages.append(BoardLost(code=self._loss))
        if self._found is not None:
            messages.append(self._found)
        if self._sensed is not None:
            messages += [self._sensed, _power_sensed(self._power)]
            if self._confirmed:
                messages.append(self._off(now))
        if self._badge:
            messages.append(BadgeShown(uid=self._badge.hex()))
        messages += [FaultBegan(code=code) for code in sorted(self._faults)]
        if self._panic_untold:
            self._panic_untold = False
            messages.append(PanicPressed())
        return [Tell(message) for message in messages]

    def _obey(self, message: FromKiosk, now: float) -> list[Effect]:
        match message:
            case RenewPower(at_ns=at_ns, camera=camera, microphone=microphone):
                outputs = Output.CAMERA if camera else Output.NONE
                outputs |= Output.MICROPHONE if microphone else Output.NONE
                until = min(at_ns / 1e9, now) + LEASE_S
                left_ms = int((until - now) * 1000)
                if not outputs or self.contact is not Contact.READY:
                    return self._forbid(now)
                if left_ms <= 0:
                    return []  # it lay in a queue while somebody slept
                if outputs != self._allowed:
                    self._allow(outputs, now)
                self._until = until
                self._confirmed = False
                return [Order(Renew(outputs, left_ms))]
            case CutPower():
                return self._forbid(now)
            case ShowLamp(lamp=lamp):
                self._lamp = LampCode[lamp.name]
                return self._order(Lamp(self._lamp))

    def _forbid(self, now: float) -> list[Effect]:
        """Nothing may have power; cut, also when it should be off: a cut costs nothing."""
        if self._cuts and not self._allowed:
            return []  # the latest word to the board is a cut already
        if self._allowed:
            self._allow(Output.NONE, now)
        cut = self._order(Cut())
        self._cuts += len(cut)
        return cut

    def _order(self, command: Payload) -> list[Effect]:
        return [Order(command)] if self.contact is Contact.READY else []

    # ── power ──────────────────────────────────────────────────────────────────────────────
    def _allow(self, outputs: Output, now: float) -> None:
        self._allowed, self._allowed_since = outputs, now

    def _excess(self) -> bool:
        """Whether something has power, or may have, that must have none."""
        has = self._driven | self._power
        return bool(has & ~self._allowed) or not (self._allowed or self._confirmed)

    def _lack(self) -> bool:
        return bool(self._allowed & ~self._power)

    def _judge(self, now: float) -> list[Effect]:
        """Begin and end the faults of power."""
        excess, lack = self._excess(), self._lack()
        since = now - self._allowed_since
        effects: list[Effect] = []
        if not excess or since >= CONFIRM_S:
            effects += self._fault(BoardFault.POWER_NOT_CUT, holds=excess)
        if not lack or since >= RISE_S:
            effects += self._fault(BoardFault.POWER_NOT_GIVEN, holds=lack)
        return effects

    def _fault(self, code: BoardFault, *, holds: bool) -> list[Effect]:
        if holds == (code in self._faults):
            return []
        if holds:
            self._faults.add(code)
            return [Tell(FaultBegan(code=code))]
        self._faults.remove(code)
        return [Tell(FaultEnded(code=code))]


def _power_sensed(power: Output) -> PowerSensed:
    return PowerSensed(camera=Output.CAMERA in power, microphone=Output.MICROPHONE in power)
