"""The journal as a tree: what is stored and signed, and every way to tamper with it."""

import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.checkpoint import Checkpoint, sign_checkpoint
from evidence.entry import ABSENT_LEAF
from evidence.finding import Report
from evidence.note import Signer
from evidence.tree import root_of, verify_inclusion
from relay.store.audit import AuditKeys, AuditTree, Checkpoints
from relay.store.audit_pass import AuditPass, stored_keys
from relay.store.database import DATABASE_FILE, Store, opened_to_read
from relay.store.journal import Journal, Wanted
from relay.store.migrations import migrations
from relay.store.sqlite import Database
from tests.relay.store.samples import MINUTE, NOW

ORIGIN = "parloir/f-1/audit"
SIGNER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))


def enter(db: Database, number: int) -> None:
    for _ in range(number):
        seq = Journal(db).last_seq() + 1
        Journal(db).append(NOW + seq * MINUTE, "staff:guard", "visit.ended", f"v-{seq}", {"n": seq})


def sign(db: Database) -> str:
    tree = AuditTree(db).tree()
    note = sign_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root(), NOW), SIGNER)
    Checkpoints(db).add(tree.size, note)
    return note


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of 20 entries, signed at 8, 16 and 20."""
    path = tmp_path / DATABASE_FILE
    with Store.open(path) as store:
        store.write_now(lambda db: AuditKeys(db).add(str(SIGNER.key), NOW))
        for size in (8, 8, 4):
            store.write_now(lambda db, n=size: enter(db, n))
            store.write_now(sign)
    return path


def verified(path: Path, trusted: dict[str, str] | None = None, limit: int = 7) -> Report:
    with opened_to_read(path) as db:
        walk = AuditPass(ORIGIN, stored_keys(db), trusted)
        while (report := walk.step(db, limit)) is None:
            pass
        return report


def found(report: Report) -> list[tuple[Any, ...]]:
    return [(one.code.value, one.first, one.last, one.checkpoint) for one in report.findings]


def tamper(path: Path, *statements: str) -> None:
    """What somebody does who has the file, and knows how it is protected."""
    with sqlite3.connect(path) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)
    db.close()


def recompute_leaves(path: Path) -> None:
    """The nodes anew from the rows, as somebody who hides an edit would do it."""
    tamper(path, "DELETE FROM audit_node")
    store = Store(path)  # no migration: they are applied already
    store._writer_thread.submit(store._open_writer).result()

    def fill(db: Database) -> None:
        for entry in Journal(db).after(0, 1000):
            AuditTree(db).append(entry.seq, entry.leaf())

    store.write_now(fill)
    store.close()


def test_a_row_and_its_leaf_are_written_together(store: Store) -> None:
    store.write_now(lambda db: enter(db, 11))
    leaves = [one.leaf() for one in store.read_now(lambda db: Journal(db).after())]
    assert store.read_now(lambda db: AuditTree(db).tree().root()) == root_of(leaves)
    path = store.read_now(lambda db: AuditTree(db).tree().inclusion(6, 11))
    verify_inclusion(leaves[6], 6, 11, path, root_of(leaves))

    def fail(db: Database) -> None:
        enter(db, 1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write_now(fail)
    assert store.read_now(lambda db: AuditTree(db).size()) == 11


def test_entries_are_found_by_who_what_and_since(store: Store) -> None:
    def write(db: Database) -> None:
        for seq, (actor, action) in enumerate(
            [("staff:a", "order.issued"), ("staff:b", "order.lifted"), ("staff:a", "orderly.x")]
        ):
            Journal(db).append(NOW + seq * MINUTE, actor, action, "")

    store.write_now(write)

    def seqs(wanted: Wanted, before: int = 99) -> list[int]:
        rows = store.read_now(lambda db: Journal(db).before(before, wanted))
        return [row.seq for row in rows]

    assert seqs(Wanted()) == [3, 2, 1]
    assert seqs(Wanted(), before=3) == [2, 1]
    assert seqs(Wanted(actor="staff:a")) == [3, 1]
    assert seqs(Wanted(action="order.")) == [2, 1]
    assert seqs(Wanted(action="order.issued")) == [1]
    assert seqs(Wanted(since=NOW + MINUTE)) == [3, 2]
    assert store.read_now(lambda db: Journal(db).names_any(1, ("order.",)))
    assert not store.read_now(lambda db: Journal(db).names_any(2, ("order.", "order.lifted")))


def test_a_database_of_an_earlier_version_gets_its_tree(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_FILE
    with sqlite3.connect(path) as connection:
        db = Database(connection)
        migrations.apply(db, stop_before="0009_audit")
        for seq in (1, 2, 4):
            row = (seq, "2026-01-01T00:00:00.000000Z", "system:x", "a.b", "", '{"ms":1.50}')
            db.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)", row)
        connection.commit()
    connection.close()
    with Store.open(path) as store:
        entries = store.read_now(lambda db: Journal(db).after())
        tree = store.read_now(lambda db: AuditTree(db).tree().root())
        leaves = [one.leaf() for one in entries]
        assert tree == root_of([*leaves[:2], ABSENT_LEAF, leaves[2]])
        store.write_now(lambda db: enter(db, 1))
    assert found(verified(path)) == [("ENTRY_MISSING", 3, 3, None)]


def test_nothing_of_it_can_be_changed_or_deleted(log: Path) -> None:
    db = sqlite3.connect(log)
    for table in ("audit_node", "audit_checkpoint", "audit_key", "journal"):
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = rowid"):
            with pytest.raises(sqlite3.Error):
                db.execute(change.replace("SET rowid = rowid", "SET hash = hash")
                           if table == "audit_node" else change)  # fmt: skip
    db.close()


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
def test_a_log_that_nobody_touched_is_sound(log: Path, limit: int) -> None:
    report = verified(log, limit=limit)
    assert (report.findings, report.size, report.covered, report.checkpoints) == ((), 20, 20, 3)


SWAP = (
    "CREATE TEMP TABLE t AS SELECT * FROM journal WHERE seq IN (10, 12)",
    "UPDATE journal SET (at, actor, action, subject, detail) = "
    "(SELECT at, actor, action, subject, detail FROM t WHERE t.seq = 22 - journal.seq) "
    "WHERE seq IN (10, 12)",
)
CUT = (
    "DELETE FROM journal WHERE seq > 17",
    "DELETE FROM audit_node WHERE (position + 1) << level > 17",
)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (["UPDATE journal SET subject = 'v-99' WHERE seq = 10"],
         [("ENTRY_EDITED", 10, 10, None)]),
        (["UPDATE journal SET detail = '{\"n\":10,\"n\":10}' WHERE seq = 10"],
         [("ENTRY_UNREADABLE", 10, 10, None)]),
        (["DELETE FROM journal WHERE seq = 10"], [("ENTRY_MISSING", 10, 10, None)]),
        (["DELETE FROM journal WHERE seq = 10", "DELETE FROM audit_node WHERE level = 0 "
          "AND position = 9"],
         [("LOG_REWRITTEN", 9, 16, "2"), ("ENTRY_MISSING", 10, 10, None),
          ("TREE_ALTERED", None, None, None)]),
        (SWAP, [("ENTRY_MOVED", 10, 10, None), ("ENTRY_MOVED", 12, 12, None)]),
        (["INSERT INTO journal VALUES (21, '2026-01-01T00:00:00.000000Z', 'x', 'y', '', '{}')"],
         [("ENTRY_INSERTED", 21, 21, None)]),
        (["DELETE FROM journal WHERE seq > 17"], [("LOG_TRUNCATED", 18, 20, None)]),
        (CUT, [("LOG_TRUNCATED", 18, 20, "3")]),
        ([*CUT, "DELETE FROM audit_checkpoint WHERE number = 3"],
         [("LOG_TRUNCATED", 18, 20, None), ("CHECKPOINT_MISSING", None, None, "3")]),
        (["DELETE FROM audit_checkpoint WHERE number = 2"],
         [("CHECKPOINT_MISSING", None, None, "2")]),
        (["UPDATE audit_node SET hash = zeroblob(32) WHERE level = 0 AND position = 9"],
         [("LEAF_ALTERED", 10, 10, None)]),
        (["UPDATE audit_node SET hash = zeroblob(32) WHERE level = 4"],
         [("TREE_ALTERED", None, None, None)]),
        (["DELETE FROM audit_node WHERE level = 4"], [("TREE_ALTERED", None, None, None)]),
        (["UPDATE audit_checkpoint SET note = replace(note, char(10) || '8', char(10) || '7') "
          "WHERE number = 1"],
         [("CHECKPOINT_UNSIGNED", None, None, "1")]),
        (["DELETE FROM audit_key"],
         [("CHECKPOINT_UNSIGNED", None, None, str(n)) for n in (1, 2, 3)]),
    ],
    ids=["edit", "repeat-a-name", "delete", "delete-with-leaf", "swap", "insert", "cut-tail",
         "cut-with-tree", "cut-with-checkpoint", "delete-checkpoint", "leaf", "node",
         "delete-node", "checkpoint", "key"],
)  # fmt: skip
def test_every_tampering_is_found_at_its_place(
    log: Path, statements: list[str], expected: list[tuple[Any, ...]]
) -> None:
    tamper(log, *statements)
    assert found(verified(log)) == expected


def test_an_edit_hidden_in_the_tree_is_found_between_two_checkpoints(log: Path) -> None:
    tamper(log, "UPDATE journal SET subject = 'v-99' WHERE seq = 10")
    recompute_leaves(log)
    assert found(verified(log)) == [("LOG_REWRITTEN", 9, 16, "2")]


def test_a_fork_is_found(log: Path) -> None:
    other = sign_checkpoint(Checkpoint(ORIGIN, 20, bytes(32), NOW), SIGNER)
    with Store.open(log) as store:
        store.write_now(lambda db: Checkpoints(db).add(20, other))
    assert found(verified(log)) == [("LOG_FORKED", None, 20, "4")]


def test_a_cut_that_hides_every_trace_is_found_by_a_checkpoint_kept_outside(log: Path) -> None:
    with opened_to_read(log) as db:
        latest = Checkpoints(db).latest()
    assert latest is not None
    tamper(
        log,
        *CUT,
        "DELETE FROM audit_checkpoint WHERE number = 3",
        "UPDATE sqlite_sequence SET seq = 17 WHERE name = 'journal'",
        "UPDATE sqlite_sequence SET seq = 2 WHERE name = 'audit_checkpoint'",
    )
    assert verified(log).sound
    assert found(verified(log, {"kept": latest.note})) == [("LOG_TRUNCATED", 18, 20, "kept")]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_node",
        "DELETE FROM audit_node WHERE level = 4",
        "DELETE FROM journal WHERE seq > 17",
        "UPDATE sqlite_sequence SET seq = 1000000000000 WHERE name = 'journal'",
        "INSERT INTO journal VALUES (999999999, '2026-01-01T00:00:00.000000Z', 'x', 'y', '', '{}')",
    ],
)
def test_a_damaged_log_takes_entries_and_says_that_it_is_damaged(log: Path, statement: str) -> None:
    tamper(log, statement)
    with Store.open(log) as store:
        store.write_now(lambda db: enter(db, 3))
        assert len(store.read_now(lambda db: Journal(db).after(0, 100))) >= 20
    assert not verified(log).sound


def test_the_counter_remembers_what_was_cut_off(log: Path) -> None:
    tamper(log, *CUT)
    with Store.open(log) as store:
        store.write_now(lambda db: enter(db, 1))
        assert store.read_now(lambda db: Journal(db).last_seq()) == 21
    assert ("ENTRY_MISSING", 18, 20, None) in found(verified(log))


def test_it_can_be_read_where_nothing_can_be_written(log: Path) -> None:
    with opened_to_read(log) as db, pytest.raises(sqlite3.OperationalError):
        db.execute("DELETE FROM audit_key")


WRITER = """
    import sys
    from pathlib import Path
    from relay.store.database import Store
    from tests.relay.store.test_audit import enter, sign

    with Store.open(Path(sys.argv[1])) as store:
        print("open", flush=True)
        while True:
            store.write_now(lambda db: enter(db, 3))
            store.write_now(sign)
            print(flush=True)
"""


def test_a_writer_that_is_killed_leaves_a_sound_log(
    log: Path, request: pytest.FixtureRequest
) -> None:
    acknowledged = 0
    for lines in (2, 5, 9, 3, 14, 1):
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(log)],
            cwd=request.config.rootpath,
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            assert writer.stdout is not None
            for _ in range(lines):
                writer.stdout.readline()
            writer.send_signal(signal.SIGKILL)
        acknowledged += 3 * (lines - 1)
        report = verified(log)
        assert report.findings == ()
        assert report.size >= 20 + acknowledged
        assert report.size - report.covered <= 6  # twice killed between entry and signature
