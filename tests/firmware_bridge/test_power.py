"""Camera and microphone go off, whatever dies: measured at a simulated board, processes real."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from firmware_bridge.payloads import Output
from firmware_bridge.simulator import Simulator
from tests.firmware_bridge.booth import BridgeProcess, KioskEnd, power, simulated
from visit_protocol.bridge import (
    BoardFault,
    BoardFound,
    BoardLoss,
    BoardLost,
    CutPower,
    FaultBegan,
    FaultEnded,
    PowerOffConfirmed,
)

log = logging.getLogger(__name__)

BOTH = Output.CAMERA | Output.MICROPHONE
SLACK_S = 0.03
"""Two processes and the simulator's own clock on a busy machine."""


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[tuple[Simulator, BridgeProcess, KioskEnd]]:
    """A visit: both have power because a kiosk renews it."""
    async with simulated(tmp_path) as simulator:
        bridge = BridgeProcess(tmp_path)
        await bridge.start()
        try:
            kiosk = await bridge.kiosk()
            await kiosk.hears(BoardFound)
            kiosk.hold_power()
            await power(simulator, BOTH)
            await asyncio.sleep(1)
            assert simulator.power[-1][1] == BOTH
            yield simulator, bridge, kiosk
            await kiosk.close()
        finally:
            await bridge.kill()


Visit = tuple[Simulator, BridgeProcess, KioskEnd]


def now() -> float:
    return asyncio.get_running_loop().time()


async def took(simulator: Simulator, began: float) -> float:
    off = await power(simulator, Output.NONE) - began
    log.info("off after %.1f ms", off * 1000)
    return off


async def test_a_cut_is_at_once_and_confirmed(running: Visit) -> None:
    simulator, _, kiosk = running
    kiosk.let_go()
    kiosk.heard.clear()
    began = now()
    kiosk.say(CutPower())
    assert await took(simulator, began) < 0.05 + SLACK_S
    await kiosk.hears(PowerOffConfirmed)


async def test_a_kiosk_that_dies_is_a_cut(running: Visit) -> None:
    simulator, _, kiosk = running
    began = now()
    await kiosk.close()
    assert await took(simulator, began) < 0.05 + SLACK_S


async def test_a_kiosk_that_hangs_ends_the_lease(running: Visit) -> None:
    simulator, _, kiosk = running
    began = now()
    kiosk.let_go()
    assert await took(simulator, began) <= 0.6 + SLACK_S
    await kiosk.hears(PowerOffConfirmed)


async def test_a_killed_bridge_ends_the_lease(running: Visit) -> None:
    simulator, bridge, _ = running
    began = now()
    await bridge.kill()
    assert await took(simulator, began) <= 0.6 + SLACK_S


async def test_a_stopped_bridge_cuts(running: Visit) -> None:
    simulator, bridge, _ = running
    assert bridge.process is not None
    began = now()
    bridge.process.send_signal(signal.SIGTERM)
    assert await took(simulator, began) < 0.2 + SLACK_S
    assert await bridge.process.wait() == 0


async def test_a_frozen_bridge_ends_the_lease(running: Visit) -> None:
    simulator, bridge, _ = running
    assert bridge.process is not None
    began = now()
    bridge.process.send_signal(signal.SIGSTOP)
    assert await took(simulator, began) <= 0.6 + SLACK_S


async def test_a_bridge_that_wakes_does_not_obey_what_was_said_while_it_slept(
    running: Visit,
) -> None:
    simulator, bridge, kiosk = running
    assert bridge.process is not None
    bridge.process.send_signal(signal.SIGSTOP)
    await power(simulator, Output.NONE)
    kiosk.let_go()
    await asyncio.sleep(0.7)
    changes = len(simulator.power)
    bridge.process.send_signal(signal.SIGCONT)
    await asyncio.sleep(1)
    assert len(simulator.power) == changes


async def test_a_pulled_cable_ends_the_lease_and_is_a_fault_until_the_board_is_back(
    running: Visit,
) -> None:
    simulator, _, kiosk = running
    began = now()
    simulator.unplug()
    assert await took(simulator, began) <= 0.6 + SLACK_S
    await kiosk.hears(
        BoardLost(code=BoardLoss.UNPLUGGED), FaultBegan(code=BoardFault.POWER_NOT_CUT)
    )
    kiosk.let_go()
    simulator.plug()
    await kiosk.hears(FaultEnded(code=BoardFault.POWER_NOT_CUT), PowerOffConfirmed)


async def test_a_silent_line_ends_the_lease(running: Visit) -> None:
    simulator, _, kiosk = running
    began = now()
    simulator.obey(["silence", "on"])
    assert await took(simulator, began) <= 0.6 + SLACK_S
    await kiosk.hears(BoardLost(code=BoardLoss.SILENT), FaultBegan)


async def test_a_brown_out_ends_it_at_once_and_a_live_visit_gets_it_back(running: Visit) -> None:
    simulator, _, kiosk = running
    simulator.obey(["brown-out"])
    await kiosk.hears(BoardLost(code=BoardLoss.RESTARTED))
    await power(simulator, BOTH)


async def test_a_welded_relay_is_a_fault(running: Visit) -> None:
    simulator, _, kiosk = running
    simulator.obey(["welded", "camera"])
    kiosk.let_go()
    kiosk.say(CutPower())
    await kiosk.hears(FaultBegan(code=BoardFault.POWER_NOT_CUT))


async def test_every_seventh_byte_wrong_gives_no_power_that_nobody_asked_for(
    running: Visit,
) -> None:
    simulator, _, kiosk = running
    simulator.obey(["noise", "0.15"])
    await asyncio.sleep(2)
    kiosk.let_go()
    began = now()
    if simulator.power[-1][1]:
        assert await took(simulator, began) <= 0.6 + SLACK_S
    changes = len(simulator.power)
    await asyncio.sleep(1)
    assert len(simulator.power) == changes
