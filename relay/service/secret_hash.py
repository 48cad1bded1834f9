"""Hashes of what people choose themselves, passwords and PINs: argon2id, off the event loop.

The cost is OWASP's (19 MiB, two passes, one lane): some 20 ms here, so that a kiosk answers at
once, while a stolen table of four-digit PINs is still only as safe as four digits can be; the
locks (`relay.store.locks`) are what stops guessing.
"""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_secret_now(text: str) -> str:
    """The argon2id hash of ``text`` with a new salt; takes milliseconds of a core."""
    return _HASHER.hash(text.encode("utf-8", "surrogatepass"))


def verify_secret_now(hashed: str, text: str) -> bool:
    """Whether ``hashed`` is a hash of ``text``; False for something that is no hash."""
    try:
        return _HASHER.verify(hashed, text.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


async def hash_secret(text: str) -> str:
    """As `hash_secret_now`, on another thread."""
    return await asyncio.to_thread(hash_secret_now, text)


async def verify_secret(hashed: str, text: str) -> bool:
    """As `verify_secret_now`, on another thread."""
    return await asyncio.to_thread(verify_secret_now, hashed, text)
