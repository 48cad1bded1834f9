"""Who is at work: staff who log in, and the operator who sits at the machine.

Guarantees: a password is checked with argon2id whether or not the user exists, so that neither
the answer nor its time tells which users there are; failures lock, longer each time, whether or
not the user exists; a log-in ends after `IDLE` without use and after `ABSOLUTE` anyway; every
log-in, failure and log-out is in the journal. Leaves to others: what a role may do
(`relay.web`), cookies and headers.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from relay.core.model import PersonId, StaffAccount, StaffId
from relay.service.secret_hash import hash_secret, hash_secret_now, verify_secret
from relay.store.database import Store
from relay.store.journal import Journal
from relay.store.locks import LockKind, Locks, LockState
from relay.store.secret import fingerprint, new_secret, same
from relay.store.sqlite import Database
from relay.store.staff_accounts import StaffAccounts, StaffSession, StaffSessions
from visit_protocol.vocabulary import StaffRole

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=12)
MIN_PASSWORD: Final = 15
MAX_PASSWORD: Final = 256
"""Longer ones are refused unread: hashing a megabyte is work for an attacker to give us."""
_TOUCH_EVERY: Final = timedelta(minutes=1)
"""A log-in's last use is noted this coarsely: a page that polls must not write all the time."""
_STALE_FAILURES: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a member of staff, the local operator, or the relay itself."""

    kind: Literal["staff", "local", "system"]
    name: str
    role: StaffRole | None = None
    staff: StaffId | None = None
    person: PersonId | None = None
    """The human being; None for the relay itself and for an operator who has not said who."""

    @classmethod
    def local(cls, name: str, person: PersonId | None = None) -> "Actor":
        """The operator who can open the relay's own socket, by the machine's user name."""
        return cls("local", name, person=person)

    @property
    def label(self) -> str:
        """How the journal names them, e.g. ``staff:guard``."""
        return f"{self.kind}:{self.name}"


SYSTEM: Final = Actor("system", "relay")


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The password was right. ``token`` is told once and never stored."""

    token: str
    csrf: str
    actor: Actor
    expires: datetime


@dataclass(frozen=True, slots=True)
class LoginFailed:
    """Wrong user or wrong password; which of them is nobody's business."""


@dataclass(frozen=True, slots=True)
class LoginLocked:
    """Too many failures; no attempt is looked at before ``until``."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Recognised:
    """A request belongs to this member of staff."""

    actor: Actor
    csrf: str
    expires: datetime


class AccountError(Exception):
    """An account cannot be made so; ``code`` is stable."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class StaffDesk:
    """Log-ins of staff over one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # What an unknown user's password is compared with: the same work, never a match.
        self._nobodys_hash = hash_secret_now(new_secret())

    async def log_in(
        self, user: str, password: str, now: datetime
    ) -> LoggedIn | LoginFailed | LoginLocked:
        """A new log-in, or why there is none."""
        subject = _counter(user)
        account, password_hash, lock = await self._store.read(
            lambda db: _look_up(db, user, subject)
        )
        if lock.locked_until is not None and lock.locked(now):
            return LoginLocked(lock.locked_until)
        right = await verify_secret(password_hash or self._nobodys_hash, password[:MAX_PASSWORD])
        if account is None or not account.enabled or not right or len(password) > MAX_PASSWORD:
            return await self._store.write(lambda db: _failed(db, subject, account, now))
        # Vital: whoever comes to stop something must get in on a full disk too.
        return await self._store.write(lambda db: _opened(db, subject, account, now), vital=True)

    async def recognise(self, token: str, now: datetime) -> Recognised | None:
        """Who this token belongs to, or None when it is unknown, unused too long or run out."""
        token_hash = fingerprint(token)
        found = await self._store.read(lambda db: _recognised(db, token_hash))
        if found is None:
            return None
        session, account = found
        if not account.enabled or now >= session.expires or now >= session.last_seen + IDLE:
            await self._store.write(lambda db: StaffSessions(db).remove(token_hash))
            return None
        if now >= session.last_seen + _TOUCH_EVERY:
            await self._store.write(lambda db: StaffSessions(db).touch(token_hash, now))
        return Recognised(_actor(account), session.csrf, session.expires)

    async def log_out(self, token: str, now: datetime) -> None:
        """End this log-in; an unknown token is nothing to end."""
        token_hash = fingerprint(token)

        def end(db: Database) -> None:
            found = _recognised(db, token_hash)
            if found is None:
                return
            _, account = found
            StaffSessions(db).remove(token_hash)
            Journal(db).append(now, _actor(account).label, "staff.logged_out", account.id)

        await self._store.write(end)

    async def add_account(
        self,
        user: str,
        role: StaffRole,
        password: str,
        now: datetime,
        by: Actor,
        person: PersonId | None = None,
    ) -> StaffAccount:
        """A new account of ``person``, or of a person of its own, called like the user.

        Raises:
            AccountError: ``PASSWORD_TOO_SHORT``, ``PASSWORD_TOO_LONG`` or ``USER_TAKEN``.
        """
        check_password(password)
        hashed = await hash_secret(password)
        return await self._store.write(_adding(user, role, hashed, now, by, person))


def add_account_now(
    db: Database,
    user: str,
    role: StaffRole,
    password: str,
    now: datetime,
    by: Actor,
    person: PersonId | None = None,
) -> StaffAccount:
    """As `StaffDesk.add_account`, within a transaction of the caller's."""
    check_password(password)
    return _adding(user, role, hash_secret_now(password), now, by, person)(db)


