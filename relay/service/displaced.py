"""`DisplacedDesk`: those whose visit an order took the time of are told, and may rebook first.

Guarantees: everybody in a displaced visit has a notice of their own from the moment the order is
enforced, in both languages; a notice counts as delivered when the screen of whoever proved who they
are (the inmate's PIN, the visitor's link) says that it has shown it, and that is kept; nobody is
told any more of an order that was lifted before it cost the visit. Leaves to others: the words
around the order's own text (`locales/`), and the booking itself (`booking`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from relay.clock import Clock
from relay.core.model import Inmate, InmateId, Visit, VisitId, Visitor, VisitorId
from relay.service.agenda import Agenda
from relay.service.staff import Actor
from relay.store.database import Store
from relay.store.displaced import Displaced, NoticeRow, Recipient, Via
from relay.store.journal import Journal
from relay.store.orders import Orders
from relay.store.people import People
from relay.store.sqlite import Database
from relay.store.visits import Visits
from suspension import OrderKind, SuspensionOrder
from suspension.withheld import withheld_ground
from visit_protocol.signalling import OrderNotice
from visit_protocol.vocabulary import Outcome

_VISITORS: Final = (Recipient.VISITOR, Recipient.COUNSEL)


@dataclass(frozen=True, slots=True)
class StaffNotice:
    """A notice as staff see it: who is told, about which visit, in which words."""

    row: NoticeRow
    visit: Visit
    name: str
    notice: OrderNotice | None
    """What the person would read; None when the order's bytes are not here (any more)."""


class DisplacedDesk:
    """Notices about displaced visits."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def tell(self, order: SuspensionOrder, agenda: Agenda, reached: Iterable[str]) -> int:
        """Make the notices of an order that was just enforced; how many."""
        now = self._clock.now()
        notices = [
            NoticeRow(
                order=order.id,
                visit=visit.id,
                recipient=recipient,
                person=person,
                text_ru=order.public_text.ru,
                text_en=order.public_text.en,
                made=now,
            )
            for ident in reached
            for visit in [agenda.visits[VisitId(ident)]]
            for recipient, person in _recipients(visit)
        ]
        return await self._store.write(lambda db: Displaced(db).tell(notices))

    async def for_inmate(self, inmate: InmateId) -> tuple[OrderNotice, ...]:
        """What the inmate at a kiosk has not been told."""
        return await self._untold(inmate, (Recipient.INMATE,))

    async def for_visitor(self, visit: VisitId) -> tuple[OrderNotice, ...]:
        """What the holder of this visit's link has not been told."""
        holder = await self._holder(visit)
        return () if holder is None else await self._untold(holder, _VISITORS)

    async def _holder(self, visit: VisitId) -> VisitorId | None:
        found = await self._store.read(lambda db: Visits(db).get(visit))
        return None if found is None else found.visitors[0]

    async def _untold(
        self, person: str, recipients: Sequence[Recipient]
    ) -> tuple[OrderNotice, ...]:
        def read(db: Database) -> tuple[OrderNotice, ...]:
            rows, of = Displaced(db).undelivered(person, recipients), _Looking(db)
            open_still = (of.notice(row) for row in rows if not of.moot(row))
            return tuple(notice for notice in open_still if notice is not None)

        return await self._store.read(read)

    async def shown_to_inmate(self, inmate: InmateId, notices: Iterable[str]) -> int:
        """The kiosk has shown these to the inmate; how many were new."""
        return await self._delivered(inmate, (Recipient.INMATE,), notices, Via.KIOSK)

    async def shown_to_visitor(self, visit: VisitId, notices: Iterable[str]) -> int:
        """The page has shown these to the holder of this visit's link; how many were new."""
        holder = await self._holder(visit)
        if holder is None:
            return 0
        return await self._delivered(holder, _VISITORS, notices, Via.LINK)

    async def _delivered(
        self, person: str, recipients: Sequence[Recipient], notices: Iterable[str], via: Via
    ) -> int:
        """Nobody can receive what is for somebody else."""
        now, named = self._clock.now(), set(notices)

        def write(db: Database) -> int:
            rows = [
                row for row in Displaced(db).undelivered(person, recipients) if _ident(row) in named
            ]
            for row in rows:
                detail = {"order": row.order, "recipient": row.recipient, "via": via}
                Journal(db).append(now, "system:relay", "notice.delivered", row.visit, detail)
            return Displaced(db).delivered(rows, now, via)

        return await self._store.write(write)

    async def told_by_staff(self, notice: int, by: Actor) -> bool:
        """Somebody told them in person; False when the notice is unknown or was delivered."""
        now = self._clock.now()

        def write(db: Database) -> bool:
            row = Displaced(db).notice(notice)
            if row is None or not Displaced(db).delivered([row], now, Via.STAFF):
                return False
            detail = {"order": row.order, "recipient": row.recipient, "via": Via.STAFF}
            Journal(db).append(now, by.label, "notice.delivered", row.visit, detail)
            return True

        return await self._store.write(write)

    async def notices_of(self, order: str) -> tuple[NoticeRow, ...]:
        """The notices of that order, delivered and not."""
        return await self._store.read(lambda db: Displaced(db).notices_of(order))

    async def for_staff(self, order: str | None = None) -> tuple[StaffNotice, ...]:
        """The notices of ``order``, delivered and not; of no order, all that reached nobody yet.

        By the visit's beginning, so that whoever would come first is told first.
        """

        def read(db: Database) -> tuple[StaffNotice, ...]:
            notices, of = Displaced(db), _Looking(db)
            rows = notices.all_undelivered() if order is None else notices.notices_of(order)
            return tuple(
                StaffNotice(row, visit, of.name(row), of.notice(row))
                for row in rows
                if (visit := of.visit(row.visit)) is not None and (order or not of.moot(row))
            )

        found = await self._store.read(read)
        return tuple(sorted(found, key=lambda one: (one.visit.starts, one.row.id)))


