"""Steps of the journal, its tree and what stood beside it from the beginning.

Guarantees: as the package says. Leaves to others: checkpoints (`relay.service.checkpoints`).
"""

from evidence.entry import ABSENT_LEAF, leaf_of
from evidence.tree import CompactRange
from relay.store.audit_pass import entry_of
from relay.store.migrations.append_only import make_append_only
from relay.store.sqlite import Database


def oversight(db: Database) -> None:
    """Orders, what they cut, alerts and the journal."""
    db.executescript("""
        -- Every variant of a revision is kept: any of them denies.
        CREATE TABLE suspension_order (
            id TEXT NOT NULL,
            rev INTEGER NOT NULL CHECK (rev > 0),
            sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
            content BLOB NOT NULL,
            received_at TEXT NOT NULL,
            PRIMARY KEY (id, rev, sha256)
        ) STRICT;

        -- CLOCK_MONOTONIC nanoseconds: only their difference means something.
        CREATE TABLE order_cut (
            order_id TEXT NOT NULL,
            rev INTEGER NOT NULL,
            visit TEXT NOT NULL REFERENCES visit (id),
            committed_ns INTEGER NOT NULL,
            last_packet_ns INTEGER,
            PRIMARY KEY (order_id, rev, visit)
        ) STRICT;

        CREATE TABLE alert (
            id TEXT PRIMARY KEY NOT NULL,
            kind TEXT NOT NULL,
            priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 3),
            raised TEXT NOT NULL,
            visit TEXT REFERENCES visit (id),
            terminal TEXT REFERENCES terminal (id),
            detail TEXT NOT NULL CHECK (json_valid(detail)),
            acknowledged_by TEXT,
            acknowledged_at TEXT,
            CHECK ((acknowledged_by IS NULL) = (acknowledged_at IS NULL))
        ) STRICT;
        CREATE INDEX alert_by_time ON alert (raised);

        CREATE TABLE journal (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail TEXT NOT NULL CHECK (json_valid(detail))
        ) STRICT;
    """)
    make_append_only(db, "suspension_order", "journal")


def audit(db: Database) -> None:
    """The journal's tree, filled for the rows that are there, its checkpoints and their keys."""
    db.executescript("""
        -- Complete subtrees of 2^level leaves; entry seq is leaf seq - 1.
        CREATE TABLE audit_node (
            level INTEGER NOT NULL CHECK (level >= 0),
            position INTEGER NOT NULL CHECK (position >= 0),
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            PRIMARY KEY (level, position)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE audit_checkpoint (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            size INTEGER NOT NULL CHECK (size >= 0),
            note TEXT NOT NULL
        ) STRICT;
        CREATE INDEX audit_checkpoint_by_size ON audit_checkpoint (size);

        CREATE TABLE audit_key (
            key TEXT PRIMARY KEY NOT NULL,
            since TEXT NOT NULL
        ) STRICT;
    """)
    make_append_only(db, "audit_node", "audit_checkpoint", "audit_key")
    growing = CompactRange()
    for row in db.query("SELECT * FROM journal ORDER BY seq"):
        if row["seq"] - growing.size > 1000:
            break  # nobody wrote that number by way of the journal; `parloir audit verify` says so
        entry = entry_of(row)
        leaves = [ABSENT_LEAF] * (row["seq"] - 1 - growing.size)
        leaves.append(leaf_of(entry) or ABSENT_LEAF)
        for leaf in leaves:
            db.conn.executemany(
                "INSERT INTO audit_node (level, position, hash) VALUES (?, ?, ?)",
                [(node.level, node.index, node.hash) for node in growing.append(leaf)],
            )
