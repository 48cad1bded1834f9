"""Steps of signed orders, their receipts, and their way over the desk.

Guarantees: as the package says. Leaves to others: what an order means (`suspension`).
"""

from relay.store.migrations.append_only import make_append_only
from relay.store.sqlite import Database


def signed_orders(db: Database) -> None:
    """Orders as signed envelopes, the trust they were verified under, receipts, the clock.

    What stands in ``suspension_order`` was never signed and is read no more.
    """
    db.executescript("""
        CREATE TABLE trust_metadata (
            kind TEXT NOT NULL CHECK (kind IN ('root', 'delegations')),
            version INTEGER NOT NULL CHECK (version > 0),
            content BLOB NOT NULL,
            received_at TEXT NOT NULL,
            PRIMARY KEY (kind, version)
        ) STRICT;

        -- Every variant of a revision is kept, and under which metadata it was believed.
        CREATE TABLE order_envelope (
            sha256 TEXT PRIMARY KEY NOT NULL CHECK (length(sha256) = 64),
            id TEXT NOT NULL,
            rev INTEGER NOT NULL CHECK (rev > 0),
            content BLOB NOT NULL,
            via TEXT NOT NULL CHECK (via IN ('link', 'usb', 'local')),
            root_version INTEGER NOT NULL,
            delegations_version INTEGER NOT NULL,
            received_at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX order_envelope_by_id ON order_envelope (id, rev);

        -- One receipt per order and stage: what a restart repeats is refused here.
        CREATE TABLE receipt (
            seq INTEGER PRIMARY KEY NOT NULL CHECK (seq > 0),
            order_sha256 TEXT NOT NULL,
            stage TEXT NOT NULL CHECK (stage IN (
                'received', 'enforced', 'expired', 'lifted', 'rejected')),
            why TEXT NOT NULL,
            payload_sha256 TEXT NOT NULL,
            content BLOB NOT NULL,
            at TEXT NOT NULL,
            UNIQUE (order_sha256, stage, why)
        ) STRICT;

        -- Powered time of the machine when an order was first enforced.
        CREATE TABLE order_enforced (
            sha256 TEXT PRIMARY KEY NOT NULL REFERENCES order_envelope (sha256),
            powered_ns INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE clock_mark (
            only_row INTEGER PRIMARY KEY DEFAULT 1 CHECK (only_row = 1),
            now TEXT NOT NULL,
            lo TEXT NOT NULL,
            hi TEXT NOT NULL,
            boot_id TEXT NOT NULL,
            boottime_ns INTEGER NOT NULL,
            powered_ns INTEGER NOT NULL
        ) STRICT;
    """)
    make_append_only(db, "trust_metadata", "order_envelope", "receipt", "order_enforced")


def order_desk(db: Database) -> None:
    """Who is behind an account; drafts and approvals; who was told; appeals; first to rebook."""
    db.executescript("""
        -- A CHECK cannot be changed, so the table is made anew; everybody logs in again. Accounts
        -- from before name nobody: each counts as a person of its own until somebody says better.
        DELETE FROM staff_session;
        CREATE TABLE new_staff_account (
            id TEXT PRIMARY KEY NOT NULL,
            user TEXT NOT NULL UNIQUE COLLATE NOCASE,
            role TEXT NOT NULL CHECK (role IN (
                'guard', 'administrator', 'approver', 'oversight', 'auditor')),
            person TEXT NOT NULL CHECK (person <> ''),
            enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
            password_hash TEXT NOT NULL
        ) STRICT;
        INSERT INTO new_staff_account SELECT id, user, role, user, enabled, password_hash
            FROM staff_account;
        DROP TABLE staff_session;
        DROP TABLE staff_account;
        ALTER TABLE new_staff_account RENAME TO staff_account;
        CREATE TABLE staff_session (
            token_hash TEXT PRIMARY KEY NOT NULL CHECK (length(token_hash) = 64),
            staff TEXT NOT NULL REFERENCES staff_account (id),
            csrf TEXT NOT NULL,
            created TEXT NOT NULL,
            last_seen TEXT NOT NULL,
            expires TEXT NOT NULL
        ) STRICT;
        CREATE INDEX staff_session_by_staff ON staff_session (staff);

        -- An order's way from its draft to its end; the state is replayed from these.
        CREATE TABLE order_event (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            order_id TEXT NOT NULL,
            at TEXT NOT NULL,
            actor TEXT NOT NULL,
            person TEXT NOT NULL,
            kind TEXT NOT NULL,
            payload TEXT NOT NULL CHECK (json_valid(payload))
        ) STRICT;
        CREATE INDEX order_event_by_order ON order_event (order_id, seq);

        CREATE TABLE appeal (
            id TEXT PRIMARY KEY NOT NULL,
            order_id TEXT NOT NULL,
            visit TEXT NOT NULL REFERENCES visit (id),
            party TEXT NOT NULL CHECK (party IN ('INMATE', 'VISITOR')),
            filed TEXT NOT NULL,
            due TEXT NOT NULL,
            text TEXT NOT NULL,
            -- One appeal of each party against an order: a second changes nothing.
            UNIQUE (order_id, visit, party)
        ) STRICT;
        CREATE TABLE appeal_decision (
            appeal TEXT PRIMARY KEY NOT NULL REFERENCES appeal (id),
            outcome TEXT NOT NULL CHECK (outcome IN ('UPHELD', 'LIFTED', 'NARROWED')),
            decided TEXT NOT NULL,
            person TEXT NOT NULL,
            grounds TEXT NOT NULL CHECK (grounds <> '')
        ) STRICT;

        -- A visit that an order took the time of, and who has to be told.
        CREATE TABLE order_notice (
            id INTEGER PRIMARY KEY,
            order_id TEXT NOT NULL,
            visit TEXT NOT NULL REFERENCES visit (id),
            recipient TEXT NOT NULL CHECK (recipient IN ('INMATE', 'VISITOR', 'COUNSEL')),
            person TEXT NOT NULL,
            text_ru TEXT NOT NULL,
            text_en TEXT NOT NULL,
            made TEXT NOT NULL,
            UNIQUE (order_id, visit, recipient, person)
        ) STRICT;
        CREATE INDEX order_notice_by_visit ON order_notice (visit);
        CREATE INDEX order_notice_by_person ON order_notice (person);
        CREATE TABLE notice_delivery (
            notice INTEGER PRIMARY KEY NOT NULL REFERENCES order_notice (id),
            at TEXT NOT NULL,
            via TEXT NOT NULL CHECK (via IN ('KIOSK', 'LINK', 'STAFF'))
        ) STRICT;

        CREATE TABLE rebooking (
            displaced TEXT PRIMARY KEY NOT NULL REFERENCES visit (id),
            visit TEXT NOT NULL UNIQUE REFERENCES visit (id),
            at TEXT NOT NULL
        ) STRICT;
    """)
    make_append_only(
        db,
        "order_event",
        "appeal",
        "appeal_decision",
        "order_notice",
        "notice_delivery",
        "rebooking",
    )
