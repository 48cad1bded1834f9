"""A camera that is pulled out and put back while it is in use, as a source of our own."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import av
import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from kiosk.engine import control
from kiosk.engine.devices import OpenedCamera, OpenedMicrophone
from kiosk.engine.frames import FrameWriter, make_shared_memory
from kiosk.engine.own import OwnMedia
from kiosk.engine.settings import Settings
from visit_protocol.vocabulary import DeviceState

NOTICE_S, BACK_S = 2.0, 5.0
TIMES = 20


@dataclass
class Socket:
    """Where the camera is plugged in, or not; ``hung`` says nothing and does not end either."""

    plugged: bool = True
    hung: bool = False
    real: bool = True
    open_sources: int = 0
    changes: asyncio.Queue[tuple[float, DeviceState]] = field(default_factory=asyncio.Queue)

    async def open(self, _settings: Settings) -> OpenedCamera:
        if not self.plugged:
            # As 'auto' does it: without a camera there is the synthetic one.
            state = DeviceState.ABSENT if self.real else DeviceState.SYNTHETIC
            return OpenedCamera(state, None if self.real else Camera(self))
        return OpenedCamera(DeviceState.OK, Camera(self))

    async def next_change(self) -> tuple[float, DeviceState]:
        async with asyncio.timeout(10):
            return await self.changes.get()


class Camera:
    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        socket.open_sources += 1

    async def recv(self) -> av.VideoFrame:
        await asyncio.sleep(0.02)
        if self.socket.hung:
            await asyncio.sleep(3600)
        if not self.socket.plugged:
            raise MediaStreamError
        return av.VideoFrame.from_ndarray(np.zeros((90, 160, 3), np.uint8), format="rgb24")

    def stop(self) -> None:
        self.socket.open_sources -= 1


async def silence(_settings: Settings) -> OpenedMicrophone:
    return OpenedMicrophone(DeviceState.ABSENT)


@pytest.fixture
def camera() -> Socket:
    return Socket()


@pytest.fixture
async def own(camera: Socket) -> AsyncIterator[OwnMedia]:
    said: list[control.Word] = []

    def changed() -> None:
        camera.changes.put_nowait((time.monotonic(), made.states()[0]))

    made = OwnMedia(
        Settings(), FrameWriter(make_shared_memory()), said.append, changed,
        open_camera=camera.open, open_microphone=silence,
    )  # fmt: skip
    await made.open()
    yield made
    await made.close()
    assert camera.open_sources == 0


async def test_a_camera_unplugged_twenty_times_is_noticed_and_comes_back(
    camera: Socket, own: OwnMedia
) -> None:
    picture, sound = own.tracks()
    await asyncio.wait_for(picture.recv(), 2)
    for _ in range(TIMES):
        pulled = time.monotonic()
        camera.plugged = False
        at, state = await camera.next_change()
        assert state is DeviceState.FAILED
        assert at - pulled <= NOTICE_S
        camera.plugged = True
        put_back = time.monotonic()
        at, state = await camera.next_change()
        while state is DeviceState.ABSENT:  # it was looked for in between
            at, state = await camera.next_change()
        assert state is DeviceState.OK
        assert at - put_back <= BACK_S
        # The track that the call sends has pictures again, without another offer.
        await asyncio.wait_for(picture.recv(), 2)
    own.drop(picture, sound)


async def test_a_camera_that_hangs_is_noticed_like_one_that_ends(
    camera: Socket, own: OwnMedia
) -> None:
    await asyncio.sleep(0.1)
    hung = time.monotonic()
    camera.hung = True
    at, state = await camera.next_change()
    assert state is DeviceState.FAILED
    assert at - hung <= NOTICE_S
    camera.hung = False
    assert (await camera.next_change())[1] is DeviceState.OK


async def test_nothing_synthetic_takes_the_place_of_a_camera_that_was_there(
    camera: Socket, own: OwnMedia
) -> None:
    await asyncio.sleep(0.1)
    camera.real = False
    camera.plugged = False
    states = [(await camera.next_change())[1] for _ in range(2)]
    assert states == [DeviceState.FAILED, DeviceState.ABSENT]
