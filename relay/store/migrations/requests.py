"""Steps of what inmates ask the administration for in the booth.

Guarantees: as the package says. Leaves to others: who may ask and answer
(`relay.service.requests`).
"""

from relay.store.migrations.append_only import make_append_only
from relay.store.sqlite import Database


def requests(db: Database) -> None:
    """Complaints about visits, applications for call permits, and their answers."""
    db.executescript("""
        CREATE TABLE request (
            id TEXT PRIMARY KEY NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('COMPLAINT', 'CALL_PERMIT')),
            inmate TEXT NOT NULL REFERENCES inmate (id),
            visit TEXT REFERENCES visit (id),
            visitor TEXT REFERENCES visitor (id),
            reason TEXT,
            terminal TEXT NOT NULL,
            filed TEXT NOT NULL,
            due TEXT NOT NULL,
            CHECK ((kind = 'COMPLAINT') = (visit IS NOT NULL AND reason IS NOT NULL)),
            CHECK ((kind = 'CALL_PERMIT') = (visitor IS NOT NULL))
        ) STRICT;
        CREATE INDEX request_by_inmate ON request (inmate, filed);
        CREATE TABLE request_answer (
            request TEXT PRIMARY KEY NOT NULL REFERENCES request (id),
            granted INTEGER NOT NULL CHECK (granted IN (0, 1)),
            answered TEXT NOT NULL,
            person TEXT NOT NULL,
            answer TEXT NOT NULL CHECK (answer <> '')
        ) STRICT;
    """)
    make_append_only(db, "request", "request_answer")
