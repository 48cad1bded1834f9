"""Steps of places, people, rules and the timetable.

Guarantees: as the package says. Leaves to others: which visits there are (`visits`).
"""

from relay.store.sqlite import Database


def places(db: Database) -> None:
    """The facility, its housing units and its terminals."""
    db.executescript("""
        CREATE TABLE facility (
            only_row INTEGER PRIMARY KEY DEFAULT 1 CHECK (only_row = 1),
            id TEXT NOT NULL,
            name TEXT NOT NULL,
            timezone TEXT NOT NULL
        ) STRICT;

        CREATE TABLE housing_unit (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL
        ) STRICT;

        CREATE TABLE terminal (
            id TEXT PRIMARY KEY NOT NULL,
            label TEXT NOT NULL,
            housing_unit TEXT NOT NULL REFERENCES housing_unit (id),
            visit_types TEXT NOT NULL,
            in_service INTEGER NOT NULL DEFAULT 1 CHECK (in_service IN (0, 1))
        ) STRICT;

        -- Only the SHA-256 of a random secret; the secret itself lives on the kiosk.
        CREATE TABLE terminal_credential (
            terminal TEXT PRIMARY KEY NOT NULL REFERENCES terminal (id),
            credential_hash TEXT NOT NULL UNIQUE CHECK (length(credential_hash) = 64),
            set_at TEXT NOT NULL
        ) STRICT;
    """)


def people(db: Database) -> None:
    """Inmates, visitors and who may meet whom."""
    db.executescript("""
        CREATE TABLE inmate (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            birth_date TEXT NOT NULL,
            housing_unit TEXT NOT NULL REFERENCES housing_unit (id),
            language TEXT NOT NULL,
            regime TEXT NOT NULL,
            custody TEXT NOT NULL CHECK (custody IN ('HELD', 'MOVED', 'RELEASED')),
            on_remand INTEGER NOT NULL CHECK (on_remand IN (0, 1))
        ) STRICT;

        -- argon2id; apart from the inmate so that no list of people ever carries it.
        CREATE TABLE inmate_pin (
            inmate TEXT PRIMARY KEY NOT NULL REFERENCES inmate (id),
            pin_hash TEXT NOT NULL
        ) STRICT;

        CREATE TABLE visitor (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            birth_date TEXT NOT NULL,
            language TEXT NOT NULL
        ) STRICT;

        CREATE TABLE credential (
            visitor TEXT NOT NULL REFERENCES visitor (id),
            visit_type TEXT NOT NULL,
            number TEXT NOT NULL,
            verified_by TEXT NOT NULL,
            valid_until TEXT,
            PRIMARY KEY (visitor, visit_type, number)
        ) STRICT;

        CREATE TABLE contact (
            id TEXT PRIMARY KEY NOT NULL,
            inmate TEXT NOT NULL REFERENCES inmate (id),
            visitor TEXT NOT NULL REFERENCES visitor (id),
            relationship TEXT NOT NULL,
            approved INTEGER NOT NULL CHECK (approved IN (0, 1)),
            UNIQUE (inmate, visitor)
        ) STRICT;
        CREATE INDEX contact_by_visitor ON contact (visitor);
    """)


def rules(db: Database) -> None:
    """What limits a booking besides the timetable."""
    db.executescript("""
        CREATE TABLE restriction (
            id TEXT PRIMARY KEY NOT NULL,
            kind TEXT NOT NULL,
            inmate TEXT REFERENCES inmate (id),
            visitor TEXT REFERENCES visitor (id),
            starts TEXT NOT NULL,
            expires TEXT,
            comment TEXT NOT NULL,
            set_by TEXT NOT NULL,
            CHECK (inmate IS NOT NULL OR visitor IS NOT NULL)
        ) STRICT;
        CREATE INDEX restriction_by_inmate ON restriction (inmate);
        CREATE INDEX restriction_by_visitor ON restriction (visitor);

        -- One row a pair: the lesser id first.
        CREATE TABLE non_association (
            one TEXT NOT NULL REFERENCES inmate (id),
            other TEXT NOT NULL REFERENCES inmate (id),
            PRIMARY KEY (one, other),
            CHECK (one < other)
        ) STRICT;
        CREATE INDEX non_association_by_other ON non_association (other);

        CREATE TABLE allowance (
            regime TEXT PRIMARY KEY NOT NULL,
            visits INTEGER NOT NULL CHECK (visits >= 0),
            period_s INTEGER NOT NULL CHECK (period_s > 0)
        ) STRICT;
    """)


def timetable(db: Database) -> None:
    """Weekly patterns of slots and the days without any."""
    db.executescript("""
        CREATE TABLE session_template (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            rrule TEXT NOT NULL,
            first_day TEXT NOT NULL,
            starts_at TEXT NOT NULL,
            slot_s INTEGER NOT NULL CHECK (slot_s > 0),
            slots_per_day INTEGER NOT NULL CHECK (slots_per_day > 0),
            capacity INTEGER NOT NULL CHECK (capacity > 0),
            visit_types TEXT NOT NULL,
            valid_from TEXT NOT NULL,
            valid_to TEXT,
            housing_units TEXT NOT NULL
        ) STRICT;

        -- An empty template means every template: a NULL would not be part of a key.
        CREATE TABLE exclude_date (
            day TEXT NOT NULL,
            template TEXT NOT NULL DEFAULT '',
            comment TEXT NOT NULL,
            PRIMARY KEY (day, template)
        ) STRICT;
    """)
