"""Camera and microphone: the real one, the synthetic one, or none and why.

Guarantees: ``auto`` takes real hardware when there is any and the synthetic source when there is
none; hardware that is there and does not work is FAILED, never silently replaced; hardware that
was asked for by name and is not there is ABSENT. Opening never raises.
Leaves to others: reading what was opened (`kiosk.engine.own`).
"""

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, cast

import av
from aiortc.contrib.media import MediaPlayer
from aiortc.mediastreams import MediaStreamError

from kiosk.engine.settings import Settings
from kiosk.engine.synthetic import SyntheticCamera, SyntheticMicrophone
from visit_protocol.vocabulary import DeviceState

log = logging.getLogger(__name__)

TRIED_FRAMES: Final = 3
"""One picture may still lie in a device that has just been pulled out."""
FIRST_FRAME_S: Final = 4.0
"""A device that gives nothing for this long after it was opened has failed."""
ALSA_CONFIG: Final = Path("/usr/share/alsa/alsa.conf")


class PictureSource(Protocol):
    """Anything that gives pictures in real time; `recv` raises `MediaStreamError` at the end."""

    async def recv(self) -> av.VideoFrame:
        """The next picture."""

    def stop(self) -> None:
        """Switch it off."""


class SoundSource(Protocol):
    """Anything that gives sound in real time; `recv` raises `MediaStreamError` at the end."""

    async def recv(self) -> av.AudioFrame:
        """The next piece."""

    def stop(self) -> None:
        """Switch it off."""


@dataclass(frozen=True, slots=True)
class OpenedCamera:
    """The state of the camera, and its pictures if it gives any."""

    state: DeviceState
    source: PictureSource | None = None


@dataclass(frozen=True, slots=True)
class OpenedMicrophone:
    """The state of the microphone, and its sound if it gives any."""

    state: DeviceState
    source: SoundSource | None = None


def find_alsa_configuration() -> None:
    """Point PyAV's own ALSA library at the system's configuration.

    WORKAROUND(https://github.com/PyAV-Org/PyAV): its wheels look for alsa.conf in the folder they
    were built in, and without it no device has a name.
    """
    if ALSA_CONFIG.exists():
        os.environ.setdefault("ALSA_CONFIG_PATH", str(ALSA_CONFIG))


def has_sound_card(direction: str) -> bool:
    """Whether ALSA has a device; ``direction`` is ``c`` for capture or ``p`` for playback."""
    return any(Path("/dev/snd").glob(f"pcm*{direction}"))


def find_camera(wanted: str) -> str | None:
    """The device file of the camera that is wanted; None for the synthetic one."""
    if wanted == "auto":
        return next((str(path) for path in sorted(Path("/dev").glob("video[0-9]*"))), None)
    return None if wanted == "synthetic" else wanted


def has_device(path: str) -> bool:
    """Whether there is such a device file."""
    return Path(path).exists()


def presence(settings: Settings) -> tuple[bool, bool]:
    """Whether there is a camera, and a sound card, of the kind that the settings ask for."""
    camera = find_camera(settings.camera)
    there = camera is not None and has_device(camera)
    return there, settings.microphone != "synthetic" and has_sound_card("c")


async def open_camera(settings: Settings) -> OpenedCamera:
    """The camera that the settings ask for, switched on."""
    path = find_camera(settings.camera)
    if path is not None and not has_device(path):
        log.error("no camera %s: plug it in, or change camera.device", path)
        return OpenedCamera(DeviceState.ABSENT)
    if path is None:
        camera = SyntheticCamera(settings.width, settings.height, settings.fps)
        return OpenedCamera(DeviceState.SYNTHETIC, camera)
    size = f"{settings.width}x{settings.height}"
    options = {"video_size": size, "framerate": str(settings.fps)}
    player = await _open(lambda: MediaPlayer(path, format="v4l2", options=options))
    if player is None or player.video is None:
        return OpenedCamera(DeviceState.FAILED)
    return OpenedCamera(DeviceState.OK, cast("PictureSource", player.video))


async def open_microphone(settings: Settings) -> OpenedMicrophone:
    """The microphone that the settings ask for, switched on."""
    name: str | None = None
    if settings.microphone == "auto":
        name = "default" if has_sound_card("c") else None
    elif settings.microphone != "synthetic":
        name = settings.microphone
        if not has_sound_card("c"):
            log.error("no microphone %s: plug it in, or change microphone.device", name)
            return OpenedMicrophone(DeviceState.ABSENT)
    if name is None:
        return OpenedMicrophone(DeviceState.SYNTHETIC, SyntheticMicrophone())
    device = name
    player = await _open(lambda: MediaPlayer(device, format="alsa"))
    if player is None or player.audio is None:
        return OpenedMicrophone(DeviceState.FAILED)
    return OpenedMicrophone(DeviceState.OK, cast("SoundSource", player.audio))


async def test_camera(settings: Settings) -> DeviceState:
    """Whether the camera gives a picture; it is off again afterwards."""
    opened = await open_camera(settings)
    return await _tried(opened.state, opened.source)


async def test_microphone(settings: Settings) -> DeviceState:
    """Whether the microphone gives sound; it is off again afterwards."""
    opened = await open_microphone(settings)
    return await _tried(opened.state, opened.source)


async def _tried(state: DeviceState, source: PictureSource | SoundSource | None) -> DeviceState:
    if source is None or state is not DeviceState.OK:
        return state
    try:
        async with asyncio.timeout(FIRST_FRAME_S):
            for _ in range(TRIED_FRAMES):
                await source.recv()
    except (MediaStreamError, TimeoutError):
        return DeviceState.FAILED
    finally:
        source.stop()
    return DeviceState.OK


async def _open(make: Callable[[], MediaPlayer]) -> MediaPlayer | None:
    try:
        return await asyncio.to_thread(make)
    except (OSError, av.FFmpegError, ValueError) as error:
        log.warning("a device cannot be opened (%s)", type(error).__name__)
        return None
