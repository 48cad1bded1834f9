"""`RemoteMedia`: the other party's picture into shared memory, the voice into the speaker.

Guarantees: one task per track, ended with the peer; twice a second the sound is measured and
published; when the peer goes the level falls to zero and the last picture is nobody's.
Leaves to others: the transport (`kiosk.engine.peer`).
"""

import asyncio
import time
from typing import Final

import av
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from kiosk.engine import control
from kiosk.engine.frames import FrameWriter
from kiosk.engine.own import Say, publish
from kiosk.engine.sound import SecondOfSound
from kiosk.engine.speaker import Speaker

MEASURE_EVERY_S: Final = 0.5


class RemoteMedia:
    """What arrives from the relay."""

    def __init__(self, writer: FrameWriter, speaker: Speaker, say: Say) -> None:
        self._writer = writer
        self._speaker = speaker
        self._say = say
        self.pictures = 0
        self.sounds = 0
        """How many have come of each since the engine started."""
        self._tasks: set[asyncio.Task[None]] = set()

    def receive(self, track: MediaStreamTrack) -> None:
        """Read ``track`` until it ends."""
        reading = self._watch(track) if track.kind == "video" else self._hear(track)
        task = asyncio.create_task(reading)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def silence(self) -> None:
        """The peer is gone."""
        for task in self._tasks:
            task.cancel()
        self._writer.write_sound(0.0, 0.0, 0.0, b"")
        self._say(control.RemoteSound(0.0, 0.0, 0.0))

    async def _watch(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    self.pictures += 1
                    publish(self._writer, self._say, "remote", frame)
        except MediaStreamError:
            return

    async def _hear(self, track: MediaStreamTrack) -> None:
        second, measured_at = SecondOfSound(), time.monotonic()
        try:
            while True:
                frame = await track.recv()
                if not isinstance(frame, av.AudioFrame):
                    continue
                self.sounds += 1
                self._speaker.play(frame)
                second.hear(frame)
                if time.monotonic() - measured_at >= MEASURE_EVERY_S:
                    measured_at = time.monotonic()
                    rms, peak, tone = second.levels()
                    self._writer.write_sound(rms, peak, tone, second.pcm.tobytes())
                    self._say(control.RemoteSound(rms, peak, tone))
        except MediaStreamError:
            return
