"""`EnrolmentDesk`: which kiosk is which terminal.

Guarantees: a kiosk is let in only with a signature of the key that an administrator confirmed for
its terminal; a code is good once, for `CODE_LIFE_S`, and only while its kiosk is connected; whoever
types five wrong ones is locked, across a restart; at most `MOST_WAITING` kiosks wait. Each
enrolment and revocation is in the journal with the key's fingerprint.
Leaves to others: the conversation (`relay.signalling.enrolment`), who is connected (`booths`).
"""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from relay.clock import Clock
from relay.core.model import TerminalId
from relay.service.feed import Feed
from relay.service.staff import Actor
from relay.store.database import Store
from relay.store.facilities import Facilities
from relay.store.journal import Journal
from relay.store.locks import LockKind, Locks, LockState
from relay.store.sqlite import Database
from relay.store.terminal_keys import TerminalKey, TerminalKeys
from visit_protocol.enrolment import (
    CODE_LIFE_S,
    NO_KEY,
    challenge_text,
    key_fingerprint,
    normal_code,
)

log = logging.getLogger(__name__)

MOST_WAITING: Final = 64


class EnrolmentError(Exception):
    """It cannot be done; ``code`` is stable."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(slots=True, eq=False)
class Waiting:
    """A kiosk that shows its code; ``confirmed`` gives its terminal."""

    code: str
    public_key: str
    software: str
    since: datetime
    confirmed: asyncio.Future[TerminalId] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class EnrolmentDesk:
    """Keys that are known, and kiosks that wait to be."""

    def __init__(self, store: Store, clock: Clock, feed: Feed, own_key: str) -> None:
        """``own_key`` is what `relay.service.tls_key.tls_key_of` says of this relay."""
        self._store = store
        self._clock = clock
        self._feed = feed
        self._own_key = own_key
        self._waiting: dict[str, Waiting] = {}

    def key_seen(self, told: str) -> str | None:
        """The relay's key as the kiosk must have seen it; None when it saw another.

        Where a proxy ends TLS before the relay, only the kiosk knows what it saw.
        """
        if self._own_key == NO_KEY:
            return told
        return self._own_key if told == self._own_key else None

    async def accepts(
        self, terminal: TerminalId, nonce: str, relay_key: str, signature: str
    ) -> bool:
        """Whether the terminal's own key signed this challenge."""
        seen = self.key_seen(relay_key)
        key = await self._store.read(lambda db: TerminalKeys(db).of(terminal))
        if key is None or seen is None:
            return False
        known = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.public_key))
        try:
            known.verify(bytes.fromhex(signature), challenge_text(terminal, nonce, seen))
        except InvalidSignature:
            return False
        return True

    def wait(self, code: str, public_key: str, software: str) -> Waiting:
        """Let a kiosk wait under its code; give it back with `leave`.

        Raises:
            EnrolmentError: too many wait, or another one shows the same code.
        """
        if len(self._waiting) >= MOST_WAITING or code in self._waiting:
            raise EnrolmentError("TOO_MANY", "too many kiosks wait to be enrolled")
        waiting = Waiting(code, public_key, software, self._clock.now())
        self._waiting[code] = waiting
        self._feed.changed()
        return waiting

    def leave(self, waiting: Waiting) -> None:
        """The kiosk has gone, was confirmed, or its time is over."""
        if self._waiting.get(waiting.code) is waiting:
            del self._waiting[waiting.code]
            self._feed.changed()

    @property
    def waiting(self) -> int:
        """How many kiosks show a code now; the codes themselves stand in the booths alone."""
        return len(self._waiting)

    async def keys(self) -> dict[TerminalId, TerminalKey]:
        """The keys that are known, by terminal."""
        known = await self._store.read(lambda db: TerminalKeys(db).all())
        return {key.terminal: key for key in known}

    async def confirm(self, terminal: TerminalId, typed: str, by: Actor) -> TerminalKey:
        """The kiosk that shows this code is ``terminal`` from now on.

        Raises:
            EnrolmentError: ``LOCKED``, ``NO_SUCH_TERMINAL``, ``ENROLLED_ALREADY``, ``CODE_WRONG``.
            StoreError: it could not be kept.
        """
        now = self._clock.now()
        lock = await self._store.read(lambda db: Locks(db).state(LockKind.ENROLMENT, by.label))
        if lock.locked(now):
            raise EnrolmentError("LOCKED", "Too many wrong codes; wait a quarter of an hour.")
        waiting = self._found(normal_code(typed), now)
        if waiting is None:
            await self._count(by)
            raise EnrolmentError(
                "CODE_WRONG", "No kiosk shows this code now; look at its screen again."
            )
        key = TerminalKey(terminal, waiting.public_key, now, by.label)

        def write(db: Database) -> None:
            if Facilities(db).terminal(terminal) is None:
                raise EnrolmentError("NO_SUCH_TERMINAL", "There is no such terminal.")
            if TerminalKeys(db).of(terminal) is not None:
                raise EnrolmentError(
                    "ENROLLED_ALREADY", "The terminal has a kiosk; revoke that one first."
                )
            if TerminalKeys(db).is_known(key.public_key):
                raise EnrolmentError("ENROLLED_ALREADY", "This kiosk is another terminal.")
            TerminalKeys(db).add(key)
            Locks(db).clear(LockKind.ENROLMENT, by.label)
            about = {"key": key_fingerprint(key.public_key), "software": waiting.software}
            Journal(db).append(now, by.label, "terminal.enrolled", terminal, about)

        await self._store.write(write)
        self.leave(waiting)
        if not waiting.confirmed.done():
            waiting.confirmed.set_result(terminal)
        log.info("terminal %s enrolled", terminal)
        return key

    async def revoke(self, terminal: TerminalId, reason: str, by: Actor) -> None:
        """The terminal's kiosk is nobody any more.

        Raises:
            EnrolmentError: ``NOT_ENROLLED``.
            StoreError: it could not be kept.
        """
        now = self._clock.now()

        def write(db: Database) -> None:
            key = TerminalKeys(db).of(terminal)
            if key is None or not TerminalKeys(db).remove(terminal):
                raise EnrolmentError("NOT_ENROLLED", "The terminal has no kiosk.")
            about = {"key": key_fingerprint(key.public_key), "reason": reason}
            Journal(db).append(now, by.label, "terminal.revoked", terminal, about)

        await self._store.write(write)

    def _found(self, code: str, now: datetime) -> Waiting | None:
        waiting = self._waiting.get(code)
        if waiting is None or now - waiting.since >= timedelta(seconds=CODE_LIFE_S):
            return None
        return waiting

    async def _count(self, by: Actor) -> None:
        now = self._clock.now()

        def write(db: Database) -> LockState:
            state = Locks(db).fail(LockKind.ENROLMENT, by.label, now)
            about = {"failures": state.failures}
            Journal(db).append(now, by.label, "terminal.code_wrong", "", about)
            return state

        await self._store.write(write)
