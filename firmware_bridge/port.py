"""`SerialPort`: the one place that touches pyserial.

Guarantees: reading and writing never wait; the port is ours alone; what keeps it from being opened
is one line; when it is gone, `lost` is called once and nothing after it.
Leaves to others: finding it again (`line`).
"""

import asyncio
import glob
import os
from collections.abc import Callable
from typing import Final

import serial

_READ: Final = 4096


class PortError(Exception):
    """The port cannot be used; the text is one line."""


def find_port(pattern: str) -> str | None:
    """The first port that matches, in the order of names."""
    return min(glob.glob(pattern), default=None)  # noqa: PTH207 -- absolute, and may be no pattern


class SerialPort:
    """An open port on this event loop."""

    def __init__(
        self,
        path: str,
        baud: int,
        *,
        heard: Callable[[bytes], None],
        lost: Callable[[], None],
    ) -> None:
        """Open it.

        Raises:
            PortError: it is not there, is another's, or is no serial port.
        """
        try:
            self._serial = serial.Serial(
                path, baud, timeout=0, write_timeout=0, exclusive=True, rtscts=False, dsrdtr=False
            )
        except (OSError, ValueError) as error:
            raise PortError(f"{path}: {_reason(error)}") from error
        self.path = path
        self._heard = heard
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._number = self._serial.fileno()
        self._loop.add_reader(self._number, self._readable)

    def write(self, data: bytes) -> None:
        """Send what fits. The rest is lost as on a bad line: late power would be wrong power."""
        if not self._serial.is_open:
            return
        try:
            # WORKAROUND(pyserial 3.5): its own write() spins for ever on a full buffer.
            os.write(self._number, data)
        except BlockingIOError:
            return
        except OSError:
            self._fail()

    def close(self) -> None:
        """Let go of the port; `lost` is not called."""
        self._loop.remove_reader(self._number)
        self._serial.close()

    def _readable(self) -> None:
        try:
            data = os.read(self._number, _READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._heard(data)
        else:
            self._fail()

    def _fail(self) -> None:
        if self._serial.is_open:
            self.close()
            self._loop.call_soon(self._lost)


def _reason(error: OSError | ValueError) -> str:
    number = getattr(error, "errno", None)
    text = str(error)
    if "Could not exclusively lock" in text or number == 16:
        return "another program uses it; stop that first"
    if number == 13:
        return "not allowed; the user must be in the group dialout"
    if number == 2:
        return "is not there; plug the board in"
    return f"is no serial port that can be used ({text.rsplit(': ', 1)[-1]})"
