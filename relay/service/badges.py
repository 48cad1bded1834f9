"""`BadgeDesk`: whose badge it is, without keeping any badge.

Guarantees: a UID is stored and compared only as an HMAC-SHA-256 under a key of the facility's own,
which stands in ``secrets/badge-key`` and is made when it is first needed; no UID is in the store,
the journal or a log. A 4-byte UID can be tried out by whoever has both key and store; without the
key the store says nothing of it. Leaves to others: the PIN, which a badge never replaces
(`booths`), and who may change badges (`relay.web`).
"""

import asyncio
import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Final

from relay.clock import Clock
from relay.core.model import InmateId
from relay.service.audit_key import put_key
from relay.service.staff import Actor
from relay.store.badges import Badges
from relay.store.database import Store
from relay.store.errors import KeyFileError
from relay.store.journal import Journal
from relay.store.people import People
from relay.store.sqlite import Database

BADGE_KEY: Final = Path("secrets") / "badge-key"
_BYTES: Final = 32


class BadgeDesk:
    """The inmates' badges."""

    def __init__(self, store: Store, clock: Clock, data_dir: Path) -> None:
        self._store = store
        self._clock = clock
        self._path = data_dir / BADGE_KEY
        self._key = b""

    def fingerprint(self, uid: str) -> str:
        """What is kept of a badge, in hexadecimal.

        Raises:
            KeyFileError: the key cannot be made or used.
        """
        if not self._key:
            self._key = self._open()
        return hmac.new(self._key, bytes.fromhex(uid), hashlib.sha256).hexdigest()

    def _open(self) -> bytes:
        try:
            if not self._path.exists():
                put_key(self._path, secrets.token_hex(_BYTES).encode())
            key = bytes.fromhex(self._path.read_text("ascii"))
        except OSError as error:
            raise KeyFileError(f"{self._path}: {error.strerror}") from error
        except ValueError as error:
            raise KeyFileError(f"{self._path}: is no key; bring back the backup") from error
        if len(key) != _BYTES:
            raise KeyFileError(f"{self._path}: is no key; bring back the backup")
        return key

    async def owner(self, uid: str) -> InmateId | None:
        """Whose badge it is; None when it is nobody's.

        Raises:
            KeyFileError: the key cannot be made or used.
        """
        known = await asyncio.to_thread(self.fingerprint, uid)
        return await self._store.read(lambda db: Badges(db).owner(known))

    async def give(self, inmate: InmateId, uid: str, by: Actor) -> bool:
        """The badge is this inmate's from now on; False when there is no such inmate.

        Raises:
            KeyFileError: the key cannot be made or used.
            StoreError: it could not be kept.
        """
        known, now = await asyncio.to_thread(self.fingerprint, uid), self._clock.now()

        def write(db: Database) -> bool:
            if People(db).inmate(inmate) is None:
                return False
            Badges(db).put(inmate, known, now)
            Journal(db).append(now, by.label, "badge.given", inmate)
            return True

        return await self._store.write(write)

    async def take(self, inmate: InmateId, by: Actor) -> bool:
        """Whether the inmate had a badge, which is nobody's from now on.

        Raises:
            StoreError: it could not be kept.
        """
        now = self._clock.now()

        def write(db: Database) -> bool:
            had = Badges(db).remove(inmate)
            if had:
                Journal(db).append(now, by.label, "badge.taken", inmate)
            return had

        return await self._store.write(write)
