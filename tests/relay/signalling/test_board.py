"""Claims about a booth's board, as its kiosk tells of it: power, panic, tamper, faults."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from relay.core.alerts import AlertKind
from relay.core.visit_events import OrderEnforced, Terminated
from relay.service import boards
from relay.service.staff import SYSTEM
from relay.store.alerts import AlertRow, Alerts
from relay.store.journal import Journal
from relay.store.power_offs import PowerOffRow, PowerOffs, PowerOffState
from relay.store.sqlite import Database
from tests.relay.facility import Running, Wire
from tests.relay.signalling.test_terminal import kiosk
from visit_protocol.bridge import BoardFault, BoardLoss
from visit_protocol.signalling import (
    AnswerNotice,
    BoardStatus,
    Identified,
    Identify,
    Join,
    PanicCalled,
    PanicNoted,
    PowerLease,
    PowerOff,
    SignOut,
    VisitUpdate,
)
from visit_protocol.vocabulary import CallState, RejectionCode, TerminationReason

OFF = BoardStatus(
    required=True,
    asks_badge=False,
    board="5245464552454e43",
    firmware="1.0.0",
    handset_lifted=True,
    off_confirmed=True,
)
ON = OFF.model_copy(update={"camera_power": True, "microphone_power": True, "off_confirmed": False})
ENDING = Terminated(TerminationReason.THREAT_OR_ABUSE, "duty")


@contextlib.asynccontextmanager
async def in_visit(relay: Running, status: BoardStatus | None = OFF) -> AsyncIterator[Wire]:
    """A kiosk whose inmate is signed in, and which has joined."""
    async with kiosk(relay) as wire:
        if status is not None:
            await wire.say(status)
        await wire.say(Identify(pin=relay.family.pin))
        await wire.hear(Identified)
        answer = AnswerNotice(
            visit=relay.family.id, version="2026-11", language="ru", accepted=True
        )
        await wire.say(answer)
        await wire.hear(VisitUpdate)
        await wire.say(Join(visit=relay.family.id))
        await wire.hear(VisitUpdate)
        yield wire


async def told(relay: Running, kind: AlertKind) -> AlertRow:
    """The open alert of that kind, when it stands there."""
    async with asyncio.timeout(5):
        while True:
            for row in await relay.desks.store.read(lambda db: Alerts(db).open()):
                if row.kind == kind:
                    return row
            await asyncio.sleep(0.01)


async def kinds(relay: Running) -> set[str]:
    return {row.kind for row in await relay.desks.store.read(lambda db: Alerts(db).open())}


async def ends(relay: Running, state: PowerOffState) -> PowerOffRow:
    """What is known of the power at the end of the family's visit, once it is that."""

    def read(db: Database) -> list[PowerOffRow]:
        return list(PowerOffs(db)._found("WHERE visit = ?", [relay.family.id]))

    async with asyncio.timeout(5):
        while True:
            for row in await relay.desks.store.read(read):
                if row.state is state:
                    return row
            await asyncio.sleep(0.01)


async def silence(wire: Wire, seconds: float = 0.5) -> bool:
    """Whether no lease comes for so long."""
    try:
        async with asyncio.timeout(seconds):
            await wire.hear(PowerLease)
    except TimeoutError:
        return True
    return False


