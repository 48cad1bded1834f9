"""What was known of the time when it was last kept: the high-water mark of the clock.

Guarantees: a mark that is behind the one kept is not kept. Leaves to others: going on from it
(`suspension.clock`).
"""

from relay.store.columns import read_instant, write_instant
from relay.store.sqlite import Database
from suspension.clock import ClockInterval, Mark


class ClockMarks:
    """The one mark."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def latest(self) -> Mark | None:
        """The mark, or None before the first."""
        for row in self._db.query("SELECT * FROM clock_mark"):
            return Mark(
                now=read_instant(row["now"]),
                interval=ClockInterval(read_instant(row["lo"]), read_instant(row["hi"])),
                boot_id=row["boot_id"],
                boottime_ns=row["boottime_ns"],
                powered_ns=row["powered_ns"],
            )
        return None

    def put(self, mark: Mark) -> None:
        """Keep ``mark`` if it is ahead."""
        self._db.execute(
            "INSERT INTO clock_mark (only_row, now, lo, hi, boot_id, boottime_ns, powered_ns) "
            "VALUES (1, ?, ?, ?, ?, ?, ?) ON CONFLICT (only_row) DO UPDATE SET "
            "now = excluded.now, lo = excluded.lo, hi = excluded.hi, boot_id = excluded.boot_id, "
            "boottime_ns = excluded.boottime_ns, powered_ns = excluded.powered_ns "
            "WHERE excluded.lo >= clock_mark.lo",
            [
                *map(write_instant, (mark.now, mark.interval.lo, mark.interval.hi)),
                *(mark.boot_id, mark.boottime_ns, mark.powered_ns),
            ],
        )
