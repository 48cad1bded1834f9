"""The public keys of the terminals' kiosks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relay.core.model import TerminalId
from relay.store.columns import read_instant, write_instant
from relay.store.sqlite import Database


@dataclass(frozen=True, slots=True)
class TerminalKey:
    """A kiosk's raw Ed25519 public key in hexadecimal, since when, and who let it in."""

    terminal: TerminalId
    public_key: str
    enrolled_at: datetime
    enrolled_by: str


class TerminalKeys:
    """At most one key a terminal, and no key at two terminals."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def of(self, terminal: TerminalId) -> TerminalKey | None:
        """The terminal's key; None for one that is not enrolled."""
        for row in self._db.query("SELECT * FROM terminal_key WHERE terminal = ?", [terminal]):
            return _key(row)
        return None

    def all(self) -> tuple[TerminalKey, ...]:
        """Every key, by terminal."""
        return tuple(map(_key, self._db.query("SELECT * FROM terminal_key ORDER BY terminal")))

    def is_known(self, public_key: str) -> bool:
        """Whether some terminal has this key."""
        rows = self._db.query("SELECT 1 FROM terminal_key WHERE public_key = ?", [public_key])
        return any(True for _ in rows)

    def add(self, key: TerminalKey) -> None:
        """Enrol.

        Raises:
            RowRefusedError: the terminal has a key, or the key a terminal.
        """
        self._db.table("terminal_key").insert(
            {
                "terminal": key.terminal,
                "public_key": key.public_key,
                "enrolled_at": write_instant(key.enrolled_at),
                "enrolled_by": key.enrolled_by,
            }
        )

    def remove(self, terminal: TerminalId) -> bool:
        """Revoke; whether there was a key."""
        return bool(
            self._db.execute("DELETE FROM terminal_key WHERE terminal = ?", [terminal]).rowcount
        )


def _key(row: dict[str, Any]) -> TerminalKey:
    return TerminalKey(
        TerminalId(row["terminal"]),
        row["public_key"],
        read_instant(row["enrolled_at"]),
        row["enrolled_by"],
    )
