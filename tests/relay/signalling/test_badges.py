"""Claims about badges: with the PIN, never instead of it, and never kept."""

from pathlib import Path

from relay.core.alerts import AlertKind
from relay.service.importing import COLUMNS, Kind
from relay.store.locks import LockKind, Locks
from tests.relay.facility import Running
from tests.relay.signalling.test_board import OFF, told
from tests.relay.signalling.test_terminal import kiosk, wrong
from visit_protocol.signalling import (
    BadgeSeen,
    CallStaff,
    Identified,
    Identify,
    IdentifyRefused,
    StaffCalled,
)
from visit_protocol.vocabulary import RejectionCode, StaffRole

ASKING = OFF.model_copy(update={"asks_badge": True})
OWN, OTHER, NOBODYS = "04a1b2c3", "04ffeeddccbb80", "ffffffff"


def contents(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


async def give(relay: Running, inmate: str, uid: str) -> int:
    client = await relay.staff(StaffRole.ADMINISTRATOR)
    return (await client.put(f"inmates/{inmate}/badge", json={"uid": uid})).status_code


async def identify(relay: Running, pin: str, badge: str | None) -> Identified | IdentifyRefused:
    async with kiosk(relay) as wire:
        await wire.say(ASKING)
        await wire.say(Identify(pin=pin, badge=badge))
        return await wire.hear((Identified, IdentifyRefused))


async def test_badge_and_pin_together_let_in_and_neither_alone(relay: Running) -> None:
    visit = relay.family
    run = await relay.run_of(visit)
    assert await give(relay, run.inmate.id, OWN) == 204
    assert isinstance(await identify(relay, visit.pin, OWN), Identified)
    for pin, badge, code in (
        (visit.pin, None, RejectionCode.BADGE_MISSING),
        (visit.pin, NOBODYS, RejectionCode.BADGE_WRONG),
        (wrong(visit.pin), OWN, RejectionCode.PIN_WRONG),
    ):
        refused = await identify(relay, pin, badge)
        assert [one.code for one in refused.refusals] == [code]


async def test_foreign_badges_lock_the_terminal_and_nobodys_visits(relay: Running) -> None:
    run = await relay.run_of(relay.family)
    for _ in range(5):
        refused = await identify(relay, relay.family.pin, NOBODYS)
    assert refused.refusals[0].code is RejectionCode.TERMINAL_LOCKED
    state = await relay.desks.store.read(lambda db: Locks(db).state(LockKind.INMATE, run.inmate.id))
    assert not state.locked(relay.clock.now())


async def test_a_badge_is_one_inmates_and_can_be_taken(relay: Running) -> None:
    one, other = [await relay.run_of(visit) for visit in relay.visits]
    client = await relay.staff(StaffRole.ADMINISTRATOR)
    for run in (one, other):
        assert await give(relay, run.inmate.id, OWN) == 204
    assert await relay.desks.badges.owner(OWN) == other.inmate.id
    path = f"inmates/{other.inmate.id}/badge"
    assert [(await client.delete(path)).status_code for _ in range(2)] == [204, 404]
    assert await relay.desks.badges.owner(OWN) is None
    assert await give(relay, "nobody", OWN) == 404


async def test_the_badge_of_another_in_mid_visit_is_told_to_staff(relay: Running) -> None:
    run, other = [await relay.run_of(visit) for visit in relay.visits]
    for inmate, uid in ((run.inmate.id, OWN), (other.inmate.id, OTHER)):
        assert await give(relay, inmate, uid) == 204
    async with kiosk(relay) as wire:
        await wire.say(ASKING)
        await wire.say(Identify(pin=relay.family.pin, badge=OWN))
        await wire.hear(Identified)
        await wire.say(BadgeSeen(badge=OWN))
        await wire.say(BadgeSeen(badge=OTHER))
        alert = await told(relay, AlertKind.BADGE_OF_ANOTHER)
        assert (alert.priority, alert.detail) == (2, {"inmate": other.inmate.id})
        await wire.say(CallStaff())
        await wire.hear(StaffCalled)  # the conversation goes on


async def test_no_badge_stands_in_the_data_folder(relay: Running) -> None:
    run = await relay.run_of(relay.family)
    row = f"inmate;{run.inmate.id};Имя;1980-01-01;{run.inmate.housing_unit};{run.inmate.regime}"
    content = f"kind;id;name;birth_date;housing_unit;regime;badge\n{row};{OTHER}\n".encode()
    client = await relay.staff(StaffRole.ADMINISTRATOR)
    answer = await client.post("import/people", content=content)
    assert answer.status_code == 200, answer.text
    assert "badge" in COLUMNS[Kind.PEOPLE].optional
    assert await relay.desks.badges.owner(OTHER) == run.inmate.id
    kept = contents(relay.folder)
    assert relay.folder / "secrets" / "badge-key" in kept
    for file, bytes_there in kept.items():
        assert OTHER.encode() not in bytes_there, file
        assert bytes.fromhex(OTHER) not in bytes_there, file
