"""The real engine process: devices, a call with a stock aiortc peer, and its end."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from kiosk.engine import control
from kiosk.engine.frames import FrameReader, Picture
from kiosk.engine.process import EngineProcess
from kiosk.engine.settings import Settings
from kiosk.engine.sound import SecondOfSound
from kiosk.engine.synthetic import TONE_HZ, decode_counter
from tests.kiosk import far_end
from tests.kiosk.far_end import FarEnd

T = TypeVar("T", bound=control.Word)

SETTINGS = Settings(
    camera="synthetic", width=320, height=180, fps=10, microphone="synthetic", speaker="none"
)


class Screens:
    """The screens' side of the line, for a test."""

    def __init__(self, settings: Settings) -> None:
        self.process = EngineProcess(settings)
        self.heard: list[control.Word] = []

    def say(self, word: control.Word) -> None:
        self.process.line.send(control.encode(word))

    async def hears(self, kind: type[T], timeout_s: float = 40) -> T:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(timeout_s):
            while True:
                packet = await loop.sock_recv(self.process.line, control.MAX_PACKET)
                assert packet, "the engine is gone"
                word = control.decode(packet, control.FROM_ENGINE)
                self.heard.append(word)
                if isinstance(word, kind):
                    return word


def counter_of(picture: Picture) -> int | None:
    rows = np.frombuffer(picture.data, np.uint8).reshape(picture.height, -1, 4)
    return decode_counter(rows[:, : picture.width].mean(axis=2).astype(np.uint8))


async def falls_silent(screens: Screens) -> bool:
    for _ in range(1000):
        try:
            await screens.hears(control.FrameWritten, timeout_s=0.5)
        except TimeoutError:
            return True
    return False


