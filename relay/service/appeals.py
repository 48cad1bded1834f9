"""`AppealDesk`: appeals of inmates and visitors, decided by somebody who did not decide the order.

Guarantees: an appeal is kept before the party is told that it is; nobody who drafted or approved
an order decides about it; an outcome that ends the order has ended it when it is kept. Leaves to
others: whose visit it is (the doors of `relay.signalling`), and the rules (`suspension.appeal`).
"""

import asyncio
import logging
import secrets
from datetime import datetime
from typing import Final

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.core.model import VisitId
from relay.service.alerts import AlertDesk
from relay.service.enforcement import Enforcement
from relay.service.order_files import OrderFiles
from relay.service.signing import person_of
from relay.service.staff import Actor
from relay.service.standing_orders import StandingOrders
from relay.service.visits import VisitDesk
from relay.store.appeals import AppealRow, Appeals
from relay.store.database import Store
from relay.store.errors import StoreError
from relay.store.journal import Journal
from suspension import (
    Appeal,
    AppealOutcome,
    DeskError,
    OrderKind,
    SuspensionOrder,
    UnknownOrderError,
)
from suspension.appeal import due_at
from visit_protocol.vocabulary import Party

log = logging.getLogger(__name__)

_LONGEST_PAUSE_S: Final = 3600.0
_OPEN_FOR_PAUSE_S: Final = 0.05
_AFTER_FAULT_S: Final = 30.0


class UnknownAppealError(Exception):
    """There is no such appeal."""


class AppealDesk:
    """Files appeals and keeps their clock."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        visits: VisitDesk,
        files: OrderFiles,
        standing: StandingOrders,
        enforcement: Enforcement,
        alerts: AlertDesk,
    ) -> None:
        self._store = store
        self._clock = clock
        self._visits = visits
        self._files = files
        self._standing = standing
        self._enforcement = enforcement
        self._alerts = alerts
        self._changed = asyncio.Event()

    async def file(self, visit: VisitId, party: Party, order: str, text: str) -> AppealRow:
        """Keep the party's appeal; the one that stands, when there is one already.

        Raises:
            UnknownVisitError, UnknownOrderError.
            DeskError: the order does not concern this visit.
        """
        run = await self._visits.find(visit)
        head = self._enforcement.book.head(order)[0]
        if not head.terms.reaches(run.subject):
            raise DeskError("NOT_CONCERNED", "does not concern this visit")
        now = self._clock.now()
        new = AppealRow(
            id=f"ap-{secrets.token_hex(6)}",
            order=order,
            visit=visit,
            party=party,
            filed=now,
            due=due_at(now, head.expires),
            text=text.strip(),
        )
        row = await self._store.write(lambda db: Appeals(db).file(new))
        if row.id == new.id:
            who = f"{party.value.lower()}:{run.person(party)}"
            detail = {"appeal": row.id, "visit": visit}
            await self._store.write(
                lambda db: Journal(db).append(now, who, "appeal.filed", order, detail)
            )
            await self._alerts.raise_alert(
                AlertKind.APPEAL_FILED, visit=visit, detail={"order": order, "appeal": row.id}
            )
            self._changed.set()
        return row

    async def all(self) -> list[Appeal]:
        """Every appeal with those who must not decide it, the first to be due at the top."""
        rows = await self._store.read(lambda db: Appeals(db).all())
        return [await self._appeal(row) for row in rows]

    async def decide(
        self,
        ident: str,
        outcome: AppealOutcome,
        grounds: str,
        by: Actor,
        *,
        replacement: str | None = None,
        secret: str | None = None,
    ) -> Appeal:
        """Decide an appeal; unless the order is upheld, it is lifted.

        ``replacement`` is the narrower order, in force already, that takes the place of one that
        was too wide.

        Raises:
            UnknownAppealError, UnknownOrderError.
            DeskError: decided already, no grounds, the decider decided the order, or the
                replacement is none.
        """
        row = await self._store.read(lambda db: Appeals(db).get(ident))
        if row is None:
            raise UnknownAppealError(ident)
        now, person = self._clock.now(), person_of(by)
        decided = (await self._appeal(row)).decide(outcome, person, now, grounds)
        head = self._enforcement.book.head(row.order)[0]
        if outcome is AppealOutcome.NARROWED:
            self._check_replacement(head, replacement)
        if outcome is not AppealOutcome.UPHELD and head.kind is OrderKind.SUSPEND:
            await self._standing.lift(row.order, by, decided.grounds[:500], secret)
            if self._enforcement.book.head(row.order)[0].kind is OrderKind.SUSPEND:
                raise DeskError("APPROVAL_MISSING", "is lifted when a second person asks for it")
        await self._store.write(
            lambda db: Appeals(db).decide(ident, outcome, now, person, decided.grounds)
        )
        detail = {"appeal": ident, "outcome": outcome.value, "person": person}
        await self._store.write(
            lambda db: Journal(db).append(now, by.label, "appeal.decided", row.order, detail)
        )
        for kind in (AlertKind.APPEAL_FILED, AlertKind.APPEAL_OVERDUE):
            await self._alerts.settle(kind, visit=row.visit)
        self._changed.set()
        return decided

    def _check_replacement(self, old: SuspensionOrder, replacement: str | None) -> None:
        if replacement is None:
            raise DeskError("REPLACEMENT_MISSING", "needs the narrower order that takes its place")
        new = self._enforcement.book.head(replacement)[0]
        narrower = old.scope.contains(new.scope) and new.protected <= old.protected
        if new.kind is OrderKind.LIFT or new.id == old.id or not narrower:
            raise DeskError("NOT_NARROWER", "is not replaced by a narrower one")

    async def _appeal(self, row: AppealRow) -> Appeal:
        try:
            deciders = (await self._files.of(row.order)).case.people
        except UnknownOrderError:
            deciders = frozenset({self._enforcement.book.head(row.order)[0].issuer})
        return Appeal(
            id=row.id,
            order=row.order,
            party=row.party,
            visit=row.visit,
            filed=row.filed,
            due=row.due,
            deciders=deciders,
            text=row.text,
            outcome=None if row.outcome is None else AppealOutcome(row.outcome),
            decided=row.decided,
            decided_by=row.person,
            grounds=row.grounds,
        )

    async def run(self) -> None:
        """Raise an alert for each appeal that is overdue, until cancelled."""
        while True:
            self._changed.clear()
            try:
                pause = await self.keep_time()
            except StoreError as error:
                log.error("appeals not looked at: %s", error)
                pause = _AFTER_FAULT_S
            try:
                async with asyncio.timeout(pause):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def keep_time(self) -> float:
        """Do what is due by now; how many seconds until there is more to do."""
        now = self._clock.now()
        waiting: list[datetime] = []
        for row in await self._store.read(lambda db: Appeals(db).all()):
            if row.outcome is not None:
                continue
            if row.due > now:
                waiting.append(row.due)
                continue
            detail = {"order": row.order, "appeal": row.id}
            await self._alerts.raise_alert(AlertKind.APPEAL_OVERDUE, visit=row.visit, detail=detail)
        if not waiting:
            return _LONGEST_PAUSE_S
        wait = (min(waiting) - now).total_seconds()
        return min(_LONGEST_PAUSE_S, max(_OPEN_FOR_PAUSE_S, wait))
