"""The simulated board in a terminal: every key does its thing, and the picture says so."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console

from firmware_bridge.control import ControlServer, FarHandle, OwnHandle, listen
from firmware_bridge.panel import _KEYS, Panel
from firmware_bridge.payloads import Opening, Output
from firmware_bridge.simulator import Simulator
from tests.firmware_bridge.booth import simulated


@pytest.fixture
async def simulator(tmp_path: Path) -> AsyncIterator[Simulator]:
    async with simulated(tmp_path) as simulator:
        yield simulator


def shown(panel: Panel) -> str:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(panel.picture())
    return capture.get()


async def test_a_key_changes_the_picture_and_pressed_again_changes_it_back(
    simulator: Simulator,
) -> None:
    panel = Panel(OwnHandle(simulator), "board")
    for key in _KEYS.keys() - {"q", "o", "p"}:
        before = shown(panel)
        panel.press(key)
        assert shown(panel) != before, key
        panel.press(key)
        assert shown(panel) == before, key


async def test_the_keys_do_what_they_say(simulator: Simulator) -> None:
    panel = Panel(OwnHandle(simulator), "board")
    for key in "phbdcwnso":
        panel.press(key)
    panel.press("u")
    board = simulator.board
    assert board.wiring.lifted
    assert board.badge
    assert board.wiring.open == Opening.DOOR | Opening.CASE
    assert board.wiring.welded is Output.CAMERA
    assert simulator.noise
    assert simulator.silent
    assert not simulator.plugged
    picture = shown(panel)
    for text in ("lifted", "OPEN", "SILENT", "OUT", "ON, and the relay disagrees"):
        assert text in picture


async def test_other_keys_do_nothing_and_q_ends_it(simulator: Simulator) -> None:
    panel = Panel(OwnHandle(simulator), "board")
    before = shown(panel)
    panel.press("x")
    assert shown(panel) == before
    panel.press("q")
    await asyncio.wait_for(panel._quit.wait(), 1)


async def test_a_board_elsewhere_is_in_the_hand_as_well(tmp_path: Path) -> None:
    server, control = ControlServer(), tmp_path / "control.sock"
    simulator = Simulator(tmp_path / "board", changed=server.changed)
    simulator.plug()
    serving = asyncio.create_task(server.serve(simulator, listen(control)))
    async with asyncio.timeout(5):
        handle = await FarHandle.take(control)
        following = asyncio.create_task(handle.follow())
        panel = Panel(handle, "board")
        assert "on its hook" in shown(panel)
        handle.say("nonsense")
        panel.press("h")
        while "lifted" not in shown(panel):
            await asyncio.sleep(0.01)
    assert simulator.board.wiring.lifted
    handle.close()
    serving.cancel()
    await asyncio.gather(serving, following, return_exceptions=True)
    simulator.close()
