"""Making the example facility in an empty data folder.

Guarantees: all of it is there or, after an interruption, none, so that it can be made again.
Leaves to others: visits that are open now (`operate.example.open_visits`).
"""

import secrets
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from kiosk.identity import public_key_of
from operate import key_making
from operate.example import people, secret_file
from operate.example.presence import BUILDER, ExampleExistsError
from operate.example.secret_file import ExampleSecrets, StaffSecret, new_password, new_pin
from operate.key_making import Signatory
from relay.core.model import CallPermit, ExcludeDate, Restriction, TerminalId
from relay.core.schedule import slots
from relay.service.booking import Booked, Proposal, book
from relay.service.secret_hash import hash_secret_now
from relay.service.staff import add_account_now
from relay.store.database import DATABASE_FILE, Store, lock
from relay.store.facilities import Facilities
from relay.store.journal import Journal
from relay.store.key_files import KeyFolder
from relay.store.people import People
from relay.store.rules import Rules
from relay.store.sqlite import Database
from relay.store.terminal_keys import TerminalKey, TerminalKeys
from relay.store.timetable import Timetable
from relay.store.trust import TrustMetadata
from suspension import ClockInterval, OrderBook
from suspension.trust import NARROW, OVERSIGHT, PROTECTED, WIDE, Trust
from visit_protocol.enrolment import key_fingerprint
from visit_protocol.vocabulary import RestrictionKind, StaffRole

SIGNATORIES: Final = (
    *(
        Signatory(role.value, frozenset({NARROW, WIDE, PROTECTED}), (role.value,))
        for role in (StaffRole.ADMINISTRATOR, StaffRole.APPROVER)
    ),
    Signatory(
        StaffRole.OVERSIGHT.value, frozenset({PROTECTED, OVERSIGHT}), (StaffRole.OVERSIGHT.value,)
    ),
)
"""Who signs orders here; the same three hold the root, any two of them together."""
_LOOK_AHEAD: Final = timedelta(days=7)


def create(data_dir: Path, now: datetime | None = None) -> None:
    """Make the example facility, with visits in the days that follow ``now`` (default: this
    moment), one staff account a role, an overseer's, and keys for whoever signs orders.

    Raises:
        ExampleExistsError: there is a facility in the folder.
        DataFolderLockedError: a relay runs there.
        StoreError: the folder cannot be written, or is full.
        OSError: the folder or the secrets' file cannot be made.
    """
    at = now or datetime.now(UTC)
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock(data_dir), Store.open(data_dir / DATABASE_FILE) as store:
        if store.read_now(lambda db: Facilities(db).facility()) is not None:
            raise ExampleExistsError(f"{data_dir} holds a facility already")
        kept = _new_secrets()
        # First the secrets: without them nobody could use what is in the store.
        secret_file.save(data_dir, kept)
        trust = _make_keys(data_dir, kept, at)
        links = store.write_now(lambda db: _furnish(db, kept, trust, at))
        secret_file.save(data_dir, kept.model_copy(update={"links": links}))


def give_terminals_keys(data_dir: Path, now: datetime | None = None) -> None:
    """Keys for the kiosks of an example that was made when terminals had credentials.

    Raises:
        DataFolderLockedError: a relay runs there.
        ExampleSecretsError: it is not the example facility.
        StoreError, OSError: it cannot be written.
    """
    kept = secret_file.load(data_dir)
    old = [ident for ident, key in kept.terminals.items() if not secret_file.is_key(key)]
    if not old:
        return
    at = now or datetime.now(UTC)
    renewed = kept.model_copy(
        update={"terminals": kept.terminals | {ident: secrets.token_hex(32) for ident in old}}
    )
    secret_file.save(data_dir, renewed)
    with lock(data_dir), Store.open(data_dir / DATABASE_FILE) as store:

        def write(db: Database) -> None:
            for ident in old:
                _put_key(db, renewed, TerminalId(ident), at)

        store.write_now(write)


def _put_key(db: Database, kept: ExampleSecrets, terminal: TerminalId, now: datetime) -> None:
    key = public_key_of(kept.terminals[terminal])
    TerminalKeys(db).remove(terminal)
    TerminalKeys(db).add(TerminalKey(terminal, key, now, BUILDER.label))
    about = {"key": key_fingerprint(key)}
    Journal(db).append(now, BUILDER.label, "terminal.enrolled", terminal, about)


