"""The file: opened or refused with one clear line, durable, whole, and one process at a time."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from relay.core.model import HousingUnit, HousingUnitId
from relay.store.database import DATABASE_FILE, Store, lock
from relay.store.errors import (
    DataFolderLockedError,
    NewerSchemaError,
    NotADatabaseError,
    RowRefusedError,
    StoreClosedError,
    StoreError,
    StoreFullError,
    StoreUnwritableError,
)
from relay.store.facilities import Facilities
from relay.store.reserve import RESERVE_BYTES, RESERVE_FILE
from relay.store.sqlite import Database


def _add(*ids: str) -> Callable[[Database], None]:
    def add(db: Database) -> None:
        for unit in ids:
            Facilities(db).put_housing_unit(HousingUnit(HousingUnitId(unit), unit))

    return add


def _ids(db: Database) -> list[str]:
    return [unit.id for unit in Facilities(db).housing_units()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / DATABASE_FILE


def test_what_was_written_is_there_after_reopening(path: Path) -> None:
    with Store.open(path) as store:
        store.write_now(_add("u-1"))
    with Store.open(path) as store:
        assert store.read_now(_ids) == ["u-1"]


def test_file_is_readable_by_its_owner_only(path: Path) -> None:
    with Store.open(path):
        assert path.stat().st_mode & 0o777 == 0o600


def test_connections_are_durable_and_checked(path: Path) -> None:
    with Store.open(path) as store:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
            found = store.write_now(
                lambda db, p=pragma: db.conn.execute(f"PRAGMA {p}").fetchone()[0]
            )
            assert found == value


async def test_reads_and_writes_stay_off_the_event_loop(path: Path) -> None:
    with Store.open(path) as store:
        threads = await asyncio.gather(
            store.write(lambda db: threading.current_thread().name),
            store.write(lambda db: threading.current_thread().name),
            store.read(lambda db: threading.current_thread().name),
        )
    assert len(set(threads)) == 2
    assert threading.current_thread().name not in threads


async def test_failed_transaction_leaves_no_trace(path: Path) -> None:
    def half(db: Database) -> None:
        Facilities(db).put_housing_unit(HousingUnit(HousingUnitId("u-1"), "x"))
        raise LookupError("thought better of it")

    with Store.open(path) as store:
        with pytest.raises(LookupError):
            await store.write(half)
        assert await store.read(_ids) == []
        await store.write(_add("u-2"))
        assert await store.read(_ids) == ["u-2"]


def test_reader_cannot_write(path: Path) -> None:
    with Store.open(path) as store, pytest.raises(StoreUnwritableError):
        store.read_now(_add("u-1"))


def test_broken_constraint_is_the_callers_misuse(path: Path) -> None:
    with Store.open(path) as store, pytest.raises(RowRefusedError):
        store.write_now(
            lambda db: db.execute(
                "INSERT INTO terminal (id, label, housing_unit, visit_types) "
                "VALUES ('T-01', 'x', 'nowhere', 'FAMILY')"
            )
        )


def test_full_disk_leaves_nothing_half_written(path: Path) -> None:
    with Store.open(path) as store:
        store.write_now(_add("u-1"))
        # A limit on pages is the same refusal, SQLITE_FULL, without filling a disk.
        store.write_now(lambda db: db.execute("PRAGMA max_page_count = 1").fetchall())
        with pytest.raises(StoreFullError, match="no room left") as caught:
            store.write_now(_add(*(f"u-{number}" for number in range(20_000))))
        assert caught.value.code == "STORE_FULL"
        assert store.read_now(_ids) == ["u-1"]
        store.write_now(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchall())
        store.write_now(_add("u-2"))
        assert store.read_now(_ids) == ["u-1", "u-2"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24M", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip("making a disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def _fill(folder: Path) -> Path:
    """The file that has taken the disk's last byte."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass
    return filler


def test_vital_writes_go_on_where_a_full_disk_refuses_others(small_disk: Path) -> None:
    path = small_disk / DATABASE_FILE
    with Store.open(path) as store:
        store.write_now(_add("u-1"))
        _fill(small_disk)
        with pytest.raises(StoreFullError):
            store.write_now(_add(*(f"n-{number}" for number in range(2_000))))
        store.write_now(_add(*(f"v-{number}" for number in range(2_000))), vital=True)
    with Store.open(path) as store:
        assert len(store.read_now(_ids)) == 2_001


