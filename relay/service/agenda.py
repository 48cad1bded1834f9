"""`Agenda`: the facility's visits of a stretch of time, as orders are counted against them.

Guarantees: one reading of the store, without a query a visit, so that a month can be counted
while somebody waits. Leaves to others: what an order reaches (`suspension.impact`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from relay.core.case import age_on, is_closed
from relay.core.model import (
    ADULT_AGE,
    Contact,
    Facility,
    Inmate,
    InmateId,
    Terminal,
    TerminalId,
    Visit,
    VisitId,
    Visitor,
    VisitorId,
)
from relay.core.rules.place import subject
from relay.service.visit_run import VisitRun
from relay.store.facilities import Facilities
from relay.store.people import People
from relay.store.sqlite import Database
from relay.store.visits import Visits
from suspension import Planned
from visit_protocol.vocabulary import CallState, Outcome


@dataclass(frozen=True, slots=True)
class Agenda:
    """Visits with the people and places that they are about."""

    planned: tuple[Planned, ...]
    visits: Mapping[VisitId, Visit]
    inmates: Mapping[InmateId, Inmate]
    visitors: Mapping[VisitorId, Visitor]
    terminals: Mapping[TerminalId, Terminal]


def read_agenda(
    db: Database,
    facility: Facility,
    start: datetime,
    end: datetime,
    *,
    runs: Mapping[VisitId, VisitRun],
    now: datetime,
    suspended: bool = False,
) -> Agenda:
    """The visits overlapping ``[start, end)`` that may still take place.

    With ``suspended`` also those that an order has ended.

    ``runs`` are those in memory, whose end may have moved and which may be live.
    """
    people, places = People(db), Facilities(db)
    inmates = {one.id: one for one in people.inmates()}
    visitors = {one.id: one for one in people.visitors()}
    terminals = {one.id: one for one in places.terminals()}
    contacts = {(one.inmate, one.visitor): one for one in people.contacts()}
    zone = ZoneInfo(facility.timezone)
    planned: list[Planned] = []
    visits: dict[VisitId, Visit] = {}
    for visit in Visits(db).between(start, end):
        run = runs.get(visit.id)
        by_order = suspended and visit.outcome is Outcome.SUSPENDED_BY_ORDER
        if not by_order and _is_over(visit, run):
            continue
        visits[visit.id] = visit
        pairs = _pairs(visit, contacts)
        day = visit.starts.astimezone(zone).date()
        planned.append(
            Planned(
                visit=visit.id,
                subject=subject(
                    facility.id,
                    visit,
                    inmates.get(visit.inmate),
                    pairs,
                    terminals.get(visit.terminal),
                ),
                starts=visit.starts,
                ends=visit.ends if run is None else run.machine.ends_at(now=now),
                live=run is not None and run.in_call,
                minors=frozenset(
                    one
                    for one in visit.visitors
                    if one in visitors and age_on(visitors[one].birth_date, day) < ADULT_AGE
                ),
            )
        )
    return Agenda(tuple(planned), visits, inmates, visitors, terminals)


def _is_over(visit: Visit, run: VisitRun | None) -> bool:
    ended = run is not None and run.machine.state is CallState.ENDED
    return ended or visit.outcome is not None or is_closed(visit)


def _pairs(
    visit: Visit, contacts: Mapping[tuple[InmateId, VisitorId], Contact]
) -> tuple[Contact, ...]:
    found: Iterable[Contact | None] = (
        contacts.get((visit.inmate, visitor)) for visitor in visit.visitors
    )
    return tuple(contact for contact in found if contact is not None)