def mapped_files(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.fixture
async def screens() -> AsyncIterator[Screens]:
    made = Screens(SETTINGS)
    yield made
    made.process.stop()


async def test_the_camera_is_off_until_it_is_opened_and_off_again_when_closed(
    screens: Screens,
) -> None:
    started = await screens.hears(control.Started)
    assert (started.camera, started.microphone) == ("SYNTHETIC", "SYNTHETIC")
    assert screens.process.frames.latest("own") is None
    screens.say(control.OpenDevices())
    await screens.hears(control.FrameWritten)
    picture = screens.process.frames.latest("own")
    assert picture is not None
    assert counter_of(picture) is not None
    screens.say(control.CloseDevices())
    assert await falls_silent(screens)


async def test_picture_and_sound_go_both_ways(screens: Screens) -> None:
    far = FarEnd()
    await screens.hears(control.Started)
    screens.say(control.OpenDevices())
    screens.say(control.MakeOffer("o1"))
    offer = await screens.hears(control.OfferMade)
    assert "m=application" not in offer.sdp
    assert " 127.0.0.1 " in offer.sdp
    assert offer.sdp.count("a=sendrecv") == 2
    screens.say(control.TakeAnswer("o1", await far.answer(offer.sdp)))
    changed = await screens.hears(control.PeerChanged)
    assert changed == control.PeerChanged("o1", "connected")

    reader = FrameReader.of_process(screens.process.pid)
    seen: set[int] = set()
    tone = 0.0
    async with asyncio.timeout(30):
        while len(seen) < 10 or abs(tone - far_end.TONE_HZ) > 5 or len(far.counters) < 10:
            await screens.hears(control.FrameWritten)
            picture, sound = reader.latest("remote"), reader.sound()
            if picture is not None and (counter := counter_of(picture)) is not None:
                seen.add(counter)
            tone = sound.frequency_hz if sound is not None else 0.0
    assert max(seen) > 1000  # the far end counts from there
    assert far.counters == sorted(far.counters)
    assert abs(far.sound.levels()[2] - TONE_HZ) < 5

    await far.close()
    lost = await screens.hears(control.PeerChanged)
    assert lost.state == "failed"


async def connected(screens: Screens, far: FarEnd) -> None:
    await screens.hears(control.Started)
    screens.say(control.OpenDevices())
    screens.say(control.MakeOffer("o1"))
    offer = await screens.hears(control.OfferMade)
    screens.say(control.TakeAnswer("o1", await far.answer(offer.sdp)))
    await screens.hears(control.PeerChanged)


async def test_the_picture_follows_the_network_down_and_the_sound_stays() -> None:
    screens, far = Screens(replace(SETTINGS, width=640, height=360)), FarEnd()
    await connected(screens, far)
    async with asyncio.timeout(40):
        while (640, 360) not in far.sizes:
            await screens.hears(control.FrameWritten)
        while (320, 180) not in far.sizes:
            await far.allow(150_000)
            await screens.hears(control.RemoteSound)
        paused: control.Word | None = None
        while paused != control.PicturesPaused(own=True, remote=False):
            await far.allow(50_000)
            await screens.hears(control.OwnSound)
            said = [word for word in screens.heard if isinstance(word, control.PicturesPaused)]
            paused = said[-1] if said else None
    far.sizes.clear()
    far.sound = SecondOfSound()
    for _ in range(20):
        await screens.hears(control.OwnSound)
    assert len(far.sizes) <= 1  # one may have been on its way
    assert abs(far.sound.levels()[2] - TONE_HZ) < 5
    await far.close()
    screens.process.stop()


async def test_a_picture_that_comes_no_more_is_reported_while_there_is_sound(
    screens: Screens,
) -> None:
    far = FarEnd()
    await connected(screens, far)
    while screens.process.frames.latest("remote") is None:
        await screens.hears(control.FrameWritten)
    far.picture.still = True
    assert await screens.hears(control.PicturesPaused) == control.PicturesPaused(False, True)
    far.picture.still = False
    assert await screens.hears(control.PicturesPaused) == control.PicturesPaused(False, False)
    await far.close()


async def test_an_unusable_answer_is_a_failed_connection(screens: Screens) -> None:
    await screens.hears(control.Started)
    screens.say(control.MakeOffer("o1"))
    await screens.hears(control.OfferMade)
    screens.say(control.TakeAnswer("o1", "v=0\r\nm=nonsense"))
    assert await screens.hears(control.PeerChanged) == control.PeerChanged("o1", "failed")


async def test_noise_on_the_line_changes_nothing(screens: Screens) -> None:
    await screens.hears(control.Started)
    screens.process.line.send(b"{}")
    screens.say(control.OpenDevices())
    await screens.hears(control.FrameWritten)


async def test_a_camera_asked_for_by_name_that_is_not_there_is_absent() -> None:
    screens = Screens(Settings(camera="/dev/video-none", microphone="plughw:9"))
    started = await screens.hears(control.Started)
    assert (started.camera, started.microphone) == ("ABSENT", "ABSENT")
    screens.process.stop()


@pytest.mark.parametrize("protected", [False, True])
async def test_opencv_is_never_in_an_engine_for_protected_visits(protected: bool) -> None:
    screens = Screens(Settings(camera="synthetic", microphone="synthetic", protected=protected))
    await screens.hears(control.Started)
    screens.say(control.OpenDevices())
    await screens.hears(control.FrameWritten)
    # Obeyed in order: once the offer is made, the watcher was loaded or never will be.
    screens.say(control.MakeOffer("o1"))
    await screens.hears(control.OfferMade)
    assert ("/cv2/" in mapped_files(screens.process.pid)) is not protected
    screens.process.stop()


async def test_the_engine_ends_when_the_screens_hang_up(screens: Screens) -> None:
    await screens.hears(control.Started)
    pid = screens.process.pid
    screens.process.stop()
    assert not alive(pid)


def test_the_engine_dies_with_its_parent_even_when_it_hangs() -> None:
    program = (
        "import os, signal, sys\n"
        "from kiosk.engine.process import EngineProcess\n"
        "from kiosk.engine.settings import Settings\n"
        "import select\n"
        "engine = EngineProcess(Settings(camera='synthetic', microphone='synthetic'))\n"
        "select.select([engine.line], [], [])\n"
        "os.kill(engine.pid, signal.SIGSTOP)\n"
        "print(engine.pid, flush=True)\n"
        "signal.pause()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    engine = int(parent.stdout.readline())
    watch = os.pidfd_open(engine)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert select.select([watch], [], [], 5)[0], "the engine outlived its parent"
    os.close(watch)
