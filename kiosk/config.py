"""The kiosk's configuration: one TOML file, one closed model.

Guarantees: an unknown key, a missing key or a value out of bounds raises `ConfigError`, whose one
line names the file, the key and the mend; every field has a title, a description and bounds, and
``config/`` is generated from them; a secret stands in a file of its own that only its owner reads.
Leaves to others: whether the devices are really there (`kiosk.engine`).
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from kiosk.languages import languages
from settings import ConfigError, Section, read_model, read_private

MM_PER_INCH = 25.4
TARGET_MM = 20.0
"""The smallest side of anything to touch (screens.md)."""

DeviceName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class RelaySection(Section):
    """The line to the relay."""

    url: str = Field(
        title="Relay address",
        description="WebSocket address of the relay's terminal endpoint, "
        "e.g. wss://relay.example/api/v1/terminal.",
        pattern=r"^wss?://[^\s]+$",
        max_length=500,
    )
    ca_file: Path | None = Field(
        default=None,
        title="Certificate authority",
        description="PEM file to trust for wss:// instead of the system's authorities.",
    )


class ScreenSection(Section):
    """The touch screen; together its size and resolution give the size of a finger."""

    width: int = Field(
        default=1280, ge=800, le=7680, title="Width", description="Horizontal resolution in pixels."
    )
    height: int = Field(
        default=1024, ge=600, le=4320, title="Height", description="Vertical resolution in pixels."
    )
    diagonal_inches: float = Field(
        default=19.0,
        ge=7.0,
        le=100.0,
        title="Diagonal",
        description="Visible diagonal in inches; targets are at least 20 mm by it.",
    )

    @property
    def pixels_per_mm(self) -> float:
        """Pixels per millimetre of the glass."""
        return float((self.width**2 + self.height**2) ** 0.5 / (self.diagonal_inches * MM_PER_INCH))

    @property
    def target_px(self) -> int:
        """The smallest side of a touch target in pixels."""
        return int(TARGET_MM * self.pixels_per_mm) + 1


class CameraSection(Section):
    """The camera and the picture it sends."""

    device: DeviceName = Field(
        default="auto",
        title="Camera",
        description="'auto' takes the first V4L2 camera or else the synthetic one; 'synthetic'; "
        "or a device like /dev/video0, without which the terminal is out of service.",
    )
    width: int = Field(
        default=640,
        ge=160,
        le=1280,
        multiple_of=2,
        title="Width",
        description="Width of the sent picture in pixels.",
    )
    height: int = Field(
        default=360,
        ge=90,
        le=720,
        multiple_of=2,
        title="Height",
        description="Height of the sent picture in pixels.",
    )
    fps: int = Field(
        default=25, ge=1, le=30, title="Frame rate", description="Sent pictures per second."
    )


class MicrophoneSection(Section):
    """The microphone."""

    device: DeviceName = Field(
        default="auto",
        title="Microphone",
        description="'auto' takes ALSA's default or else the synthetic tone; 'synthetic'; or an "
        "ALSA name like plughw:1,0, without which the terminal is out of service.",
    )


class SpeakerSection(Section):
    """The handset's speaker, or a loudspeaker."""

    mode: Literal["handset", "loudspeaker"] = Field(
        default="handset",
        title="Mode",
        description="A loudspeaker is heard by the microphone: its echo is cancelled (ADR 0021). "
        "It needs bridge.handset = false where the booth has a board.",
    )

    device: DeviceName = Field(
        default="auto",
        title="Speaker",
        description="'auto' takes ALSA's default when there is one; 'none'; or an ALSA name. "
        "A missing speaker is reported and is not fatal.",
    )


class BridgeSection(Section):
    """The bridge to this booth's board."""

    socket: Path | None = Field(
        default=None,
        title="Socket",
        description="The bridge's kiosk.sock, e.g. /run/parloir-bridge/kiosk.sock; relative to "
        "this file. Empty: the booth has no board.",
    )
    required: bool = Field(
        default=True,
        title="Required",
        description="No visit while the board is away; false where the board has no power to give.",
    )
    handset: bool = Field(
        default=True,
        title="Handset",
        description="The handset hangs on a hook that the board senses: a visit is joined with it "
        "lifted, and hanging up ends it. False in speaker mode.",
    )
    badge: bool = Field(
        default=False,
        title="Badge",
        description="Nobody is let in without a badge on the reader beside the PIN; taking it away "
        "signs out.",
    )