def test_reserve_is_taken_again_when_there_is_room_again(small_disk: Path) -> None:
    reserve = small_disk / RESERVE_FILE
    with Store.open(small_disk / DATABASE_FILE) as store:
        filler = _fill(small_disk)
        store.write_now(_add(*(f"v-{number}" for number in range(2_000))), vital=True)
        assert not reserve.exists()
        filler.unlink()
        store.write_now(_add("u-1"))
        assert reserve.stat().st_size == RESERVE_BYTES


def test_no_reserve_is_taken_from_a_disk_that_is_nearly_full(small_disk: Path) -> None:
    (small_disk / "other").write_bytes(b"x" * 16 * 1024 * 1024)
    with Store.open(small_disk / DATABASE_FILE) as store:
        store.write_now(_add("u-1"))
        assert not (small_disk / RESERVE_FILE).exists()


def test_missing_folder_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(StoreUnwritableError) as caught:
        Store.open(tmp_path / "nowhere" / DATABASE_FILE)
    assert "\n" not in str(caught.value)


def test_folder_in_the_files_place_is_refused(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreUnwritableError):
        Store.open(path)


def test_something_else_in_the_files_place_is_refused_and_untouched(path: Path) -> None:
    path.write_text("these are not the rows you are looking for\n" * 40)
    before = path.read_bytes()
    with pytest.raises(NotADatabaseError):
        Store.open(path)
    assert path.read_bytes() == before


def test_file_of_a_newer_version_is_refused(path: Path) -> None:
    with Store.open(path) as store:
        store.write_now(
            lambda db: db.table("_sqlite_migrations").insert(
                {"migration_set": "relay", "name": "9999_future", "applied_at": "2099"}
            )
        )
    with pytest.raises(NewerSchemaError, match="9999_future"):
        Store.open(path)


def test_closed_store_says_so(path: Path) -> None:
    store = Store.open(path)
    store.close()
    store.close()
    with pytest.raises(StoreClosedError):
        store.write_now(_ids)
    with pytest.raises(StoreClosedError):
        store.read_now(_ids)


def test_every_error_has_its_own_code() -> None:
    kinds = StoreError.__subclasses__()
    assert len({kind.code for kind in kinds}) == len(kinds)


def test_committed_write_survives_kill_9(path: Path) -> None:
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from relay.core.model import HousingUnit, HousingUnitId
        from relay.store.database import Store
        from relay.store.facilities import Facilities

        store = Store.open(Path(sys.argv[1]))
        number = 0
        while True:
            unit = HousingUnit(HousingUnitId(f"u-{number:06}"), "x")
            store.write_now(lambda db: Facilities(db).put_housing_unit(unit))
            print(number, flush=True)
            number += 1
    """)
    writer = subprocess.Popen(
        [sys.executable, "-c", script, os.fspath(path)], stdout=subprocess.PIPE, text=True
    )
    with writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            if int(line) >= 20:
                break
        writer.send_signal(signal.SIGKILL)
        last = max([20, *(int(rest) for rest in writer.stdout if rest.strip().isdigit())])
    with Store.open(path) as store:
        ids = store.read_now(_ids)
        assert ids[: last + 1] == [f"u-{number:06}" for number in range(last + 1)]
    with sqlite3.connect(path) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    plain.close()


def test_data_folder_is_locked_against_another_process(tmp_path: Path) -> None:
    attempt = [
        sys.executable,
        "-c",
        "import sys; from pathlib import Path; from relay.store.database import lock\n"
        "from relay.store.errors import DataFolderLockedError\n"
        "try: lock(Path(sys.argv[1]))\n"
        "except DataFolderLockedError as error: sys.exit(error.code)",
        os.fspath(tmp_path),
    ]
    with lock(tmp_path):
        taken = subprocess.run(attempt, stderr=subprocess.PIPE, text=True, check=False)
        with pytest.raises(DataFolderLockedError, match="in use"):
            lock(tmp_path)
    assert (taken.returncode, taken.stderr.strip()) == (1, "DATA_FOLDER_LOCKED")
    subprocess.run(attempt, check=True)


def test_lock_in_a_missing_folder_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(StoreUnwritableError):
        lock(tmp_path / "nowhere")


@pytest.mark.parametrize("program", ["relay.__main__", "operate.facility.__main__"])
def test_a_program_with_a_store_starts_without_numerical_libraries(program: str) -> None:
    """NumPy costs a start more than the store itself does."""
    source = f"import sys, {program}; print({{'numpy', 'pandas'}} & set(sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    )
    assert found.stdout == "set()\n"
