"""`Simulator`: a whole board on a pseudo-terminal, with the faults that boards and cables have.

Guarantees: it is the same `Board` that the firmware is held to; a symbolic link under the asked
name is there exactly while the board is plugged in; every change of power is kept with its time.
Leaves to others: who plays with it (`panel`, a script, a test).
"""

import asyncio
import contextlib
import os
import random
import secrets
import tty
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from firmware_bridge.board import Board, Identity
from firmware_bridge.payloads import NONCE_BYTES, VERSION, Cause, Opening, Output

TICK_S: Final = 0.001
"""How exactly a lease ends; coarser where nobody measures."""
IDLE_S: Final = 0.01
_OTHER_VERSION: Final = VERSION + 1
_OUTPUTS: Final = {
    "camera": Output.CAMERA,
    "microphone": Output.MICROPHONE,
    "both": Output.CAMERA | Output.MICROPHONE,
    "none": Output.NONE,
}
_OPENINGS: Final = {"door": Opening.DOOR, "case": Opening.CASE}

SCRIPT: Final = """lift | hang-up            the handset
badge [UID]               a badge with that UID in hexadecimal, or none
panic                     the button
door|case open|shut       what should be shut
temperature C             degrees Celsius
welded|dead OUTPUTS       power that never goes, or never comes: camera, microphone, both, none
noise RATE                that share of all bytes is wrong, both ways
silence on|off            the board hears and says nothing
unplug | plug             the cable
brown-out                 the board loses its power for a moment
version wrong|right       the board speaks another version, or ours
wait SECONDS"""


class ScriptError(Exception):
    """A line of a script means nothing; the text says which and why."""


class Simulator:
    """One board; make it on the event loop that runs it."""

    def __init__(
        self,
        name: Path,
        key: bytes | None = None,
        *,
        changed: Callable[["Simulator"], None] = lambda _: None,
        seed: int = 1,
        tick_s: float = TICK_S,
    ) -> None:
        self.power: list[tuple[float, Output]] = []
        """When power changed (the event loop's clock), and to what."""
        self.noise = 0.0
        self.silent = False
        self.wrong_version = False
        self._name = name
        self._key = key
        self._changed = changed
        self._tick_s = tick_s
        self._random = random.Random(seed)  # noqa: S311 -- noise, not secrets
        self._loop = asyncio.get_running_loop()
        self._ends: tuple[int, int] | None = None
        self._began = self._loop.time()
        self.board = self._new_board()
        self._ticking = asyncio.create_task(self._tick())

    @property
    def plugged(self) -> bool:
        """Whether the cable is in."""
        return self._ends is not None

    def plug(self) -> None:
        """Put the cable in: the port appears, and the board begins.

        Raises:
            OSError: the symbolic link cannot be made.
        """
        if self._ends is not None:
            return
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        self._ends = (ours, theirs)
        self._loop.add_reader(ours, self._readable)
        new = self._name.with_name(self._name.name + ".new")
        new.unlink(missing_ok=True)
        new.symlink_to(os.ttyname(theirs))
        new.replace(self._name)
        self._begin(Cause.POWER)

    def unplug(self) -> None:
        """Pull the cable out. The board keeps its own power, and what it gives, while it may."""
        if self._ends is None:
            return
        ours, theirs = self._ends
        self._ends = None
        self._loop.remove_reader(ours)
        with contextlib.suppress(OSError):
            self._name.unlink()
        os.close(theirs)
        os.close(ours)

    def brown_out(self) -> None:
        """Let the board lose its power for a moment."""
        self._begin(Cause.BROWN_OUT)

    def close(self) -> None:
        """End it all."""
        self._ticking.cancel()
        self.unplug()

    async def play(self, lines: str) -> None:
        """Carry out a script.

        Raises:
            ScriptError: a line means nothing; those before it were carried out.
        """
        for number, line in enumerate(lines.splitlines(), 1):
            words = line.partition("#")[0].split()
            if not words:
                continue
            try:
                if words[0] == "wait":
                    await asyncio.sleep(float(words[1]))
                else:
                    self.obey(words)
            except (ValueError, IndexError, KeyError) as error:
                raise ScriptError(f"line {number}: {line.strip()}: means nothing") from error

    def obey(self, words: list[str]) -> None:
        """One line of a script (`SCRIPT`), but for ``wait``.

        Raises:
            ValueError, KeyError, IndexError: it means nothing.
        """
        board, wiring = self.board, self.board.wiring
        match words:
            case ["lift"]:
                wiring.lifted = True
            case ["hang-up"]:
                wiring.lifted = False
            case ["badge"]:
                board.show_badge(b"")
            case ["badge", uid]:
                board.show_badge(bytes.fromhex(uid))
            case ["panic"]:
                board.press_panic()
            case [("door" | "case") as what, ("open" | "shut") as how]:
                part = _OPENINGS[what]
                wiring.open = wiring.open | part if how == "open" else wiring.open & ~part
            case ["temperature", celsius]:
                wiring.temperature_dc = round(float(celsius) * 10)
            case ["welded", outputs]:
                wiring.welded = _OUTPUTS[outputs]
            case ["dead", outputs]:
                wiring.dead = _OUTPUTS[outputs]
            case ["noise", rate]:
                self.noise = float(rate)
            case ["silence", ("on" | "off") as how]:
                self.silent = how == "on"
            case ["unplug"]:
                self.unplug()
            case ["plug"]:
                self.plug()
            case ["brown-out"]:
                self.brown_out()
            case ["version", ("wrong" | "right") as which]:
                self.wrong_version = which == "wrong"
                self._begin(Cause.COMMANDED)
            case _:
                raise ValueError(words[0])
        self._act()

    # ── the board ──────────────────────────────────────────────────────────────────────────
    def _new_board(self) -> Board:
        identity = Identity(board=b"SIMULATE", firmware=(1, 0, 0))
        if self.wrong_version:
            identity = replace(identity, lowest=_OTHER_VERSION, highest=_OTHER_VERSION)
        return Board(identity, lambda: secrets.token_bytes(NONCE_BYTES), self._key)

    def _begin(self, cause: Cause) -> None:
        before, self.board = self.board, self._new_board()
        self.board.wiring, self.board.badge = before.wiring, before.badge
        self._began = self._loop.time()
        self.board.begin(cause)
        self._act()

    def _now(self) -> int:
        return int((self._loop.time() - self._began) * 1000)

    async def _tick(self) -> None:
        while True:
            self._act()
            await asyncio.sleep(self._tick_s if self.board.driven else max(self._tick_s, IDLE_S))

    def _act(self) -> None:
        """Let the board look at its clock and switches, and send what it says."""
        self.board.advance(self._now())
        data = self.board.take_outgoing()
        if data and self._ends is not None and not self.silent:
            with contextlib.suppress(BlockingIOError):  # nobody reads: lost, as on a real line
                os.write(self._ends[0], self._damaged(data))
        power = self.board.sensed
        if not self.power or self.power[-1][1] != power:
            self.power.append((self._loop.time(), power))
        self._changed(self)

    def _readable(self) -> None:
        if self._ends is None:
            return
        try:
            data = os.read(self._ends[0], 4096)
        except OSError:
            return
        if not self.silent:
            self.board.receive(self._damaged(data), self._now())
        self._act()

    def _damaged(self, data: bytes) -> bytes:
        if not self.noise:
            return data
        source = self._random
        return bytes(source.randrange(256) if source.random() < self.noise else b for b in data)
