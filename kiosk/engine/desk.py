"""`EngineDesk`: takes the screens' words, gives the engine's.

Guarantees: words are obeyed one after another; a picture notice is dropped rather than waited for,
any other word waits its turn; end of file on the socket ends the engine with devices off; in an
engine started with ``--protected`` nothing looks at pictures and `kiosk.engine.health` is never
loaded.
Leaves to others: everything that touches media.
"""

import asyncio
import importlib
import logging
import os
import socket
import time
from collections import deque
from typing import Final, Protocol, cast

import av
import numpy as np
from numpy.typing import NDArray

from kiosk.engine import control
from kiosk.engine.devices import (
    find_alsa_configuration,
    presence,
    test_camera,
    test_microphone,
)
from kiosk.engine.echo import EchoCanceller
from kiosk.engine.frames import FrameWriter
from kiosk.engine.own import OwnMedia
from kiosk.engine.peer import Peer, PeerState, prepare_ice
from kiosk.engine.plug import WORKING
from kiosk.engine.remote import RemoteMedia
from kiosk.engine.sender import prepare_senders
from kiosk.engine.settings import Settings
from kiosk.engine.speaker import Speaker, tone_frames
from kiosk.engine.voice import Voice, has_voice
from visit_protocol.vocabulary import DeviceState

log = logging.getLogger(__name__)

PULSE_S: Final = 0.1
IDLE_LOOK_S: Final = 0.5
IDLE_RETEST_S: Final = 3.0
"""A device that is there and does not work is tried so often."""
TONE_S: Final = 0.3
OUTBOX: Final = 256
"""Words that may wait for a stalled screen; more means that it is not coming back."""


class _Watcher(Protocol):
    def look(self, luma: NDArray[np.uint8]) -> tuple[str, ...]:
        """`kiosk.engine.health.PictureHealth.look`."""


