"""`RequestDesk`: complaints about visits and applications for call permits, made in the booth.

Guarantees: a request is kept before the person is told so, with the day by which it is answered;
only about the person's own visits and contacts; asked twice, it is kept once; each is answered at
most once, with words. Leaves to others: who the person is (`booths`), what follows from an answer
(a permit is put on record by import, as the investigator's paper says).
"""

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Final

from relay.clock import Clock
from relay.core.model import InmateId, TerminalId, VisitorId
from relay.service.feed import Feed
from relay.service.signing import person_of
from relay.service.staff import Actor
from relay.store.database import Store
from relay.store.journal import Journal
from relay.store.people import People
from relay.store.requests import RequestRow, Requests
from relay.store.sqlite import Database
from relay.store.visits import Visits
from visit_protocol.signalling import FileRequest
from visit_protocol.vocabulary import RequestKind

ANSWERED_WITHIN: Final = timedelta(days=10)


class UnknownRequestError(Exception):
    """There is no such request, or it is about somebody else's visit or contact."""


class AnsweredError(Exception):
    """The request has its answer already."""


class RequestDesk:
    """Keeps requests and their answers."""

    def __init__(self, *, store: Store, clock: Clock, feed: Feed) -> None:
        self._store = store
        self._clock = clock
        self._feed = feed

    async def file(self, inmate: InmateId, terminal: TerminalId, wish: FileRequest) -> RequestRow:
        """Keep what the inmate asks for; the one that waits, when they have asked already.

        Raises:
            UnknownRequestError: not their visit, not their contact, or not said what about.
        """
        now = self._clock.now()

        def write(db: Database) -> RequestRow:
            new = _checked(
                db,
                wish,
                RequestRow(
                    id=f"rq-{secrets.token_hex(6)}",
                    kind=wish.kind,
                    inmate=inmate,
                    terminal=terminal,
                    filed=now,
                    due=now + ANSWERED_WITHIN,
                ),
            )
            row = Requests(db).file(new)
            if row.id == new.id:
                about = {"kind": new.kind, "visit": new.visit, "visitor": new.visitor}
                Journal(db).append(now, f"inmate:{inmate}", "request.filed", new.id, about)
            return row

        row = await self._store.write(write)
        self._feed.changed()
        return row

    async def all(self) -> tuple[RequestRow, ...]:
        """Every request, the open ones first, the first to be due at the top."""
        return await self._store.read(lambda db: Requests(db).all())

    async def answer(self, request: str, *, granted: bool, answer: str, by: Actor) -> RequestRow:
        """Answer a request.

        Raises:
            UnknownRequestError: there is none of that id.
            AnsweredError: it has its answer.
        """
        now = self._clock.now()

        def write(db: Database) -> RequestRow:
            kept = Requests(db)
            row = kept.get(request)
            if row is None:
                raise UnknownRequestError(request)
            if row.answered is not None:
                raise AnsweredError(request)
            kept.answer(
                request, granted=granted, answered=now, person=person_of(by), answer=answer.strip()
            )
            detail = {"granted": granted}
            Journal(db).append(now, by.label, "request.answered", request, detail)
            return kept.get(request) or row

        row = await self._store.write(write)
        self._feed.changed()
        return row


def _checked(db: Database, wish: FileRequest, new: RequestRow) -> RequestRow:
    """The request with what it is about, if that is the inmate's own."""
    if wish.kind is RequestKind.COMPLAINT:
        visit = Visits(db).by_reference(wish.reference) if wish.reference else None
        if visit is None or visit.inmate != new.inmate or wish.reason is None:
            raise UnknownRequestError("no such visit of theirs, or no reason")
        return replace(new, visit=visit.id, reason=wish.reason)
    visitor = VisitorId(wish.visitor or "")
    if People(db).contact_between(new.inmate, visitor) is None:
        raise UnknownRequestError("no such contact of theirs")
    return replace(new, visitor=visitor)
