"""Visits whose slot is open now, so that a kiosk and a browser can be joined at once.

Guarantees: a visit given here was accepted by the policy and has at least `ENOUGH_LEFT` to go; it
works at any time of day, any number of times. Leaves to others: starting anything. It runs
before the relay does and holds the data folder's lock meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from operate.example import people, secret_file
from operate.example.presence import BUILDER
from relay.core.case import is_closed
from relay.core.model import (
    DEFAULT_VISIT,
    Contact,
    Facility,
    Inmate,
    SessionTemplate,
    TemplateId,
    TerminalId,
    Visit,
)
from relay.core.policy import Purpose, Request, decide
from relay.service.booking import Booked, Proposal, book, call_off, issue_link
from relay.service.facts import FacilityMissingError, gather
from relay.store.database import DATABASE_FILE, Store, lock
from relay.store.facilities import Facilities
from relay.store.links import Links
from relay.store.orders import Orders
from relay.store.people import People
from relay.store.secret import fingerprint
from relay.store.sqlite import Database
from relay.store.timetable import Timetable
from relay.store.visits import Visits
from suspension import ClockInterval, OrderBook
from visit_protocol.vocabulary import BookingStatus, Outcome, VisitType

ENOUGH_LEFT: Final = timedelta(minutes=10)
KIOSKS: Final = (
    (TerminalId("T-01"), VisitType.FAMILY),
    (TerminalId("T-02"), VisitType.LEGAL),
    (TerminalId("T-03"), VisitType.FAMILY),
    (TerminalId("T-04"), VisitType.FAMILY),
)
"""The order in which kiosks are started, and what each one's visit is."""
_JOINABLE: Final = frozenset({BookingStatus.APPROVED, BookingStatus.CALLED})
_TEMPLATE_PREFIX: Final = "open-"


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """A visit that can be joined now, with both parties' secrets."""

    id: str
    reference: str
    visit_type: VisitType
    inmate: str
    inmate_name: str
    pin: str
    terminal: str
    starts: datetime
    ends: datetime
    visitor_token: str


def ensure_open_visits(
    data_dir: Path,
    count: int,
    now: datetime | None = None,
    slot: timedelta = DEFAULT_VISIT,
) -> list[OpenVisit]:
    """A visit that is open now at each of the first ``count`` terminals of `KIOSKS`.

    A terminal where the policy accepts nobody is left out: under an order that suspends the
    facility the list is empty, and the administrator can still lift it.

    Raises:
        DataFolderLockedError: a relay runs on this folder.
        FacilityMissingError: no facility was made here.
        ExampleSecretsError: it is not the example facility.
        StoreError: the store cannot be used.
        OSError: the secrets' file cannot be written.
    """
    at = now or datetime.now(UTC)
    with lock(data_dir), Store.open(data_dir / DATABASE_FILE) as store:
        kept = secret_file.load(data_dir)
        opened = store.write_now(lambda db: _Opening(db, at, slot, kept.links).all(count))
        tokens = {visit.id: token for visit, _, token in opened}
        secret_file.save(data_dir, kept.model_copy(update={"links": kept.links | tokens}))
    return [
        OpenVisit(
            id=visit.id,
            reference=visit.reference,
            visit_type=visit.visit_type,
            inmate=inmate.id,
            inmate_name=inmate.name,
            pin=kept.pins[inmate.id],
            terminal=visit.terminal,
            starts=visit.starts,
            ends=visit.ends,
            visitor_token=token,
        )
        for visit, inmate, token in opened
    ]


