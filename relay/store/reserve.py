"""Room on the disk that is kept for what must be written even when the disk is full.

Guarantees: while the disk had room, `RESERVE_BYTES` are really allocated beside the database, and
`Reserve.spend` gives them back at once; so an order can be committed, and its cut be proved, on a
disk that recordings or anything else have filled. Leaves to others: which writes are vital
(`Store.write`), and raising the alarm.
"""

import contextlib
import os
from pathlib import Path
from typing import Final

RESERVE_FILE: Final = "relay.reserve"
RESERVE_BYTES: Final = 4 * 1024 * 1024
"""Some thousand transactions, with the write-ahead log they go through."""

_PLENTY: Final = 4
"""The reserve is taken only where this many times its size is free: it must not fill a disk."""


class Reserve:
    """The reserve of one data folder. It never raises: a reserve that cannot be had is not kept."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / RESERVE_FILE
        self._kept = False

    def keep(self) -> bool:
        """Whether the reserve is there now; taken if it was not and there is plenty of room."""
        if self._kept:
            return True
        with contextlib.suppress(OSError):
            self._kept = self._take()
        return self._kept

    def spend(self) -> bool:
        """Whether there was a reserve to give back to the disk."""
        self._kept = False
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    def _take(self) -> bool:
        if self._path.exists() and self._path.stat().st_size == RESERVE_BYTES:
            return True
        room = os.statvfs(self._path.parent)
        if room.f_bavail * room.f_frsize < _PLENTY * RESERVE_BYTES:
            return False
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
        finally:
            os.close(descriptor)
        return True