class SelfTestSection(Section):
    """The nightly self-test."""

    at: str = Field(
        default="03:30",
        title="Time",
        description="When the terminal tests itself every night, on the facility's clock; the "
        "terminals of a facility are spread over half an hour from then.",
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
    )


class PatienceSection(Section):
    """How long a screen waits before the booth rests again."""

    identify_s: float = Field(
        default=60,
        ge=5,
        le=600,
        title="PIN screen",
        description="Seconds without a key before the PIN screen closes.",
    )
    preparing_s: float = Field(
        default=180,
        ge=10,
        le=1800,
        title="Getting ready",
        description="Seconds that the notice and the camera test wait for a choice.",
    )
    message_s: float = Field(
        default=60,
        ge=5,
        le=600,
        title="Messages",
        description="Seconds that a reason why a visit cannot be stays on the screen.",
    )
    ended_s: float = Field(
        default=30,
        ge=2,
        le=600,
        title="After a visit",
        description="Seconds that the end of a visit stays on the screen.",
    )
    left_s: float = Field(
        default=2,
        ge=0.5,
        le=60,
        title="Handset down",
        description="Seconds with the handset hung up, or the badge away, before the log-in ends.",
    )
    left_in_visit_s: float = Field(
        default=10,
        ge=2,
        le=120,
        title="Handset down in a visit",
        description="The same once the visit was joined: then the visit ends.",
    )


class KioskConfig(Section):
    """One terminal."""

    auto_pin_file: Path | None = Field(
        default=None,
        title="PIN for --auto",
        description="File with the PIN that --auto types, mode 0600; only for an example facility.",
    )
    language: str = Field(
        default="ru",
        title="Language",
        description="What the screens speak when nobody has chosen: a folder of locales/.",
        pattern=r"^[a-z]{2,3}$",
    )
    relay: RelaySection
    screen: ScreenSection = ScreenSection()
    camera: CameraSection = CameraSection()
    microphone: MicrophoneSection = MicrophoneSection()
    speaker: SpeakerSection = SpeakerSection()
    bridge: BridgeSection = BridgeSection()
    patience: PatienceSection = PatienceSection()
    self_test: SelfTestSection = SelfTestSection()


def _check_handset(path: Path, config: KioskConfig) -> None:
    wants_handset = config.bridge.socket is not None and config.bridge.handset
    if config.speaker.mode == "loudspeaker" and wants_handset:
        raise ConfigError(f"{path}: bridge.handset: must be false with speaker.mode = loudspeaker")


def read_config(path: Path, folder: Path | None = None) -> KioskConfig:
    """The configuration in ``path``, its file names made absolute, under ``folder`` if it is given.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or a key or value is wrong.
    """
    config = read_model(path, KioskConfig)
    _check_handset(path, config)
    if config.language not in languages():
        known = ", ".join(languages())
        raise ConfigError(f"{path}: language: there is no {config.language!r}; take one of {known}")
    folder = folder or path.resolve().parent
    pin_file = folder / config.auto_pin_file if config.auto_pin_file else None
    ca_file = folder / config.relay.ca_file if config.relay.ca_file else None
    bridge_socket = folder / config.bridge.socket if config.bridge.socket else None
    return config.model_copy(
        update={
            "auto_pin_file": pin_file,
            "relay": config.relay.model_copy(update={"ca_file": ca_file}),
            "bridge": config.bridge.model_copy(update={"socket": bridge_socket}),
        }
    )


def read_secret(path: Path) -> str:
    """The secret in ``path``, without surrounding space.

    Raises:
        ConfigError: it cannot be read, is empty, or others than its owner may read it.
    """
    secret = read_private(path)
    if not secret:
        raise ConfigError(f"{path}: is empty; put the secret there")
    return secret
