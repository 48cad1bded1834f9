"""The bridge's machine: every state with every event, and what a kiosk hears of power."""

import itertools
import random

import pytest

from firmware_bridge.device import (
    CONFIRM_S,
    TRANSITIONS,
    Contact,
    DeadlinePassed,
    Device,
    Effect,
    Event,
    IllegalEventError,
    KioskJoined,
    KioskLeft,
    KioskSaid,
    Order,
    PortLost,
    PortOpened,
)
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
    Badge,
    Boot,
    Cause,
    Cut,
    LampCode,
    Opening,
    Output,
    Panic,
    Payload,
    Renew,
    State,
    Welcome,
)
from tests.firmware_bridge.wire import Booth, bad_reads, flips
from visit_protocol.bridge import (
    BadgeRemoved,
    BadgeShown,
    BoardFault,
    BoardFound,
    BoardLoss,
    BoardLost,
    BoothLamp,
    BoothSensed,
    CutPower,
    FaultBegan,
    FaultEnded,
    PanicPressed,
    PowerOffConfirmed,
    PowerSensed,
    RenewPower,
    ShowLamp,
)

BOTH = Output.CAMERA | Output.MICROPHONE
WELCOME = Welcome(1, 1, 1, bytes(8), bytes(8), b"\x01" * 8, (1, 2, 3))


def renewal(now: float, *, camera: bool = True, microphone: bool = True) -> KioskSaid:
    """What a kiosk says at ``now`` seconds."""
    return KioskSaid(RenewPower(at_ns=round(now * 1e9), camera=camera, microphone=microphone))


SAMPLES: tuple[Event | Happening, ...] = (
    PortOpened(),
    PortLost(),
    KioskJoined(),
    KioskLeft(),
    renewal(1),
    renewal(1, camera=False, microphone=False),
    KioskSaid(CutPower()),
    KioskSaid(ShowLamp(lamp=BoothLamp.FREE)),
    DeadlinePassed(),
    Greeted(WELCOME),
    Mismatched(WELCOME),
    Unanswered(0),
    Unanswered(9),
    Fell(None),
    Fell(Boot(Cause.WATCHDOG)),
    Heard(State()),
    Heard(State(driven=BOTH, sensed=BOTH)),
    Heard(Badge(b"\x01\x02\x03\x04")),
    Heard(Panic(1)),
    Done(Cut()),
    Done(Renew(BOTH)),
    Failed(Cut(), Reason.NO_ANSWER),
    Failed(Cut(), Reason.REFUSED),
    Failed(Renew(BOTH), Reason.REFUSED),
)
WAYS = {
    Contact.ABSENT: (),
    Contact.GREETING: (PortOpened(),),
    Contact.UNFIT: (PortOpened(), Mismatched(WELCOME)),
    Contact.READY: (PortOpened(), Greeted(WELCOME)),
}


def device_in(contact: Contact) -> Device:
    device = Device()
    for event in WAYS[contact]:
        device.handle(event, 0)
    assert device.contact is contact
    return device


def facts(device: Device) -> dict[str, object]:
    return {name: repr(value) for name, value in vars(device).items()}


@pytest.mark.parametrize("contact", Contact)
@pytest.mark.parametrize("event", SAMPLES, ids=repr)
def test_every_event_in_every_state_moves_along_the_table_or_changes_nothing(
    contact: Contact, event: Event | Happening
) -> None:
    device = device_in(contact)
    after = TRANSITIONS.get((contact, type(event)))
    before = facts(device)
    if after is None:
        with pytest.raises(IllegalEventError):
            device.handle(event, 1)
        assert facts(device) == before
    else:
        device.handle(event, 1)
        assert device.contact is after


def test_every_kind_of_event_is_among_the_samples() -> None:
    known = {type(sample) for sample in SAMPLES}
    assert {event for _, event in TRANSITIONS} == known


def test_commands_go_only_to_a_board_that_is_spoken_with() -> None:
    for contact, event in itertools.product(Contact, SAMPLES):
        device = device_in(contact)
        if (contact, type(event)) in TRANSITIONS:
            effects = device.handle(event, 1)
            assert device.contact is Contact.READY or not _orders(effects)


def test_power_is_asked_for_by_a_renewal_and_by_nothing_else() -> None:
    source = random.Random(1)
    for _ in range(300):
        device, now = Device(), 0.9
        for event in source.choices(SAMPLES, k=40):
            now += source.random() / 2
            if (device.contact, type(event)) not in TRANSITIONS:
                continue
            asked = [o for o in _orders(device.handle(event, now)) if isinstance(o, Renew)]
            assert not asked or event == renewal(1)


def _orders(effects: list[Effect]) -> list[Payload]:
    return [effect.command for effect in effects if isinstance(effect, Order)]


