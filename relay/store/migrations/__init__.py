"""The schema, as the ordered steps that lead to it.

Guarantees: a step that has been released is never edited, a new one is added at the end of
`STEPS`; every table is STRICT; and the rules that must hold even against a bug of ours are written
where no caller can get past them:

- a protected visit can have no recording row, and a visit's type never changes;
- a visit is never deleted, so nothing can take its place under its id;
- the journal with its tree, checkpoints and keys, the events of visits, the answers to notices, the
  orders, their receipts and the metadata they are believed for are append-only.

The steps stand by subject, one file each. Leaves to others: every rule that needs a clock or a
person's judgement (`relay.core.policy`).
"""

from collections.abc import Callable
from typing import Final

from relay.store.migrations import (
    booths,
    journal,
    orders,
    places,
    requests,
    staff,
    terminals,
    visits,
)
from relay.store.sqlite import Database, Migrations

STEPS: Final[tuple[tuple[str, Callable[[Database], None]], ...]] = (
    ("0001_places", places.places),
    ("0002_people", places.people),
    ("0003_rules", places.rules),
    ("0004_timetable", places.timetable),
    ("0005_visits", visits.visits),
    ("0006_recordings", visits.recordings),
    ("0007_staff", staff.staff),
    ("0008_oversight", journal.oversight),
    ("0009_audit", journal.audit),
    ("0010_signed_orders", orders.signed_orders),
    ("0011_order_desk", orders.order_desk),
    ("0013_badges", booths.badges),
    ("0014_requests", requests.requests),
    ("0015_terminals", terminals.terminals),
)
"""Every step, in the order in which they are taken."""

migrations: Final = Migrations("relay")
for _name, _step in STEPS:
    migrations(name=_name)(_step)

KNOWN: Final = frozenset(name for name, _ in STEPS)
"""The names of all steps; a file with any other was written by a newer version."""