class EngineDesk:
    """One engine process."""

    def __init__(self, settings: Settings, line: socket.socket, frames_fd: int) -> None:
        prepare_ice()
        prepare_senders()
        find_alsa_configuration()
        self._settings = settings
        self._line = line
        self._writer = FrameWriter(frames_fd)
        self._speaker = Speaker(settings.speaker)
        self._voice = Voice(self._speaker.play)
        self._own = OwnMedia(settings, self._writer, self._say, self._tell_devices)
        if settings.loudspeaker:
            canceller = EchoCanceller()
            self._speaker.played, self._own.clean = canceller.played, canceller.clean
        self._remote = RemoteMedia(self._writer, self._speaker, self._say)
        self._idle_states = (DeviceState.ABSENT, DeviceState.ABSENT)
        """What the devices were like when they were last off."""
        self._present = (False, False)
        self._testing = asyncio.Lock()
        self._peer: Peer | None = None
        self._peer_id = ""
        self._watcher: _Watcher | None = None
        self._looked_at = 0.0
        self._faults: tuple[str, ...] = ()
        self._outbox: deque[bytes] = deque()
        self._closing: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Serve the screens until they hang up."""
        self._line.setblocking(False)
        camera, microphone = await asyncio.gather(
            test_camera(self._settings), test_microphone(self._settings)
        )
        camera, microphone = self._own.camera.judge(camera), self._own.microphone.judge(microphone)
        self._idle_states, self._present = (camera, microphone), presence(self._settings)
        states = (camera, microphone, self._speaker.state)
        self._say(control.Started(os.getpid(), *states, speech=has_voice()))
        pulse = asyncio.create_task(self._pulse())
        watch = asyncio.create_task(self._watch_idle_devices())
        while packet := await self._next_packet():
            try:
                await self._obey(control.decode(packet, control.TO_ENGINE))
            except control.ControlError as error:
                log.error("the screens said %s", error)
        pulse.cancel()
        watch.cancel()
        self._voice.hush()
        await self._own.close()
        self._speaker.stop()

    async def _pulse(self) -> None:
        while True:
            self._say(control.Pulse(time.monotonic_ns()))
            await asyncio.sleep(PULSE_S)

    async def _next_packet(self) -> bytes:
        """The next packet; empty when the screens have hung up or died."""
        try:
            return await asyncio.get_running_loop().sock_recv(self._line, control.MAX_PACKET)
        except ConnectionResetError:
            return b""

    async def _obey(self, word: control.Word) -> None:
        match word:
            case control.OpenDevices():
                await self._open_devices()
            case control.CloseDevices():
                await self._own.close()
            case control.MakeOffer(id=offer):
                await self._make_offer(offer)
            case control.TakeAnswer(id=offer, sdp=sdp):
                if self._peer is not None and offer == self._peer_id:
                    await self._peer.answer(sdp)
            case control.ClosePeer():
                self._drop_peer()
            case control.Speak(text=text, language=language, prompt=prompt):
                self._voice.say(text, language, prompt)
            case control.Hush():
                self._voice.hush()
            case control.PlayTone():
                for frame in tone_frames():
                    self._speaker.play(frame)
            case control.TestDevices():
                await self._test_devices()

    # ── devices ────────────────────────────────────────────────────────────────────────────
    async def _watch_idle_devices(self) -> None:
        """Notice what is unplugged or plugged in while the devices are off."""
        checked_at = time.monotonic()
        while True:
            await asyncio.sleep(IDLE_LOOK_S)
            if self._own.is_open or self._testing.locked():
                continue
            present = presence(self._settings)
            broken = not WORKING.issuperset(self._idle_states)
            again = broken and time.monotonic() - checked_at >= IDLE_RETEST_S
            if present == self._present and not again:
                continue
            self._present, checked_at = present, time.monotonic()
            before = self._idle_states
            await self._try_devices()
            if self._idle_states != before and not self._own.is_open:
                self._say(control.DevicesChanged(*self._idle_states, self._speaker.state))

    async def _try_devices(self) -> None:
        """Try camera and microphone unless they are in use, which says more than a test."""
        async with self._testing:
            if self._own.is_open:
                self._idle_states = self._own.states()
                return
            camera, microphone = await asyncio.gather(
                test_camera(self._settings), test_microphone(self._settings)
            )
            own = self._own
            self._idle_states = own.camera.judge(camera), own.microphone.judge(microphone)

    async def _test_devices(self) -> None:
        await self._try_devices()
        for frame in tone_frames():
            self._speaker.play(frame)
        await asyncio.sleep(TONE_S)  # a device that cannot be written to fails meanwhile
        self._say(control.DevicesTested(*self._idle_states, self._speaker.state))

    async def _open_devices(self) -> None:
        async with self._testing:
            await self._own.open()
        self._tell_devices()
        if not self._settings.protected:
            if self._watcher is None:
                self._watcher = await asyncio.to_thread(_load_watcher)
            self._own.look = self._look

    def _tell_devices(self) -> None:
        camera, microphone = self._own.states()
        self._say(control.DevicesChanged(camera, microphone, self._speaker.state))

    async def _make_offer(self, offer: str) -> None:
        self._drop_peer()
        await self._own.open()
        peer = Peer(
            self._own,
            self._remote,
            on_change=lambda state: self._peer_changed(offer, state),
            on_paused=lambda own, remote: self._say(control.PicturesPaused(own, remote)),
            on_network=self._say,
        )
        self._peer, self._peer_id = peer, offer
        self._say(control.OfferMade(offer, await peer.offer()))

    def _drop_peer(self) -> None:
        peer, self._peer = self._peer, None
        if peer is not None:
            self._say(control.PicturesPaused(own=False, remote=False))
            # In the background: aiortc joins its decoder's thread while it closes.
            task = asyncio.create_task(peer.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _peer_changed(self, offer: str, state: PeerState) -> None:
        if offer == self._peer_id and self._peer is not None:
            self._say(control.PeerChanged(offer, state))

    def _look(self, frame: av.VideoFrame) -> None:
        """Look at the picture five times a second."""
        if self._watcher is None or time.monotonic() - self._looked_at < 0.2:
            return
        self._looked_at = time.monotonic()
        plane = np.asarray(frame.reformat(format="gray").to_ndarray(), np.uint8)
        faults = self._watcher.look(plane)
        if faults != self._faults:
            self._faults = faults
            self._say(control.PictureHealth(faults))

    # ── the line ───────────────────────────────────────────────────────────────────────────
    def _say(self, word: control.Word) -> None:
        packet = control.encode(word)
        fleeting = isinstance(word, control.FrameWritten | control.Pulse)
        if self._outbox:
            if not fleeting and len(self._outbox) < OUTBOX:
                self._outbox.append(packet)
            return
        if not self._sent(packet) and not fleeting:
            self._outbox.append(packet)
            asyncio.get_running_loop().add_writer(self._line, self._catch_up)

    def _catch_up(self) -> None:
        while self._outbox and self._sent(self._outbox[0]):
            self._outbox.popleft()
        if not self._outbox:
            asyncio.get_running_loop().remove_writer(self._line)

    def _sent(self, packet: bytes) -> bool:
        """Whether the line took it; a line that is gone takes everything."""
        try:
            self._line.send(packet)
        except BlockingIOError:
            return False
        except OSError:
            return True  # the reader sees the end of file and ends the engine
        return True


def _load_watcher() -> _Watcher:
    # By name and only here: OpenCV must not come into an engine for protected visits.
    health = importlib.import_module("kiosk.engine.health")
    return cast("_Watcher", health.PictureHealth())
