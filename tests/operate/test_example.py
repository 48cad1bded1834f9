"""The example facility: complete, secret, and always with visits that are open now."""

import json
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.identity import public_key_of
from operate import example
from operate.example import secret_file
from operate.example.open_visits import ENOUGH_LEFT, KIOSKS
from operate.example.people import FACILITY
from operate.example.secret_file import ExampleSecretsError
from relay.core.case import Purpose, Request
from relay.core.model import InmateId, TerminalId, TerminalState, Visit, VisitId
from relay.core.policy import decide
from relay.core.visit import VisitMachine
from relay.core.visit_events import event_from_payload
from relay.service.facts import FacilityMissingError, gather
from relay.service.secret_hash import verify_secret_now
from relay.service.staff import LoggedIn, StaffDesk
from relay.service.visit_run import NOTICE_VERSION
from relay.store.database import DATABASE_FILE, Store, lock
from relay.store.errors import DataFolderLockedError, StoreUnwritableError
from relay.store.links import Links
from relay.store.notices import NoticeAnswer, Notices
from relay.store.orders import OrderRow, Orders
from relay.store.people import People
from relay.store.secret import fingerprint
from relay.store.terminal_keys import TerminalKeys
from relay.store.timetable import Timetable
from relay.store.visit_events import VisitEvents
from relay.store.visits import Visits
from suspension import (
    ClockInterval,
    OrderBook,
    PublicText,
    ReasonCode,
    Scope,
    SuspensionOrder,
)
from suspension.receipt import Via
from tests.suspension.people import ADMINISTRATOR, signed
from visit_protocol.vocabulary import (
    BookingStatus,
    CallState,
    DeviceState,
    Outcome,
    Party,
    RejectionCode,
    StaffRole,
    VisitType,
)

CREATED = datetime(2027, 2, 24, 7, 0, tzinfo=UTC)
NOW = CREATED + timedelta(hours=1, seconds=42)
MINUTE = timedelta(minutes=1)
WORKING = TerminalState(True, True, DeviceState.SYNTHETIC, DeviceState.SYNTHETIC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "data"
    example.create(folder, CREATED)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "data"))


def _open(folder: Path) -> Store:
    return Store.open(folder / DATABASE_FILE)


def _visit(store: Store, ident: str) -> Visit:
    visit = store.read_now(lambda db: Visits(db).get(VisitId(ident)))
    assert visit is not None
    return visit


def _codes_at_join(store: Store, visit: Visit, party: Party, now: datetime) -> tuple[str, ...]:
    facts = store.read_now(
        lambda db: gather(db, visit, OrderBook(), ClockInterval.exact(now), WORKING)
    )
    return decide(Request(Purpose.JOIN, visit, party), facts, now).codes


def _order(scope: dict[str, list[str]]) -> SuspensionOrder:
    return SuspensionOrder(
        id="order-1",
        scope=Scope.parse(scope),
        reason_code=ReasonCode.TECHNICAL_WORK,
        legal_basis="Приказ № 1",
        public_text=PublicText(ru="Технические работы", en="Technical work"),
        not_before=CREATED,
        expires=CREATED + timedelta(days=2),
        issued=CREATED,
        issuer="staff:administrator",
    )


def _suspend(folder: Path, scope: dict[str, list[str]]) -> None:
    order = _order(scope)
    row = OrderRow(
        id=order.id,
        rev=order.rev,
        sha256=order.sha256,
        content=signed(order, ADMINISTRATOR),
        via=Via.LOCAL,
        root_version=1,
        delegations_version=1,
        received_at=NOW,
    )
    with _open(folder) as store:
        store.write_now(lambda db: Orders(db).add(row))


