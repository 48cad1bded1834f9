"""Hashes of secrets that need not withstand anybody.

An argon2id hash is made to cost time, 20 to 150 ms of a core; the tests make and check a thousand
and would wait for little else. What real hashes cost is a claim of its own
(`tests.relay.store.test_hash_costs`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from argon2 import PasswordHasher

from relay.service import secret_hash
from relay.store import key_files


@contextmanager
def cheap_hashes() -> Iterator[None]:
    """Meanwhile, what is hashed or sealed in this process costs next to nothing.

    A hash names its own costs, so checking and opening follow.
    """
    with pytest.MonkeyPatch.context() as patch:
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(secret_hash, "_HASHER", hasher)
        patch.setattr(key_files, "_Kdf", partial(key_files._Kdf, passes=1, memory_kib=8))
        yield
