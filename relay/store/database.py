"""The SQLite file and its one writer.

Guarantees: every `Store.write` is one transaction that is on the disk (WAL,
``synchronous=FULL``) when it returns, or has left no trace; every `Store.read` sees one
consistent moment and can write nothing; each runs on its own thread, never on the event loop.
A vital write succeeds on a full disk too, as long as the reserve lasts (`relay.store.reserve`).
`lock` keeps a second process out of the data folder. Leaves to others: what the rows mean (the
repositories) and when a visit may be changed (`relay.service`).
"""

import asyncio
import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from relay.store.errors import (
    DataFolderLockedError,
    NewerSchemaError,
    NotADatabaseError,
    RowRefusedError,
    StoreClosedError,
    StoreError,
    StoreFailedError,
    StoreFullError,
    StoreUnwritableError,
)
from relay.store.migrations import KNOWN, migrations
from relay.store.reserve import Reserve
from relay.store.sqlite import Database

DATABASE_FILE: Final = "relay.sqlite3"
LOCK_FILE: Final = "relay.lock"

_BUSY_TIMEOUT_S: Final = 5.0
"""How long to wait for somebody else's transaction, e.g. a copy being made by hand."""
_UNWRITABLE: Final = frozenset(
    {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
)

T = TypeVar("T")


class Store:
    """The open database of one data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reserve = Reserve(path.parent)
        self._writer_thread = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._reader_thread = ThreadPoolExecutor(1, thread_name_prefix="store-reader")
        self._writer: Database | None = None
        self._reader: Database | None = None
        self._closed = False
        self._tell: tuple[Callable[[], None], ...] = ()

    @classmethod
    def open(cls, path: Path) -> Self:
        """The store in the SQLite file ``path``, created or brought up to date as needed.

        Raises:
            StoreUnwritableError: the folder is missing, or it or the file cannot be written.
            NotADatabaseError: the file is something else.
            NewerSchemaError: a newer version wrote it.
            StoreFullError: no room for it.
            StoreFailedError: any other failure of the disk.
        """
        store = cls(path)
        try:
            store._writer_thread.submit(store._open_writer).result()
            store._reader_thread.submit(store._open_reader).result()
        except BaseException:
            store.close()
            raise
        return store

    async def write(self, fn: Callable[[Database], T], *, vital: bool = False) -> T:
        """What ``fn`` returns, after everything it wrote is on the disk in one transaction.

        An exception of ``fn`` undoes its writes and is raised as it is. Whoever is cancelled
        while waiting knows only that all of it happened or nothing. A ``vital`` write that finds
        the disk full is done once more, in the room of the reserve.

        Raises:
            StoreFullError: no room; nothing was written.
            RowRefusedError: a constraint or a trigger refused a row; nothing was written.
            StoreFailedError: any other failure; nothing was written.
            StoreClosedError: the store is closed.
        """
        return await asyncio.wrap_future(self._submit_write(fn, vital=vital))

    async def read(self, fn: Callable[[Database], T]) -> T:
        """What ``fn`` returns from one consistent snapshot.

        Raises:
            StoreUnwritableError: ``fn`` tried to write.
            StoreFailedError: the disk failed.
            StoreClosedError: the store is closed.
        """
        return await asyncio.wrap_future(self._submit_read(fn))

    def after_write(self, tell: Callable[[], None]) -> None:
        """Have ``tell`` called after every transaction that was written, on the writer's thread."""
        self._tell = (*self._tell, tell)

    def write_now(self, fn: Callable[[Database], T], *, vital: bool = False) -> T:
        """As `write`, blocking: for start-up, the command line and tests."""
        return self._submit_write(fn, vital=vital).result()

    def read_now(self, fn: Callable[[Database], T]) -> T:
        """As `read`, blocking: for start-up, the command line and tests."""
        return self._submit_read(fn).result()

    def close(self) -> None:
        """Finish what was handed in, then close the file; again is harmless."""
        self._closed = True
        # The reader goes first: the last connection to close folds the log into the file.
        for thread, take in (
            (self._reader_thread, self._close_reader),
            (self._writer_thread, self._close_writer),
        ):
            with contextlib.suppress(RuntimeError):  # already shut down by an earlier close
                thread.submit(take).result()
            thread.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ── on the writer's thread ─────────────────────────────────────────────────────────────
    def _open_writer(self) -> None:
        folder = self.path.parent
        if not folder.is_dir():
            raise StoreUnwritableError(f"{folder} is not a folder")
        with _translated(self.path):
            self._writer = db = _connect(self.path)
            db.execute("PRAGMA journal_mode = WAL").fetchall()
            db.execute("PRAGMA synchronous = FULL")
            _refuse_newer(db, self.path)
            migrations.apply(db)
        # Names, PIN hashes and visits are nobody else's business.
        with contextlib.suppress(PermissionError):  # not our file: its owner decides
            self.path.chmod(0o600)
        self._reserve.keep()

    def _submit_write(self, fn: Callable[[Database], T], *, vital: bool) -> Future[T]:
        return self._submit(self._writer_thread, lambda: self._write(fn, vital=vital))

    def _write(self, fn: Callable[[Database], T], *, vital: bool) -> T:
        try:
            done = self._transact(fn)
        except StoreFullError:
            if not (vital and self._reserve.spend()):
                raise
            return self._transact(fn)
        self._reserve.keep()
        return done

    def _transact(self, fn: Callable[[Database], T]) -> T:
        if self._writer is None:
            raise StoreClosedError("the store is closed")
        with _translated(self.path):
            # IMMEDIATE: a transaction that reads first and writes later must not find that
            # somebody else wrote in between.
            result = _within(self._writer, "BEGIN IMMEDIATE", fn)
        for tell in self._tell:
            tell()
        return result

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    # ── on the reader's thread ─────────────────────────────────────────────────────────────
    def _open_reader(self) -> None:
        with _translated(self.path):
            self._reader = _connect(self.path)
            self._reader.execute("PRAGMA query_only = ON")

    def _submit_read(self, fn: Callable[[Database], T]) -> Future[T]:
        return self._submit(self._reader_thread, lambda: self._look(fn))

    def _look(self, fn: Callable[[Database], T]) -> T:
        if self._reader is None:
            raise StoreClosedError("the store is closed")
        with _translated(self.path):
            return _within(self._reader, "BEGIN", fn)

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _submit(self, thread: ThreadPoolExecutor, work: Callable[[], T]) -> Future[T]:
        if self._closed:
            raise StoreClosedError("the store is closed")
        return thread.submit(work)


@contextlib.contextmanager
def opened_to_read(path: Path) -> Iterator[Database]:
    """The SQLite file ``path``, whether a relay runs over it or not; nothing can be written.

    Not brought up to date: what a newer or older version wrote is there as it was written.

    Raises:
        StoreUnwritableError: there is no such file, or it cannot be read.
        NotADatabaseError: the file is something else.
        StoreFailedError: any other failure of the disk.
    """
    with _translated(path):
        db = _connect_to_read(path)
        try:
            yield db
        finally:
            db.close()


def _connect_to_read(path: Path) -> Database:
    uri = path.resolve().as_uri()
    try:
        db = _connect(f"{uri}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        # A copy on a medium that cannot be written has no room for SQLite's shared memory.
        db = _connect(f"{uri}?immutable=1", uri=True)
    db.execute("PRAGMA query_only = ON")
    return db


class DataFolderLock:
    """The right to be the only process that works in a data folder, until released."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Let others in; again is harmless. The end of the process releases it too."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def lock(data_dir: Path) -> DataFolderLock:
    """The lock of the data folder, taken without waiting.

    Raises:
        DataFolderLockedError: a relay, or a command that works without one, is at work there.
        StoreUnwritableError: the lock file cannot be made.
    """
    path = data_dir / LOCK_FILE
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreUnwritableError(f"cannot write {path}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise DataFolderLockedError(
            f"{data_dir} is in use by another process; stop the relay that runs there first"
        ) from error
    return DataFolderLock(descriptor)


def _connect(path: Path | str, *, uri: bool = False) -> Database:
    # The default transaction handling is what sqlite-utils asks for; `_within` opens every
    # transaction itself, so nothing is ever committed implicitly.
    connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, uri=uri)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema")  # here it shows what the file is
        db = Database(connection, execute_plugins=False)
        db.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return db


def _within(db: Database, begin: str, fn: Callable[[Database], T]) -> T:
    db.conn.execute(begin)
    try:
        result = fn(db)
        db.conn.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise
    return result


def _refuse_newer(db: Database, path: Path) -> None:
    for step in migrations.applied(db):
        if step.name not in KNOWN:
            raise NewerSchemaError(f"{path} was written by a newer version (step {step.name})")


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    """SQLite's errors as this package's."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise RowRefusedError(str(error)) from error
    except sqlite3.Error as error:
        raise _typed(error, path) from error


def _typed(error: sqlite3.Error, path: Path) -> StoreError:
    # The low byte is the primary result code (https://www.sqlite.org/rescode.html).
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return StoreFullError(f"no room left for {path}")
    if code == sqlite3.SQLITE_NOTADB:
        return NotADatabaseError(f"{path} is not a database of parloir")
    if code in _UNWRITABLE:
        return StoreUnwritableError(f"cannot write {path}: {error}")
    return StoreFailedError(f"{path}: {error}")