# ── making it ──────────────────────────────────────────────────────────────────────────────
def test_secrets_are_for_their_owner_only(made: Path) -> None:
    path = made / "secrets" / "example.json"
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["example.json"]
    kept = json.loads(path.read_text("utf-8"))
    assert {member["role"] for member in kept["staff"]} == {role.value for role in StaffRole}
    assert all(len(member["password"]) >= 15 for member in kept["staff"])
    assert len(set(kept["pins"].values())) == len(kept["pins"]) == 12
    assert kept["terminals"].keys() == {"T-01", "T-02", "T-03", "T-04"}


def test_no_secret_stands_in_the_store(made: Path) -> None:
    raw = (made / DATABASE_FILE).read_bytes()
    kept = secret_file.load(made)
    passwords = [member.password for member in kept.staff]
    for secret in (*passwords, *kept.terminals.values(), *kept.links.values()):
        assert secret.encode() not in raw


async def test_every_role_can_log_in(folder: Path) -> None:
    with _open(folder) as store:
        desk = StaffDesk(store)
        for member in example.staff_accounts(folder):
            answer = await desk.log_in(member.user, member.password, NOW)
            assert isinstance(answer, LoggedIn)
            assert answer.actor.role is member.role


def test_kiosks_and_pins_are_accepted(folder: Path) -> None:
    kept = secret_file.load(folder)
    with _open(folder) as store:
        for terminal in kept.terminals:
            known = store.read_now(lambda db, t=terminal: TerminalKeys(db).of(TerminalId(t)))
            assert known.public_key == public_key_of(example.terminal_key(folder, terminal))
        pin_hash = store.read_now(lambda db: People(db).pin_hash(InmateId("i-05")))
        assert pin_hash is not None
        assert verify_secret_now(pin_hash, kept.pins["i-05"])


def test_an_example_from_before_gets_keys_for_its_kiosks(folder: Path) -> None:
    kept = secret_file.load(folder)
    before = kept.model_copy(
        update={"terminals": {**kept.terminals, "T-01": "a-credential-of-old"}}
    )
    secret_file.save(folder, before)
    with _open(folder) as store:
        store.write_now(lambda db: TerminalKeys(db).remove(TerminalId("T-01")))
    example.give_terminals_keys(folder)
    with _open(folder) as store:
        known = store.read_now(lambda db: TerminalKeys(db).all())
    assert [key.public_key for key in known] == [
        public_key_of(example.terminal_key(folder, key.terminal)) for key in known
    ]
    assert len(known) == len(kept.terminals)


def test_family_and_legal_visits_lie_ahead(folder: Path) -> None:
    with _open(folder) as store:
        ahead = store.read_now(lambda db: Visits(db).between(CREATED, CREATED + timedelta(days=10)))
    kinds = Counter(visit.visit_type for visit in ahead)
    assert kinds == {VisitType.FAMILY: 6, VisitType.LEGAL: 2}
    assert len({visit.starts.date() for visit in ahead}) >= 3
    assert secret_file.load(folder).links.keys() == {visit.id for visit in ahead}


def test_facility_is_made_once(folder: Path) -> None:
    assert example.exists(folder)
    with pytest.raises(example.ExampleExistsError):
        example.create(folder, NOW)


def test_interrupted_making_can_be_made_again(tmp_path: Path) -> None:
    with _open(tmp_path):
        pass  # an empty store and no secrets: what a kill in the middle leaves
    assert not example.exists(tmp_path)
    # The secrets stand, what they open does not: what a disk that fills up leaves.
    secret_file.save(tmp_path, secret_file.ExampleSecrets(staff=(), terminals={}, pins={}))
    assert not example.exists(tmp_path)
    example.create(tmp_path, CREATED)
    assert example.exists(tmp_path)


def test_running_relay_keeps_others_out(folder: Path) -> None:
    with lock(folder):
        with pytest.raises(DataFolderLockedError):
            example.ensure_open_visits(folder, 1, NOW)
        with pytest.raises(DataFolderLockedError):
            example.create(folder, NOW)