class _Opening:
    """One look at all terminals, within one transaction."""

    def __init__(
        self, db: Database, now: datetime, slot: timedelta, tokens: dict[str, str]
    ) -> None:
        facility = Facilities(db).facility()
        if facility is None:
            raise FacilityMissingError
        self._db = db
        self._now = now
        self._slot = slot
        self._tokens = tokens
        self._facility: Facility = facility
        self._starts = now.replace(second=0, microsecond=0)
        self._orders = OrderBook.of(row.order for row in Orders(db).all())
        self._clock = ClockInterval.exact(now)

    def all(self, count: int) -> list[tuple[Visit, Inmate, str]]:
        """The open visits with their inmates and tokens."""
        self._remove_old_templates()
        found = [self._at(terminal, visit_type) for terminal, visit_type in KIOSKS[:count]]
        return [one for one in found if one is not None]

    def _at(self, terminal: TerminalId, visit_type: VisitType) -> tuple[Visit, Inmate, str] | None:
        there = self._claiming(terminal)
        for visit in there:
            inmate = People(self._db).inmate(visit.inmate)
            if inmate is not None and visit.visit_type is visit_type and self._is_open(visit):
                return visit, inmate, self._token(visit)
        try:
            with self._db.atomic():
                for visit in there:
                    call_off(self._db, visit, Outcome.ADMINISTRATIVE_ERROR, self._now, BUILDER)
                return self._book(terminal, visit_type)
        except _NobodyAcceptedError:
            return None  # what was there stays, e.g. suspended until its order is lifted

    def _claiming(self, terminal: TerminalId) -> list[Visit]:
        """Visits that are at this terminal now or would be during a new slot.

        One that began earlier may last up to twice its length, when time was given back.
        """
        ends = self._starts + self._slot
        visits = Visits(self._db).between(self._now - timedelta(days=1), ends)
        return [
            visit
            for visit in visits
            if visit.terminal == terminal
            and not is_closed(visit)
            and visit.ends + (visit.ends - visit.starts) > self._now
        ]

    def _is_open(self, visit: Visit) -> bool:
        in_time = visit.starts <= self._now <= visit.ends - ENOUGH_LEFT
        if not in_time or visit.status not in _JOINABLE or visit.outcome is not None:
            return False
        facts = gather(self._db, visit, self._orders, self._clock, None)
        return decide(Request(Purpose.CONTINUE, visit), facts, self._now).allowed

    def _token(self, visit: Visit) -> str:
        """The visit's token, while no device has used it; otherwise a new one.

        Whoever reads the token now has a browser of their own, and a link opens on one only.
        """
        token = self._tokens.get(visit.id, "")
        link = Links(self._db).find(fingerprint(token))
        if link is not None and link.device_hash is None and link.replaced_at is None:
            return token
        return issue_link(self._db, visit, self._now, BUILDER)

    def _book(self, terminal: TerminalId, visit_type: VisitType) -> tuple[Visit, Inmate, str]:
        self._offer_slot()
        for inmate, contact in self._couples(terminal, visit_type):
            proposal = Proposal(
                inmate.id, (contact.visitor,), visit_type, self._starts, terminal, self._slot
            )
            answer = book(self._db, proposal, self._now, self._orders, self._clock, BUILDER)
            if isinstance(answer, Booked):
                return answer.visit, inmate, answer.token
        raise _NobodyAcceptedError

    def _couples(
        self, terminal: TerminalId, visit_type: VisitType
    ) -> Iterator[tuple[Inmate, Contact]]:
        """Whom to ask, those first whose allowance this cannot use up, and who live next to it."""
        place = Facilities(self._db).terminal(terminal)
        unit = None if place is None else place.housing_unit
        wanted = visit_type if visit_type.protected else None
        known = People(self._db)
        for inmate in sorted(
            known.inmates(),
            key=lambda one: (
                one.regime != people.UNLIMITED_REGIME,
                one.housing_unit != unit,
                one.id,
            ),
        ):
            for contact in known.contacts(inmate.id):
                if contact.relationship.required_type is wanted:
                    yield inmate, contact

    def _offer_slot(self) -> None:
        """One slot for every terminal, from this minute of the facility's clock."""
        local = self._starts.astimezone(ZoneInfo(self._facility.timezone))
        Timetable(self._db).put_template(
            SessionTemplate(
                id=TemplateId(f"{_TEMPLATE_PREFIX}{local:%Y%m%d-%H%M}"),
                name="Открыто сейчас (пример)",
                rrule="FREQ=DAILY;COUNT=1",
                first_day=local.date(),
                starts_at=local.time().replace(tzinfo=None),
                slot=self._slot,
                slots_per_day=1,
                capacity=len(KIOSKS),
                visit_types=frozenset(visit_type for _, visit_type in KIOSKS),
                valid_from=local.date(),
                valid_to=local.date(),
            )
        )

    def _remove_old_templates(self) -> None:
        timetable = Timetable(self._db)
        day_before = self._now.date() - timedelta(days=2)
        for template in timetable.templates():
            mine = template.id.startswith(_TEMPLATE_PREFIX)
            if mine and template.valid_to is not None and template.valid_to < day_before:
                timetable.remove_template(template.id)


class _NobodyAcceptedError(Exception):
    """The policy accepts none of the people at this terminal; undoes what made room for them."""
