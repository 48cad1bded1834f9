"""The whole kiosk as a process, acting the inmate, against a fake relay and a far end."""

import asyncio
import base64
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.cache import SlotCache
from kiosk.engine.frames import FrameReader
from kiosk.engine.synthetic import TONE_HZ
from kiosk.identity import Identity
from tests.kiosk.fake_relay import FakeRelay, make_visit
from tests.kiosk.far_end import FarEnd
from visit_protocol.signalling import (
    AnswerNotice,
    CommandAnswer,
    Identify,
    Join,
    Offer,
    OfferRefused,
    OfferWanted,
    Refusal,
    SelfTestReport,
    SignOut,
    SlotTimes,
    TerminalAbout,
    TerminalAgenda,
    TerminalCommand,
    TerminalMode,
    TerminalStatus,
)
from visit_protocol.vocabulary import (
    CallState,
    CheckState,
    DeviceState,
    Outcome,
    RejectionCode,
    SelfTestCause,
    TerminalAction,
    TerminalFinding,
    VisitType,
)

MakeFolder = Callable[[str], Path]


class Running:
    """A kiosk process and the lines it has said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.states: list[str] = []
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            said = json.loads(line)
            assert said.keys() == {"kiosk", "state"}
            self.states.append(said["state"])
            self._news.set()

    async def shows(self, state: str, count: int = 1) -> None:
        async with asyncio.timeout(40):
            while self.states.count(state) < count:
                self._news.clear()
                await self._news.wait()

    def engine_pid(self) -> int:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        (pid,) = children.read_text().split()
        return int(pid)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.returncode is None:
            self.process.send_signal(how)
        async with asyncio.timeout(6):  # 2 s on a quiet machine
            status = await self.process.wait()
        await self._reading
        return status


async def run_kiosk(file: Path, *options: str) -> Running:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kiosk", "--config", str(file), "--headless", *options,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    return Running(process)


@pytest.fixture
async def far(relay: FakeRelay) -> AsyncIterator[FarEnd]:
    end = FarEnd()
    relay.on_offer = end.on_offer
    yield end
    await end.close()


@pytest.fixture
async def kiosk(relay: FakeRelay, terminal: MakeFolder, far: FarEnd) -> AsyncIterator[Running]:
    running = await run_kiosk(terminal(relay.url), "--auto")
    yield running
    await running.stop()


async def test_auto_walks_through_every_screen_to_the_call_and_back(
    relay: FakeRelay, kiosk: Running, far: FarEnd
) -> None:
    await relay.hears(Offer)
    await relay.change(state=CallState.LIVE)
    await kiosk.shows("call")
    before = ["starting", "idle", "identify", "my_visits", "notice", "ready", "waiting"]
    assert kiosk.states == [*before, "call"]
    status = await relay.hears(TerminalStatus)
    assert status == TerminalStatus(
        engine=True,
        camera=DeviceState.SYNTHETIC,
        microphone=DeviceState.SYNTHETIC,
        findings=(TerminalFinding.NO_SPEECH,),  # its speaker is "none"
    )
    async with asyncio.timeout(40):
        while len(far.counters) < 10 or abs(far.sound.levels()[2] - TONE_HZ) > 5:
            await asyncio.sleep(0.1)
    assert FrameReader.of_process(kiosk.engine_pid()).latest("remote") is not None
    await relay.change(state=CallState.ENDED, outcome=Outcome.COMPLETED_NORMALLY)
    await kiosk.shows("ended")
    await kiosk.shows("idle", 2)
    await relay.hears(SignOut)


async def test_a_restarted_relay_gets_join_and_offer_again(
    relay: FakeRelay, kiosk: Running
) -> None:
    await relay.hears(Offer)
    await relay.change(state=CallState.LIVE)
    await kiosk.shows("call")
    await relay.stop()
    await kiosk.shows("reconnecting")
    await relay.start()
    await relay.hears(Join, 2)
    await relay.hears(Offer, 2)
    await relay.change(state=CallState.LIVE)
    await kiosk.shows("call", 2)
    assert len([m for m in relay.heard if isinstance(m, Identify)]) == 1


async def test_an_offer_that_the_relay_wants_is_made_and_h264_is_spoken_too(
    relay: FakeRelay, kiosk: Running, far: FarEnd
) -> None:
    offer = await relay.hears(Offer)
    names = re.findall(r"a=rtpmap:\d+ (VP8|H264)/90000", offer.sdp)
    assert names == ["VP8", "H264", "H264"]
    await relay.change(state=CallState.LIVE)
    await kiosk.shows("call")
    far.codec = "H264"
    await relay.say(OfferWanted())
    await relay.hears(Offer, 2)
    async with asyncio.timeout(20):
        while far.offers < 2:
            await asyncio.sleep(0.1)
        far.counters.clear()
        while len(far.counters) < 10:
            await asyncio.sleep(0.1)
    assert "interrupted" not in kiosk.states


async def test_parties_without_a_common_codec_are_told_at_the_terminal(
    relay: FakeRelay, kiosk: Running
) -> None:
    offer = await relay.hears(Offer)
    await relay.change(refusals=(Refusal(code=RejectionCode.NO_CODEC),))
    await relay.say(OfferRefused(id=offer.id, code="NO_CODEC"))
    await kiosk.shows("cannot_visit")
    await asyncio.sleep(1.0)
    assert len([m for m in relay.heard if isinstance(m, Offer)]) == 1


async def test_a_crashed_engine_is_back_and_offers_again(relay: FakeRelay, kiosk: Running) -> None:
    await relay.hears(Offer)
    await relay.change(state=CallState.LIVE)
    await kiosk.shows("call")
    first = kiosk.engine_pid()
    os.kill(first, signal.SIGKILL)
    await kiosk.shows("interrupted")
    await relay.hears(Offer, 2)
    await kiosk.shows("call", 2)
    assert kiosk.engine_pid() != first
    # Told too early, the relay would end the visit for want of an engine.
    assert all(m.engine for m in relay.heard if isinstance(m, TerminalStatus))


async def test_a_suspended_visit_that_opens_again_is_joined_again(
    relay: FakeRelay, kiosk: Running
) -> None:
    await relay.hears(Offer)
    await relay.change(state=CallState.ENDED, outcome=Outcome.SUSPENDED_BY_ORDER)
    await kiosk.shows("ended")
    await relay.change(state=CallState.OPEN, outcome=None)
    await relay.hears(Join, 2)
    await relay.hears(Offer, 2)


async def test_a_protected_visit_runs_in_an_engine_without_opencv(
    relay: FakeRelay, kiosk: Running
) -> None:
    relay.visit = make_visit(visit_type=VisitType.LEGAL, recorded=False)
    await relay.hears(Offer)
    pid = kiosk.engine_pid()
    assert "--protected" in _read(f"/proc/{pid}/cmdline")
    assert "/cv2/" not in _read(f"/proc/{pid}/maps")
    answer = await relay.hears(AnswerNotice)
    assert isinstance(answer, AnswerNotice)
    assert (answer.version, answer.accepted) == ("2026-11", True)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_kiosk_and_engine_in_time(
    relay: FakeRelay, terminal: MakeFolder, how: signal.Signals
) -> None:
    kiosk = await run_kiosk(terminal(relay.url))
    await kiosk.shows("idle")
    engine = kiosk.engine_pid()
    assert await kiosk.stop(how) == 0
    assert not _exists(f"/proc/{engine}")


async def test_a_wrong_pin_is_typed_once(relay: FakeRelay, terminal: MakeFolder) -> None:
    file = terminal(relay.url)
    _write(file.with_name("pin"), "9999")
    kiosk = await run_kiosk(file, "--auto")
    await relay.hears(Identify)
    await asyncio.sleep(1.5)
    assert len([m for m in relay.heard if isinstance(m, Identify)]) == 1
    await kiosk.stop()


async def test_a_relay_that_is_not_there_is_shown_and_waited_for(terminal: MakeFolder) -> None:
    relay = await FakeRelay().start()
    await relay.stop()
    kiosk = await run_kiosk(terminal(relay.url))
    await kiosk.shows("relay_lost")
    await relay.start()
    await kiosk.shows("idle")
    await kiosk.stop()
    await relay.stop()


async def test_a_demanded_camera_that_is_missing_puts_the_terminal_out_of_service(
    relay: FakeRelay, terminal: MakeFolder
) -> None:
    file = terminal(relay.url)
    _write(file, _read(str(file)).replace('"synthetic"', '"/dev/video-none"', 1))
    kiosk = await run_kiosk(file)
    await kiosk.shows("out_of_service")
    status = await relay.hears(TerminalStatus)
    assert isinstance(status, TerminalStatus)
    assert status.camera is DeviceState.ABSENT
    await kiosk.stop()


async def test_a_configuration_that_is_not_there_is_one_line_and_status_two(
    tmp_path: Path,
) -> None:
    file = tmp_path / "kiosk.toml"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "kiosk", "--config", str(file), stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    (line,) = errors.decode().splitlines()
    assert process.returncode == 2
    assert f"{file}: cannot be read" in line


def _read(path: str) -> str:
    return Path(path).read_text()


def _write(path: Path, text: str) -> None:
    path.write_text(text)


def _exists(path: str) -> bool:
    return Path(path).exists()


async def test_the_terminal_is_looked_after_from_the_relay(
    relay: FakeRelay, terminal: MakeFolder
) -> None:
    file = terminal(relay.url)
    cache = file.parent / "state" / "cache"
    cache.write_bytes(b"not sealed by this terminal's key")
    kiosk = await run_kiosk(file)
    try:
        # A damaged cache keeps it out of service, on the line, until somebody has looked.
        await relay.hears(TerminalAbout)
        assert isinstance(about := await relay.hears(TerminalAbout), TerminalAbout)
        assert about.faults == ("CACHE",)
        assert about.configuration["camera.fps"] == "10"
        await kiosk.shows("out_of_service")
        assert (await told(relay, TerminalAction.SCREENSHOT)).refused == "NOT_IDLE"
        assert (await told(relay, TerminalAction.USE_LAST_CONFIG)).refused == "NOT_BROKEN"
        assert (await told(relay, TerminalAction.FORGET_CACHE)).refused is None
        await kiosk.shows("idle")
        # The idle screen may be seen; and the terminal tests itself when it is asked.
        shown = await told(relay, TerminalAction.SCREENSHOT)
        assert shown.picture is not None
        assert base64.b64decode(shown.picture).startswith(b"\x89PNG")
        assert (await told(relay, TerminalAction.SELF_TEST)).refused is None
        report = await relay.hears(SelfTestReport)
        assert isinstance(report, SelfTestReport)
        assert report.cause is SelfTestCause.ASKED
        assert set(report.results.values()) == {
            CheckState.OK,
            CheckState.SYNTHETIC,
            CheckState.NOT_FITTED,
        }
        await relay.say(TerminalMode(maintenance=True))
        await kiosk.shows("maintenance")
        assert (await told(relay, TerminalAction.SCREENSHOT)).refused == "NOT_IDLE"
        await relay.say(TerminalMode(maintenance=False))
        await kiosk.shows("idle", 2)
        slot = SlotTimes(starts=relay.visit.starts, ends=relay.visit.ends)
        await relay.say(TerminalAgenda(now=datetime.now(UTC), slots=(slot,)))
        async with asyncio.timeout(10):
            while not cache.exists():
                await asyncio.sleep(0.05)
        known = SlotCache(cache.parent, Identity(cache.parent)).read()
        assert known is not None
        assert known.slots == ((slot.starts, slot.ends),)
        assert (await told(relay, TerminalAction.RESTART)).refused is None
        async with asyncio.timeout(10):
            assert await kiosk.process.wait() == 0
    finally:
        await kiosk.stop()


async def told(relay: FakeRelay, action: TerminalAction) -> CommandAnswer:
    ident = f"cmd-{len(relay.heard)}"
    await relay.say(TerminalCommand(id=ident, action=action))
    async with asyncio.timeout(20):
        while True:
            for message in relay.heard:
                if isinstance(message, CommandAnswer) and message.id == ident:
                    return message
            await asyncio.sleep(0.05)


async def test_a_damaged_configuration_starts_out_of_service_and_again_when_mended(
    relay: FakeRelay, terminal: MakeFolder
) -> None:
    file = terminal(relay.url)
    good = file.read_text()
    (file.parent / "state" / "kiosk.toml").write_text(good)
    file.write_text(good + "[nonsense\n")
    kiosk = await run_kiosk(file)
    try:
        await kiosk.shows("out_of_service")
        # What worked last tells it where its relay is, so that it can be repaired from there.
        assert isinstance(about := await relay.hears(TerminalAbout), TerminalAbout)
        assert about.faults == ("CONFIG",)
        file.write_text(good)
        async with asyncio.timeout(10):
            assert await kiosk.process.wait() == 0
    finally:
        await kiosk.stop()
