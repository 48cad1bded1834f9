"""Random secrets, and the fingerprints that are all the store keeps of them.

A token or terminal credential has 256 random bits, so a plain SHA-256 cannot be searched back;
what people choose themselves (PINs, passwords) goes through argon2id instead
(`relay.service.secret_hash`).
"""

import hashlib
import hmac
import secrets
from typing import Final

SECRET_BYTES: Final = 32


def new_secret() -> str:
    """A new random secret: 43 URL-safe characters."""
    return secrets.token_urlsafe(SECRET_BYTES)


def fingerprint(secret: str) -> str:
    """SHA-256 of the secret, as 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two fingerprints are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
