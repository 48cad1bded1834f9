"""`AuditPass`: the stored log through `evidence.verification`, a piece at a time.

Guarantees: each piece is read from one snapshot and the last together with the log's own counters,
so a log that grows meanwhile is no fault; what cannot be read as an entry is handed on as
unreadable and stops nothing; nothing is written. Leaves to others: the verdict
(`evidence.verification`).
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from evidence.entry import Entry
from evidence.errors import EvidenceError
from evidence.finding import Report
from evidence.note import VerifierKey, parse_key
from evidence.verification import Recorded, Verification
from relay.store.audit import AuditKeys, AuditTree, Checkpoints, DamagedTreeError, counter_of
from relay.store.sqlite import Database

PIECE: Final = 500
"""Entries of one piece: some ten milliseconds."""


class AuditPass:
    """One pass over the log of ``origin``."""

    def __init__(
        self,
        origin: str,
        keys: Iterable[VerifierKey],
        trusted: Mapping[str, str] | None = None,
    ) -> None:
        self._verification = Verification(origin, keys, trusted, leaves_recorded=True)
        self._seq = 0
        self._number = 0
        self.report: Report | None = None
        """The result, once everything was read."""

    @property
    def seq(self) -> int:
        """The number of the last entry that was looked at."""
        return self._seq

    def step(self, db: Database, limit: int = PIECE) -> Report | None:
        """Look at the next entries; the report when there are no more."""
        piece = _piece(db, self._seq, limit)
        horizon = piece[-1].seq if piece else None
        self._feed_checkpoints(db, horizon, limit)
        for one in piece:
            self._verification.entry(one)
        if horizon is not None:
            self._seq = horizon
            return None
        self.report = self._verification.finish(
            last_seq=counter_of(db, "journal"),
            last_number=counter_of(db, "audit_checkpoint"),
            root=_stored_root(db),
        )
        return self.report

    def _feed_checkpoints(self, db: Database, horizon: int | None, limit: int) -> None:
        """Those up to the size ``horizon``, in the order of their numbers; all, at the end."""
        while found := Checkpoints(db).after(self._number, limit):
            for one in found:
                if horizon is not None and one.size > horizon:
                    return
                self._verification.checkpoint(one.number, one.note)
                self._number = one.number


def stored_keys(db: Database) -> tuple[VerifierKey, ...]:
    """The keys that the log itself names, those that can be read."""
    keys = []
    for text in AuditKeys(db).all():
        try:
            keys.append(parse_key(text))
        except EvidenceError:
            continue  # what it signed will be called unsigned
    return tuple(keys)


def entry_of(row: Mapping[str, Any]) -> Entry | None:
    """The entry that a row of the journal says, or None when it says none.

    It may still have no canonical form.
    """
    try:
        detail = json.loads(row["detail"], object_pairs_hook=_distinct)
        at = datetime.fromisoformat(row["at"])
        return Entry(row["seq"], at, row["actor"], row["action"], row["subject"], detail)
    except (ValueError, TypeError, RecursionError):
        return None


def _piece(db: Database, after: int, limit: int) -> list[Recorded]:
    """The numbers that follow ``after``: entries beside their leaves, either of which may lack."""
    entries = {
        int(row["seq"]): entry_of(row)
        for row in db.query("SELECT * FROM journal WHERE seq > ? ORDER BY seq LIMIT ?",
                            [after, limit])
    }  # fmt: skip
    leaves = {
        int(row["position"]) + 1: bytes(row["hash"])
        for row in db.query(
            "SELECT position, hash FROM audit_node WHERE level = 0 AND position >= ? "
            "ORDER BY position LIMIT ?",
            [after, limit],
        )
    }
    full = [max(some) for some in (entries, leaves) if len(some) == limit]
    horizon = min(full, default=None)
    return [
        Recorded(seq, entries.get(seq), leaves.get(seq), absent=seq not in entries)
        for seq in sorted(entries.keys() | leaves.keys())
        if horizon is None or seq <= horizon
    ]


def _stored_root(db: Database) -> bytes:
    """What the next checkpoint would be signed over; empty when the tree is damaged."""
    try:
        return AuditTree(db).tree().root()
    except DamagedTreeError:
        return b""


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, none of whose names says two things.

    Raises:
        ValueError: one does.
    """
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name is repeated")
    return value
