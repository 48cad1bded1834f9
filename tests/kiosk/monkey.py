"""`Monkey`: storms of touches and keys, and what must hold in every one of them.

Guarantees: the same seed gives the same storms; each finding names the storm it was made in.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from kiosk.identity import Identity
from kiosk.ui.theme import CALM, STARK
from tests.kiosk.cage import HEIGHT, WIDTH, Cage
from tests.kiosk.fake_relay import KEY, PIN, FakeRelay
from visit_protocol.signalling import FromClient, Identify, Reminder
from visit_protocol.vocabulary import CallState, Outcome

MODIFIERS: Final = ("ctrl", "alt", "shift", "super", "ctrl+alt", "ctrl+shift", "alt+shift")
KEYS: Final = (
    *"abcdefghijklmnopqrstuvwxyz0123456789",
    *(f"F{number}" for number in range(1, 13)),
    *(f"XF86Switch_VT_{number}" for number in range(1, 8)),
    *("Escape", "Tab", "Return", "space", "Delete", "BackSpace", "Insert", "Home", "End"),
    *("Up", "Down", "Left", "Right", "Prior", "Next", "Menu", "Print", "Pause", "Sys_Req"),
    *("Super_L", "Alt_L", "Control_L", "XF86PowerOff", "XF86Sleep", "XF86Explorer", "XF86WWW"),
)
ESCAPES: Final = (
    *("alt+F4", "alt+Tab", "alt+Escape", "ctrl+alt+Delete", "ctrl+alt+BackSpace", "ctrl+q"),
    *("ctrl+c", "ctrl+alt+F1", "ctrl+alt+F2", "super+Return", "shift+F10", "ctrl+w", "alt+space"),
)
TOUCHES_A_STORM: Final = 25
GROUNDS: Final = {palette.ground.getRgb()[:3] for palette in (CALM, STARK)}


class PatientRelay(FakeRelay):
    """A relay that knows everybody: any PIN is right, so that storms come far."""

    async def _answer(self, message: FromClient) -> None:
        if isinstance(message, Identify):
            message = message.model_copy(update={"pin": PIN})
            now = datetime.now(UTC)
            self.visit = self.visit.model_copy(
                update={
                    "state": CallState.OPEN,
                    "outcome": None,
                    "notice_accepted": False,
                    "ends": now + timedelta(minutes=10),
                }
            )
        await super()._answer(message)


@dataclass
class Monkey:
    """One monkey at one kiosk."""

    cage: Cage
    relay: PatientRelay
    seed: int
    storms: int = 0
    findings: list[str] = field(default_factory=list)

    async def rage(self, seconds: float) -> None:
        """Storm for so long, and write down whatever is not as it must be."""
        chance = random.Random(self.seed)
        kiosk = self._kiosk()
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.findings:
            self.storms += 1
            await self.cage.act(_storm(chance))
            await self._let_the_relay_act(chance)
            await self._check(kiosk)

    def _kiosk(self) -> int:
        (kiosk,) = (pid for pid, line in self.cage.family().items() if "-m kiosk --config" in line)
        return kiosk

    async def _check(self, kiosk: int) -> None:
        if not self.cage.running:
            return self._find("the kiosk or its compositor has ended")
        for pid, line in self.cage.family().items():
            if pid != kiosk and "-m kiosk.engine" not in line:
                self._find(f"a process was started: {line}")
        for x, y in ((1, 1), (WIDTH - 2, HEIGHT - 2)):
            colour = self.cage.pixel(x, y)
            if colour not in GROUNDS:
                self._find(f"at {x}, {y} there is {colour}, not our window")
        if "Traceback" in self.cage.log():
            self._find("the kiosk has failed in a way that nobody foresaw")
        return None

    def _find(self, what: str) -> None:
        self.findings.append(f"storm {self.storms} of seed {self.seed}: {what}")

    async def _let_the_relay_act(self, chance: random.Random) -> None:
        """Now and then the visit goes on, pauses, ends; the line is lost."""
        act = chance.random()
        if act < 0.15:
            await self.relay.change(state=CallState.LIVE)
        elif act < 0.2:
            await self.relay.change(state=CallState.PAUSED)
        elif act < 0.25:
            await self.relay.say(Reminder(minutes=1))
        elif act < 0.3:
            await self.relay.change(state=CallState.ENDED, outcome=Outcome.COMPLETED_NORMALLY)
        elif act < 0.33:
            await self.relay.drop()
            await asyncio.sleep(0.5)


def _storm(chance: random.Random) -> list[str]:
    """One storm: touches all over the glass, and keys of a keyboard that somebody plugged in."""
    lines = []
    for _ in range(TOUCHES_A_STORM):
        kind = chance.random()
        x, y = chance.randrange(WIDTH), chance.randrange(HEIGHT)
        if kind < 0.7:
            lines.append(f"mousemove {x} {y} click {1 if kind < 0.62 else chance.randint(2, 9)}")
        elif kind < 0.75:
            to_x, to_y = chance.randrange(WIDTH), chance.randrange(HEIGHT)
            lines.append(f"mousemove {x} {y} mousedown 1 mousemove {to_x} {to_y} mouseup 1")
        elif kind < 0.85:
            lines.append(f"key --delay 1 {chance.choice(ESCAPES)}")
        else:
            key = chance.choice(KEYS)
            held = f"{chance.choice(MODIFIERS)}+" if chance.random() < 0.5 else ""
            lines.append(f"key --delay 1 {held}{key}")
        lines.append("sleep 0.02")
    return lines


@contextlib.asynccontextmanager
async def kiosk_in_its_cage(folder: Path) -> AsyncIterator[tuple[Cage, PatientRelay]]:
    """A kiosk of a relay that knows everybody, in the compositor, until the block ends."""
    relay = PatientRelay()
    await relay.start()
    cage = Cage(_configure(folder, relay.url), folder / "runtime")
    try:
        await cage.start()
        yield cage, relay
    finally:
        await cage.stop()
        await relay.stop()


def _configure(folder: Path, url: str) -> Path:
    Identity.put(folder / "state", KEY, "T-01")
    (folder / "pin").write_text(PIN)
    (folder / "pin").chmod(0o600)
    file = folder / "kiosk.toml"
    file.write_text(
        f'auto_pin_file = "pin"\n[relay]\nurl = "{url}"\n'
        f"[screen]\nwidth = {WIDTH}\nheight = {HEIGHT}\n"
        '[camera]\ndevice = "synthetic"\nwidth = 320\nheight = 180\nfps = 10\n'
        '[microphone]\ndevice = "synthetic"\n[speaker]\ndevice = "none"\n'
    )
    return file