def _recipients(visit: Visit) -> list[tuple[Recipient, str]]:
    outside = Recipient.COUNSEL if visit.visit_type.protected else Recipient.VISITOR
    return [
        (Recipient.INMATE, visit.inmate),
        *((outside, visitor) for visitor in visit.visitors),
    ]


def _ident(row: NoticeRow) -> str:
    return f"n-{row.id}"


class _Looking:
    """One reading of the store; an order with many notices is read once."""

    def __init__(self, db: Database) -> None:
        self._people = People(db)
        self.visit = cache(Visits(db).get)
        self._orders = Orders(db)
        self._order = cache(self._latest)

    def _latest(self, order: str) -> SuspensionOrder | None:
        kept = self._orders.revisions(order)
        return kept[-1].order if kept else None

    def name(self, row: NoticeRow) -> str:
        """The recipient's name; their id where nobody of it is on record (any more)."""
        found: Inmate | Visitor | None
        if row.recipient is Recipient.INMATE:
            found = self._people.inmate(InmateId(row.person))
        else:
            found = self._people.visitor(VisitorId(row.person))
        return row.person if found is None else found.name

    def moot(self, row: NoticeRow) -> bool:
        """Whether the order was lifted before it cost the visit: nobody has to be told of that."""
        visit, order = self.visit(row.visit), self._order(row.order)
        lifted = order is not None and order.kind is OrderKind.LIFT
        return lifted and (visit is None or visit.outcome is not Outcome.SUSPENDED_BY_ORDER)

    def notice(self, row: NoticeRow) -> OrderNotice | None:
        """The notice as a screen gets it; None when the order's bytes are not here (any more)."""
        visit, order = self.visit(row.visit), self._order(row.order)
        if visit is None or order is None:
            return None
        told = withheld_ground(order) is None
        return OrderNotice(
            id=_ident(row),
            order=row.order,
            reference=visit.reference,
            starts=visit.starts,
            until=order.expires,
            reason_code=order.reason_code.value if told else None,
            public_text={"ru": row.text_ru, "en": row.text_en},
        )
