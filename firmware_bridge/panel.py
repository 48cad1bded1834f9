"""`Panel`: a simulated board in a terminal; a key for each thing a person or a fault does.

Guarantees: the terminal is as it was when it ends. Leaves to others: what follows (`simulator`),
in this process or in another (`control`).
"""

import asyncio
import contextlib
import os
import sys
import termios
import tty
from collections.abc import Iterator
from typing import Final

from rich.live import Live
from rich.table import Table

from firmware_bridge.control import Handle

BADGE: Final = "04a1b2c3"
NOISE: Final = "0.15"
_REFRESH_S: Final = 0.1
_KEYS: Final = {
    "h": "lift or hang up the handset",
    "b": "lay a badge on the reader, or take it away",
    "p": "press panic",
    "d": "open or shut the door",
    "c": "open or shut the board's case",
    "w": "weld the camera's power on, or free it",
    "n": "noise on the line, or none",
    "s": "silence, or none",
    "u": "unplug or plug the cable",
    "o": "brown-out",
    "v": "wrong version, or the right one",
    "q": "quit",
}


class Panel:
    """Keys in, the board's picture out."""

    def __init__(self, handle: Handle, name: str) -> None:
        self._handle = handle
        self._name = name
        self._quit = asyncio.Event()

    async def run(self) -> None:
        """Show and obey until q."""
        loop = asyncio.get_running_loop()
        stdin = sys.stdin.fileno()
        with _single_keys(stdin), Live(self.picture(), auto_refresh=False) as live:
            loop.add_reader(stdin, lambda: self.press(os.read(stdin, 1).decode("ascii", "replace")))
            try:
                while not self._quit.is_set():
                    live.update(self.picture(), refresh=True)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._quit.wait(), _REFRESH_S)
            finally:
                loop.remove_reader(stdin)

    def press(self, key: str) -> None:
        """Do what ``key`` stands for; other keys do nothing."""
        line = self._line(key)
        if key in {"q", ""}:
            self._quit.set()
        elif line is not None:
            self._handle.say(line)

    def picture(self) -> Table:
        """How the board stands."""
        stand = self._handle.stand
        table = Table(title=f"parloir board on {self._name}", show_header=False)
        rows = {
            "cable": "in" if stand.plugged else "OUT",
            "camera": _power(stand.camera_driven, stand.camera_sensed),
            "microphone": _power(stand.microphone_driven, stand.microphone_sensed),
            "lamp": stand.lamp,
            "handset": "lifted" if stand.lifted else "on its hook",
            "badge": stand.badge or "none",
            "panic": f"pressed {stand.panics} times",
            "door": "OPEN" if stand.door_open else "shut",
            "case": "OPEN" if stand.case_open else "shut",
            "line": f"noise {stand.noise:.0%}" + (", SILENT" if stand.silent else ""),
            "version": "WRONG" if stand.wrong_version else "right",
        }
        for name, value in rows.items():
            table.add_row(name, value)
        table.add_section()
        for key, meaning in _KEYS.items():
            table.add_row(f"[bold]{key}[/bold]", meaning)
        return table

    def _line(self, key: str) -> str | None:
        """The script's line for a key."""
        stand = self._handle.stand
        lines = {
            "h": "hang-up" if stand.lifted else "lift",
            "b": "badge" if stand.badge else f"badge {BADGE}",
            "p": "panic",
            "d": "door shut" if stand.door_open else "door open",
            "c": "case shut" if stand.case_open else "case open",
            "w": "welded none" if stand.welded else "welded camera",
            "n": "noise 0" if stand.noise else f"noise {NOISE}",
            "s": "silence off" if stand.silent else "silence on",
            "u": "unplug" if stand.plugged else "plug",
            "o": "brown-out",
            "v": "version right" if stand.wrong_version else "version wrong",
        }
        return lines.get(key)


def _power(driven: bool, sensed: bool) -> str:
    on = "ON" if sensed else "off"
    return on if driven == sensed else f"{on}, and the relay disagrees"


@contextlib.contextmanager
def _single_keys(terminal: int) -> Iterator[None]:
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
