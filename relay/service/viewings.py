"""`Viewings`: the journal's rows of who has looked at which records.

Guarantees: whoever is shown records of a kind is entered before they are shown, once in
`NOTED_FOR`, for the pages ask again every few seconds; a view that cannot be entered is not given.
Leaves to others: who may look (`relay.web.access`); watching and listening (`monitors`),
recordings and exports, each of which has a row of its own.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from relay.clock import Clock
from relay.service.staff import Actor
from relay.store.database import Store
from relay.store.journal import Journal

NOTED_FOR: Final = timedelta(hours=1)


class Viewed(StrEnum):
    """The kinds of records; the subject of the row."""

    APPEALS = "appeals"
    AUDIT_LOG = "audit_log"
    NOTICES = "notices"
    ORDERS = "orders"
    PEOPLE = "people"
    REQUESTS = "requests"
    VISITS = "visits"


class Viewings:
    """What was entered lately; a relay that starts again enters once more."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._noted: dict[tuple[str, Viewed], datetime] = {}

    async def note(self, actor: Actor, viewed: Viewed) -> None:
        """Enter that ``actor`` looks at these records, unless that is entered already.

        Raises:
            StoreError: it could not be entered.
        """
        now, who = self._clock.now(), (actor.label, viewed)
        last = self._noted.get(who)
        if last is not None and now - last < NOTED_FOR:
            return
        await self._store.write(
            lambda db: Journal(db).append(now, actor.label, "records.viewed", viewed), vital=True
        )
        self._noted = {each: at for each, at in self._noted.items() if now - at < NOTED_FOR} | {
            who: now
        }
