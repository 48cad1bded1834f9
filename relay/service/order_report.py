"""`ReportDesk`: gathers what the transparency report counts, and signs it as the facility.

Guarantees: what is signed is exactly what is told: counts, with the small ones withheld already.
Leaves to others: what is withheld and why (`suspension.report`), and the renderings (`operate`).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from evidence.canonical import canonical
from relay.clock import Clock
from relay.core.model import Facility, Visit, VisitId
from relay.service.agenda import read_agenda
from relay.service.enforcement import Enforcement, NoTrustError
from relay.service.order_file import OrderFile
from relay.service.order_files import OrderFiles
from relay.service.standing_orders import StandingOrders
from relay.service.visits import VisitDesk
from relay.store.appeals import Appeals
from relay.store.database import Store
from relay.store.journal import Journal
from relay.store.key_files import KeyFolder
from relay.store.sqlite import Database
from relay.store.visits import SPENDING_OUTCOMES, Visits
from suspension import (
    AppealOutcome,
    Narrowing,
    OrderKind,
    Report,
    Scope,
    SuspensionOrder,
    Terms,
    narrower,
    replay,
    report,
)
from suspension.envelope import seal
from suspension.metadata import signer_of
from suspension.replay import Column
from suspension.report import AppealRecord, OrderRecord, VisitsRecord
from suspension.scope import Dimension
from suspension.trust import FACILITY
from visit_protocol.vocabulary import Outcome

REPORT_TYPE: Final = "application/vnd.visit.report.v1+json"
_LOOK_AHEAD: Final = timedelta(days=366)
_REPLAYED: Final = timedelta(days=7)


class NothingToReplayError(Exception):
    """No visit is booked that an incident could be about."""


@dataclass(frozen=True, slots=True)
class SignedReport:
    """A report and its envelope; the payload is its canonical JSON."""

    report: Report
    envelope: bytes


@dataclass(frozen=True, slots=True)
class Replay:
    """January 2024 on this facility's visits, beside what orders of ours would have cost."""

    incident: VisitId
    begins: datetime
    columns: tuple[Column, ...]
    scopes: Mapping[str, Mapping[str, list[str]]]
    """Scope by the column's name."""


class ReportDesk:
    """Reports and replays of one facility."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        facility: Facility,
        data_dir: Path,
        visits: VisitDesk,
        files: OrderFiles,
        standing: StandingOrders,
        enforcement: Enforcement,
    ) -> None:
        self._store = store
        self._clock = clock
        self._facility = facility
        self._keys = KeyFolder.of(data_dir)
        self._visits = visits
        self._files = files
        self._standing = standing
        self._enforcement = enforcement

    async def report(self, begins: datetime, ends: datetime, by: str) -> SignedReport:
        """The signed report over ``[begins, ends)``.

        Raises:
            NoTrustError: there is no key of the facility.
            KeyFileError: its key cannot be used.
        """
        now = self._clock.now()
        files = await self._files.all()
        found = [
            (order, files.get(order.id))
            for ident in self._enforcement.book.ids
            for order in [await self._standing.first_revision(ident)]
            if begins <= order.not_before < ends
        ]
        records = [self._record(order, file, now) for order, file in found]
        made = report(
            facility=self._facility.id,
            begins=begins,
            ends=ends,
            made=now,
            orders=records,
            appeals=await self._store.read(lambda db: _appeals(db, begins, ends, now)),
            visits=await self._store.read(
                lambda db: _visits(db, [one for one, _ in found], records, begins, ends)
            ),
        )
        private = await asyncio.to_thread(self._keys.receipt_key, self._facility.id)
        if private is None:
            raise NoTrustError
        signer = signer_of(private, {FACILITY: self._facility.id})
        envelope = seal(canonical(made.to_mapping()), REPORT_TYPE, signer)
        detail = {"from": begins.isoformat(), "to": ends.isoformat()}
        await self._store.write(lambda db: Journal(db).append(now, by, "report.made", "", detail))
        return SignedReport(made, envelope)

    def _record(self, order: SuspensionOrder, file: OrderFile | None, now: datetime) -> OrderRecord:
        head = self._enforcement.book.head(order.id)[0]
        lifted = head.kind is OrderKind.LIFT
        shown = {} if file is None else file.shown
        offered = shown.get("alternatives", [])
        visits = shown.get("impact", {}).get("visits", 0)
        return OrderRecord(
            breadth=order.scope.narrowest.value,
            reason=order.reason_code,
            begins=order.not_before,
            ends=min(head.issued, order.expires) if lifted else order.expires,
            renewal=file is not None and file.draft.renews is not None,
            emergency=order.emergency,
            protected=bool(order.protected),
            review_late=_review_late(file, now),
            narrower_offered=bool(offered),
            narrower_declined=any(one["visits"] < visits for one in offered),
            lifted=lifted,
        )

    async def replay(self, visit: VisitId | None) -> Replay:
        """January 2024 as it was, beside orders of ours, over the visits that are booked now.

        The incident is about ``visit``, or about the first visit to come that is not protected.

        Raises:
            UnknownVisitError: there is no such visit.
            NothingToReplayError: nothing is booked.
        """
        now = self._clock.now()
        runs = {run.visit.id: run for run in self._visits.in_memory()}
        agenda = await self._store.read(
            lambda db: read_agenda(db, self._facility, now, now + _LOOK_AHEAD, runs=runs, now=now)
        )
        if visit is None:
            visit = next(
                (
                    one.id
                    for one in sorted(agenda.visits.values(), key=lambda one: one.starts)
                    if not one.visit_type.protected
                ),
                None,
            )
            if visit is None:
                raise NothingToReplayError
        incident = (await self._visits.find(visit)).subject
        scope = Scope(((Dimension.FACILITY, (self._facility.id,)),))
        wide = Terms(scope, frozenset(), now, now + _REPLAYED)
        orders = [("FACILITY", wide)] + [
            (one.narrowing.value, one.terms)
            for one in narrower(wide, [incident], agenda.planned, as_of=now)
            if one.narrowing is not Narrowing.SHORTER
        ]
        return Replay(
            visit,
            now,
            replay(now, orders, agenda.planned),
            {name: terms.scope.to_mapping() for name, terms in orders},
        )


def _review_late(file: OrderFile | None, now: datetime) -> bool | None:
    if file is None:
        return None
    if file.reviewed_late or file.case.review_overdue(now):
        return True
    return False if file.reviews else None


def _appeals(db: Database, begins: datetime, ends: datetime, now: datetime) -> list[AppealRecord]:
    return [
        AppealRecord(
            None if row.outcome is None else AppealOutcome(row.outcome),
            late=row.due <= (row.decided or now),
        )
        for row in Appeals(db).all()
        if begins <= row.filed < ends
    ]


def _visits(
    db: Database,
    orders: list[SuspensionOrder],
    records: list[OrderRecord],
    begins: datetime,
    ends: datetime,
) -> VisitsRecord:
    held = [one for one in Visits(db).between(begins, ends) if begins <= one.starts]
    lost = [one for one in held if one.outcome is Outcome.SUSPENDED_BY_ORDER]
    went_on = [one for one in held if one.outcome in SPENDING_OUTCOMES]
    first = min((order.not_before for order in orders), default=ends)
    return VisitsRecord(
        lost=len(lost),
        kept_against_facility=sum(
            not one.visit_type.protected and _during(one, records) for one in went_on
        ),
        kept_against_country=sum(first < one.ends for one in went_on),
    )


def _during(visit: Visit, records: list[OrderRecord]) -> bool:
    return any(visit.starts < one.ends and one.begins < visit.ends for one in records)
