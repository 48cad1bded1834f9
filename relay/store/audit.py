"""The audit log's tree, its signed checkpoints and the keys that signed them.

The rows of the journal are the entries; entry ``seq`` is leaf ``seq - 1``. Every complete subtree
is kept, so that appending, a root and a proof need a few rows of a log of any length.

Guarantees: nothing here is ever changed or deleted (triggers, `relay.store.migrations`); nothing
here is believed either: `parloir audit verify` computes it anew from the rows of the journal.
Leaves to others: what an entry says (`relay.store.journal`), signing
(`relay.service.checkpoints`), and verifying (`relay.store.audit_pass`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from evidence.entry import ABSENT_LEAF
from evidence.tree import CompactRange, Tree, frontier
from relay.store.columns import write_instant
from relay.store.sqlite import Database

_MAX_GAP: Final = 1000
"""So many missing numbers get the leaf of what is absent; beyond that the tree is damaged."""


class DamagedTreeError(Exception):
    """The stored tree cannot take a leaf or give a hash: rows of it are gone or were added."""


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A signed note and its number."""

    number: int
    size: int
    note: str


class AuditTree:
    """The tree over the journal."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def size(self) -> int:
        """How many leaves there are."""
        rows = self._db.query(
            "SELECT coalesce(max(position) + 1, 0) AS size FROM audit_node WHERE level = 0"
        )
        return int(next(rows)["size"])

    def next_seq(self) -> int:
        """The number of the next entry: larger than any that ever was.

        The counter remembers entries that somebody has cut off, so their numbers stay missing; one
        that was set absurdly high is not followed.
        """
        size = self.size()
        row = next(self._db.query("SELECT coalesce(max(seq), 0) AS seq FROM journal"))
        counter = counter_of(self._db, "journal")
        known = max(size, int(row["seq"]))
        return max(known, counter if counter <= known + _MAX_GAP else 0) + 1

    def append(self, seq: int, leaf: bytes) -> None:
        """Add the leaf of entry ``seq``; numbers that were left out become absent ones.

        Raises:
            DamagedTreeError: the tree as it stands cannot take it.
        """
        size = self.size()
        if not 0 < seq - size <= _MAX_GAP:
            raise DamagedTreeError(f"entry {seq} does not follow on {size} leaves")
        growing = CompactRange(size, [self.node(*where) for where in frontier(size)])
        for value in [*[ABSENT_LEAF] * (seq - 1 - size), leaf]:
            self._db.conn.executemany(
                "INSERT OR IGNORE INTO audit_node (level, position, hash) VALUES (?, ?, ?)",
                [(node.level, node.index, node.hash) for node in growing.append(value)],
            )

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree.

        Raises:
            DamagedTreeError: it is gone.
        """
        rows = self._db.query(
            "SELECT hash FROM audit_node WHERE level = ? AND position = ?", [level, index]
        )
        for row in rows:
            return bytes(row["hash"])
        raise DamagedTreeError(f"node {level}/{index} of the tree is gone")

    def tree(self) -> Tree:
        """The tree, for roots and proofs; they raise `DamagedTreeError` as `node` does."""
        return Tree(self.size(), self.node)


class Checkpoints:
    """Signed checkpoints, numbered from 1."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, size: int, note: str) -> int:
        """Keep a checkpoint; returns its number."""
        rows = self._db.query(
            "INSERT INTO audit_checkpoint (size, note) VALUES (?, ?) RETURNING number",
            [size, note],
        )
        return int(next(rows)["number"])

    def latest(self) -> StoredCheckpoint | None:
        """The checkpoint of the largest number."""
        return next(
            _checkpoints(self._db, "SELECT * FROM audit_checkpoint ORDER BY number DESC LIMIT 1"),
            None,
        )

    def covering(self, seq: int) -> StoredCheckpoint | None:
        """The earliest checkpoint over entry ``seq``, or None while there is none."""
        return next(
            _checkpoints(
                self._db,
                "SELECT * FROM audit_checkpoint WHERE size >= ? ORDER BY number LIMIT 1",
                [seq],
            ),
            None,
        )

    def after(self, number: int, limit: int) -> tuple[StoredCheckpoint, ...]:
        """Up to ``limit`` checkpoints that follow ``number``."""
        sql = "SELECT * FROM audit_checkpoint WHERE number > ? ORDER BY number LIMIT ?"
        return tuple(_checkpoints(self._db, sql, [number, limit]))


class AuditKeys:
    """Verifier keys (`evidence.note.VerifierKey`, as text) of all that ever signed here."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, key: str, since: datetime) -> bool:
        """Keep a key; False when it is known."""
        sql = "INSERT OR IGNORE INTO audit_key (key, since) VALUES (?, ?)"
        return self._db.execute(sql, [key, write_instant(since)]).rowcount == 1

    def all(self) -> tuple[str, ...]:
        """All keys, the earliest first."""
        return tuple(
            row["key"] for row in self._db.query("SELECT key FROM audit_key ORDER BY rowid")
        )


def counter_of(db: Database, table: str) -> int:
    """The largest number that SQLite ever gave out in ``table``."""
    rows = db.query("SELECT seq FROM sqlite_sequence WHERE name = ?", [table])
    return next((int(row["seq"]) for row in rows), 0)


def _checkpoints(
    db: Database, sql: str, parameters: Iterable[int] = ()
) -> Iterator[StoredCheckpoint]:
    for row in db.query(sql, list(parameters)):
        yield StoredCheckpoint(row["number"], row["size"], row["note"])