def test_folder_without_an_example_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnwritableError):
        example.ensure_open_visits(tmp_path / "nowhere", 1, NOW)
    with pytest.raises(ExampleSecretsError):
        example.ensure_open_visits(tmp_path, 1, NOW)
    secret_file.save(tmp_path, secret_file.ExampleSecrets(staff=(), terminals={}, pins={}))
    with pytest.raises(FacilityMissingError):
        example.ensure_open_visits(tmp_path, 1, NOW)
    secret_file.path_of(tmp_path).write_text("{}")
    with pytest.raises(ExampleSecretsError):
        secret_file.load(tmp_path)


# ── visits that are open now ───────────────────────────────────────────────────────────────
def _assert_joinable(folder: Path, opened: list[example.OpenVisit], now: datetime) -> None:
    assert [(TerminalId(one.terminal), one.visit_type) for one in opened] == list(
        KIOSKS[: len(opened)]
    )
    assert len({one.inmate for one in opened}) == len(opened)
    with _open(folder) as store:
        for one in opened:
            visit = _visit(store, one.id)
            assert visit.starts <= now <= visit.ends - ENOUGH_LEFT
            assert (one.reference, one.starts, one.ends) == (
                visit.reference,
                visit.starts,
                visit.ends,
            )
            people = {Party.INMATE: visit.inmate, Party.VISITOR: visit.visitors[0]}
            for party, person in people.items():
                answer = NoticeAnswer(visit.id, party, person, NOTICE_VERSION, "ru", True, now)
                store.write_now(lambda db, a=answer: Notices(db).add(a))
                assert _codes_at_join(store, visit, party, now) == ()
            pin_hash = store.read_now(lambda db, o=one: People(db).pin_hash(InmateId(o.inmate)))
            assert pin_hash is not None
            assert verify_secret_now(pin_hash, one.pin)
            token = fingerprint(one.visitor_token)
            link = store.read_now(lambda db, t=token: Links(db).find(t))
            assert link is not None
            assert (link.visit, link.replaced_at, link.device_hash) == (visit.id, None, None)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_visits_are_open_at_the_first_terminals(folder: Path, count: int) -> None:
    opened = example.ensure_open_visits(folder, count, NOW)
    assert len(opened) == count
    _assert_joinable(folder, opened, NOW)


def test_second_run_finds_the_same_visits(folder: Path) -> None:
    first = example.ensure_open_visits(folder, 4, NOW)
    assert example.ensure_open_visits(folder, 4, NOW + 4 * MINUTE) == first


def test_used_link_is_replaced_by_the_next_run(folder: Path) -> None:
    (first,) = example.ensure_open_visits(folder, 1, NOW)
    with _open(folder) as store:
        token, device = fingerprint(first.visitor_token), fingerprint("device")
        assert store.write_now(lambda db: Links(db).bind(token, device, NOW))
    (second,) = example.ensure_open_visits(folder, 1, NOW + MINUTE)
    assert second.id == first.id
    assert second.visitor_token != first.visitor_token
    _assert_joinable(folder, [second], NOW + MINUTE)


def test_lost_token_is_replaced(folder: Path) -> None:
    (first,) = example.ensure_open_visits(folder, 1, NOW)
    secret_file.save(folder, secret_file.load(folder).model_copy(update={"links": {}}))
    (second,) = example.ensure_open_visits(folder, 1, NOW)
    assert second.id == first.id
    _assert_joinable(folder, [second], NOW)


def test_visit_with_too_little_time_left_makes_room(folder: Path) -> None:
    (first,) = example.ensure_open_visits(folder, 1, NOW)
    later = NOW + 6 * MINUTE
    (second,) = example.ensure_open_visits(folder, 1, later)
    assert second.id != first.id
    _assert_joinable(folder, [second], later)
    with _open(folder) as store:
        old = _visit(store, first.id)
        assert (old.status, old.outcome) == (
            BookingStatus.CANCELLED,
            Outcome.ADMINISTRATIVE_ERROR,
        )
        # A relay that looks at it later sees the same end.
        history = store.read_now(lambda db: VisitEvents(db).of(old.id))
        machine = VisitMachine.replay(
            old.starts,
            old.ends,
            ((event_from_payload(row.kind, row.payload), row.at) for row in history),
        )
        assert (machine.state, machine.outcome) == (CallState.ENDED, Outcome.ADMINISTRATIVE_ERROR)


