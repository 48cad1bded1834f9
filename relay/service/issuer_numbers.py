"""`IssuerNumbers`: gives each person's orders their numbers, and says when one did not come.

Guarantees: two drafts never get one number; a gap is journalled and alerted once, and the alert
goes when the gap has closed; nothing is decided by it. Leaves to others: what a gap is
(`suspension.numbering`), and whoever looks after it.
"""

import logging
from collections.abc import Iterable

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.service.alerts import AlertDesk
from relay.service.staff import SYSTEM
from relay.store.database import Store
from relay.store.errors import StoreError
from relay.store.journal import Journal
from relay.store.order_cases import OrderCases
from relay.store.sqlite import Database
from suspension import SuspensionOrder
from suspension.numbering import Missing, missing, next_number

log = logging.getLogger(__name__)


class IssuerNumbers:
    """The numbers of every issuer whose orders came here."""

    def __init__(self, store: Store, clock: Clock, alerts: AlertDesk) -> None:
        self._store = store
        self._clock = clock
        self._alerts = alerts
        self._came: dict[str, set[int]] = {}
        self._said: tuple[Missing, ...] = ()

    async def start(self, orders: Iterable[SuspensionOrder]) -> None:
        """Take up the orders that are here; their gaps were said when they came."""
        for order in orders:
            self._came.setdefault(order.issuer, set()).add(order.issuer_seq)
        self._said = await self.missing()

    async def came(self, order: SuspensionOrder) -> None:
        """Note that ``order`` is here, and say what is missing since.

        An order holds whether or not this can be written: what could not is said with the next.
        """
        self._came.setdefault(order.issuer, set()).add(order.issuer_seq)
        try:
            await self._say(order)
        except StoreError as error:
            log.error("numbers of orders not looked at: %s", error)

    async def _say(self, order: SuspensionOrder) -> None:
        found = await self.missing()
        new = [one for one in found if not any(one.within(said) for said in self._said)]
        now = self._clock.now()

        def write(db: Database) -> None:
            for one in new:
                detail = {"issuer": one.issuer, "first": one.first, "last": one.last}
                Journal(db).append(now, SYSTEM.label, "order.number_missing", order.id, detail)

        if new:
            await self._store.write(write)
            await self._alerts.raise_alert(
                AlertKind.ORDER_NUMBER_MISSING, detail={"issuer": new[0].issuer}
            )
        if self._said and not found:
            await self._alerts.settle(AlertKind.ORDER_NUMBER_MISSING)
        self._said = found

    async def missing(self) -> tuple[Missing, ...]:
        """The numbers that did not come, by issuer."""
        return missing(self._came, await self._given())

    async def next_of(self, issuer: str, order: str) -> int:
        """The number of that issuer's next revision of ``order``; a draft keeps the one it has."""
        given = await self._store.read(lambda db: OrderCases(db).numbers())
        mine = [number for who, number, draft in given if (who, draft) == (issuer, order)]
        came = self._came.get(issuer, set())
        if mine and max(mine) not in came:
            return max(mine)
        return next_number(came, [number for who, number, _ in given if who == issuer])

    async def _given(self) -> dict[str, set[int]]:
        given: dict[str, set[int]] = {}
        for issuer, number, _ in await self._store.read(lambda db: OrderCases(db).numbers()):
            given.setdefault(issuer, set()).add(number)
        return given
