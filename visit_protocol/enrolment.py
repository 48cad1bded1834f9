"""How a kiosk proves that it is its terminal, and how it becomes one.

Guarantees: `challenge_text` is what an enrolled kiosk signs (Ed25519, RFC 8032): it binds the
relay's nonce, the terminal and the TLS key that the kiosk saw, so that a signature is good for one
conversation with one relay. `code_of` is computed at both ends and never sent: it is the same only
when both saw the same two keys, and since the kiosk commits itself to its nonce before it sees the
relay's, nobody in between can look for keys that give the same code. Pure.
Leaves to others: the keys (`kiosk.identity`, `relay.service.enrolment`) and the messages
(`visit_protocol.signalling`).
"""

import hashlib
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0, 1, I and O: a code is read from one screen and typed into another."""
CODE_LENGTH: Final = 8
"""Forty random bits, tried by somebody who is locked out after five mistakes."""
CODE_LIFE_S: Final = 600
NO_KEY: Final = "0" * 64
"""Stands for the relay's key on a line without TLS."""

_COMMITMENT: Final = b"parloir-enrolment-commitment-v1\0"
_CODE: Final = b"parloir-enrolment-code-v1\0"
_CHALLENGE: Final = b"parloir-terminal-challenge-v1\0"


def commitment(public_key: str, nonce: str) -> str:
    """What a kiosk says of its nonce before it hears the relay's; all in hexadecimal."""
    text = _COMMITMENT + bytes.fromhex(public_key) + bytes.fromhex(nonce)
    return hashlib.sha256(text).hexdigest()


def code_of(relay_key: str, public_key: str, kiosk_nonce: str, relay_nonce: str) -> str:
    """The code of this conversation, e.g. ``K7QM-2X9D``.

    ``relay_key`` is the SHA-256 of the relay's SubjectPublicKeyInfo (RFC 5280 §4.1), or `NO_KEY`.
    """
    text = _CODE + b"".join(
        bytes.fromhex(part) for part in (relay_key, public_key, kiosk_nonce, relay_nonce)
    )
    number = int.from_bytes(hashlib.sha256(text).digest()[:5])
    letters = "".join(ALPHABET[number >> (5 * place) & 31] for place in range(CODE_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def normal_code(typed: str) -> str:
    """The code that somebody typed, as `code_of` spells it; of anything else, no code at all."""
    letters = "".join(letter for letter in typed.upper() if letter not in "- ")
    if len(letters) != CODE_LENGTH or not set(letters) <= set(ALPHABET):
        return ""
    return f"{letters[:4]}-{letters[4:]}"


def challenge_text(terminal: str, nonce: str, relay_key: str) -> bytes:
    """What the kiosk of ``terminal`` signs to be let in."""
    return _CHALLENGE + bytes.fromhex(nonce) + bytes.fromhex(relay_key) + terminal.encode() + b"\0"


def key_fingerprint(public_key: str) -> str:
    """SHA-256 of a raw public key, in hexadecimal: what people compare and the journal keeps."""
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()
