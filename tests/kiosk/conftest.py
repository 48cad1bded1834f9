"""Qt without a display, a terminal's folder, a fake relay."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from kiosk.identity import Identity
from tests.kiosk.fake_relay import KEY, PIN, FakeRelay

os.environ["QT_QPA_PLATFORM"] = "offscreen"


@pytest.fixture
async def relay() -> AsyncIterator[FakeRelay]:
    """A relay that listens."""
    fake = await FakeRelay().start()
    yield fake
    await fake.stop()


@pytest.fixture
def terminal(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a terminal's folder for a relay's address and returns its configuration file."""

    def make(url: str) -> Path:
        Identity.put(tmp_path / "state", KEY, "T-01")
        (tmp_path / "pin").write_text(PIN)
        (tmp_path / "pin").chmod(0o600)
        file = tmp_path / "kiosk.toml"
        file.write_text(
            f'auto_pin_file = "pin"\n[relay]\nurl = "{url}"\n'
            '[camera]\ndevice = "synthetic"\nwidth = 320\nheight = 180\nfps = 10\n'
            '[microphone]\ndevice = "synthetic"\n[speaker]\ndevice = "none"\n'
        )
        return file

    return make