@pytest.fixture
def booth() -> Booth:
    """A board that is spoken with and a kiosk that listens."""
    booth = Booth()
    booth.happen(PortOpened(), KioskJoined())
    booth.until(Greeted)
    booth.run(50)
    booth.told.clear()
    return booth


def hold_power(booth: Booth, ms: int) -> None:
    """As a kiosk does in a visit."""
    for _ in range(ms // 200):
        booth.happen(renewal(booth.now / 1000))
        booth.run(200)


def test_a_kiosk_learns_all_that_it_must_know(booth: Booth) -> None:
    booth.board.wiring.lifted = True
    booth.board.show_badge(b"\x01\x02\x03\x04")
    booth.run(50)
    booth.told.clear()
    booth.happen(KioskJoined())
    assert [message for _, message in booth.told] == [
        BoardFound(board="00" * 8, firmware="1.0.0"),
        BoothSensed(handset_lifted=True, door_open=False, case_open=False, temperature_c=25),
        PowerSensed(camera=False, microphone=False),
        PowerOffConfirmed(after_ms=102),
        BadgeShown(uid="01020304"),
    ]


def test_power_holds_while_it_is_renewed_and_its_end_is_confirmed(booth: Booth) -> None:
    hold_power(booth, 3000)
    assert booth.powered[-1][1] == BOTH
    booth.happen(KioskSaid(CutPower()))
    cut_at = booth.now
    booth.run(100)
    assert booth.powered[-1] == (booth.powered[-1][0], Output.NONE)
    assert booth.powered[-1][0] - cut_at <= 5
    (confirmed,) = booth.messages(PowerOffConfirmed)
    assert isinstance(confirmed, PowerOffConfirmed)
    assert confirmed.after_ms <= 20
    assert booth.messages(FaultBegan) == []


def test_a_kiosk_that_stops_renewing_loses_the_power_in_600_ms(booth: Booth) -> None:
    hold_power(booth, 1000)
    last = booth.now - 200
    booth.run(1500)
    assert booth.powered[-1][1] is Output.NONE
    assert booth.powered[-1][0] - last <= 601
    assert len(booth.messages(PowerOffConfirmed)) == 1


def test_a_kiosk_that_is_gone_loses_the_power_at_once(booth: Booth) -> None:
    hold_power(booth, 1000)
    booth.happen(KioskLeft())
    booth.run(5)
    assert booth.powered[-1][1] is Output.NONE
    booth.run(100)
    assert booth.board.lamp is LampCode.FAULT


def test_a_cut_after_a_renewal_that_is_still_waiting_is_the_last_word(booth: Booth) -> None:
    for _ in range(3):
        booth.happen(renewal(booth.now / 1000), KioskSaid(CutPower()))
    booth.run(700)
    assert booth.board.sensed is Output.NONE
    assert booth.device.off_confirmed


def test_only_what_is_named_has_power(booth: Booth) -> None:
    hold_power(booth, 400)
    booth.happen(renewal(booth.now / 1000, camera=False))
    booth.run(10)
    assert booth.board.sensed is Output.MICROPHONE


def test_a_relay_that_sticks_is_a_fault_until_it_lets_go(booth: Booth) -> None:
    hold_power(booth, 400)
    booth.board.wiring.welded = Output.CAMERA
    booth.happen(KioskSaid(CutPower()))
    booth.run(round(CONFIRM_S * 1000) + 10)
    assert booth.messages(FaultBegan) == [FaultBegan(code=BoardFault.POWER_NOT_CUT)]
    assert booth.messages(PowerOffConfirmed) == []
    booth.board.wiring.welded = Output.NONE
    booth.run(20)
    assert booth.messages(FaultEnded) == [FaultEnded(code=BoardFault.POWER_NOT_CUT)]
    assert len(booth.messages(PowerOffConfirmed)) == 1


def test_power_that_comes_by_itself_is_a_fault_at_once(booth: Booth) -> None:
    booth.run(2000)
    booth.board.wiring.welded = Output.MICROPHONE
    booth.run(20)
    assert booth.messages(FaultBegan) == [FaultBegan(code=BoardFault.POWER_NOT_CUT)]


def test_a_board_that_acks_and_does_nothing_is_a_fault(booth: Booth) -> None:
    booth.board.wiring.dead = BOTH
    hold_power(booth, 1000)
    assert booth.messages(FaultBegan) == [FaultBegan(code=BoardFault.POWER_NOT_GIVEN)]
    booth.board.wiring.dead = Output.NONE
    hold_power(booth, 200)
    assert booth.messages(FaultEnded) == [FaultEnded(code=BoardFault.POWER_NOT_GIVEN)]


def test_a_board_that_falls_silent_with_power_on_is_a_fault_until_it_says_that_it_is_off(
    booth: Booth,
) -> None:
    hold_power(booth, 600)
    booth.to_host = lambda _: b""
    hold_power(booth, 3000)
    assert BoardLost(code=BoardLoss.SILENT) in booth.messages(BoardLost)
    assert booth.messages(FaultBegan) == [FaultBegan(code=BoardFault.POWER_NOT_CUT)]
    assert booth.board.sensed is Output.NONE
    booth.to_host = bytes
    booth.run(1000)
    assert booth.messages(FaultEnded) == [FaultEnded(code=BoardFault.POWER_NOT_CUT)]
    assert len(booth.messages(PowerOffConfirmed)) == 1


def test_a_brown_out_is_told_and_power_comes_back_with_the_next_renewal(booth: Booth) -> None:
    hold_power(booth, 600)
    booth.restart(Cause.BROWN_OUT)
    booth.run(50)
    assert booth.board.sensed is Output.NONE
    assert booth.messages(BoardLost) == [BoardLost(code=BoardLoss.RESTARTED)]
    hold_power(booth, 400)
    assert booth.board.sensed == BOTH


def test_a_badge_is_gone_with_the_board(booth: Booth) -> None:
    booth.board.show_badge(bytes(4))
    booth.run(20)
    booth.happen(PortLost())
    assert [type(m) for _, m in booth.told][-2:] == [BoardLost, BadgeRemoved]


def test_a_panic_is_told_once_and_to_the_next_kiosk_when_there_was_none(booth: Booth) -> None:
    booth.happen(KioskLeft())
    booth.board.press_panic()
    booth.run(300)
    booth.told.clear()
    booth.happen(KioskJoined(), KioskJoined())
    assert booth.messages(PanicPressed) == [PanicPressed()]


def test_heat_is_a_fault_with_a_margin(booth: Booth) -> None:
    for tenths, began, ended in ((690, 0, 0), (700, 1, 0), (660, 1, 0), (649, 1, 1)):
        booth.board.wiring.temperature_dc = tenths
        booth.run(600)
        assert len(booth.messages(FaultBegan)) == began
        assert len(booth.messages(FaultEnded)) == ended


def test_a_case_that_is_open_is_told_and_has_no_power(booth: Booth) -> None:
    hold_power(booth, 400)
    booth.board.wiring.open = Opening.CASE
    hold_power(booth, 1000)
    assert booth.board.sensed is Output.NONE
    (*_, last) = booth.messages(BoothSensed)
    assert isinstance(last, BoothSensed)
    assert last.case_open
    assert FaultBegan(code=BoardFault.POWER_NOT_GIVEN) in booth.messages(FaultBegan)


def test_the_lamp_shows_again_after_the_board_began_anew(booth: Booth) -> None:
    booth.happen(KioskSaid(ShowLamp(lamp=BoothLamp.OCCUPIED)))
    booth.run(10)
    booth.restart(Cause.WATCHDOG)
    booth.run(50)
    assert booth.board.lamp is LampCode.OCCUPIED


@pytest.mark.parametrize("seed", range(4))
def test_on_any_line_power_ends_in_time_and_off_is_confirmed_only_when_it_is(seed: int) -> None:
    source = random.Random(seed)
    damage = flips if seed % 2 else bad_reads
    booth = Booth(to_board=damage(0.02, source), to_host=damage(0.02, source))
    booth.happen(PortOpened(), KioskJoined())
    until = 0
    for _ in range(60):
        choice = source.randrange(5)
        if choice < 3:
            booth.happen(renewal(booth.now / 1000))
            until = booth.now + 600 if booth.device.contact is Contact.READY else until
        elif choice == 3:
            booth.happen(KioskSaid(CutPower()))
        for _ in range(source.randrange(300)):
            booth.step()
            assert not booth.board.sensed or booth.now <= until + 1
            assert not (booth.device.off_confirmed and booth.board.driven)


def test_a_renewal_that_lay_in_a_queue_gives_what_is_left_of_it_or_nothing(booth: Booth) -> None:
    said = booth.now / 1000
    booth.run(500)
    booth.happen(renewal(said))
    began = booth.now
    booth.run(200)
    assert [outputs for _, outputs in booth.powered[-2:]] == [BOTH, Output.NONE]
    assert booth.powered[-1][0] - began <= 101
    changes = len(booth.powered)
    booth.run(100)
    booth.happen(renewal(said))
    booth.run(100)
    assert len(booth.powered) == changes


def test_a_renewal_from_the_future_is_one_of_now(booth: Booth) -> None:
    booth.happen(renewal(booth.now / 1000 + 3600))
    began = booth.now
    booth.run(1000)
    assert booth.powered[-1][1] is Output.NONE
    assert booth.powered[-1][0] - began <= 601
