"""Accounts of staff, and the log-ins that are open.

Guarantees: a password is only ever here as an argon2id hash, a log-in's token only as its
fingerprint. Leaves to others: checking them and how long a log-in lasts
(`relay.service.staff`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from relay.core.model import PersonId, StaffAccount, StaffId
from relay.store.columns import read_instant, write_instant
from relay.store.sqlite import Database
from visit_protocol.vocabulary import StaffRole


@dataclass(frozen=True, slots=True)
class StaffSession:
    """One open log-in (the word *session* stands alone nowhere else)."""

    token_hash: str
    staff: StaffId
    csrf: str
    created: datetime
    last_seen: datetime
    expires: datetime
    """When it ends however busy it is."""


class StaffAccounts:
    """The members of staff who may log in."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, staff: StaffId) -> StaffAccount | None:
        """The account of that id, or None."""
        for row in self._db.query("SELECT * FROM staff_account WHERE id = ?", [staff]):
            return _account(row)
        return None

    def by_user(self, user: str) -> StaffAccount | None:
        """The account that logs in under this name, whatever its case, or None."""
        for row in self._db.query("SELECT * FROM staff_account WHERE user = ?", [user]):
            return _account(row)
        return None

    def all(self) -> tuple[StaffAccount, ...]:
        """All accounts, by the name they log in under."""
        rows = self._db.query("SELECT * FROM staff_account ORDER BY user")
        return tuple(_account(row) for row in rows)

    def of_person(self, person: PersonId | None) -> tuple[StaffAccount, ...]:
        """All accounts of this person."""
        rows = self._db.query("SELECT * FROM staff_account WHERE person = ? ORDER BY id", [person])
        return tuple(_account(row) for row in rows)

    def put(self, account: StaffAccount, password_hash: str) -> None:
        """Add an account, or change the one of that id."""
        self._db.table("staff_account").upsert(
            {
                "id": account.id,
                "user": account.user,
                "role": account.role,
                "person": account.person,
                "enabled": account.enabled,
                "password_hash": password_hash,
            },
            pk="id",
        )

    def password_hash(self, staff: StaffId) -> str | None:
        """The argon2id hash of the account's password, or None for an unknown account."""
        rows = self._db.query("SELECT password_hash FROM staff_account WHERE id = ?", [staff])
        return next((str(row["password_hash"]) for row in rows), None)


class StaffSessions:
    """The log-ins that are open, by the fingerprint of their token."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, session: StaffSession) -> None:
        """Keep a new log-in."""
        self._db.table("staff_session").insert(
            {
                "token_hash": session.token_hash,
                "staff": session.staff,
                "csrf": session.csrf,
                "created": write_instant(session.created),
                "last_seen": write_instant(session.last_seen),
                "expires": write_instant(session.expires),
            }
        )

    def find(self, token_hash: str) -> StaffSession | None:
        """The log-in of that token, run out or not, or None."""
        for row in self._db.query("SELECT * FROM staff_session WHERE token_hash = ?", [token_hash]):
            return _session(row)
        return None

    def touch(self, token_hash: str, at: datetime) -> None:
        """Note that the log-in was used."""
        self._db.execute(
            "UPDATE staff_session SET last_seen = ? WHERE token_hash = ?",
            [write_instant(at), token_hash],
        )

    def remove(self, token_hash: str) -> None:
        """End one log-in."""
        self._db.execute("DELETE FROM staff_session WHERE token_hash = ?", [token_hash])

    def remove_of(self, staff: StaffId) -> None:
        """End every log-in of this account."""
        self._db.execute("DELETE FROM staff_session WHERE staff = ?", [staff])

    def remove_expired(self, now: datetime) -> int:
        """How many log-ins were dropped that have ended by ``now``."""
        return self._db.execute(
            "DELETE FROM staff_session WHERE expires <= ?", [write_instant(now)]
        ).rowcount


def _account(row: dict[str, Any]) -> StaffAccount:
    return StaffAccount(
        id=StaffId(row["id"]),
        user=row["user"],
        role=StaffRole(row["role"]),
        person=PersonId(row["person"]),
        enabled=bool(row["enabled"]),
    )


def _session(row: dict[str, Any]) -> StaffSession:
    return StaffSession(
        token_hash=row["token_hash"],
        staff=StaffId(row["staff"]),
        csrf=row["csrf"],
        created=read_instant(row["created"]),
        last_seen=read_instant(row["last_seen"]),
        expires=read_instant(row["expires"]),
    )
