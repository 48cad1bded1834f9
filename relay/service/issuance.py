"""`Issuance`: a signed order is enforced, and everybody whose visit it took is told.

Guarantees: again is harmless, so that whatever a power cut left undone is done by doing it once
more. Leaves to others: signatures (`order_desk`), media and receipts (`enforcement`), the notices
themselves (`displaced`).
"""

import asyncio

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.service.alerts import AlertDesk
from relay.service.displaced import DisplacedDesk
from relay.service.enforcement import Enforcement
from relay.service.order_counting import Counted, Counting
from relay.service.order_file import OrderFile
from relay.service.order_files import OrderFiles
from relay.service.staff import SYSTEM, Actor
from suspension import DeskState, OrderKind, SuspensionOrder


class Issuance:
    """Takes orders from the last signature to those concerned."""

    def __init__(
        self,
        *,
        clock: Clock,
        files: OrderFiles,
        counting: Counting,
        enforcement: Enforcement,
        displaced: DisplacedDesk,
        alerts: AlertDesk,
    ) -> None:
        self._clock = clock
        self._files = files
        self._counting = counting
        self._enforcement = enforcement
        self._displaced = displaced
        self._alerts = alerts
        self._told: set[str] = set()
        """Orders whose displaced visits have been seen to."""
        self.changed = asyncio.Event()
        """Set when what is due next may have changed; `standing_orders` waits for it."""

    async def enact(
        self, file: OrderFile, by: Actor, counted: Counted | None = None
    ) -> SuspensionOrder:
        """Enforce what was signed, then tell those concerned; the files' lock is held.

        Raises:
            OrderRefusedError, NoTrustError: it is not accepted (any more).
            StoreError: it could not be committed, so nothing was cut.
        """
        accepted = await self._enforcement.accept(file.envelope or b"", by=by)
        order = accepted.order
        if counted is None:
            await self._tell(order)
        else:
            await self._displaced.tell(order, counted.agenda, counted.impact.reached)
        file = await self._files.keep(file, file.id, "ENFORCED", {}, SYSTEM)
        if file.draft.renews is not None:
            old = await self._files.of(file.draft.renews)
            if old.case.state in (DeskState.SIGNED, DeskState.ENFORCED):
                await self._files.keep(old, old.id, "RENEWED", {"successor": file.id}, SYSTEM)
        if order.emergency:
            await self._alerts.raise_alert(
                AlertKind.ORDER_REVIEW_OPENED, detail={"order": order.id}
            )
        self.changed.set()
        return order

    async def tell_of_others(self) -> None:
        """Tell those concerned by orders that came ready-made, on a stick or over the link."""
        clock = self._clock.interval()
        drafted = await self._files.all()
        for ident in set(self._enforcement.book.ids) - self._told:
            order = self._enforcement.book.head(ident)[0]
            stands = order.kind is OrderKind.SUSPEND and not clock.has_reached(order.expires)
            if stands and ident not in drafted:
                await self._tell(order)
            self._told.add(ident)

    async def _tell(self, order: SuspensionOrder) -> None:
        """Make the notices of an order that has been enforced before its visits were counted."""
        agenda, reached = await self._counting.displaced_by(order)
        await self._displaced.tell(order, agenda, reached)
