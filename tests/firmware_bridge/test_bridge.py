"""The bridge as a process, with the simulated board and a kiosk: what each hears of the other."""

import asyncio
import os
import sys
import tty
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from firmware_bridge.payloads import LampCode
from firmware_bridge.simulator import ScriptError, Simulator
from tests.firmware_bridge.booth import PROJECT, BridgeProcess, KioskEnd, simulated
from visit_protocol.bridge import (
    BadgeRemoved,
    BadgeShown,
    BoardFound,
    BoardLoss,
    BoardLost,
    BoothLamp,
    BoothSensed,
    PanicPressed,
    ShowLamp,
)

KEY = "00112233445566778899aabbccddeeff"


@pytest.fixture
async def bridge(tmp_path: Path) -> AsyncIterator[BridgeProcess]:
    bridge = BridgeProcess(tmp_path)
    await bridge.start()
    yield bridge
    await bridge.kill()


@pytest.fixture
async def kiosk(bridge: BridgeProcess) -> AsyncIterator[KioskEnd]:
    kiosk = await bridge.kiosk()
    yield kiosk
    await kiosk.close()


async def test_what_happens_in_the_booth_reaches_the_kiosk(
    bridge: BridgeProcess, kiosk: KioskEnd
) -> None:
    async with simulated(bridge.folder) as simulator:
        await kiosk.hears(BoardFound(board=b"SIMULATE".hex(), firmware="1.0.0"))
        await simulator.play("lift\nbadge 04a1b2c3  # hers\ndoor open\ntemperature 31\nwait 0.3")
        await kiosk.hears(
            BadgeShown(uid="04a1b2c3"),
            BoothSensed(handset_lifted=True, door_open=True, case_open=False, temperature_c=31),
        )
        await simulator.play("badge\nhang-up")
        await kiosk.hears(BadgeRemoved())
        kiosk.say(ShowLamp(lamp=BoothLamp.OCCUPIED))
        async with asyncio.timeout(2):
            while simulator.board.lamp is not LampCode.OCCUPIED:
                await asyncio.sleep(0.01)
        assert "04a1b2c3" not in bridge.log.read_text()


async def test_panic_reaches_the_kiosk_within_a_second_on_a_noisy_line_too(
    bridge: BridgeProcess, kiosk: KioskEnd
) -> None:
    async with simulated(bridge.folder) as simulator:
        await kiosk.hears(BoardFound)
        simulator.obey(["panic"])
        assert simulator.board.lamp is LampCode.ATTENTION
        await kiosk.hears(PanicPressed, within_s=1)
        simulator.obey(["noise", "0.02"])
        kiosk.heard.clear()
        simulator.obey(["panic"])
        await kiosk.hears(PanicPressed, within_s=1)


async def test_a_board_is_found_when_it_is_plugged_in_again_and_again(
    bridge: BridgeProcess, kiosk: KioskEnd
) -> None:
    await kiosk.hears(BoardLost(code=BoardLoss.NO_PORT))
    await bridge.logs("no board: nothing matches")
    async with simulated(bridge.folder) as simulator:
        for _ in range(3):
            await kiosk.hears(BoardFound)
            kiosk.heard.clear()
            simulator.unplug()
            await kiosk.hears(BoardLost(code=BoardLoss.UNPLUGGED))
            simulator.plug()
    assert bridge.log.read_text().count("unplugged") >= 3


async def test_a_board_of_another_version_is_one_line(
    bridge: BridgeProcess, kiosk: KioskEnd
) -> None:
    async with simulated(bridge.folder) as simulator:
        await kiosk.hears(BoardFound)
        simulator.obey(["version", "wrong"])
        await kiosk.hears(BoardLost(code=BoardLoss.WRONG_VERSION))
        await bridge.logs("the board speaks versions 2 to 2, we speak 1")
        kiosk.heard.clear()
        simulator.obey(["version", "right"])
        await kiosk.hears(BoardFound)
        assert bridge.log.read_text().count("speaks versions") == 1


