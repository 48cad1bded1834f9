"""`OwnMedia`: this end's camera and microphone while they are on.

Guarantees: each source is read by one task; its pictures go to the shared memory and to every
track made here, its loudness to the screens; closing switches the devices off before it returns; a
device that is unplugged is reported, the rest goes on, and it comes back by itself.
Leaves to others: which devices (`kiosk.engine.devices`), sending (`kiosk.engine.peer`).
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

import av
from aiortc.mediastreams import MediaStreamTrack

from kiosk.engine import control
from kiosk.engine.devices import OpenedCamera, OpenedMicrophone, open_camera, open_microphone
from kiosk.engine.frames import MAX_HEIGHT, MAX_WIDTH, FrameWriter, Region
from kiosk.engine.plug import Plug
from kiosk.engine.quality import RUNGS, divisor
from kiosk.engine.settings import Settings
from kiosk.engine.sound import Loudness
from visit_protocol.vocabulary import DeviceState

log = logging.getLogger(__name__)

Say = Callable[[control.Word], None]
Look = Callable[[av.VideoFrame], None]
Clean = Callable[[av.AudioFrame], list[av.AudioFrame]]
OpenCamera = Callable[[Settings], Awaitable[OpenedCamera]]
OpenMicrophone = Callable[[Settings], Awaitable[OpenedMicrophone]]

LEVEL_EVERY_S: Final = 0.1
SOUND_BACKLOG: Final = 10


class PictureTrack(MediaStreamTrack):
    """The newest picture of the camera, as a track; a slow reader misses pictures.

    Pictures are shrunk to ``rung``, and there are none while it has none.
    """

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self.rung = RUNGS[0]
        self._frames: asyncio.Queue[av.VideoFrame] = asyncio.Queue(1)

    def take(self, frame: av.VideoFrame) -> None:
        """Keep the newest picture."""
        if self.rung.side == 0:
            return
        if self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait(frame)

    async def recv(self) -> av.VideoFrame:
        """The next picture."""
        frame = await self._frames.get()
        if self.rung.side == 0:
            return frame  # taken a moment before
        by = divisor(self.rung, frame.width, frame.height)
        if by == 1:
            return frame
        width, height = (round(side / by / 2) * 2 for side in (frame.width, frame.height))
        return frame.reformat(width=width, height=height)


class SoundTrack(MediaStreamTrack):
    """The microphone as a track; what a slow reader leaves for 0.2 s is lost."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._frames: asyncio.Queue[av.AudioFrame] = asyncio.Queue(SOUND_BACKLOG)

    def take(self, frame: av.AudioFrame) -> None:
        """Keep what comes next."""
        if self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait(frame)

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms or so."""
        return await self._frames.get()


def publish(writer: FrameWriter, say: Say, region: Region, frame: av.VideoFrame) -> None:
    """Write ``frame`` as BGRA to the shared memory and say so; too large a picture is shrunk."""
    shrink = min(1.0, MAX_WIDTH / frame.width, MAX_HEIGHT / frame.height)
    width, height = int(frame.width * shrink), int(frame.height * shrink)
    bgra = frame.reformat(width=width, height=height, format="bgra")
    plane = bgra.planes[0]
    sequence = writer.write(region, width, height, plane.line_size, memoryview(plane))
    say(control.FrameWritten(region, sequence))


class OwnMedia:
    """Camera and microphone, off until `open`."""

    def __init__(
        self,
        settings: Settings,
        writer: FrameWriter,
        say: Say,
        on_change: Callable[[], None],
        *,
        open_camera: OpenCamera = open_camera,
        open_microphone: OpenMicrophone = open_microphone,
    ) -> None:
        """``on_change`` hears of a device that was lost or came back."""
        self._writer = writer
        self._say = say
        self._tasks: list[asyncio.Task[None]] = []
        self._pictures: set[PictureTrack] = set()
        self._sounds: set[SoundTrack] = set()
        self._loudness, self._told_at = Loudness(), 0.0
        self.camera: Plug[av.VideoFrame] = Plug("camera", lambda: open_camera(settings), on_change)
        self.microphone: Plug[av.AudioFrame] = Plug(
            "microphone", lambda: open_microphone(settings), on_change
        )
        self.clean: Clean | None = None
        """Takes the echo out of the microphone; `EchoCanceller.clean` in speaker mode."""
        self.look: Look | None = None
        """Sees every picture of the camera; never set in an engine for protected visits."""

    @property
    def is_open(self) -> bool:
        """Whether the devices are switched on."""
        return bool(self._tasks)

    async def open(self) -> None:
        """Switch the devices on; does nothing when they are."""
        if self.is_open:
            return
        await self.camera.open()
        await self.microphone.open()
        self._tasks = [
            asyncio.create_task(self.camera.follow(self._film)),
            asyncio.create_task(self.microphone.follow(self._listen)),
        ]

    async def close(self) -> None:
        """Switch the devices off."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.camera.close()
        self.microphone.close()

    def states(self) -> tuple[DeviceState, DeviceState]:
        """Camera and microphone, while they are open."""
        return self.camera.state, self.microphone.state

    def tracks(self) -> tuple[PictureTrack, SoundTrack]:
        """New tracks for a peer; give them back with `drop`."""
        picture, sound = PictureTrack(), SoundTrack()
        self._pictures.add(picture)
        self._sounds.add(sound)
        return picture, sound

    def drop(self, picture: PictureTrack, sound: SoundTrack) -> None:
        """A peer is done with its tracks."""
        self._pictures.discard(picture)
        self._sounds.discard(sound)

    def _film(self, frame: av.VideoFrame) -> None:
        publish(self._writer, self._say, "own", frame)
        if self.look is not None:
            self.look(frame)
        for track in self._pictures:
            track.take(frame)

    def _listen(self, frame: av.AudioFrame) -> None:
        for piece in [frame] if self.clean is None else self.clean(frame):
            for track in self._sounds:
                track.take(piece)
        if time.monotonic() - self._told_at >= LEVEL_EVERY_S:
            self._told_at = time.monotonic()
            self._say(control.OwnSound(self._loudness.of(frame)))
