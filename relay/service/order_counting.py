"""`Counting`: what an order would cost, counted on the facility's own visits.

Guarantees: one reading of the store a counting; a scope that names what is not there is refused,
and what it names is said. Leaves to others: the arithmetic (`suspension.impact`, `narrower`), and
what follows from a number (`order_desk`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from relay.clock import Clock
from relay.core.model import Facility, VisitId
from relay.service.agenda import Agenda, read_agenda
from relay.service.enforcement import Enforcement
from relay.service.visits import VisitDesk
from relay.store.database import Store
from relay.store.facilities import Facilities
from relay.store.people import People
from relay.store.sqlite import Database
from suspension import (
    MINIMUM_CONTACT,
    Alternative,
    CutMode,
    Dimension,
    Impact,
    OrderKind,
    SuspensionOrder,
    Terms,
    impact,
    narrower,
)

_LONGEST_LOOK: Final = timedelta(days=31)


class UnknownIdsError(Exception):
    """A scope names what is not there; ``ids`` by dimension."""

    def __init__(self, ids: Mapping[str, Sequence[str]]) -> None:
        named = ", ".join(f"{name} {one}" for name, them in ids.items() for one in them)
        super().__init__(f"not known here: {named}")
        self.ids = ids


@dataclass(frozen=True, slots=True)
class Counted:
    """An impact, the visits themselves, and narrower orders with theirs."""

    terms: Terms
    impact: Impact
    alternatives: tuple[Alternative, ...]
    agenda: Agenda
    as_of: datetime


class Counting:
    """Counts orders against visits; changes nothing."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        facility: Facility,
        visits: VisitDesk,
        enforcement: Enforcement,
    ) -> None:
        self._store = store
        self._clock = clock
        self._facility = facility
        self._visits = visits
        self._enforcement = enforcement

    async def count(self, terms: Terms, incident: Sequence[str] = ()) -> Counted:
        """What ``terms`` would touch as of now, and what narrower orders would.

        The incident's visits are those named, or else those that are live in the order's reach.

        Raises:
            UnknownIdsError: the scope or ``incident`` names what is not there.
        """
        await self.require_known(terms)
        return await self._count(terms, incident)

    async def _count(self, terms: Terms, incident: Sequence[str] = ()) -> Counted:
        now = self._clock.now()
        begins = max(terms.not_before, now)
        until = max(min(terms.expires, now + _LONGEST_LOOK), begins + MINIMUM_CONTACT.window)
        runs = {run.visit.id: run for run in self._visits.in_memory()}
        agenda = await self._store.read(
            lambda db: read_agenda(db, self._facility, min(begins, now), until, runs=runs, now=now)
        )
        standing = self._standing()
        counted = impact(terms, agenda.planned, as_of=now, in_force=standing)
        concerned = [
            one.subject
            for one in agenda.planned
            if (one.visit in incident if incident else one.live)
        ]
        for visit in incident:
            if VisitId(visit) not in agenda.visits:
                concerned.append((await self._visits.find(VisitId(visit))).subject)
        found = narrower(terms, concerned, agenda.planned, as_of=now, in_force=standing)
        cheaper = tuple(one for one in found if one.impact.visits <= counted.visits)
        return Counted(terms, counted, cheaper, agenda, now)

    def _standing(self) -> list[Terms]:
        clock = self._clock.interval()
        return [
            order.terms
            for ident in self._enforcement.book.ids
            for order in self._enforcement.book.head(ident)
            if order.kind is OrderKind.SUSPEND and not clock.has_reached(order.expires)
        ]

    async def require_known(self, terms: Terms) -> None:
        """Nothing, when everybody whom ``terms`` name is on record here.

        Raises:
            UnknownIdsError: somebody is not; all of them are named.
        """

        def unknown(db: Database) -> dict[str, list[str]]:
            people, places = People(db), Facilities(db)
            known: dict[Dimension, frozenset[str]] = {
                Dimension.REGION: frozenset(),
                Dimension.OPERATOR: frozenset(),
                Dimension.FACILITY: frozenset({self._facility.id}),
                Dimension.HOUSING_UNIT: frozenset(unit.id for unit in places.housing_units()),
                Dimension.TERMINAL: frozenset(one.id for one in places.terminals()),
                Dimension.INMATE: frozenset(one.id for one in people.inmates()),
                Dimension.VISITOR: frozenset(one.id for one in people.visitors()),
                Dimension.CONTACT: frozenset(one.id for one in people.contacts()),
            }
            return {
                dimension.value: missing
                for dimension, ids in terms.scope.ids
                if dimension in known
                and (missing := [one for one in ids if one not in known[dimension]])
            }

        found = await self._store.read(unknown)
        if found:
            raise UnknownIdsError(found)

    async def displaced_by(self, order: SuspensionOrder) -> tuple[Agenda, tuple[str, ...]]:
        """The visits in the time of an order that is in force, and which of them it took."""
        now = self._clock.now()
        runs = {run.visit.id: run for run in self._visits.in_memory()}
        agenda = await self._store.read(
            lambda db: read_agenda(
                db,
                self._facility,
                order.not_before,
                order.expires,
                runs=runs,
                now=now,
                suspended=True,
            )
        )
        reached = impact(order.terms, agenda.planned, as_of=now).reached
        if order.cut.mode is CutMode.FINISH:
            running = {run.visit.id for run in runs.values() if run.in_call}
            reached = tuple(one for one in reached if one not in running)
        return agenda, reached
