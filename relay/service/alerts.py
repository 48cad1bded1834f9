"""Alerts: raised once for one cause, kept until a person acknowledges them."""

import secrets
from collections.abc import Mapping
from typing import Any

from relay.clock import Clock
from relay.core.alerts import PRIORITY, AlertKind
from relay.core.model import TerminalId, VisitId
from relay.service.feed import Feed
from relay.service.staff import SYSTEM, Actor
from relay.store.alerts import AlertRow, Alerts
from relay.store.database import Store
from relay.store.journal import Journal
from relay.store.sqlite import Database


class AlertDesk:
    """Raises and acknowledges; the same unacknowledged alert is not raised twice."""

    def __init__(self, store: Store, clock: Clock, feed: Feed) -> None:
        self._store = store
        self._clock = clock
        self._feed = feed

    async def raise_alert(
        self,
        kind: AlertKind,
        *,
        visit: VisitId | None = None,
        terminal: TerminalId | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Put an alert before the guards, unless the same one already stands there.

        Raises:
            StoreError: it could not be kept.
        """
        row = AlertRow(
            id=f"al-{secrets.token_hex(6)}",
            kind=kind,
            priority=PRIORITY[kind],
            raised=self._clock.now(),
            visit=visit,
            terminal=terminal,
            detail=detail or {},
            acknowledged_by=None,
            acknowledged_at=None,
        )

        def add(db: Database) -> None:
            if _stands(Alerts(db), row):
                return
            Alerts(db).add(row)
            about = {"kind": kind, "visit": visit, "terminal": terminal, **row.detail}
            Journal(db).append(row.raised, SYSTEM.label, "alert.raised", row.id, about)

        await self._store.write(add, vital=True)
        self._feed.changed()

    async def settle(
        self,
        kind: AlertKind,
        terminal: TerminalId | None = None,
        *,
        visit: VisitId | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        """What the terminal's, the visit's or the order's alert was about has mended itself.

        Nobody has to act any more. ``about`` is the detail of an alert that has neither terminal
        nor visit.
        """
        now = self._clock.now()
        open_alerts = await self._store.read(lambda db: Alerts(db).open())
        mine = [
            row.id
            for row in open_alerts
            if row.kind == kind
            and ((row.terminal == terminal) if visit is None else (row.visit == visit))
            and (about is None or row.detail == about)
        ]
        if mine:
            await self._store.write(
                lambda db: [Alerts(db).acknowledge(ident, SYSTEM.label, now) for ident in mine]
            )
            self._feed.changed()

    async def recent(self) -> tuple[AlertRow, ...]:
        """Unacknowledged alerts first, then the newest of the others."""
        rows = await self._store.read(lambda db: Alerts(db).recent())
        return tuple(sorted(rows, key=lambda row: (row.acknowledged_at is not None, row.priority)))

    async def acknowledge(self, alert: str, by: Actor) -> bool:
        """A person has seen it; False when it is unknown or was acknowledged before."""
        now = self._clock.now()

        def act(db: Any) -> bool:
            if not Alerts(db).acknowledge(alert, by.label, now):
                return False
            Journal(db).append(now, by.label, "alert.acknowledged", alert)
            return True

        done = await self._store.write(act)
        self._feed.changed()
        return done


def _stands(alerts: Alerts, new: AlertRow) -> bool:
    return any(
        (row.kind, row.visit, row.terminal) == (new.kind, new.visit, new.terminal)
        and (row.visit or row.terminal or row.detail.get("order") == new.detail.get("order"))
        for row in alerts.open()
    )
