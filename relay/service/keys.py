"""`Keyring`: people's own keys, opened with their own secrets to sign one thing.

Guarantees: a secret is tried off the event loop, wrong ones are counted and lock, longer each time
(`relay.store.locks`), whether or not there is such a person; nothing opened is kept. Leaves to
others: what is signed, and whose signatures count (`suspension.trust`).
"""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from securesystemslib.signer import Signer

from relay.clock import Clock
from relay.service.staff import Actor
from relay.store.database import Store
from relay.store.journal import Journal
from relay.store.key_files import KeyFolder, SealedKey, WrongSecretError
from relay.store.locks import LockKind, Locks
from relay.store.secret import fingerprint
from relay.store.sqlite import Database
from suspension.metadata import person_signer


class KeyringError(Exception):
    """A key cannot be opened; ``code`` is stable."""

    code: ClassVar[str] = "KEY_ERROR"


class UnknownKeyError(KeyringError):
    """There is no key of this person here."""

    code = "KEY_UNKNOWN"


class WrongKeySecretError(KeyringError):
    """The secret is not this key's."""

    code = "KEY_SECRET_WRONG"

    def __init__(self, attempts_left: int) -> None:
        super().__init__("the secret does not open the key")
        self.attempts_left = attempts_left


class KeyLockedError(KeyringError):
    """Too many wrong secrets; none is tried before ``until``."""

    code = "KEY_LOCKED"

    def __init__(self, until: datetime) -> None:
        super().__init__("too many wrong secrets")
        self.until = until


class Keyring:
    """The keys in one data folder."""

    def __init__(self, store: Store, clock: Clock, data_dir: Path) -> None:
        self._store = store
        self._clock = clock
        self._folder = KeyFolder.of(data_dir)

    async def people(self) -> tuple[SealedKey, ...]:
        """Everybody who has a key here.

        Raises:
            KeyFileError: a file is no key.
        """
        return await asyncio.to_thread(self._folder.people)

    async def person_of(self, actor: Actor) -> str | None:
        """The person behind an account: two accounts of one person are one signer.

        Raises:
            KeyFileError: a file is no key.
        """
        for key in await self.people():
            if actor.kind == "staff" and actor.name in (key.person, *key.accounts):
                return key.person
        return None

    async def signer(self, person: str, secret: str) -> Signer:
        """What signs for ``person``, to be used at once and dropped.

        Raises:
            UnknownKeyError: they have no key here.
            WrongKeySecretError: the secret is another; it is counted.
            KeyLockedError: too many were; nothing was tried.
            KeyFileError: the file is no key.
        """
        subject = fingerprint(f"key:{person}")
        now = self._clock.now()
        before = await self._store.read(lambda db: Locks(db).state(LockKind.STAFF, subject))
        if before.locked_until is not None and before.locked(now):
            raise KeyLockedError(before.locked_until)
        key = await asyncio.to_thread(self._folder.find, person)
        if key is None:
            raise UnknownKeyError(person)
        try:
            private = await asyncio.to_thread(key.open, secret)
        except WrongSecretError as error:
            raise await self._count(person, subject, now) from error
        await self._store.write(lambda db: Locks(db).clear(LockKind.STAFF, subject), vital=True)
        return person_signer(private, person)

    async def _count(self, person: str, subject: str, now: datetime) -> KeyringError:
        def write(db: Database) -> KeyringError:
            state = Locks(db).fail(LockKind.STAFF, subject, now)
            Journal(db).append(
                now, "system:keys", "key.secret_wrong", person, {"failures": state.failures}
            )
            if state.locked_until is not None:
                return KeyLockedError(state.locked_until)
            return WrongKeySecretError(state.attempts_left)

        return await self._store.write(write)
