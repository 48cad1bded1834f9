"""Files of people, contacts and visits: imported whole, or refused with every fault named."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operate import example
from relay.core.model import ContactId, InmateId, VisitorId
from relay.service.csv_rows import MAX_BYTES, Rejection, Row, read_rows
from relay.service.importing import COLUMNS, Imported, Kind, RowsRejected, import_csv
from relay.service.secret_hash import verify_secret_now
from relay.service.staff import SYSTEM
from relay.store.database import DATABASE_FILE, Store
from relay.store.journal import Journal
from relay.store.links import Links
from relay.store.people import People
from relay.store.visits import Visits
from suspension import ClockInterval, OrderBook
from visit_protocol.vocabulary import Relationship, VisitType

NOW = datetime(2027, 2, 27, 10, 0, tzinfo=UTC)
DOCUMENT = Path(__file__).parents[3] / "docs" / "import.md"
SAMPLES = dict(re.findall(r"```csv (\w+)\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL))


@pytest.fixture(scope="module")
def example_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example")
    example.create(folder, NOW - timedelta(days=30))
    return folder


@pytest.fixture
def store(example_folder: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(example_folder / DATABASE_FILE, tmp_path)
    with Store.open(tmp_path / DATABASE_FILE) as store:
        yield store


async def _import(store: Store, kind: Kind, content: str | bytes) -> Imported | RowsRejected:
    return await import_csv(
        store,
        kind,
        content.encode() if isinstance(content, str) else content,
        now=NOW,
        orders=OrderBook(),
        clock=ClockInterval.exact(NOW),
        badge_hash=lambda uid: hashlib.sha256(uid.encode()).hexdigest(),
        by=SYSTEM,
    )


async def _faults(store: Store, kind: Kind, content: str | bytes) -> list[tuple[int, str, str]]:
    before = store.read_now(lambda db: Journal(db).last_seq())
    answer = await _import(store, kind, content)
    assert isinstance(answer, RowsRejected)
    assert store.read_now(lambda db: Journal(db).last_seq()) == before
    return [(fault.line, fault.field, fault.code) for fault in answer.rejected]


# ── the documented samples ─────────────────────────────────────────────────────────────────
async def test_documented_samples_import(store: Store) -> None:
    assert await _import(store, Kind.PEOPLE, SAMPLES["people"]) == Imported(4)
    assert await _import(store, Kind.CONTACTS, SAMPLES["contacts"]) == Imported(2)
    assert await _import(store, Kind.VISITS, SAMPLES["visits"]) == Imported(2)

    inmate = store.read_now(lambda db: People(db).inmate(InmateId("i-101")))
    assert inmate is not None
    assert (inmate.name, inmate.regime, inmate.on_remand) == (
        "Смирнов Олег Игоревич",
        "general",
        False,
    )
    pin_hash = store.read_now(lambda db: People(db).pin_hash(InmateId("i-101")))
    assert pin_hash is not None
    assert verify_secret_now(pin_hash, "482913")
    assert store.read_now(lambda db: People(db).pin_hash(InmateId("i-102"))) is None

    counsel = store.read_now(lambda db: People(db).visitor(VisitorId("v-102")))
    assert counsel is not None
    (paper,) = counsel.credentials
    assert (paper.visit_type, paper.number) == (VisitType.LEGAL, "66/2071")
    # Valid to the end of the day, as the facility counts days (UTC+5).
    assert paper.valid_until == datetime(2040, 12, 31, 19, 0, tzinfo=UTC)

    day = datetime(2027, 3, 1, tzinfo=UTC)
    family, legal = store.read_now(lambda db: Visits(db).between(day, day + timedelta(days=1)))
    assert family.starts == datetime(2027, 3, 1, 5, 15, tzinfo=UTC)
    assert family.terminal == "T-01"
    assert (legal.visit_type, legal.terminal) == (VisitType.LEGAL, "T-02")
    assert len(store.read_now(lambda db: Links(db).of_visit(family.id))) == 1
    actions = [row.action for row in store.read_now(lambda db: Journal(db).after(limit=1000))]
    assert actions.count("import.visits") == 1


def test_every_column_and_code_is_documented() -> None:
    text = DOCUMENT.read_text("utf-8")
    for columns in COLUMNS.values():
        for column in (*columns.required, *columns.optional):
            assert f"| `{column}` |" in text
    sources = [
        Path(__file__).parents[3] / "relay" / "service" / name
        for name in ("csv_rows.py", "importing.py")
    ]
    pattern = r'(?:reject|Rejection|_of_file)\((?:[^"()]*"[^"]*",)?[^"()]*"([A-Z][A-Z0-9_]+)"'
    codes = {code for source in sources for code in re.findall(pattern, source.read_text("utf-8"))}
    assert len(codes) > 15
    assert {code for code in codes if f"`{code}`" not in text} == set()


# ── people ─────────────────────────────────────────────────────────────────────────────────
async def test_every_fault_of_every_row_is_named_and_nothing_is_imported(store: Store) -> None:
    content = (
        "kind,id,name,birth_date,housing_unit,regime,language,pin,on_remand,credential_type\n"
        "inmate,i-201,Верный,1990-01-01,unit-1,general,ru,1234,no,\n"
        "inmate,i 202,,1990-02-30,unit-9,gentle,russian,12a4,maybe,LEGAL\n"
        "\n"
        "visitor,v-201,Верная,2027-02-28,unit-1,,,,,\n"
        "visitor,v-202,Верная,1990-01-01,,,,,,FAMILY\n"
        "ghost,x-1,Кто,1990-01-01,,,,,,\n"
        "inmate,i-201,Второй,1990-01-01,unit-1,general,ru,,,\n"
    )
    assert await _faults(store, Kind.PEOPLE, content) == [
        (3, "birth_date", "BAD_DATE"),
        (3, "credential_type", "NOT_APPLICABLE"),
        (3, "housing_unit", "UNKNOWN"),
        (3, "id", "BAD_FORM"),
        (3, "language", "BAD_FORM"),
        (3, "name", "EMPTY"),
        (3, "on_remand", "NOT_YES_OR_NO"),
        (3, "pin", "BAD_FORM"),
        (3, "regime", "UNKNOWN"),
        (5, "birth_date", "OUT_OF_RANGE"),
        (5, "housing_unit", "NOT_APPLICABLE"),
        (6, "credential_number", "EMPTY"),
        (6, "credential_type", "NOT_PROTECTED"),
        (6, "credential_verified_by", "EMPTY"),
        (7, "kind", "UNKNOWN_CODE"),
        (8, "id", "REPEATED"),
    ]
    assert store.read_now(lambda db: People(db).inmate(InmateId("i-201"))) is None


async def test_changing_a_person_keeps_the_pin(store: Store) -> None:
    before = store.read_now(lambda db: People(db).pin_hash(InmateId("i-01")))
    row = "kind,id,name,birth_date,housing_unit,regime,custody\n"
    row += "inmate,i-01,Соколов,1984-03-17,unit-2,general,released\n"
    assert await _import(store, Kind.PEOPLE, row) == Imported(1)
    assert store.read_now(lambda db: People(db).pin_hash(InmateId("i-01"))) == before
    inmate = store.read_now(lambda db: People(db).inmate(InmateId("i-01")))
    assert inmate is not None
    assert (inmate.custody, inmate.housing_unit) == ("RELEASED", "unit-2")


async def test_messages_never_repeat_what_a_cell_held(store: Store) -> None:
    content = "kind,id,name,birth_date\ninmate,Секрет,Секрет\x07,Секрет\n"
    answer = await _import(store, Kind.PEOPLE, content)
    assert isinstance(answer, RowsRejected)
    assert "Секрет" not in "".join(fault.message + fault.field for fault in answer.rejected)


# ── contacts ───────────────────────────────────────────────────────────────────────────────
async def test_known_pair_keeps_its_id(store: Store) -> None:
    content = "inmate;visitor;relationship;approved\ni-01;v-01;relative;нет\n"
    assert await _import(store, Kind.CONTACTS, content) == Imported(1)
    contact = store.read_now(lambda db: People(db).contact(ContactId("c-01")))
    assert contact is not None
    assert (contact.relationship, contact.approved) == (Relationship.RELATIVE, False)


async def test_faults_of_contacts_are_named(store: Store) -> None:
    content = (
        "inmate,visitor,relationship\n"
        "i-01,v-99,spouse\n"
        "i-99,v-02,neighbour\n"
        "i-01,v-99,friend\n"
        ",v-01,friend\n"
    )
    assert await _faults(store, Kind.CONTACTS, content) == [
        (2, "visitor", "UNKNOWN"),
        (3, "inmate", "UNKNOWN"),
        (3, "relationship", "UNKNOWN_CODE"),
        (4, "visitor", "REPEATED"),
        (4, "visitor", "UNKNOWN"),
        (5, "inmate", "EMPTY"),
    ]


# ── visits ─────────────────────────────────────────────────────────────────────────────────
async def test_visits_are_decided_by_the_policy_and_against_each_other(store: Store) -> None:
    content = (
        "inmate,visitors,visit_type,starts,terminal\n"
        "i-01,v-01,FAMILY,2027-03-01T10:00,T-01\n"  # would do
        "i-02,v-03,FAMILY,2027-03-01T10:00,T-01\n"  # the booth is the row's above
        "i-01,v-19,FAMILY,2027-03-01T11:00,\n"  # counsel as family
        "i-04,v-06,FAMILY,2027-03-01T11:00,\n"  # a child alone
        "i-02,v-03,FAMILY,2027-03-01T03:00,\n"  # no slot at night
        "i-02,v-03,FAMILY,2027-02-01T10:00,\n"  # past
        "i-02,v-18,FAMILY,2027-03-01T12:00,\n"  # banned
        "i-99,v-03,FAMILY,2027-03-01T12:00,\n"  # nobody
    )
    faults = await _faults(store, Kind.VISITS, content)
    assert {fault[0] for fault in faults} == {3, 4, 5, 6, 7, 8, 9}
    assert set(faults) >= {
        (3, "inmate", "DOUBLE_BOOKING"),
        (4, "visit_type", "VISIT_TYPE_MISMATCH"),
        (5, "visitors", "NO_ADULT"),
        (6, "starts", "SLOT_UNAVAILABLE"),
        (7, "starts", "VISIT_OVER"),
        (8, "visitors", "VISITOR_BANNED"),
        (9, "inmate", "FACTS_MISSING"),
    }
    day = datetime(2027, 3, 1, tzinfo=UTC)
    assert store.read_now(lambda db: Visits(db).between(day, day + timedelta(days=1))) == ()


async def test_faults_of_cells_are_told_before_anything_is_decided(store: Store) -> None:
    content = (
        "inmate,visitors,visit_type,starts,terminal,minutes\n"
        "i-01,v-01 v-01,SOCIAL,soon,T 1,0\n"
        "i-01,v-01;,FAMILY,9999-12-31T23:59:59-23:59,,٣\n"
    )
    assert await _faults(store, Kind.VISITS, content) == [
        (2, "minutes", "OUT_OF_RANGE"),
        (2, "starts", "BAD_TIME"),
        (2, "terminal", "BAD_FORM"),
        (2, "visit_type", "UNKNOWN_CODE"),
        (2, "visitors", "REPEATED"),
        (3, "minutes", "NOT_A_NUMBER"),
        (3, "starts", "OUT_OF_RANGE"),
        (3, "visitors", "BAD_FORM"),
    ]


# ── the file itself ────────────────────────────────────────────────────────────────────────
HEADER = "inmate,visitor,relationship\n"


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b"", [(1, "inmate", "MISSING_COLUMN"), (1, "relationship", "MISSING_COLUMN"),
               (1, "visitor", "MISSING_COLUMN")]),
        (b"x" * (MAX_BYTES + 1), [(1, "", "FILE_TOO_LARGE")]),
        (HEADER.encode() + b"i-01,\xff,x\n", [(2, "", "NOT_UTF8")]),
        (HEADER + 'i-01,"v-01,spouse\n', [(2, "", "MALFORMED")]),
        (HEADER + "i-01,v-01\n", [(2, "", "WRONG_CELL_COUNT")]),
        (HEADER + f"i-01,{'v' * 2001},x\n", [(2, "visitor", "TOO_LONG")]),
        ("inmate,visitor,relationship,colour\n", [(1, "column 4", "UNKNOWN_COLUMN")]),
        ("inmate,visitor,visitor,relationship\n", [(1, "visitor", "REPEATED_COLUMN")]),
        (HEADER + "i-01,v-01,spouse\n" * 5001, [(5002, "", "TOO_MANY_ROWS")]),
    ],
)  # fmt: skip
async def test_faults_of_the_file_are_named(
    store: Store, content: str | bytes, faults: list[tuple[int, str, str]]
) -> None:
    found = await _faults(store, Kind.CONTACTS, content)
    assert [fault for fault in found if fault[2] != "REPEATED"] == faults


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
async def test_what_spreadsheets_write_is_read(
    store: Store, mark: bytes, delimiter: str, ending: str
) -> None:
    lines = ["Visitor ,INMATE,relationship", "v-02,i-02,'friend'".replace("'", '"'), ",,", ""]
    content = mark + ending.join(lines).replace(",", delimiter).encode()
    assert await _import(store, Kind.CONTACTS, content) == Imported(1)


def test_row_is_known_by_the_line_on_which_it_begins() -> None:
    rows, rejected = read_rows(b'a,b\n"x\ny",1\nz,2\n', ["a", "b"], [], 10)
    assert rejected == []
    assert [row.line for row in rows] == [2, 4]


def _anything() -> st.SearchStrategy[bytes]:
    known = (
        "inmate visitor i-01 v-01 FAMILY spouse yes 1990-01-01 2027-13-01 unit-1 general 1234 -1"
    )
    times = ["2027-03-01T10:15", "0001-01-01T00:00", "9999-12-31T23:59:59"]
    odd = ["", "v-01 v-02", "1e9", "\x00", "\ud800", '"', "'", "٣", "x" * 300]
    cells = st.sampled_from([*known.split(), *times, *odd])
    lines = st.lists(st.lists(cells | st.text(max_size=5), max_size=7).map(",".join), max_size=6)
    header = st.sampled_from([",".join((*c.required, *c.optional)) for c in COLUMNS.values()])
    texts = st.tuples(header, lines).map(lambda parts: "\n".join((parts[0], *parts[1])))
    return st.binary(max_size=300) | texts.map(lambda text: text.encode("utf-8", "surrogatepass"))


@given(content=_anything())
@settings(max_examples=400, deadline=None)
def test_any_bytes_give_rows_or_faults(content: bytes) -> None:
    for columns in COLUMNS.values():
        rows, rejected = read_rows(content, columns.required, columns.optional, columns.max_rows)
        assert all(isinstance(row, Row) for row in rows)
        assert all(isinstance(fault, Rejection) and fault.line >= 1 for fault in rejected)


@given(content=_anything(), kind=st.sampled_from(Kind))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_bytes_are_imported_or_rejected(store: Store, content: bytes, kind: Kind) -> None:
    assert isinstance(await _import(store, kind, content), Imported | RowsRejected)
