"""`Wall`: the latest small picture of each party, and alerts about pictures that show nothing.

Guarantees: pictures are asked for only while somebody looks, and then of ordinary calls alone; the
latest of each party is kept in memory and nowhere else, and none once nobody looks or its call is
over; who looks, and until when, is in the journal. What is the matter with a picture becomes an
alert and nothing more: a person decides. Leaves to others: making and judging pictures
(`relay.media.pictures`), who may look (`relay.web`).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.core.model import VisitId
from relay.service.alerts import AlertDesk
from relay.service.calls import Calls
from relay.service.feed import Feed
from relay.service.staff import Actor
from relay.store.database import Store
from relay.store.errors import StoreError
from relay.store.journal import Journal
from visit_protocol.vocabulary import Party, PictureHealth
from visit_protocol.worker import PictureJudged, PictureTaken

log = logging.getLogger(__name__)

LEASE_S: Final = 10.0
"""So long pictures are made after somebody has last been seen to look."""
_RENEW_S: Final = 2.0
_BATCH_S: Final = 0.6
"""With keyframes at most 2 s apart, no picture is 3 s old while its party sends."""

_ALERTS: Final = {
    PictureHealth.DARK: AlertKind.PICTURE_DARK,
    PictureHealth.COVERED: AlertKind.PICTURE_COVERED,
    PictureHealth.FROZEN: AlertKind.PICTURE_FROZEN,
}


@dataclass(frozen=True, slots=True)
class WallPicture:
    """A party's latest picture."""

    visit: VisitId
    party: Party
    taken: datetime
    jpeg: str
    """In base 64."""


class Wall:
    """Implements `relay.service.calls.PictureListener`."""

    def __init__(
        self, *, store: Store, clock: Clock, calls: Calls, alerts: AlertDesk, feed: Feed
    ) -> None:
        self._store = store
        self._clock = clock
        self._calls = calls
        self._alerts = alerts
        self._feed = feed
        self._lookers = 0
        self._renewed_ns = 0
        self._latest: dict[tuple[VisitId, Party], WallPicture] = {}
        self._health: dict[tuple[VisitId, Party], PictureHealth] = {}
        """Of those whose picture shows nothing."""
        self._tasks: set[asyncio.Task[None]] = set()
        calls.listen_to_pictures(self)

    @asynccontextmanager
    async def look(self, by: Actor) -> AsyncIterator[AsyncIterator[list[WallPicture]]]:
        """Batches of what is new, for one who looks; the first at once, then `_BATCH_S` apart.

        They end when the relay is about to stop.

        Raises:
            StoreError: the journal cannot be written, so nobody looks.
        """
        began = self._clock.now()
        await self._note(began, by, "wall.opened")
        self._lookers += 1
        try:
            yield self._batches()
        finally:
            self._lookers -= 1
            if not self._lookers:
                self._latest.clear()
            self._spawn(self._note(self._clock.now(), by, "wall.closed", since=began))

    async def _batches(self) -> AsyncIterator[list[WallPicture]]:
        told: dict[tuple[VisitId, Party], datetime] = {}
        while not self._feed.closed:
            self._renew()
            self._prune()
            fresh = [p for key, p in self._latest.items() if told.get(key) != p.taken]
            told = {key: picture.taken for key, picture in self._latest.items()}
            yield fresh
            await asyncio.sleep(_BATCH_S)

    def _renew(self) -> None:
        now_ns = self._clock.monotonic_ns()
        if now_ns - self._renewed_ns >= _RENEW_S * 1e9:
            self._renewed_ns = now_ns
            self._calls.show_pictures(LEASE_S)

    def _prune(self) -> None:
        for key in [key for key in self._latest if not self._calls.is_open(key[0])]:
            del self._latest[key]

    # ── what media workers tell (PictureListener) ─────────────────────────────────────────
    def picture_taken(self, visit: VisitId, message: PictureTaken) -> None:
        """A small picture; nobody keeps it when nobody looks."""
        if self._lookers:
            age = timedelta(microseconds=(self._clock.monotonic_ns() - message.taken_ns) / 1000)
            self._latest[visit, message.party] = WallPicture(
                visit, message.party, self._clock.now() - age, message.jpeg
            )

    def picture_judged(self, visit: VisitId, message: PictureJudged) -> None:
        """Raise the alert, or settle it once neither party's picture gives cause any more."""
        for key in [key for key in self._health if not self._calls.is_open(key[0])]:
            del self._health[key]  # of calls that are over; their alerts wait for a person
        before = self._health.pop((visit, message.party), None)
        if message.health is not PictureHealth.GOOD:
            self._health[visit, message.party] = message.health
        standing = {self._health.get((visit, party)) for party in Party}
        if before is not None and before not in standing:
            self._spawn(self._alerts.settle(_ALERTS[before], visit=visit))
        if message.health is not PictureHealth.GOOD:
            kind, detail = _ALERTS[message.health], {"party": message.party}
            self._spawn(self._alerts.raise_alert(kind, visit=visit, detail=detail))

    async def drain(self) -> None:
        """Returns when everything that was told has been dealt with; at shutdown."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _note(
        self, now: datetime, by: Actor, action: str, *, since: datetime | None = None
    ) -> None:
        times = {"from": since.isoformat(), "to": now.isoformat()} if since is not None else {}
        await self._store.write(lambda db: Journal(db).append(now, by.label, action, "", times))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        async def owned() -> None:
            try:
                await work
            except StoreError as error:
                log.error("%s", error)

        task = asyncio.create_task(owned())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
