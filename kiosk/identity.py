"""`Identity`: the kiosk's own key, which terminal it is, and which relay it knows.

Guarantees: the private key is made here, lies in the state folder with mode 0600 and never leaves
it; what is written is on the disk whole or not at all; a file that cannot be used raises
`IdentityError`, whose one line names it and the mend. A kiosk that was revoked makes itself a new
key and keeps to the relay that it knows.
Leaves to others: saying any of it (`kiosk.handshake`).
"""

import json
import os
import re
import secrets
import stat
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from visit_protocol.enrolment import NO_KEY, challenge_text, key_fingerprint

KEY_FILE: Final = "key"
ENROLMENT_FILE: Final = "enrolment.json"
CACHE_FILE: Final = "cache"
_HEX32: Final = re.compile(r"[0-9a-f]{64}")


class IdentityError(Exception):
    """The state folder cannot be used; the text is one line for the technician."""


@dataclass(frozen=True, slots=True)
class _Enrolment:
    terminal: str | None
    relay_key: str | None
    """None until a relay was known; `NO_KEY` for one without TLS."""


def public_key_of(private_key: str) -> str:
    """The raw Ed25519 public key to a raw private one, both in hexadecimal."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private_key))
    return key.public_key().public_bytes_raw().hex()


def about_lines(identity: "Identity", software: str) -> tuple[str, ...]:
    """Software, terminal, and the beginning of the key's fingerprint, in groups to be read out."""
    print_of = key_fingerprint(identity.public_key)
    groups = " ".join(print_of[place : place + 4] for place in range(0, 16, 4))
    return software, identity.terminal or "", groups


class Identity:
    """Who this kiosk is."""

    def __init__(self, folder: Path) -> None:
        """Read the state folder, and make it and the key where there is none.

        Raises:
            IdentityError: a file in it is damaged or cannot be read or written.
        """
        self._folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._private = _read_key(folder / KEY_FILE)
            self._enrolment = _read_enrolment(folder / ENROLMENT_FILE)
        except OSError as error:
            raise IdentityError(f"{error.filename}: {error.strerror}") from error

    @classmethod
    def put(cls, folder: Path, private_key: str, terminal: str) -> None:
        """Make the state folder of a kiosk that is enrolled already; one that is so is left alone.

        Raises:
            OSError: it cannot be written.
        """
        with suppress(IdentityError):
            there = cls(folder)
            if (there.private_key, there.terminal) == (private_key, terminal):
                return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(folder / KEY_FILE, private_key.encode())
        _write_enrolment(folder / ENROLMENT_FILE, _Enrolment(terminal, None))

    @property
    def terminal(self) -> str | None:
        """Which terminal this is; None until an administrator has said so."""
        return self._enrolment.terminal

    @property
    def relay_key(self) -> str | None:
        """The pinned relay's key (SHA-256 of its SubjectPublicKeyInfo); None before the first."""
        return self._enrolment.relay_key

    @property
    def private_key(self) -> str:
        """The raw private key, in hexadecimal: what seals this terminal's cache too."""
        return self._private

    @property
    def public_key(self) -> str:
        """The raw public key, in hexadecimal."""
        return public_key_of(self._private)

    def sign(self, nonce: str, relay_key: str) -> str:
        """The answer to the relay's challenge.

        Raises:
            ValueError: this is no terminal yet.
        """
        if self.terminal is None:
            raise ValueError("not enrolled")
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self._private))
        return key.sign(challenge_text(self.terminal, nonce, relay_key)).hex()

    def enrol(self, terminal: str, relay_key: str) -> None:
        """Be ``terminal`` from now on, whose relay has this key.

        Raises:
            OSError: it cannot be kept.
        """
        self._keep(_Enrolment(terminal, relay_key))

    def pin(self, relay_key: str) -> None:
        """Keep to the relay with this key from now on, whoever this kiosk is.

        Raises:
            OSError: it cannot be kept.
        """
        self._keep(_Enrolment(self.terminal, relay_key))

    def forget_relay(self) -> None:
        """Keep to no relay: the next one is taken for the facility's.

        Raises:
            OSError: it cannot be kept.
        """
        self._keep(_Enrolment(self.terminal, None))

    def revoke(self) -> None:
        """Be nobody any more, with a new key; the relay that was pinned stays.

        Raises:
            OSError: it cannot be kept.
        """
        self._keep(_Enrolment(None, self.relay_key))
        self._private = _make_key(self._folder / KEY_FILE)
        # Sealed with the old one.
        (self._folder / CACHE_FILE).unlink(missing_ok=True)

    def _keep(self, enrolment: _Enrolment) -> None:
        if enrolment != self._enrolment:
            _write_enrolment(self._folder / ENROLMENT_FILE, enrolment)
            self._enrolment = enrolment


def write_private(file: Path, data: bytes) -> None:
    """Put ``data`` into ``file`` with mode 0600, on the disk whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        draft.unlink(missing_ok=True)


def _make_key(file: Path) -> str:
    key = secrets.token_hex(32)
    write_private(file, key.encode())
    return key


def _read_key(file: Path) -> str:
    if not file.exists():
        return _make_key(file)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise IdentityError(f"{file}: others may read it; run: chmod 600 {file}")
    text = file.read_text("ascii", errors="replace").strip()
    if _HEX32.fullmatch(text) is None:
        raise IdentityError(f"{file}: is no key; remove it and enrol this terminal again")
    return text


def _read_enrolment(file: Path) -> _Enrolment:
    if not file.exists():
        return _Enrolment(None, None)
    try:
        found = _Enrolment(**json.loads(file.read_bytes()))
    except (ValueError, TypeError) as error:
        raise IdentityError(
            f"{file}: is damaged; remove it and enrol this terminal again"
        ) from error
    if found.relay_key not in (None, NO_KEY) and not _HEX32.fullmatch(str(found.relay_key)):
        raise IdentityError(
            f"{file}: relay_key is damaged; remove it and enrol this terminal again"
        )
    return found


def _write_enrolment(file: Path, enrolment: _Enrolment) -> None:
    write_private(file, json.dumps(asdict(enrolment)).encode())
