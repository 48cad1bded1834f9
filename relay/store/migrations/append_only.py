"""`make_append_only`: tables that nobody changes, whoever has the file open through SQLite.

Guarantees: a row that is there stays as it is. Leaves to others: whoever edits the file's bytes
(`parloir audit verify` finds that in the journal).
"""

from relay.store.sqlite import Database


def make_append_only(db: Database, *tables: str) -> None:
    """Let rows be added to ``tables`` and nothing else."""
    for table in tables:
        for change in ("UPDATE", "DELETE"):
            db.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
