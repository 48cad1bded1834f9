"""Where a recording's bytes go. Sealing (a later issue) replaces `FileSink` and nothing else.

Guarantees: a `FileSink` is a new file that only its owner can read; what was written reaches the
file in one piece at each `flush`, so that a killed process leaves whole clusters. Leaves to
others: what the bytes are.
"""

import os
from pathlib import Path
from typing import Final, Protocol


class RecordingSink(Protocol):
    """A file-like place for a recording, as PyAV writes to it."""

    @property
    def size(self) -> int:
        """Bytes that have been flushed."""

    def write(self, data: bytes) -> int:
        """Take bytes at the current position; they count as written at the next `flush`."""

    def seekable(self) -> bool:
        """Whether earlier bytes may be written again, for duration and index at the end."""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the position, where the sink is seekable; the new position."""

    def tell(self) -> int:
        """The position."""

    def flush(self) -> None:
        """Hand everything to the operating system.

        Raises:
            OSError: the disk is full or fails.
        """

    def sync(self) -> None:
        """Flush, and return when it is on the disk.

        Raises:
            OSError: the disk is full or fails.
        """

    def close(self) -> None:
        """Sync and release.

        Raises:
            OSError: the disk is full or fails; the sink is released all the same.
        """


class FileSink:
    """A plain file, mode 0600; implements `RecordingSink`."""

    def __init__(self, path: Path) -> None:
        """Create the file, and its folder with mode 0700 when it is missing.

        Raises:
            OSError: it exists already, or cannot be created.
        """
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file: Final = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._waiting = bytearray()
        self._position = 0
        """Of the file; what waits goes after it."""
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes that have been flushed."""
        return self._size

    def write(self, data: bytes) -> int:
        """Keep the bytes for the next flush."""
        self._waiting += data
        return len(data)

    def seekable(self) -> bool:
        """A plain file is."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Flush, then move the position."""
        self.flush()
        self._position = os.lseek(self._file, offset, whence)
        return self._position

    def tell(self) -> int:
        """The position behind everything written."""
        return self._position + len(self._waiting)

    def flush(self) -> None:
        """Write what waits: all of it, or, on a full disk, nothing."""
        begin = self._position
        try:
            while self._waiting:
                written = os.write(self._file, self._waiting)
                del self._waiting[:written]
                self._position += written
        except OSError:
            # Half a cluster would be an error to every player.
            os.ftruncate(self._file, max(begin, self._size))
            self._waiting.clear()
            raise
        self._size = max(self._size, self._position)

    def sync(self) -> None:
        """Flush, and return when it is on the disk."""
        self.flush()
        os.fdatasync(self._file)

    def close(self) -> None:
        """Sync and close."""
        try:
            self.sync()
        finally:
            os.close(self._file)
