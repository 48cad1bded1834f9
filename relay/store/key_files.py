"""Private keys as files: a person's, sealed with their own secret, and the facility's receipt key.

A sealed file is JSON: whose key, its public half, and the private half under ChaCha20-Poly1305
with a key that argon2id makes of the secret (some 0.2 s and 64 MiB a guess, RFC 9106); all that
stands in the clear is authenticated with it. PKCS #8's own encryption would do with a far cheaper
guess.

Guarantees: a file is 0600, replaced whole, and opens only with its secret; a folder holds one key a
person. The receipt key is in the clear: it signs while nobody is there, and can vouch for nothing
but what this machine did. Leaves to others: counting wrong secrets (`relay.service.keys`).
"""

import base64
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from relay.store.errors import KeyFileError

FOLDER: Final = "keys"
PEOPLE: Final = "people"
ROOT: Final = "root"
MIN_SECRET: Final = 15
"""As for a password of staff: who steals the files may guess as long as they like."""
MAX_SECRET: Final = 256
PERSON: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
"""A person's id, which also names a file."""

_SUFFIX: Final = ".key.json"
_RECEIPT_FILE: Final = "receipt.key.json"


class WrongSecretError(Exception):
    """The secret does not open the file."""


class SecretTooShortError(KeyFileError):
    """A secret that nobody may choose."""

    def __init__(self) -> None:
        super().__init__(f"a secret has {MIN_SECRET} to {MAX_SECRET} characters")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Kdf(_File):
    name: Literal["argon2id"] = "argon2id"
    passes: Annotated[int, Field(ge=1, le=16)] = 2
    memory_kib: Annotated[int, Field(ge=8, le=1024 * 1024)] = 64 * 1024
    salt: str

    def key(self, secret: str) -> bytes:
        return hash_secret_raw(
            secret.encode("utf-8", "surrogatepass"),
            base64.b64decode(self.salt),
            time_cost=self.passes,
            memory_cost=self.memory_kib,
            parallelism=1,
            hash_len=32,
            type=Type.ID,
        )


class SealedKey(_File):
    """A person's private key that only their secret opens."""

    v: Literal[1] = 1
    person: str
    accounts: tuple[str, ...] = ()
    """Staff accounts of this person: their own key signs, whichever they log in with."""
    public: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    kdf: _Kdf
    sealed: str

    @classmethod
    def seal(
        cls, private: Ed25519PrivateKey, person: str, secret: str, accounts: tuple[str, ...] = ()
    ) -> Self:
        """The key under a new salt; takes some 0.2 s.

        Raises:
            SecretTooShortError: the secret is too short, or too long.
            KeyFileError: ``person`` is no id.
        """
        if not MIN_SECRET <= len(secret) <= MAX_SECRET:
            raise SecretTooShortError
        if PERSON.fullmatch(person) is None:
            raise KeyFileError(f"{person!r} is no person's id: small letters, digits, . _ -")
        draft = cls(
            person=person,
            accounts=accounts,
            public=private.public_key().public_bytes_raw().hex(),
            kdf=_Kdf(salt=base64.b64encode(secrets.token_bytes(16)).decode()),
            sealed="",
        )
        # The key is made for this one message, so its nonce need not differ from others'.
        box = ChaCha20Poly1305(draft.kdf.key(secret))
        sealed = box.encrypt(bytes(12), private.private_bytes_raw(), draft._clear())
        return draft.model_copy(update={"sealed": base64.b64encode(sealed).decode()})

    def open(self, secret: str) -> Ed25519PrivateKey:
        """The private key; takes some 0.2 s.

        Raises:
            WrongSecretError: another secret, or the file was changed.
        """
        try:
            box = ChaCha20Poly1305(self.kdf.key(secret[: MAX_SECRET + 1]))
            raw = box.decrypt(bytes(12), base64.b64decode(self.sealed), self._clear())
            private = Ed25519PrivateKey.from_private_bytes(raw)
        except (InvalidTag, ValueError) as error:
            raise WrongSecretError from error
        if private.public_key().public_bytes_raw().hex() != self.public:
            raise WrongSecretError
        return private

    def _clear(self) -> bytes:
        """What is authenticated with the key: everything but it."""
        return self.model_dump_json(exclude={"sealed"}).encode()


class _ReceiptKey(_File):
    v: Literal[1] = 1
    facility: str
    private: str


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """``keys/`` of a data folder."""

    path: Path

    @classmethod
    def of(cls, data_dir: Path) -> Self:
        """The keys of that data folder, whether or not there are any."""
        return cls(data_dir / FOLDER)

    def people(self) -> tuple[SealedKey, ...]:
        """Everybody's keys, by person.

        Raises:
            KeyFileError: a file is no key.
        """
        return self._all(PEOPLE)

    def root(self) -> tuple[SealedKey, ...]:
        """The root's keys that are on this machine, by holder.

        Raises:
            KeyFileError: a file is no key.
        """
        return self._all(ROOT)

    def find(self, person: str, kind: str = PEOPLE) -> SealedKey | None:
        """The key of that person, or None.

        Raises:
            KeyFileError: the file is no key.
        """
        path = self._file(person, kind)
        return _read(path) if path is not None and path.exists() else None

    def put(self, key: SealedKey, kind: str = PEOPLE) -> Path:
        """Where the key stands now; one that stood there is kept beside it.

        Raises:
            OSError: the folder cannot be written.
        """
        path = self._file(key.person, kind)
        if path is None:
            raise KeyFileError(f"{key.person!r} is no person's id")
        if path.exists():
            # Until the new one is believed the old one must not be lost.
            path.replace(path.with_name(f"{path.name}.before"))
        _write(path, key.model_dump_json(indent=2))
        return path

    def receipt_key(self, facility: str) -> Ed25519PrivateKey | None:
        """The key that signs this facility's receipts, or None.

        Raises:
            KeyFileError: the file is no key, or another facility's.
        """
        path = self.path / _RECEIPT_FILE
        if not path.exists():
            return None
        try:
            kept = _ReceiptKey.model_validate_json(path.read_bytes())
            private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(kept.private))
        except (OSError, ValueError) as error:
            raise KeyFileError(f"{path} is no receipt key") from error
        if kept.facility != facility:
            raise KeyFileError(f"{path} is the receipt key of another facility")
        return private

    def put_receipt_key(self, private: Ed25519PrivateKey, facility: str) -> Path:
        """Where the receipt key stands now.

        Raises:
            OSError: the folder cannot be written.
        """
        raw = base64.b64encode(private.private_bytes_raw()).decode()
        kept = _ReceiptKey(facility=facility, private=raw)
        path = self.path / _RECEIPT_FILE
        _write(path, kept.model_dump_json(indent=2))
        return path

    def _file(self, person: str, kind: str) -> Path | None:
        if PERSON.fullmatch(person) is None:
            return None
        return self.path / kind / f"{person}{_SUFFIX}"

    def _all(self, kind: str) -> tuple[SealedKey, ...]:
        return tuple(map(_read, sorted((self.path / kind).glob(f"*{_SUFFIX}"))))


def _read(path: Path) -> SealedKey:
    try:
        key = SealedKey.model_validate_json(path.read_bytes())
    except OSError as error:
        raise KeyFileError(f"cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        raise KeyFileError(f"{path} is no key") from error
    if path.name != f"{key.person}{_SUFFIX}":
        raise KeyFileError(f"{path} is the key of {key.person}")
    return key


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
