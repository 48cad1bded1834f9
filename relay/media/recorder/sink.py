"""Where a recording's bytes go. Sealing (a later issue) replaces `FileSink` and nothing else.

Guarantees: a `FileSink` is a new file that only its owner can read, locked while it is written; a
fragment is in the file whole or, when the disk refuses it, not at all. Leaves to others: what the
bytes are, and a process killed within a write (`mend`).
"""

import contextlib
import fcntl
import os
from pathlib import Path
from typing import Final, Protocol


class RecordingSink(Protocol):
    """Takes a recording as fragments of at most about a second, each whole."""

    @property
    def size(self) -> int:
        """Bytes that were appended."""

    def append(self, fragment: bytes) -> None:
        """Hand the fragment to the operating system.

        Raises:
            OSError: the disk is full or fails; nothing was appended.
        """

    def amend(self, at: int, data: bytes) -> None:
        """Write over earlier bytes: header, duration and index, never media.

        Raises:
            OSError: the disk is full or fails.
        """

    def sync(self) -> None:
        """Return when everything is on the disk.

        Raises:
            OSError: the disk is full or fails.
        """

    def close(self) -> None:
        """Release it. Raises `OSError`; it is released all the same."""


class FileSink:
    """A plain file, mode 0600; implements `RecordingSink`."""

    def __init__(self, path: Path) -> None:
        """Create the file, and its folder with mode 0700 when it is missing.

        Raises:
            OSError: it exists already, or cannot be created.
        """
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file: Final = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes that were appended."""
        return self._size

    def append(self, fragment: bytes) -> None:
        """Write the fragment: all of it, or, on a full disk, nothing."""
        waiting = memoryview(fragment)
        at = self._size
        try:
            while waiting:
                written = os.pwrite(self._file, waiting, at)
                waiting = waiting[written:]
                at += written
        except OSError:
            # Half a cluster would be an error to every player.
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise
        self._size = at

    def amend(self, at: int, data: bytes) -> None:
        """Write over earlier bytes; the few of a header, in one call."""
        os.pwrite(self._file, data, at)

    def sync(self) -> None:
        """Return when everything is on the disk."""
        os.fdatasync(self._file)

    def close(self) -> None:
        """Release the file and its lock."""
        os.close(self._file)
