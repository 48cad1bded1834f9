"""Steps of what the booths' boards sense.

Guarantees: as the package says. Leaves to others: what follows from it (`relay.service.boards`).
"""

from relay.store.sqlite import Database


def badges(db: Database) -> None:
    """Whose badge it is, and whether camera and microphone were seen to go off."""
    db.executescript("""
        -- Only an HMAC of the UID, under a key that stands beside the database.
        CREATE TABLE inmate_badge (
            inmate TEXT PRIMARY KEY NOT NULL REFERENCES inmate (id),
            badge_hash TEXT NOT NULL UNIQUE CHECK (length(badge_hash) = 64),
            set_at TEXT NOT NULL
        ) STRICT;

        -- A visit may end twice: an order that ended it was lifted in its slot.
        CREATE TABLE power_off (
            visit TEXT NOT NULL REFERENCES visit (id),
            ended TEXT NOT NULL,
            terminal TEXT NOT NULL REFERENCES terminal (id),
            order_id TEXT,
            state TEXT NOT NULL
                CHECK (state IN ('AWAITED', 'CONFIRMED', 'NOT_CONFIRMED', 'NOT_FITTED')),
            after_ms INTEGER CHECK (after_ms >= 0),
            PRIMARY KEY (visit, ended)
        ) STRICT;
        CREATE INDEX power_off_by_order ON power_off (order_id) WHERE order_id IS NOT NULL;
    """)
