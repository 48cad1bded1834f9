"""One visit and its people, for the tests of the store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from operate.example.people import INMATES, TERMINALS, VISITORS
from relay.core.model import Visit, VisitId
from relay.store.database import Store
from relay.store.sqlite import Database
from relay.store.visits import Visits
from visit_protocol.vocabulary import BookingStatus, VisitType

NOW = datetime(2025, 3, 4, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
INMATE, OTHER_INMATE = INMATES[0], INMATES[1]
VISITOR, CHILD = VISITORS[4], VISITORS[5]
TERMINAL = TERMINALS[0]
VISIT = Visit(
    id=VisitId("visit-1"),
    reference="V-7K2M",
    visit_type=VisitType.FAMILY,
    inmate=INMATE.id,
    visitors=(CHILD.id, VISITOR.id),
    terminal=TERMINAL.id,
    starts=NOW,
    ends=NOW + 15 * MINUTE,
    status=BookingStatus.APPROVED,
)


def booked(store: Store, *visits: Visit) -> None:
    """Keep these visits."""

    def add(db: Database) -> None:
        for visit in visits:
            Visits(db).add(visit, NOW)

    store.write_now(add)


def another(number: int, **changes: Any) -> Visit:
    """`VISIT` under another id and reference, and otherwise as ``changes`` say."""
    ident, reference = VisitId(f"visit-{number}"), f"V-{number:04}"
    return replace(VISIT, id=ident, reference=reference, **changes)