def check_password(password: str) -> None:
    """Nothing, for a password that may be set.

    Raises:
        AccountError: ``PASSWORD_TOO_SHORT`` or ``PASSWORD_TOO_LONG``.
    """
    if len(password) < MIN_PASSWORD:
        raise AccountError(
            "PASSWORD_TOO_SHORT", f"a password has {MIN_PASSWORD} characters or more"
        )
    if len(password) > MAX_PASSWORD:
        raise AccountError("PASSWORD_TOO_LONG", f"a password has at most {MAX_PASSWORD} characters")


def csrf_matches(expected: str, given: str | None) -> bool:
    """Whether a request carries its log-in's CSRF token, compared in constant time."""
    return given is not None and same(fingerprint(expected), fingerprint(given))


def _adding(
    user: str,
    role: StaffRole,
    password_hash: str,
    now: datetime,
    by: Actor,
    person: PersonId | None,
) -> Callable[[Database], StaffAccount]:
    def add(db: Database) -> StaffAccount:
        accounts = StaffAccounts(db)
        if accounts.by_user(user) is not None:
            raise AccountError("USER_TAKEN", "there is an account of that name")
        whose = person or PersonId(user)
        account = StaffAccount(StaffId(f"s-{secrets.token_hex(6)}"), user, role, whose)
        accounts.put(account, password_hash)
        detail = {"role": role, "person": whose}
        Journal(db).append(now, by.label, "staff.added", account.id, detail)
        return account

    return add


def _counter(user: str) -> str:
    # A fingerprint: people type their password into the user's field, and it must not be kept.
    return fingerprint(user.casefold())


def _look_up(
    db: Database, user: str, subject: str
) -> tuple[StaffAccount | None, str | None, LockState]:
    accounts = StaffAccounts(db)
    account = accounts.by_user(user)
    password_hash = None if account is None else accounts.password_hash(account.id)
    return account, password_hash, Locks(db).state(LockKind.STAFF, subject)


def _failed(
    db: Database, subject: str, account: StaffAccount | None, now: datetime
) -> LoginFailed | LoginLocked:
    locks = Locks(db)
    locks.forget(now - _STALE_FAILURES)  # or unknown users would fill the table
    # Several attempts may have been looked at in parallel: the counter decides, in order.
    earlier = locks.state(LockKind.STAFF, subject)
    if earlier.locked_until is not None and earlier.locked(now):
        return LoginLocked(earlier.locked_until)
    lock = locks.fail(LockKind.STAFF, subject, now)
    Journal(db).append(
        now,
        SYSTEM.label,
        "staff.login_failed",
        "" if account is None else account.id,
        {"failures": lock.failures},
    )
    if lock.locked_until is None:
        return LoginFailed()
    Journal(db).append(now, SYSTEM.label, "staff.locked", "" if account is None else account.id)
    return LoginLocked(lock.locked_until)


def _opened(
    db: Database, subject: str, account: StaffAccount, now: datetime
) -> LoggedIn | LoginLocked:
    locks = Locks(db)
    lock = locks.state(LockKind.STAFF, subject)
    if lock.locked_until is not None and lock.locked(now):
        return LoginLocked(lock.locked_until)
    locks.clear(LockKind.STAFF, subject)
    token, csrf = new_secret(), new_secret()
    log_ins = StaffSessions(db)
    log_ins.remove_expired(now)
    log_ins.add(
        StaffSession(
            token_hash=fingerprint(token),
            staff=account.id,
            csrf=csrf,
            created=now,
            last_seen=now,
            expires=now + ABSOLUTE,
        )
    )
    actor = _actor(account)
    Journal(db).append(now, actor.label, "staff.logged_in", account.id)
    return LoggedIn(token, csrf, actor, now + ABSOLUTE)


def _recognised(db: Database, token_hash: str) -> tuple[StaffSession, StaffAccount] | None:
    session = StaffSessions(db).find(token_hash)
    account = None if session is None else StaffAccounts(db).get(session.staff)
    return None if session is None or account is None else (session, account)


def _actor(account: StaffAccount) -> Actor:
    return Actor("staff", account.user, account.role, account.id, account.person)
