"""Steps of visits and their recordings; here a protected visit can have no recording.

Guarantees: as the package says. Leaves to others: who may be booked (`relay.core.policy`).
"""

from relay.store.migrations.append_only import make_append_only
from relay.store.sqlite import Database


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
    make_append_only(db, "visit_event", "notice_answer")


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
