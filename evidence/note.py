"""Signed notes: text that anybody can read, and who signed it (C2SP signed-note).

A note is UTF-8 text that ends with a newline, an empty line, and a line for each signature::

    — <key name> <base64 of key id ‖ Ed25519 signature>

The signature is over the text with its newline. A key's id is the first four bytes of
SHA-256(name ‖ ``0x0a`` ‖ ``0x01`` ‖ public key); a verifier key is written
``<name>+<id, hexadecimal>+<base64 of 0x01 ‖ public key>``.

Guarantees: `parse_note` establishes nothing but form; `Note.signer` trusts only the keys it is
given, and passes over signatures by any other, as the specification asks. Leaves to others: what
the text says (`evidence.checkpoint`), and keeping the private key.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from evidence.errors import MalformedError, WrongSignatureError

MAX_NOTE_BYTES: Final = 64 * 1024
_ED25519: Final = b"\x01"
_KEY_ID_BYTES: Final = 4
_PUBLIC_BYTES: Final = 32
_DASH: Final = "— "


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and the name it signs under."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not self.name or "+" in self.name or any(one.isspace() for one in self.name):
            raise MalformedError("a key's name is not empty and has no blank and no plus")
        if len(self.public) != _PUBLIC_BYTES:
            raise MalformedError("an Ed25519 public key has 32 bytes")

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names its key."""
        identity = self.name.encode() + b"\n" + _ED25519 + self.public
        return hashlib.sha256(identity).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        public = base64.b64encode(_ED25519 + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{public}"

    def signed(self, text: str, signature: bytes) -> bool:
        """Whether this key made ``signature`` over ``text``."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def parse_key(text: str) -> VerifierKey:
    """The key that `VerifierKey` wrote.

    Raises:
        MalformedError: not that form, not Ed25519, or the id is not this key's.
    """
    name, _, rest = text.partition("+")
    ident, _, encoded = rest.partition("+")
    public = _decode(encoded)
    if public[:1] != _ED25519:
        raise MalformedError("not an Ed25519 verifier key")
    key = VerifierKey(name, public[1:])
    if key.id.hex() != ident:
        raise MalformedError("the key's id is not that of its name and bytes")
    return key


class Signer:
    """A private key and the name it signs under."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.key = VerifierKey(name, private.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """``text`` as a note with this key's signature.

        Raises:
            MalformedError: the text cannot be a note's.
        """
        _require_text(text)
        signature = base64.b64encode(self.key.id + self._private.sign(text.encode())).decode()
        return f"{text}\n{_DASH}{self.key.name} {signature}\n"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One line below the text."""

    name: str
    key_id: bytes
    signature: bytes
    """Of Ed25519 64 bytes; a cosigner's may be longer."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note in form; nothing in it is established."""

    text: str
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, note: str) -> Self:
        """As `parse_note`."""
        text, separator, below = note.rpartition("\n\n")
        if not separator or not below.endswith("\n") or len(note.encode()) > MAX_NOTE_BYTES:
            raise MalformedError("not a signed note")
        text += "\n"
        _require_text(text)
        return cls(text, tuple(_signature(line) for line in below[:-1].split("\n")))

    def signer(self, keys: Iterable[VerifierKey]) -> VerifierKey:
        """Which of the trusted ``keys`` signed the note.

        Raises:
            WrongSignatureError: none of them, or one of their signatures is wrong.
        """
        found = None
        for key in keys:
            for one in self.signatures:
                if (one.name, one.key_id) != (key.name, key.id):
                    continue
                if not key.signed(self.text, one.signature):
                    raise WrongSignatureError(f"the signature of {key.name} is wrong")
                found = found or key
        if found is None:
            raise WrongSignatureError("no trusted key signed this")
        return found


def parse_note(note: str) -> Note:
    """The text and signatures of a note.

    Raises:
        MalformedError: it is none.
    """
    try:
        return Note.parse(note)
    except UnicodeEncodeError:
        raise MalformedError("not a signed note") from None


def _signature(line: str) -> NoteSignature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    data = _decode(encoded)
    if not line.startswith(_DASH) or not name or len(data) <= _KEY_ID_BYTES:
        raise MalformedError("a line below the note is no signature")
    return NoteSignature(name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])


def _require_text(text: str) -> None:
    if not text.endswith("\n") or any(one < " " and one != "\n" for one in text):
        raise MalformedError("a note's text ends with a newline and has no other control character")


def _decode(encoded: str) -> bytes:
    try:
        value = base64.b64decode(encoded.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise MalformedError("not base64") from error
    # The last digit has bits that decoding drops (RFC 4648 §3.5): one note has one spelling.
    if base64.b64encode(value).decode() != encoded:
        raise MalformedError("base64 that is not canonical")
    return value
