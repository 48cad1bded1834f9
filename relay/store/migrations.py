"""The schema, as the ordered steps that lead to it.

Guarantees: a step that has been released is never edited, a new one is added below; every table
is STRICT; and the rules that must hold even against a bug of ours are written where no caller
can get past them:

- a protected visit can have no recording row, and a visit's type never changes;
- a visit is never deleted, so nothing can take its place under its id;
- the journal with its tree, checkpoints and keys, the events of visits, the answers to notices, the
  orders, their receipts and the metadata they are believed for are append-only.

Leaves to others: every rule that needs a clock or a person's judgement (`relay.core.policy`).
"""

from typing import Final

from evidence.entry import ABSENT_LEAF, leaf_of
from evidence.tree import CompactRange
from relay.store.audit_pass import entry_of
from relay.store.sqlite import Database, Migrations

migrations: Final = Migrations("relay")


@migrations(name="0001_places")
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


@migrations(name="0002_people")
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


@migrations(name="0003_rules")
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


@migrations(name="0004_timetable")
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


@migrations(name="0005_visits")
def visits(db: Database) -> None:
    """Bookings, what happened to them, and the papers that go with them."""
    db.executescript("""
        CREATE TABLE visit (
            id TEXT PRIMARY KEY NOT NULL,
            reference TEXT NOT NULL UNIQUE,
            visit_type TEXT NOT NULL CHECK (visit_type IN (
                'FAMILY', 'LEGAL', 'CONSULAR', 'OMBUDSMAN', 'MEDICAL', 'CLERGY', 'OFFICIAL')),
            inmate TEXT NOT NULL REFERENCES inmate (id),
            terminal TEXT NOT NULL REFERENCES terminal (id),
            starts TEXT NOT NULL,
            ends TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN (
                'REQUESTED', 'APPROVED', 'REJECTED', 'WITHDRAWN', 'CANCELLED', 'CALLED')),
            outcome TEXT,
            booked_at TEXT NOT NULL,
            CHECK (starts < ends)
        ) STRICT;
        CREATE INDEX visit_by_time ON visit (starts, ends);
        CREATE INDEX visit_by_inmate ON visit (inmate, starts);
        CREATE INDEX visit_by_terminal ON visit (terminal, starts);
        CREATE INDEX visit_not_over ON visit (starts) WHERE outcome IS NULL;

        -- Bookings that still claim their slot, terminal and people.
        CREATE VIEW standing_visit AS SELECT id FROM visit
        WHERE outcome IS NULL AND status IN ('REQUESTED', 'APPROVED', 'CALLED');

        CREATE TRIGGER visit_type_is_fixed BEFORE UPDATE OF visit_type ON visit
        WHEN NEW.visit_type IS NOT OLD.visit_type
        BEGIN SELECT RAISE(ABORT, 'the type of a visit never changes'); END;

        CREATE TRIGGER visit_stays BEFORE DELETE ON visit
        BEGIN SELECT RAISE(ABORT, 'a visit is never deleted'); END;

        CREATE TABLE visit_visitor (
            visit TEXT NOT NULL REFERENCES visit (id),
            place INTEGER NOT NULL CHECK (place >= 0),
            visitor TEXT NOT NULL REFERENCES visitor (id),
            PRIMARY KEY (visit, place),
            UNIQUE (visit, visitor)
        ) STRICT;
        CREATE INDEX visit_visitor_by_visitor ON visit_visitor (visitor);

        CREATE TABLE call_permit (
            id TEXT PRIMARY KEY NOT NULL,
            inmate TEXT NOT NULL REFERENCES inmate (id),
            visitor TEXT NOT NULL REFERENCES visitor (id),
            issued_by TEXT NOT NULL,
            valid_from TEXT NOT NULL,
            valid_until TEXT NOT NULL,
            used_by TEXT REFERENCES visit (id)
        ) STRICT;
        CREATE INDEX call_permit_by_inmate ON call_permit (inmate);
        CREATE INDEX call_permit_by_visit ON call_permit (used_by) WHERE used_by IS NOT NULL;

        CREATE TABLE visit_event (
            visit TEXT NOT NULL REFERENCES visit (id),
            seq INTEGER NOT NULL CHECK (seq > 0),
            at TEXT NOT NULL,
            kind TEXT NOT NULL,
            payload TEXT NOT NULL CHECK (json_valid(payload)),
            PRIMARY KEY (visit, seq)
        ) STRICT;

        CREATE TABLE notice_answer (
            id INTEGER PRIMARY KEY,
            visit TEXT NOT NULL REFERENCES visit (id),
            party TEXT NOT NULL CHECK (party IN ('INMATE', 'VISITOR')),
            person TEXT NOT NULL,
            version TEXT NOT NULL,
            language TEXT NOT NULL,
            accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
            at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX notice_answer_by_visit ON notice_answer (visit);

        CREATE TABLE visitor_link (
            token_hash TEXT PRIMARY KEY NOT NULL CHECK (length(token_hash) = 64),
            visit TEXT NOT NULL REFERENCES visit (id),
            visitor TEXT NOT NULL REFERENCES visitor (id),
            issued_at TEXT NOT NULL,
            expires TEXT NOT NULL,
            device_hash TEXT CHECK (length(device_hash) = 64),
            bound_at TEXT,
            replaced_at TEXT,
            CHECK ((device_hash IS NULL) = (bound_at IS NULL))
        ) STRICT;
        CREATE INDEX visitor_link_by_visit ON visitor_link (visit);
    """)
    _make_append_only(db, "visit_event", "notice_answer")


