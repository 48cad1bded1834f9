"""`SlotCache`: the terminal's next slots, sealed, for when the relay is away at the start.

Guarantees: the file holds times, the facility's zone and the terminal's label, and nobody's name;
it is sealed (AES-256-GCM) with a key derived from the terminal's own (HKDF, RFC 5869) and bound to
the terminal, so that another machine reads nothing and a changed byte is noticed; what cannot be
opened raises `CacheError`. Leaves to others: what the screens say of it (`kiosk.upkeep_message`).
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.identity import CACHE_FILE, Identity, write_private

_NONCE: Final = 12
_PURPOSE: Final = b"parloir-kiosk-slot-cache-v1"
_CLOCK_SLACK: Final = timedelta(minutes=1)


class CacheError(Exception):
    """The cache cannot be opened; the text is one line for the technician."""


@dataclass(frozen=True, slots=True)
class KnownSlots:
    """What the relay said last of this terminal's times."""

    at: datetime
    zone: str
    label: str
    slots: tuple[tuple[datetime, datetime], ...]

    def at_instant(self, now: datetime) -> tuple[tuple[datetime, datetime], ...]:
        """Those that are not over at ``now``; none if that is before the relay's last word."""
        if now < self.at - _CLOCK_SLACK:
            return ()
        return tuple(slot for slot in self.slots if slot[1] > now)


class SlotCache:
    """One terminal's file."""

    def __init__(self, folder: Path, identity: Identity) -> None:
        self.file = folder / CACHE_FILE
        self._identity = identity

    def keep(self, known: KnownSlots) -> None:
        """Seal ``known`` in place of what was there.

        Raises:
            OSError: it cannot be written.
        """
        text = json.dumps(
            {
                "at": known.at.isoformat(),
                "zone": known.zone,
                "label": known.label,
                "slots": [[one.isoformat() for one in slot] for slot in known.slots],
            }
        )
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(self._key()).encrypt(nonce, text.encode(), self._about())
        write_private(self.file, nonce + sealed)

    def read(self) -> KnownSlots | None:
        """What was kept; None when nothing was.

        Raises:
            CacheError: it is damaged, or another terminal's.
        """
        try:
            data = self.file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CacheError(f"{self.file}: cannot be read ({error.strerror})") from error
        try:
            text = AESGCM(self._key()).decrypt(data[:_NONCE], data[_NONCE:], self._about())
            found = json.loads(text)
            return KnownSlots(
                datetime.fromisoformat(found["at"]),
                found["zone"],
                found["label"],
                tuple(
                    (datetime.fromisoformat(starts), datetime.fromisoformat(ends))
                    for starts, ends in found["slots"]
                ),
            )
        except (InvalidTag, ValueError, KeyError, TypeError) as error:
            raise CacheError(f"{self.file}: does not open with this terminal's key") from error

    def forget(self) -> None:
        """Remove the file.

        Raises:
            OSError: it cannot be removed.
        """
        self.file.unlink(missing_ok=True)

    def _key(self) -> bytes:
        derived = HKDF(SHA256(), 32, salt=None, info=_PURPOSE)
        return derived.derive(bytes.fromhex(self._identity.private_key))

    def _about(self) -> bytes:
        return (self._identity.terminal or "").encode()