async def test_another_device_and_a_dumb_one_are_told_apart(
    bridge: BridgeProcess, kiosk: KioskEnd
) -> None:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    bridge.port.symlink_to(os.ttyname(theirs))
    try:
        await kiosk.hears(BoardLost(code=BoardLoss.SILENT))
        await bridge.logs("nobody answers")
        for _ in range(40):
            os.write(ours, b"$GPGGA,071530,4807.038,N*47\r\n")
            await asyncio.sleep(0.1)
        await kiosk.hears(BoardLost(code=BoardLoss.WRONG_DEVICE))
        await bridge.logs("no board of ours")
    finally:
        os.close(ours)
        os.close(theirs)


async def test_a_key_keeps_boards_without_it_away(tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(KEY)
    key_file.chmod(0o600)
    bridge = BridgeProcess(tmp_path, key_file)
    await bridge.start()
    try:
        kiosk = await bridge.kiosk()
        async with simulated(tmp_path, bytes.fromhex(KEY)):
            await kiosk.hears(BoardFound)
        kiosk.heard.clear()
        async with simulated(tmp_path):
            await kiosk.hears(BoardLost(code=BoardLoss.SILENT))
            await bridge.logs("has it power, and the same key?")
        assert not any(isinstance(message, BoardFound) for message in kiosk.heard)
        await kiosk.close()
    finally:
        await bridge.kill()


async def test_a_kiosk_that_says_nonsense_is_let_go(bridge: BridgeProcess) -> None:
    for nonsense in (b"nonsense\n", b'{"type": "renew_power"}\n', b"x" * 10_000):
        kiosk = await bridge.kiosk()
        kiosk.writer.write(nonsense)
        async with asyncio.timeout(2):
            await kiosk._reading
        await kiosk.close()
    await bridge.logs("no message")


async def command(*words: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "firmware_bridge", *words),
        cwd=PROJECT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, out.decode(), err.decode()


async def test_the_monitor_shows_the_line_and_no_badge(
    bridge: BridgeProcess, kiosk: KioskEnd
) -> None:
    async with simulated(bridge.folder) as simulator:
        await kiosk.hears(BoardFound)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "firmware_bridge", "monitor"),
            *("--config", str(bridge.config)),
            cwd=PROJECT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        seen = await asyncio.wait_for(process.stdout.readline(), 5)
        simulator.obey(["badge", "04a1b2c3"])
        async with asyncio.timeout(5):
            while b"Badge" not in seen:
                seen += await process.stdout.readline()
        process.kill()
        await process.wait()
    assert b"State lifted=False" in seen
    assert b"HostAck result=DONE" in seen
    assert b"Badge of 4 bytes" in seen
    assert b"04a1b2c3" not in seen


async def test_the_self_test_says_what_is_right_and_what_to_mend(tmp_path: Path) -> None:
    bridge = BridgeProcess(tmp_path)
    async with simulated(tmp_path) as simulator:
        status, said, _ = await command("selftest", "--config", str(bridge.config))
        assert status == 0, said
        assert said.count(" ok ") == 7
        simulator.obey(["welded", "microphone"])
        status, said, _ = await command("selftest", "--config", str(bridge.config))
        assert status == 1
        assert "power is cut                FAIL  power stays after a cut" in said


async def test_the_self_test_says_that_the_bridge_has_the_port(
    bridge: BridgeProcess, kiosk: KioskEnd
) -> None:
    async with simulated(bridge.folder):
        await kiosk.hears(BoardFound)
        status, _, errors = await command("selftest", "--config", str(bridge.config))
    assert status == 1
    assert "another program uses it" in errors


async def test_what_keeps_it_from_starting_is_one_line(tmp_path: Path) -> None:
    config = tmp_path / "bridge.toml"
    config.write_text("[port]\nspeed = 9600\n")
    status, _, errors = await command("run", "--config", str(config))
    assert status == 2
    assert (
        errors
        == f"parloir-bridge: {config}: port.speed: no such key; remove it or correct its name\n"
    )


async def test_a_script_that_means_nothing_says_where(tmp_path: Path) -> None:
    simulator = Simulator(tmp_path / "board")
    try:
        for line in ("fly", "badge 0g", "door ajar", "wait soon", "wait"):
            with pytest.raises(ScriptError, match="line 2"):
                await simulator.play(f"lift\n{line}")
    finally:
        simulator.close()