def test_fifty_runs_on_one_folder_all_find_visits(folder: Path) -> None:
    now = NOW
    for number in range(50):
        opened = example.ensure_open_visits(folder, 4, now)
        assert len(opened) == 4
        with _open(folder) as store:
            for one in opened[: number % 5]:  # some end as visits do, some are left lying
                ident = VisitId(one.id)
                store.write_now(
                    lambda db, i=ident: Visits(db).set_outcome(i, Outcome.COMPLETED_NORMALLY)
                )
        now += timedelta(minutes=7 + 97 * (number % 4))
    opened = example.ensure_open_visits(folder, 4, now)
    _assert_joinable(folder, opened, now)
    with _open(folder) as store:
        templates = store.read_now(lambda db: Timetable(db).templates())
    assert len(templates) < 40  # those of past days are gone


@pytest.mark.parametrize("offset", [-16, -14, -1, 0, 1])
def test_local_midnight_is_an_hour_like_any_other(folder: Path, offset: int) -> None:
    zone = ZoneInfo(FACILITY.timezone)
    midnight = datetime(2027, 2, 26, tzinfo=zone).astimezone(UTC)
    now = midnight + offset * MINUTE + timedelta(seconds=59, microseconds=999_999)
    opened = example.ensure_open_visits(folder, 4, now)
    assert len(opened) == 4
    _assert_joinable(folder, opened, now)
    again = example.ensure_open_visits(folder, 4, now + 3 * MINUTE)
    assert [one.id for one in again] == [one.id for one in opened]


def test_visits_are_open_on_an_excluded_day_and_during_the_timetable(folder: Path) -> None:
    with _open(folder) as store:
        (cleaning,) = store.read_now(lambda db: Timetable(db).exclude_dates())
    local = datetime.combine(cleaning.day, datetime.min.time()) + timedelta(hours=10, minutes=7)
    now = local.replace(tzinfo=ZoneInfo(FACILITY.timezone)).astimezone(UTC)
    _assert_joinable(folder, example.ensure_open_visits(folder, 4, now), now)


def test_suspended_inmate_gives_way_to_another(folder: Path) -> None:
    (first,) = example.ensure_open_visits(folder, 1, NOW)
    _suspend(folder, {"inmate": [first.inmate]})
    with _open(folder) as store:
        ident = VisitId(first.id)
        store.write_now(lambda db: Visits(db).set_outcome(ident, Outcome.SUSPENDED_BY_ORDER))
    (second,) = example.ensure_open_visits(folder, 1, NOW + MINUTE)
    assert second.inmate != first.inmate
    _assert_joinable(folder, [second], NOW + MINUTE)


def test_suspended_terminal_is_left_out_and_keeps_its_visit(folder: Path) -> None:
    first, _ = example.ensure_open_visits(folder, 2, NOW)
    _suspend(folder, {"facility": [FACILITY.id], "terminal": [first.terminal]})
    with _open(folder) as store:
        before = _visit(store, first.id)
    opened = example.ensure_open_visits(folder, 2, NOW + MINUTE)
    assert [one.terminal for one in opened] == ["T-02"]
    with _open(folder) as store:
        assert _visit(store, first.id) == before


def test_join_before_the_slot_is_refused(folder: Path) -> None:
    with _open(folder) as store:
        later = store.read_now(lambda db: Visits(db).between(NOW, NOW + timedelta(days=10)))[0]
        codes = _codes_at_join(store, later, Party.VISITOR, NOW)
    assert codes == (RejectionCode.NOTICE_NOT_ACCEPTED, RejectionCode.SLOT_NOT_OPEN)
