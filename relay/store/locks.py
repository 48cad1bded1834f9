"""Counters of failed attempts, and the locks that follow from them.

Guarantees: counters and locks are rows, so a restart forgets nothing. They are robust to a clock
that jumps: the counter outlives the lock, so whoever gets past a lock early has one attempt, and
failing it locks again for longer; a clock that goes back only makes a lock last. Leaves to
others: asking first (`LockState.locked`), and who may clear a lock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from relay.store.columns import read_instant_or_none, write_instant, write_instant_or_none
from relay.store.sqlite import Database

MAX_FAILURES: Final = 5
FIRST_LOCK: Final = timedelta(minutes=15)
LONGEST_LOCK: Final = timedelta(hours=8)


class LockKind(StrEnum):
    """What a counter counts for."""

    INMATE = "INMATE"
    TERMINAL = "TERMINAL"
    STAFF = "STAFF"
    ENROLMENT = "ENROLMENT"


@dataclass(frozen=True, slots=True)
class LockState:
    """How often somebody has failed since the last success, and until when they are locked."""

    kind: LockKind
    subject: str
    failures: int = 0
    locked_until: datetime | None = None

    def locked(self, now: datetime) -> bool:
        """Whether no attempt may be made now."""
        return self.locked_until is not None and now < self.locked_until

    @property
    def attempts_left(self) -> int:
        """How many failures may still follow before the next one locks; never negative."""
        return max(0, MAX_FAILURES - self.failures)


class Locks:
    """The counters of inmates, terminals, staff, and of who enrols terminals."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def state(self, kind: LockKind, subject: str) -> LockState:
        """The counter as it stands; nobody's failures are zero failures."""
        for row in self._db.query(
            "SELECT failures, locked_until FROM failed_attempts WHERE kind = ? AND subject = ?",
            [kind, subject],
        ):
            return LockState(
                kind, subject, row["failures"], read_instant_or_none(row["locked_until"])
            )
        return LockState(kind, subject)

    def fail(self, kind: LockKind, subject: str, now: datetime) -> LockState:
        """The counter after one more failure.

        The `MAX_FAILURES`-th failure locks for `FIRST_LOCK`; every later one doubles the lock,
        up to `LONGEST_LOCK`. A lock is never shortened.
        """
        before = self.state(kind, subject)
        failures = before.failures + 1
        until = before.locked_until
        if failures >= MAX_FAILURES:
            doublings = min(failures - MAX_FAILURES, 16)
            lock = now + min(FIRST_LOCK * 2**doublings, LONGEST_LOCK)
            until = lock if until is None else max(until, lock)
        self._db.table("failed_attempts").upsert(
            {
                "kind": kind,
                "subject": subject,
                "failures": failures,
                "last_failure": write_instant(now),
                "locked_until": write_instant_or_none(until),
            },
            pk=("kind", "subject"),
        )
        return LockState(kind, subject, failures, until)

    def clear(self, kind: LockKind, subject: str) -> None:
        """Start from zero: after a success, or because staff say so."""
        self._db.execute(
            "DELETE FROM failed_attempts WHERE kind = ? AND subject = ?", [kind, subject]
        )

    def forget(self, before: datetime) -> int:
        """How many counters were dropped that neither failed nor were locked since ``before``."""
        moment = write_instant(before)
        return self._db.execute(
            "DELETE FROM failed_attempts WHERE last_failure < ? "
            "AND (locked_until IS NULL OR locked_until < ?)",
            [moment, moment],
        ).rowcount
