"""`Panel`: the simulated board in a terminal; a key for each thing a person or a fault does.

Guarantees: the terminal is as it was when it ends. Leaves to others: what follows (`simulator`).
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

from firmware_bridge.payloads import Opening, Output
from firmware_bridge.simulator import Simulator

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

    def __init__(self, simulator: Simulator, port: str) -> None:
        self._simulator = simulator
        self._port = port
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
            self._simulator.obey(line.split())

    def picture(self) -> Table:
        """How the board stands."""
        simulator, board = self._simulator, self._simulator.board
        wiring = board.wiring
        table = Table(title=f"parloir board on {self._port}", show_header=False)
        rows = {
            "cable": "in" if simulator.plugged else "OUT",
            "camera": _power(board.driven, board.sensed, Output.CAMERA),
            "microphone": _power(board.driven, board.sensed, Output.MICROPHONE),
            "lamp": board.lamp.name,
            "handset": "lifted" if wiring.lifted else "on its hook",
            "badge": board.badge.hex() or "none",
            "panic": f"pressed {board.panics} times",
            "door": "OPEN" if Opening.DOOR in wiring.open else "shut",
            "case": "OPEN" if Opening.CASE in wiring.open else "shut",
            "line": f"noise {simulator.noise:.0%}" + (", SILENT" if simulator.silent else ""),
            "version": "WRONG" if simulator.wrong_version else "right",
        }
        for name, value in rows.items():
            table.add_row(name, value)
        table.add_section()
        for key, meaning in _KEYS.items():
            table.add_row(f"[bold]{key}[/bold]", meaning)
        return table

    def _line(self, key: str) -> str | None:
        """The script's line for a key."""
        simulator, board = self._simulator, self._simulator.board
        wiring = board.wiring
        lines = {
            "h": "hang-up" if wiring.lifted else "lift",
            "b": "badge" if board.badge else f"badge {BADGE}",
            "p": "panic",
            "d": "door shut" if Opening.DOOR in wiring.open else "door open",
            "c": "case shut" if Opening.CASE in wiring.open else "case open",
            "w": "welded none" if wiring.welded else "welded camera",
            "n": "noise 0" if simulator.noise else f"noise {NOISE}",
            "s": "silence off" if simulator.silent else "silence on",
            "u": "unplug" if simulator.plugged else "plug",
            "o": "brown-out",
            "v": "version right" if simulator.wrong_version else "version wrong",
        }
        return lines.get(key)


def _power(driven: Output, sensed: Output, output: Output) -> str:
    on = "ON" if output in sensed else "off"
    return on if (output in driven) == (output in sensed) else f"{on}, and the relay disagrees"


@contextlib.contextmanager
def _single_keys(terminal: int) -> Iterator[None]:
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