@migrations(name="0006_recordings")
def recordings(db: Database) -> None:
    """Recordings, of unprotected visits only."""
    db.executescript("""
        CREATE TABLE recording (
            visit TEXT NOT NULL REFERENCES visit (id),
            party TEXT NOT NULL CHECK (party IN ('INMATE', 'VISITOR')),
            segment INTEGER NOT NULL CHECK (segment > 0),
            path TEXT NOT NULL UNIQUE CHECK (path NOT LIKE '/%' AND path NOT LIKE '%..%'),
            state TEXT NOT NULL CHECK (state IN (
                'RECORDING', 'COMPLETE', 'SALVAGED', 'FAILED')),
            started TEXT NOT NULL,
            size INTEGER,
            duration_s REAL,
            closed TEXT,
            failure TEXT,
            PRIMARY KEY (visit, party, segment)
        ) STRICT;

        CREATE TRIGGER recording_needs_unprotected_visit BEFORE INSERT ON recording
        WHEN (SELECT visit_type FROM visit WHERE id = NEW.visit) NOT IN ('FAMILY', 'OFFICIAL')
        BEGIN SELECT RAISE(ABORT, 'a protected visit is never recorded'); END;

        CREATE TRIGGER recording_keeps_its_visit BEFORE UPDATE OF visit ON recording
        WHEN NEW.visit IS NOT OLD.visit
        BEGIN SELECT RAISE(ABORT, 'a recording stays with its visit'); END;
    """)


@migrations(name="0007_staff")
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


@migrations(name="0008_oversight")
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
    _make_append_only(db, "suspension_order", "journal")


@migrations(name="0009_audit")
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
    _make_append_only(db, "audit_node", "audit_checkpoint", "audit_key")
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


@migrations(name="0010_signed_orders")
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
    _make_append_only(db, "trust_metadata", "order_envelope", "receipt", "order_enforced")


@migrations(name="0011_order_desk")
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
    _make_append_only(
        db,
        "order_event",
        "appeal",
        "appeal_decision",
        "order_notice",
        "notice_delivery",
        "rebooking",
    )


def _make_append_only(db: Database, *tables: str) -> None:
    for table in tables:
        for change in ("UPDATE", "DELETE"):
            db.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


with Database(memory=True) as _empty:
    KNOWN: Final = frozenset(step.name for step in migrations.pending(_empty))
"""The names of all steps; a file with any other was written by a newer version."""
