"""Browsers and a facility for each module; `calls` brings it to where a test begins.

Playwright's synchronous API holds an event loop while it lives, which asyncio tests of other
folders cannot share: so nothing here lives longer than its module.
"""

import os
import socket
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.e2e.browser import launched
from tests.e2e.calls import Calls
from tests.e2e.facility import Facility, eventually, facility


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def driver() -> Iterator[Playwright]:
    """Playwright's own process."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def sound_card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A PulseAudio server that plays into nothing: browsers run no sound without a card."""
    folder = tmp_path_factory.mktemp("pulse")
    socket_path = folder / "native"
    environment = {**os.environ, "PULSE_RUNTIME_PATH": str(folder), "HOME": str(folder)}
    server = subprocess.Popen(
        [
            *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes"),
            *("-L", "module-null-sink"),
            *("-L", f"module-native-protocol-unix socket={socket_path} auth-anonymous=1"),
        ],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(socket_path.exists)
        yield {**os.environ, "PULSE_SERVER": f"unix:{socket_path}"}
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def chromium(driver: Playwright, sound_card: dict[str, str]) -> Iterator[Browser]:
    """Debian's Chromium."""
    with launched(driver, "chromium", sound_card) as browser:
        yield browser


@pytest.fixture(scope="module")
def firefox(driver: Playwright, sound_card: dict[str, str]) -> Iterator[Browser]:
    """Debian's Firefox ESR."""
    with launched(driver, "firefox", sound_card) as browser:
        yield browser


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facility]:
    """A new facility with a FAMILY and a LEGAL visit open now."""
    with facility(tmp_path_factory.mktemp("facility"), port=free_port()) as running:
        yield running


@pytest.fixture(scope="module")
def calls(living: Facility) -> Calls:
    """The calls of that facility."""
    return Calls(living)
