"""`LinkDesk`: which visit a visitor's token opens, and on which device.

Guarantees: opening and testing never use a link up; the first *join* binds it to that device; a
second device is refused and staff are told once; a token is compared and logged only as its
fingerprint. Leaves to others: rows (`relay.store.links`) and the way into the visit
(`attendance`).
"""

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.core.model import VisitId
from relay.service.alerts import AlertDesk
from relay.service.booking import issue_link
from relay.service.staff import Actor
from relay.service.visits import VisitDesk
from relay.store.database import Store
from relay.store.journal import Journal
from relay.store.links import Links, VisitorLink
from relay.store.secret import fingerprint
from relay.store.sqlite import Database
from relay.store.visits import Visits
from visit_protocol.vocabulary import RejectionCode


class LinkDesk:
    """Visitors' links over one store."""

    def __init__(
        self, *, store: Store, clock: Clock, desk: VisitDesk, alerts: AlertDesk, base_url: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._desk = desk
        self._alerts = alerts
        self._base_url = base_url

    def url(self, token: str) -> str:
        """The link a visitor gets; the token stands in the fragment and reaches no log."""
        return f"{self._base_url}/visit#{token}"

    async def admit(self, token: str, device: str) -> VisitorLink | RejectionCode:
        """The link, or why it opens nothing (here, now, on this device)."""
        now = self._clock.now()
        link = await self._store.read(lambda db: Links(db).find(fingerprint(token)))
        if link is None:
            return RejectionCode.LINK_UNKNOWN
        if link.replaced_at is not None:
            return RejectionCode.LINK_REPLACED
        run = await self._desk.find(link.visit)
        if max(link.expires, run.machine.ends_at(now=now)) <= now:
            return RejectionCode.LINK_EXPIRED
        if link.device_hash is not None and link.device_hash != fingerprint(device):
            await self._alerts.raise_alert(AlertKind.LINK_SECOND_DEVICE, visit=link.visit)
            return RejectionCode.LINK_USED
        return link

    async def bind(self, token: str, device: str) -> bool:
        """Bind the link to this device; False when another one was first.

        Raises:
            StoreError: it could not be kept, so nothing is bound.
        """
        now = self._clock.now()
        token_hash, device_hash = fingerprint(token), fingerprint(device)

        def write(db: Database) -> bool:
            links = Links(db)
            before = links.find(token_hash)
            if not links.bind(token_hash, device_hash, now):
                return False
            if before is not None and before.device_hash is None:
                Journal(db).append(now, f"visitor:{before.visitor}", "link.bound", before.visit)
            return True

        bound = await self._store.write(write)
        if not bound and (link := await self._store.read(lambda db: Links(db).find(token_hash))):
            await self._alerts.raise_alert(AlertKind.LINK_SECOND_DEVICE, visit=link.visit)
        return bound

    async def reissue(self, visit: VisitId, by: Actor) -> str | None:
        """A new link in place of the old one; None when there is no such visit.

        Raises:
            StoreError: it could not be kept; the old link still holds.
        """
        now = self._clock.now()

        def write(db: Database) -> str | None:
            found = Visits(db).get(visit)
            return issue_link(db, found, now, by) if found else None

        token = await self._store.write(write)
        return self.url(token) if token else None