async def test_leases_come_every_200_ms_from_the_log_in_to_the_sign_out(relay: Running) -> None:
    async with kiosk(relay) as wire:
        await wire.say(OFF)
        assert await silence(wire)
        await wire.say(Identify(pin=relay.family.pin))
        sent = [(await wire.hear(PowerLease)).sent_ns for _ in range(6)]
        gaps = [(after - before) / 1e6 for before, after in itertools.pairwise(sent)]
        assert sorted(gaps)[len(gaps) // 2] == pytest.approx(200, abs=60)
        await wire.say(SignOut())
        await asyncio.sleep(0.3)
        while not await silence(wire, 0.3):  # what was under way
            pass
        assert await silence(wire)


@pytest.mark.parametrize(
    "status", [None, BoardStatus(required=True, asks_badge=False, loss=BoardLoss.UNPLUGGED)]
)
async def test_no_lease_goes_where_no_board_is(relay: Running, status: BoardStatus | None) -> None:
    async with kiosk(relay) as wire:
        if status is not None:
            await wire.say(status)
        await wire.say(Identify(pin=relay.family.pin))
        assert await silence(wire)


async def test_an_ended_visit_gets_no_lease_and_is_confirmed_off(relay: Running) -> None:
    async with in_visit(relay) as wire:
        await wire.say(ON)
        await wire.hear(PowerLease)
        run = await relay.run_of(relay.family)
        await relay.desks.visits.dispatch(run, ENDING)
        await wire.say(PowerOff(after_ms=4))
        row = await ends(relay, PowerOffState.CONFIRMED)
        assert row.order is None
        assert row.after_ms is not None
        assert row.after_ms < 2000
        assert await relay.desks.store.read(lambda db: Journal(db).names_any(0, ("power.off",)))
        assert AlertKind.POWER_NOT_CONFIRMED not in await kinds(relay)


async def test_an_order_names_the_terminal_that_confirmed(relay: Running) -> None:
    async with in_visit(relay) as wire:
        await wire.hear(PowerLease)
        run = await relay.run_of(relay.family)
        await relay.desks.visits.dispatch(run, OrderEnforced("so-1"))
        await wire.say(PowerOff(after_ms=4))
        await ends(relay, PowerOffState.CONFIRMED)
        rows = await relay.desks.store.read(lambda db: PowerOffs(db).of_order("so-1"))
        assert [(row.terminal, row.state) for row in rows] == [("T-01", PowerOffState.CONFIRMED)]


async def test_a_terminal_that_does_not_confirm_is_a_p1_until_it_does(
    relay: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "CONFIRM_S", 0.3)
    async with in_visit(relay) as wire:
        await wire.say(ON)
        await wire.hear(PowerLease)
        await relay.desks.visits.dispatch(await relay.run_of(relay.family), ENDING)
        alert = await told(relay, AlertKind.POWER_NOT_CONFIRMED)
        assert (alert.priority, alert.terminal, alert.visit) == (1, "T-01", relay.family.id)
        await ends(relay, PowerOffState.NOT_CONFIRMED)
    async with kiosk(relay) as wire:  # the kiosk comes back and its board says it now
        await wire.say(OFF)
        await ends(relay, PowerOffState.CONFIRMED)
        async with asyncio.timeout(5):
            while AlertKind.POWER_NOT_CONFIRMED in await kinds(relay):
                await asyncio.sleep(0.01)


async def test_power_that_was_never_on_needs_no_new_word(
    relay: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "CONFIRM_S", 0.3)
    async with in_visit(relay) as wire:
        await wire.hear(PowerLease)
        await relay.desks.visits.dispatch(await relay.run_of(relay.family), ENDING)
        assert (await ends(relay, PowerOffState.CONFIRMED)).after_ms is None


async def test_a_terminal_without_a_board_is_entered_as_not_fitted(relay: Running) -> None:
    async with in_visit(relay, None):
        await relay.desks.visits.dispatch(await relay.run_of(relay.family), ENDING)
        await ends(relay, PowerOffState.NOT_FITTED)


async def test_panic_is_before_the_guards_before_the_kiosk_is_told(relay: Running) -> None:
    async with in_visit(relay) as wire:
        began = asyncio.get_running_loop().time()
        await wire.say(PanicCalled())
        await wire.hear(PanicNoted)
        assert asyncio.get_running_loop().time() - began < 1
        alert = await told(relay, AlertKind.PANIC)
        assert (alert.priority, alert.terminal, alert.visit) == (1, "T-01", relay.family.id)


@pytest.mark.parametrize(
    ("change", "kind", "priority"),
    [
        ({"case_open": True}, AlertKind.TAMPER, 1),
        ({"door_open": True}, AlertKind.TAMPER, 1),
        ({"faults": (BoardFault.POWER_NOT_CUT,)}, AlertKind.POWER_NOT_CUT, 1),
        ({"faults": (BoardFault.POWER_NOT_GIVEN,)}, AlertKind.POWER_NOT_GIVEN, 2),
        ({"faults": (BoardFault.TOO_HOT,)}, AlertKind.TOO_HOT, 2),
        ({"loss": BoardLoss.SILENT}, AlertKind.BOARD_LOST, 2),
    ],
)
async def test_staff_hear_of_what_is_wrong_with_a_board(
    relay: Running, change: dict[str, Any], kind: AlertKind, priority: int
) -> None:
    async with kiosk(relay) as wire:
        await wire.say(OFF)
        await wire.say(OFF.model_copy(update=change))
        assert (await told(relay, kind)).priority == priority
        await wire.say(OFF)
        await wire.say(PanicCalled())
        await wire.hear(PanicNoted)
        # What has mended itself needs nobody; an open case or power that stayed on wants a look.
        assert (kind in await kinds(relay)) == (kind in (AlertKind.TAMPER, AlertKind.POWER_NOT_CUT))


@pytest.mark.parametrize("change", [{"loss": BoardLoss.UNPLUGGED}, {"case_open": True}])
async def test_a_lost_board_stops_the_visits_clock_and_its_terminal_carries_no_visit(
    relay: Running, change: dict[str, Any]
) -> None:
    async with in_visit(relay) as wire:
        run = await relay.meet(relay.family)
        assert run.machine.state is CallState.LIVE
        await wire.say(OFF.model_copy(update=change))
        async with asyncio.timeout(5):
            while run.machine.state is not CallState.RECONNECTING:
                await asyncio.sleep(0.01)
        await wire.say(Join(visit=relay.family.id))
        refused = None
        while refused != [RejectionCode.TERMINAL_OUT_OF_SERVICE]:
            refused = [one.code for one in (await wire.hear(VisitUpdate)).visit.refusals]
        relay.clock.at += timedelta(minutes=2)
        await wire.say(OFF)
        await wire.say(Join(visit=relay.family.id))
        await wire.hear(VisitUpdate)
        await relay.meet(relay.family)
        assert run.machine.state is CallState.LIVE
        assert run.machine.given_back == timedelta(minutes=2)


async def test_a_board_that_is_not_required_holds_nothing_up(relay: Running) -> None:
    async with in_visit(relay) as wire:
        run = await relay.meet(relay.family)
        away = BoardStatus(required=False, asks_badge=False, loss=BoardLoss.SILENT)
        await wire.say(away)
        await told(relay, AlertKind.BOARD_LOST)
        assert run.machine.state is CallState.LIVE


async def test_what_a_relay_did_not_hear_confirmed_is_taken_up_by_the_next(relay: Running) -> None:
    async with in_visit(relay) as wire:
        await wire.say(ON)
        await wire.hear(PowerLease)
        await relay.desks.visits.dispatch(await relay.run_of(relay.family), ENDING, SYSTEM)
        await ends(relay, PowerOffState.AWAITED)
        again = boards.Boards(
            store=relay.desks.store,
            clock=relay.clock,
            desk=relay.desks.visits,
            booths=relay.desks.booths,
            hold=relay.desks.attendance.hold,
            alerts=relay.desks.alerts,
            feed=relay.desks.feed,
        )
        await again.start()
        await again.report("T-01", OFF)
        await ends(relay, PowerOffState.CONFIRMED)
