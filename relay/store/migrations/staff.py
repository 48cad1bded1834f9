"""Steps of accounts, log-ins and locks.

Guarantees: as the package says. Leaves to others: passwords (`relay.service.staff`).
"""

from relay.store.sqlite import Database


def staff(db: Database) -> None:
    """Accounts, log-ins, and the counters that lock guessing out."""
    db.executescript("""
        CREATE TABLE staff_account (
            id TEXT PRIMARY KEY NOT NULL,
            user TEXT NOT NULL UNIQUE COLLATE NOCASE,
            role TEXT NOT NULL CHECK (role IN (
                'guard', 'administrator', 'approver', 'auditor')),
            enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
            password_hash TEXT NOT NULL
        ) STRICT;

        CREATE TABLE staff_session (
            token_hash TEXT PRIMARY KEY NOT NULL CHECK (length(token_hash) = 64),
            staff TEXT NOT NULL REFERENCES staff_account (id),
            csrf TEXT NOT NULL,
            created TEXT NOT NULL,
            last_seen TEXT NOT NULL,
            expires TEXT NOT NULL
        ) STRICT;
        CREATE INDEX staff_session_by_staff ON staff_session (staff);

        CREATE TABLE failed_attempts (
            kind TEXT NOT NULL CHECK (kind IN ('INMATE', 'TERMINAL', 'STAFF')),
            subject TEXT NOT NULL,
            failures INTEGER NOT NULL CHECK (failures > 0),
            last_failure TEXT NOT NULL,
            locked_until TEXT,
            PRIMARY KEY (kind, subject)
        ) STRICT;
    """)
