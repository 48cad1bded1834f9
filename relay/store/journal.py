"""Who did what to what, when: append-only, numbered without reuse, every row a leaf of a tree.

Guarantees: a row and its leaf (`relay.store.audit`) are written in one transaction or not at all;
a tree that somebody damaged costs later rows their leaf, which `parloir audit verify` finds, and
never the row. It carries ids and codes: no names, no secrets. Leaves to others: signing
(`relay.service.checkpoints`).
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from evidence.canonical import canonical
from evidence.entry import Entry
from relay.store.audit import AuditTree, DamagedTreeError
from relay.store.columns import read_instant, read_json, write_instant
from relay.store.sqlite import Database

log = logging.getLogger(__name__)

_NOTHING: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows somebody asks for; what is None does not matter."""

    actor: str | None = None
    action: str | None = None
    """A whole action (``order.issued``), or all of a kind (``order.``)."""
    since: datetime | None = None


class Journal:
    """The facility's journal, which is its audit log."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def append(
        self,
        at: datetime,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, Any] = _NOTHING,
    ) -> int:
        """The new entry's number.

        ``actor`` is ``staff:<user>``, ``local:<user>``, ``system:<part>`` or a party or terminal
        with its id; ``action`` a stable code, e.g. ``visit.booked``; ``subject`` an id or nothing.

        Raises:
            NotCanonicalError: ``detail`` holds what has no canonical JSON.
        """
        tree = AuditTree(self._db)
        entry = Entry(tree.next_seq(), at, actor, action, subject, detail)
        leaf = entry.leaf()
        self._db.execute(
            "INSERT INTO journal (seq, at, actor, action, subject, detail) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [entry.seq, write_instant(at), actor, action, subject, canonical(detail).decode()],
        )
        try:
            tree.append(entry.seq, leaf)
        except DamagedTreeError as error:
            log.error("the journal goes on without its tree: %s", error)
        return entry.seq

    def after(self, seq: int = 0, limit: int = 200) -> tuple[Entry, ...]:
        """Up to ``limit`` entries that follow number ``seq``, the earliest first."""
        rows = self._db.query(
            "SELECT * FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", [seq, limit]
        )
        return tuple(_entry(row) for row in rows)

    def before(self, seq: int, wanted: Wanted, limit: int = 200) -> tuple[Entry, ...]:
        """Up to ``limit`` entries below number ``seq`` that are wanted, the latest first."""
        conditions, values = ["seq < ?"], [seq]
        more: list[tuple[str, str | None]] = [
            ("actor = ?", wanted.actor),
            ("at >= ?", None if wanted.since is None else write_instant(wanted.since)),
        ]
        if wanted.action is not None and wanted.action.endswith("."):
            more.append(("substr(action, 1, length(?)) = ?", wanted.action))
        else:
            more.append(("action = ?", wanted.action))
        parameters: list[Any] = [*values]
        for condition, value in more:
            if value is not None:
                conditions.append(condition)
                parameters += [value] * condition.count("?")
        rows = self._db.query(
            f"SELECT * FROM journal WHERE {' AND '.join(conditions)} ORDER BY seq DESC LIMIT ?",  # noqa: S608  conditions are written above
            [*parameters, limit],
        )
        return tuple(_entry(row) for row in rows)

    def get(self, seq: int) -> Entry | None:
        """The entry of that number, or None."""
        rows = self._db.query("SELECT * FROM journal WHERE seq = ?", [seq])
        return next((_entry(row) for row in rows), None)

    def last_seq(self) -> int:
        """The number of the latest entry; 0 before the first."""
        rows = self._db.query("SELECT coalesce(max(seq), 0) AS seq FROM journal")
        return int(next(rows)["seq"])

    def names_any(self, after: int, actions: tuple[str, ...]) -> bool:
        """Whether an entry that follows number ``after`` has one of ``actions``, or of their kind.

        A kind is written with its dot: ``order.``.
        """
        rows = self._db.query("SELECT DISTINCT action FROM journal WHERE seq > ?", [after])
        kinds = tuple(action for action in actions if action.endswith("."))
        return any(row["action"] in actions or row["action"].startswith(kinds) for row in rows)


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        seq=row["seq"],
        at=read_instant(row["at"]),
        actor=row["actor"],
        action=row["action"],
        subject=row["subject"],
        detail=read_json(row["detail"]),
    )
