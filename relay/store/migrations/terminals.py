"""Steps of the terminals' own keys and self-tests.

Guarantees: as the package says. Leaves to others: who may enrol one (`relay.service.enrolment`).
"""

from relay.store.sqlite import Database


def terminals(db: Database) -> None:
    """Keys in place of shared credentials; self-tests; a counter for wrong enrolment codes."""
    db.executescript("""
        -- Only the public half; the private one never leaves the kiosk.
        CREATE TABLE terminal_key (
            terminal TEXT PRIMARY KEY NOT NULL REFERENCES terminal (id),
            public_key TEXT NOT NULL UNIQUE CHECK (length(public_key) = 64),
            enrolled_at TEXT NOT NULL,
            enrolled_by TEXT NOT NULL
        ) STRICT;
        DROP TABLE terminal_credential;

        CREATE TABLE terminal_self_test (
            id INTEGER PRIMARY KEY,
            terminal TEXT NOT NULL REFERENCES terminal (id),
            at TEXT NOT NULL,
            cause TEXT NOT NULL,
            passed INTEGER NOT NULL CHECK (passed IN (0, 1)),
            results TEXT NOT NULL CHECK (json_valid(results))
        ) STRICT;
        CREATE INDEX terminal_self_test_by_terminal ON terminal_self_test (terminal, id);

        CREATE TABLE counted_attempts (
            kind TEXT NOT NULL CHECK (kind IN ('INMATE', 'TERMINAL', 'STAFF', 'ENROLMENT')),
            subject TEXT NOT NULL,
            failures INTEGER NOT NULL CHECK (failures > 0),
            last_failure TEXT NOT NULL,
            locked_until TEXT,
            PRIMARY KEY (kind, subject)
        ) STRICT;
        INSERT INTO counted_attempts
            SELECT kind, subject, failures, last_failure, locked_until FROM failed_attempts;
        DROP TABLE failed_attempts;
        ALTER TABLE counted_attempts RENAME TO failed_attempts;
    """)
