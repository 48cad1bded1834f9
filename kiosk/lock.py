"""`TerminalLock`: one kiosk to a terminal.

Guarantees: while a process holds the lock no other gets it; it goes with the process, however that
ends, and leaves no file behind. Leaves to others: starting the kiosk again (systemd).
"""

import fcntl
import os
from pathlib import Path

from settings import ConfigError


class TerminalLock:
    """Held from the start until `release` or the end of the process; never by its children."""

    def __init__(self, config_file: Path) -> None:
        """Take the lock of the terminal that ``config_file`` describes.

        Raises:
            ConfigError: a kiosk of this terminal is running, or the file cannot be opened.
        """
        try:
            self._descriptor = os.open(config_file, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise ConfigError(f"{config_file}: cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise ConfigError(
                f"{config_file}: a kiosk is running with it; stop that one first"
            ) from error

    def release(self) -> None:
        """Let another kiosk have the terminal."""
        os.close(self._descriptor)
