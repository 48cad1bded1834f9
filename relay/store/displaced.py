"""Visits that an order took the time of: who is told, whether they were, and who rebooks first.

Guarantees: each person is told once of each visit and order, a notice is delivered once, and a
displaced visit is rebooked once (the schema sees to it). Leaves to others: the words, and when a
screen shows them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from relay.core.model import InmateId, VisitId
from relay.store.columns import (
    read_instant,
    read_instant_or_none,
    write_instant,
    write_json_list,
)
from relay.store.sqlite import Database


class Recipient(StrEnum):
    """As whom somebody is told."""

    INMATE = "INMATE"
    VISITOR = "VISITOR"
    COUNSEL = "COUNSEL"
    """Counsel, consul, ombudsman, physician or clergy of a protected visit."""


class Via(StrEnum):
    """Where a notice reached its recipient."""

    KIOSK = "KIOSK"
    LINK = "LINK"
    STAFF = "STAFF"
    """A member of staff told them, e.g. over the telephone."""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """What one person is told of one displaced visit."""

    order: str
    visit: VisitId
    recipient: Recipient
    person: str
    text_ru: str
    text_en: str
    made: datetime
    id: int = 0
    delivered: datetime | None = None
    via: Via | None = None


class Displaced:
    """Displaced visits, their notices and their rebooking."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def tell(self, notices: Iterable[NoticeRow]) -> int:
        """How many of the notices are new."""
        return sum(
            self._db.execute(
                "INSERT OR IGNORE INTO order_notice "
                "(order_id, visit, recipient, person, text_ru, text_en, made) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    one.order,
                    one.visit,
                    one.recipient,
                    one.person,
                    one.text_ru,
                    one.text_en,
                    write_instant(one.made),
                ],
            ).rowcount
            for one in notices
        )

    def notices_of(self, order: str) -> tuple[NoticeRow, ...]:
        """All notices of that order, by visit."""
        return self._found("n.order_id = ?", [order])

    def all_undelivered(self) -> tuple[NoticeRow, ...]:
        """Every notice of every order that reached nobody yet, the first made at the top."""
        return self._found("d.at IS NULL", [])

    def notice(self, ident: int) -> NoticeRow | None:
        """The notice of that number, or None."""
        return next(iter(self._found("n.id = ?", [ident])), None)

    def undelivered(self, person: str, recipients: Iterable[Recipient]) -> tuple[NoticeRow, ...]:
        """What this person has not been told yet."""
        return self._found(
            "n.person = ? AND d.at IS NULL AND n.recipient IN (SELECT value FROM json_each(?))",
            [person, write_json_list(recipients)],
        )

    def delivered(self, notices: Iterable[NoticeRow], at: datetime, via: Via) -> int:
        """How many of these notices had not been delivered before."""
        return sum(
            self._db.execute(
                "INSERT OR IGNORE INTO notice_delivery (notice, at, via) VALUES (?, ?, ?)",
                [one.id, write_instant(at), via],
            ).rowcount
            for one in notices
        )

    def visits_of(self, order: str) -> tuple[VisitId, ...]:
        """The visits whose time that order took, sorted."""
        rows = self._db.query(
            "SELECT DISTINCT visit FROM order_notice WHERE order_id = ? ORDER BY visit", [order]
        )
        return tuple(VisitId(row["visit"]) for row in rows)

    def waiting(self, inmate: InmateId | None = None) -> tuple[tuple[VisitId, str], ...]:
        """Suspended visits that nobody has rebooked yet, each with its orders' ids."""
        rows = self._db.query(
            "SELECT DISTINCT n.visit, n.order_id FROM order_notice n "
            "JOIN visit v ON v.id = n.visit "
            "WHERE v.outcome = 'SUSPENDED_BY_ORDER' AND (? IS NULL OR v.inmate = ?) "
            "AND n.visit NOT IN (SELECT displaced FROM rebooking) ORDER BY v.starts, n.visit",
            [inmate, inmate],
        )
        return tuple((VisitId(row["visit"]), row["order_id"]) for row in rows)

    def rebook(self, displaced: VisitId, visit: VisitId, at: datetime) -> None:
        """Say that ``visit`` takes the place of the displaced one."""
        self._db.execute(
            "INSERT OR IGNORE INTO rebooking (displaced, visit, at) VALUES (?, ?, ?)",
            [displaced, visit, write_instant(at)],
        )

    def rebooked_as(self, displaced: VisitId) -> VisitId | None:
        """The visit that took its place, or None."""
        rows = self._db.query("SELECT visit FROM rebooking WHERE displaced = ?", [displaced])
        return next((VisitId(row["visit"]) for row in rows), None)

    def _found(self, where: str, values: list[Any]) -> tuple[NoticeRow, ...]:
        # ``where`` is always a literal of this class; values are bound.
        rows = self._db.query(
            "SELECT n.*, d.at AS delivered, d.via FROM order_notice n "  # noqa: S608
            f"LEFT JOIN notice_delivery d ON d.notice = n.id WHERE {where} ORDER BY n.id",
            values,
        )
        return tuple(
            NoticeRow(
                id=row["id"],
                order=row["order_id"],
                visit=VisitId(row["visit"]),
                recipient=Recipient(row["recipient"]),
                person=row["person"],
                text_ru=row["text_ru"],
                text_en=row["text_en"],
                made=read_instant(row["made"]),
                delivered=read_instant_or_none(row["delivered"]),
                via=None if row["via"] is None else Via(row["via"]),
            )
            for row in rows
        )
