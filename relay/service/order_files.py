"""`OrderFiles`: the file of every order that was drafted here, kept one step at a time.

Guarantees: a step that the machine (`suspension.desk`) refuses changes nothing; every step is on
the disk, with who did it, before anybody is told. Leaves to others: what a step is for
(`order_desk`, `standing_orders`), and whoever holds the lock.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from relay.clock import Clock
from relay.service.feed import Feed
from relay.service.order_file import OrderFile, after, replayed
from relay.service.signing import person_of
from relay.service.staff import Actor
from relay.store.database import Store
from relay.store.journal import Journal
from relay.store.order_cases import CaseEventRow, OrderCases
from relay.store.sqlite import Database
from suspension import UnknownOrderError

_ENTERED_BY_ENFORCEMENT: Final = frozenset({"ENFORCED", "LIFTED"})
"""Steps that stand in the journal already, with what they did."""


class OrderFiles:
    """Files of orders, by id."""

    def __init__(self, store: Store, clock: Clock, feed: Feed) -> None:
        self._store = store
        self._clock = clock
        self._feed = feed
        self.one_at_a_time = asyncio.Lock()
        """Held while a step is decided and kept, so that two people cannot cross."""

    async def of(self, ident: str) -> OrderFile:
        """The order's file.

        Raises:
            UnknownOrderError: no order of this id was drafted here.
        """
        found = replayed(await self.rows(ident))
        if found is None:
            raise UnknownOrderError(ident)
        return found

    async def all(self) -> dict[str, OrderFile]:
        """Every order that was drafted here, by id, the earliest first."""
        rows: dict[str, list[CaseEventRow]] = {}
        for row in await self._store.read(lambda db: OrderCases(db).all()):
            rows.setdefault(row.order, []).append(row)
        files = {ident: replayed(events) for ident, events in rows.items()}
        return {ident: file for ident, file in files.items() if file is not None}

    async def rows(self, ident: str) -> tuple[CaseEventRow, ...]:
        """The steps of that order, the earliest first; none when it was not drafted here."""
        return await self._store.read(lambda db: OrderCases(db).of(ident))

    def step(self, ident: str, kind: str, payload: Mapping[str, Any], by: Actor) -> CaseEventRow:
        """A step of now, by ``by``; nothing is kept yet."""
        person = "" if by.kind == "system" else person_of(by)
        return CaseEventRow(0, ident, self._clock.now(), by.label, person, kind, payload)

    def require(self, file: OrderFile, kind: str, payload: Mapping[str, Any], by: Actor) -> None:
        """Nothing, when that step is legal now.

        Raises:
            DeskError: it is not.
        """
        after(file, self.step(file.id, kind, payload, by))

    async def keep(
        self,
        file: OrderFile | None,
        ident: str,
        kind: str,
        payload: Mapping[str, Any],
        by: Actor,
    ) -> OrderFile:
        """The file after one more step, which is kept; of no ``file`` the first makes one.

        Raises:
            DeskError: the step is not legal now.
            StoreError: it could not be kept.
        """
        row = self.step(ident, kind, payload, by)
        kept = replayed([row]) if file is None else after(file, row)
        if kept is None:  # pragma: no cover  one row always makes a file
            raise UnknownOrderError(ident)
        await self.append(row, kept.case.state)
        return kept

    async def append(self, row: CaseEventRow, state: str) -> None:
        """Keep a step and enter it in the journal, with the state that it leads to."""

        def write(db: Database) -> None:
            OrderCases(db).append(row.order, row.at, row.actor, row.person, row.kind, row.payload)
            if row.kind in _ENTERED_BY_ENFORCEMENT:
                return
            detail = {"person": row.person, "state": state}
            Journal(db).append(row.at, row.actor, f"order.{row.kind.lower()}", row.order, detail)

        await self._store.write(write, vital=True)
        self._feed.changed()
