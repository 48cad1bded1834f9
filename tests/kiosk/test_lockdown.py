"""The booth's glass: nothing that is touched or typed leads out of the kiosk."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication

from kiosk.config import ScreenSection
from kiosk.lock import TerminalLock
from kiosk.ui.window import KioskWindow
from settings import ConfigError
from tests.kiosk.monkey import Monkey, kiosk_in_its_cage

MONKEY_S = 60.0
SEED = 20261124


async def test_a_minute_of_touches_and_keys_leaves_our_window_on_top_and_starts_nothing(
    tmp_path: Path,
) -> None:
    async with kiosk_in_its_cage(tmp_path) as (cage, relay):
        monkey = Monkey(cage, relay, SEED)
        await monkey.rage(MONKEY_S)
        assert monkey.findings == []
        assert monkey.storms >= 5
        assert {"identify", "notice", "ready", "waiting"} <= set(cage.states), "it came nowhere"


def test_a_locked_window_refuses_to_be_closed_and_another_does_not() -> None:
    application = QApplication.instance() or QApplication([])
    for locked in (True, False):
        window = KioskWindow(ScreenSection(), lambda event: None, locked=locked)
        event = QCloseEvent()
        window.closeEvent(event)
        assert event.isAccepted() is not locked
    assert application is not None


async def test_a_terminal_has_one_kiosk_and_the_second_is_told_so(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text("")
    first = TerminalLock(file)
    with pytest.raises(ConfigError, match=r"kiosk\.toml: a kiosk is running with it"):
        TerminalLock(file)
    first.release()
    TerminalLock(file).release()


async def test_the_lock_goes_with_a_killed_kiosk(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text("")
    holder = await asyncio.create_subprocess_exec(
        "python3", "-c",
        "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX);"
        "print(flush=True); sys.stdin.read()", str(file),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout is not None
    await holder.stdout.readline()
    with pytest.raises(ConfigError):
        TerminalLock(file)
    holder.kill()
    await holder.wait()
    TerminalLock(file).release()
