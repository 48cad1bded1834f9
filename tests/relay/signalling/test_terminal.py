"""Claims about what a kiosk may do for the person who sits at it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from relay.store.alerts import Alerts
from relay.store.notices import Notices
from tests.relay.facility import Running, Wire, running
from visit_protocol.signalling import (
    AnswerNotice,
    CallStaff,
    Identified,
    Identify,
    IdentifyRefused,
    Join,
    SignedOut,
    SignOut,
    StaffCalled,
    TerminalAgenda,
    TerminalStatus,
    VisitUpdate,
    Welcome,
)
from visit_protocol.vocabulary import (
    CallState,
    DeviceState,
    Party,
    RejectionCode,
    StaffReason,
    TerminalFinding,
)

WELL = TerminalStatus(engine=True, camera=DeviceState.OK, microphone=DeviceState.OK)


@contextlib.asynccontextmanager
async def kiosk(relay: Running, terminal: str = "T-01") -> AsyncIterator[Wire]:
    async with relay.kiosk(terminal) as wire:
        await wire.hear(Welcome)
        await wire.say(WELL)
        yield wire


def wrong(pin: str) -> str:
    return pin[:-1] + ("0" if pin[-1] != "0" else "1")


async def test_the_agenda_names_times_and_nobody(relay: Running) -> None:
    async with kiosk(relay) as wire:
        agenda = await wire.hear(TerminalAgenda)
        assert agenda.next_starts == relay.family.starts
        assert relay.family.inmate_name not in agenda.to_json()


async def test_the_inmate_comes_in_with_pin_notice_and_join(relay: Running) -> None:
    visit = relay.family
    async with kiosk(relay) as wire:
        await wire.say(Identify(pin=visit.pin))
        identified = await wire.hear(Identified)
        assert [view.id for view in identified.visits] == [visit.id]
        await wire.say(
            AnswerNotice(visit=visit.id, version="2026-11", language="en", accepted=True)
        )
        await wire.hear(VisitUpdate)
        await wire.say(Join(visit=visit.id))
        assert (await wire.hear(VisitUpdate)).visit.refusals == ()
    run = await relay.run_of(visit)
    answers = await relay.desks.store.read(lambda db: Notices(db).of(run.visit.id))
    assert [(one.party, one.version, one.language, one.accepted) for one in answers] == [
        (Party.INMATE, "2026-11", "en", True)
    ]


async def test_a_terminal_that_is_not_well_carries_no_call(relay: Running) -> None:
    visit = relay.family
    async with kiosk(relay) as wire:
        await wire.say(WELL.model_copy(update={"engine": False}))
        await wire.say(Identify(pin=visit.pin))
        await wire.hear(Identified)
        await wire.say(
            AnswerNotice(visit=visit.id, version="2026-11", language="ru", accepted=True)
        )
        await wire.hear(VisitUpdate)
        await wire.say(Join(visit=visit.id))
        codes = [one.code for one in (await wire.hear(VisitUpdate)).visit.refusals]
        assert codes == [RejectionCode.TERMINAL_OUT_OF_SERVICE]


async def test_a_pin_works_only_at_its_visits_terminal(relay: Running) -> None:
    async with kiosk(relay, "T-02") as wire:
        await wire.say(Identify(pin=relay.family.pin))
        refused = await wire.hear(IdentifyRefused)
        assert refused.refusals[0].code is RejectionCode.PIN_WRONG


async def test_without_a_visit_now_no_pin_is_tried_and_none_counted(relay: Running) -> None:
    async with kiosk(relay, "T-04") as wire:
        for _ in range(6):
            await wire.say(Identify(pin="0000"))
            refused = await wire.hear(IdentifyRefused)
            assert refused.refusals[0].code is RejectionCode.NO_VISIT_NOW


async def test_five_wrong_pins_lock_inmate_and_terminal_across_a_restart(
    relay: Running,
) -> None:
    visit = relay.family
    async with kiosk(relay) as wire:
        for left in (4, 3, 2, 1):
            await wire.say(Identify(pin=wrong(visit.pin)))
            refusal = (await wire.hear(IdentifyRefused)).refusals[0]
            assert (refusal.code, refusal.attempts_left) == (RejectionCode.PIN_WRONG, left)
        await wire.say(Identify(pin=wrong(visit.pin)))
        refusal = (await wire.hear(IdentifyRefused)).refusals[0]
        assert refusal.code is RejectionCode.TERMINAL_LOCKED
        assert refusal.until is not None
        await wire.say(Identify(pin=visit.pin))
        assert (await wire.hear(IdentifyRefused)).refusals[0].code is RejectionCode.TERMINAL_LOCKED
    alerts = await relay.desks.store.read(lambda db: Alerts(db).open())
    assert "PIN_LOCKED" in [row.kind for row in alerts]
    async with running(relay.folder, relay.folder.parent / "again") as again:
        async with kiosk(again) as wire:
            await wire.say(Identify(pin=visit.pin))
            refused = await wire.hear(IdentifyRefused)
            assert refused.refusals[0].code is RejectionCode.TERMINAL_LOCKED
        assert (await again.local.post("terminals/T-01/unlock")).status_code == 204
        async with kiosk(again) as wire:
            await wire.say(Identify(pin=visit.pin))
            assert (await wire.hear(Identified)).visits[0].id == visit.id


async def test_nobody_joins_a_visit_without_being_signed_in(relay: Running) -> None:
    async with kiosk(relay) as wire:
        await wire.say(Join(visit=relay.family.id))
        await wire.hear(SignedOut)


async def test_signing_out_forgets_who_sat_there(relay: Running) -> None:
    async with kiosk(relay) as wire:
        await wire.say(Identify(pin=relay.family.pin))
        await wire.hear(Identified)
        await wire.say(SignOut())
        await wire.say(Join(visit=relay.family.id))
        await wire.hear(SignedOut)


async def test_the_same_person_is_still_signed_in_after_the_connection_broke(
    relay: Running,
) -> None:
    visit = relay.family
    async with kiosk(relay) as wire:
        await wire.say(Identify(pin=visit.pin))
        await wire.hear(Identified)
        await wire.say(
            AnswerNotice(visit=visit.id, version="2026-11", language="ru", accepted=True)
        )
        await wire.hear(VisitUpdate)
    async with kiosk(relay) as wire:
        await wire.say(Join(visit=visit.id))
        assert (await wire.hear(VisitUpdate)).visit.refusals == ()


async def test_after_a_restart_in_mid_call_the_visit_goes_on_without_another_pin(
    relay: Running,
) -> None:
    visit = relay.family
    async with kiosk(relay) as wire:
        await wire.say(Identify(pin=visit.pin))
        await wire.hear(Identified)
        await wire.say(
            AnswerNotice(visit=visit.id, version="2026-11", language="ru", accepted=True)
        )
        await wire.hear(VisitUpdate)
        await relay.meet(visit)
    async with running(relay.folder, relay.folder.parent / "again") as again:
        run = await again.run_of(visit)
        assert run.machine.state is CallState.RECONNECTING
        async with kiosk(again) as wire:
            await wire.say(Join(visit=visit.id))
            assert (await wire.hear(VisitUpdate)).visit.refusals == ()
            await again.meet(visit)
            assert run.machine.state is CallState.LIVE


async def test_what_a_terminal_lacks_stands_on_the_guards_page(relay: Running) -> None:
    async with kiosk(relay) as wire:
        await wire.say(WELL.model_copy(update={"findings": (TerminalFinding.NO_SPEECH,)}))
        await wire.say(CallStaff())  # answered after the status that came before it
        await wire.hear(StaffCalled)
        terminals = (await relay.local.get("terminals")).json()
    (mine,) = [one for one in terminals if one["id"] == relay.family.terminal]
    assert mine["findings"] == ["NO_SPEECH"]


async def test_calling_staff_reaches_the_guards_list(relay: Running) -> None:
    async with kiosk(relay) as wire:
        await wire.say(CallStaff(reason=StaffReason.UNWELL))
        await wire.hear(StaffCalled)
    alerts = (await relay.local.get("alerts")).json()["alerts"]
    (called,) = [one for one in alerts if one["kind"] == "STAFF_CALLED"]
    assert (called["priority"], called["detail"]) == (1, {"reason": "UNWELL"})


async def test_a_terminal_lost_in_its_slot_is_an_alert_until_it_is_back(relay: Running) -> None:
    async with kiosk(relay):
        pass
    async with asyncio.timeout(30):
        while not (lost := await relay.desks.store.read(lambda db: Alerts(db).open())):
            await asyncio.sleep(0.02)
    assert [(row.kind, row.terminal) for row in lost] == [("TERMINAL_LOST", "T-01")]
    async with kiosk(relay) as wire:
        await wire.say(CallStaff())  # answered after the status that came before it
        await wire.hear(StaffCalled)
        still = await relay.desks.store.read(lambda db: Alerts(db).open())
        assert [row.kind for row in still] == ["STAFF_CALLED"]
