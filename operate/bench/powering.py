"""How long camera and microphone keep their power after each part of a visit has failed.

A real facility with one kiosk that acts the inmate: relay, kiosk, engine and bridge are the
processes that ship, the board is the simulated one, which tells of its power on its control
socket. Each fault happens to a visit that the inmate has joined; the next one waits until there is
power again.

Guarantees: the facility and its files are gone afterwards. Leaves to others: figures.
"""

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from firmware_bridge.control import FarHandle
from operate.bench.errors import SystemFailedError
from operate.bench.example_facility import example_facility
from operate.bench.processes import family
from operate.client import open_relay, segment

_LOOK_S: Final = 0.002
_BACK_S: Final = 60.0
_OFF_S: Final = 5.0
_SETTLE_S: Final = 0.7
"""Longer than a lease, so that each fault meets one that was renewed."""

REASON: Final = {"reason": "FACILITY_EMERGENCY"}

_RELAY: Final = ("-m", "relay")
_KIOSK: Final = ("-m", "kiosk")
_ENGINE: Final = ("-m", "kiosk.engine")
_BRIDGE: Final = ("-m", "firmware_bridge", "run")

Fault = tuple[str, Callable[[], Awaitable[None]], Callable[[], None]]
"""What it is called, what makes it, and what ends it where it does not end by itself."""


class Booth:
    """The visit of one terminal, and the processes that it rests on."""

    def __init__(
        self, root: int, handle: FarHandle, end_visit: Callable[[], Awaitable[None]]
    ) -> None:
        self._root = root
        self._handle = handle
        self._end_visit = end_visit

    @property
    def powered(self) -> bool:
        """Whether camera or microphone has power, as the board senses it."""
        return self._handle.stand.camera_sensed or self._handle.stand.microphone_sensed

    def faults(self) -> list[Fault]:
        """All of them, the end of the visit last."""
        found: list[Fault] = []
        parts = {"relay": _RELAY, "engine": _ENGINE, "kiosk": _KIOSK, "bridge": _BRIDGE}
        for name, words in parts.items():
            frozen: list[int] = []
            found += [
                (f"{name} frozen", self._freezes(words, frozen), self._thaws(frozen)),
                (f"{name} killed", self._kills(words), lambda: None),
            ]
        found += [
            ("cable pulled", self._says("unplug"), lambda: self._handle.say("plug")),
            ("case opened", self._says("case open"), lambda: self._handle.say("case shut")),
            ("visit ended by staff", self._end_visit, lambda: None),
        ]
        return found

    async def until(self, powered: bool, within_s: float, complaint: str) -> None:
        """Returns when the board senses that.

        Raises:
            SystemFailedError: it does not.
        """
        try:
            async with asyncio.timeout(within_s):
                while self.powered is not powered:  # noqa: ASYNC110  told by another process
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError as error:
            raise SystemFailedError(complaint) from error

    def _freezes(self, words: tuple[str, ...], frozen: list[int]) -> Callable[[], Awaitable[None]]:
        async def freeze() -> None:
            frozen.append(self._pid(words))
            os.kill(frozen[-1], signal.SIGSTOP)

        return freeze

    @staticmethod
    def _thaws(frozen: list[int]) -> Callable[[], None]:
        def thaw() -> None:
            for pid in frozen:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

        return thaw

    def _kills(self, words: tuple[str, ...]) -> Callable[[], Awaitable[None]]:
        async def kill() -> None:
            os.kill(self._pid(words), signal.SIGKILL)

        return kill

    def _says(self, line: str) -> Callable[[], Awaitable[None]]:
        async def say() -> None:
            self._handle.say(line)

        return say

    def _pid(self, words: tuple[str, ...]) -> int:
        for pid in family(self._root):
            with contextlib.suppress(OSError):
                command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                if _holds(command, words):
                    return pid
        raise SystemFailedError(f"no process {' '.join(words)}")


def _holds(command: list[str], words: tuple[str, ...]) -> bool:
    """Whether ``words`` stand in ``command`` one after the other."""
    return any(tuple(command[i : i + len(words)]) == words for i in range(len(command)))


async def measure_power(rounds: int, tell: Callable[[str], None]) -> dict[str, list[float]]:
    """For each fault, ms from it to the board's sensing no power, one a round.

    Raises:
        BenchError: the facility did not start, or power did not go or come back.
    """
    found: dict[str, list[float]] = {}
    for number in range(1, rounds + 1):
        with tempfile.TemporaryDirectory(prefix="parloir-bench-") as name:
            tell(f"round {number} of {rounds}: starting a facility with one kiosk")
            await _round(Path(name), found, tell)
    return found


async def _round(folder: Path, found: dict[str, list[float]], tell: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    async with (
        example_facility(folder, core=None) as living,
        open_relay(living.data) as relay,
    ):
        visit = living.visits[0]
        control = living.data / "kiosk" / visit["terminal"] / "control.sock"
        handle = await FarHandle.take(control)
        following = asyncio.create_task(handle.follow())

        async def end_visit() -> None:
            await relay.post(f"visits/{segment(visit['id'])}/terminate", REASON)

        booth = Booth(living.pid, handle, end_visit)
        try:
            for what, begin, end in booth.faults():
                while True:  # a busy machine may lose a lease by itself
                    await booth.until(True, _BACK_S, f"no power before: {what}")
                    await asyncio.sleep(_SETTLE_S)
                    if booth.powered:
                        break
                began = loop.time()
                beginning = asyncio.ensure_future(begin())
                await booth.until(False, _OFF_S, f"power stays on: {what}")
                took = (loop.time() - began) * 1000
                await beginning
                end()
                found.setdefault(what, []).append(took)
                tell(f"{what}: off after {took:.0f} ms")
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            handle.close()