def _new_secrets() -> ExampleSecrets:
    pins: dict[str, str] = {}
    for inmate in people.INMATES:
        pins[inmate.id] = new_pin(set(pins.values()))
    return ExampleSecrets(
        staff=tuple(
            StaffSecret(role=role, user=role.value, password=new_password()) for role in StaffRole
        ),
        signing={one.person: new_password() for one in SIGNATORIES},
        terminals={terminal.id: secrets.token_hex(32) for terminal in people.TERMINALS},
        pins=pins,
    )


def _make_keys(data_dir: Path, kept: ExampleSecrets, now: datetime) -> Trust:
    folder = KeyFolder.of(data_dir)
    # What an interrupted attempt left signs for nobody: the store never heard of it.
    shutil.rmtree(folder.path, ignore_errors=True)
    made = key_making.found(
        folder,
        folder,
        people.FACILITY.id,
        SIGNATORIES,
        [one.person for one in SIGNATORIES],
        2,
        kept.signing,
        now,
    )
    return Trust.load(made.roots, made.delegations)


def _furnish(db: Database, kept: ExampleSecrets, trust: Trust, now: datetime) -> dict[str, str]:
    """Everything, in one transaction; gives the tokens of the visits' links."""
    today = now.astimezone(ZoneInfo(people.FACILITY.timezone)).date()
    _put_places(db, kept, now)
    TrustMetadata(db).put(trust, now)
    _put_people(db, kept)
    _put_rules(db, now)
    _put_timetable(db, today)
    for member in kept.staff:
        add_account_now(db, member.user, member.role, member.password, now, BUILDER)
    return _book_upcoming(db, now)


def _put_places(db: Database, kept: ExampleSecrets, now: datetime) -> None:
    places, journal = Facilities(db), Journal(db)
    places.put_facility(people.FACILITY)
    journal.append(now, BUILDER.label, "facility.founded", people.FACILITY.id)
    for unit in people.HOUSING_UNITS:
        places.put_housing_unit(unit)
    for terminal in people.TERMINALS:
        places.put_terminal(terminal)
        _put_key(db, kept, terminal.id, now)


def _put_people(db: Database, kept: ExampleSecrets) -> None:
    known = People(db)
    for inmate in people.INMATES:
        known.put_inmate(inmate)
        known.set_pin_hash(inmate.id, hash_secret_now(kept.pins[inmate.id]))
    for visitor in people.VISITORS:
        known.put_visitor(visitor)
    for contact in people.CONTACTS:
        known.put_contact(contact)


def _put_rules(db: Database, now: datetime) -> None:
    rules = Rules(db)
    for allowance in people.ALLOWANCES:
        rules.put_allowance(allowance)
    for pair in people.NON_ASSOCIATIONS:
        rules.put_non_association(pair)
    rules.put_permit(
        CallPermit(
            id="permit-1",
            inmate=people.ON_REMAND,
            visitor=people.PERMITTED_VISITOR,
            issued_by="Следователь Ершова И. В.",
            valid_from=now - timedelta(days=1),
            valid_until=now + timedelta(days=60),
        )
    )
    rules.put_restriction(
        Restriction(
            id="restriction-1",
            kind=RestrictionKind.BAN,
            starts=now - timedelta(days=30),
            expires=now + timedelta(days=60),
            visitor=people.VISITORS[17].id,
            comment="Передача запрещённых предметов на очном свидании",
            set_by="administrator",
        )
    )


def _put_timetable(db: Database, today: date) -> None:
    timetable = Timetable(db)
    for template in people.timetable(today):
        timetable.put_template(template)
    cleaning = today + timedelta(days=21 - today.weekday())
    timetable.put_exclude_date(ExcludeDate(cleaning, people.WEEKDAYS, "Санитарный день"))


def _book_upcoming(db: Database, now: datetime) -> dict[str, str]:
    """Book `people.UPCOMING` into the coming days' slots; gives their tokens."""
    timetable = Timetable(db)
    offered = slots(
        timetable.templates(),
        timetable.exclude_dates(),
        people.FACILITY.timezone,
        now + timedelta(hours=12),
        now + _LOOK_AHEAD,
    )
    clock, orders = ClockInterval.exact(now), OrderBook()
    links: dict[str, str] = {}
    for number, (visit_type, inmate, visitors) in enumerate(people.UPCOMING):
        # Spread over the days: each visit looks a quarter of a week's slots further.
        fitting = [slot for slot in offered if visit_type in slot.visit_types]
        start = number * len(fitting) // len(people.UPCOMING)
        for slot in fitting[start:]:
            proposal = Proposal(inmate, visitors, visit_type, slot.starts)
            answer = book(db, proposal, now, orders, clock, BUILDER)
            if isinstance(answer, Booked):
                links[answer.visit.id] = answer.token
                break
    return links
