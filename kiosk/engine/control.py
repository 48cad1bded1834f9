"""The few words between the screens and the engine, over an AF_UNIX seqpacket socket.

Guarantees: one frozen dataclass per word, one JSON object per packet, ``word`` names the class;
what is not such a word raises `ControlError`. Both ends are this program in this version, so
plain dataclasses do and the engine starts without pydantic.
Leaves to others: the sockets (`kiosk.engine.desk`, `kiosk.ui.engine_link`).
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Final, Literal

MAX_PACKET: Final = 64 * 1024


class ControlError(Exception):
    """The other end said something that is not in the vocabulary."""


@dataclass(frozen=True, slots=True)
class Word:
    """Anything that is said."""


# ── screens → engine ───────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class OpenDevices(Word):
    """Switch camera and microphone on; the own picture begins to flow."""


@dataclass(frozen=True, slots=True)
class CloseDevices(Word):
    """Switch camera and microphone off."""


@dataclass(frozen=True, slots=True)
class MakeOffer(Word):
    """Make a new peer and its offer; an older peer is closed."""

    id: str


@dataclass(frozen=True, slots=True)
class TakeAnswer(Word):
    """The relay's answer to the offer of that id."""

    id: str
    sdp: str


@dataclass(frozen=True, slots=True)
class ClosePeer(Word):
    """Take the peer down."""


@dataclass(frozen=True, slots=True)
class Speak(Word):
    """Say this, or play the file ``prompt``, instead of whatever is being said."""

    text: str
    language: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Hush(Word):
    """Say nothing more."""


@dataclass(frozen=True, slots=True)
class PlayTone(Word):
    """Let the speaker sound for a moment."""


@dataclass(frozen=True, slots=True)
class TestDevices(Word):
    """Try camera, microphone and speaker, unless they are in use; `DevicesTested` follows."""

    __test__ = False  # pytest takes the name for a class of tests


# ── engine → screens ───────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Started(Word):
    """The engine runs and has tried its devices; states are those of `DeviceState`."""

    pid: int
    camera: str
    microphone: str
    speaker: str
    speech: bool
    """Whether there is a voice; to be heard it needs the speaker."""


@dataclass(frozen=True, slots=True)
class Pulse(Word):
    """The engine's loop turns. ``at_ns``: CLOCK_MONOTONIC nanoseconds, as all processes have it.

    May be left out under load, and is when the loop hangs: power is not renewed without it.
    """

    at_ns: int


@dataclass(frozen=True, slots=True)
class DevicesChanged(Word):
    """A device began to work or failed."""

    camera: str
    microphone: str
    speaker: str


@dataclass(frozen=True, slots=True)
class DevicesTested(Word):
    """What a test found; states are those of `DeviceState`."""

    camera: str
    microphone: str
    speaker: str


@dataclass(frozen=True, slots=True)
class NetworkMeasured(Word):
    """How the last seconds of the call went; ``loss`` and ``rtt_ms`` are negative when unknown."""

    loss: float
    rtt_ms: float
    sent_bps: int
    received_bps: int


@dataclass(frozen=True, slots=True)
class OfferMade(Word):
    """The offer of that id, candidates included."""

    id: str
    sdp: str


@dataclass(frozen=True, slots=True)
class PeerChanged(Word):
    """The peer of that offer is connected, or has failed (its answer may have been unusable)."""

    id: str
    state: Literal["connected", "failed"]


@dataclass(frozen=True, slots=True)
class FrameWritten(Word):
    """There is a new picture in that region of the shared memory. May be left out under load."""

    region: Literal["remote", "own"]
    sequence: int


@dataclass(frozen=True, slots=True)
class OwnSound(Word):
    """How loud it is here (rms, full scale = 1); ten times a second while the devices are on."""

    rms: float


@dataclass(frozen=True, slots=True)
class RemoteSound(Word):
    """How loud the other party is, and its strongest frequency over the last second."""

    rms: float
    peak: float
    frequency_hz: float


@dataclass(frozen=True, slots=True)
class PictureHealth(Word):
    """What is wrong with the camera's picture: any of DARK, COVERED, FROZEN; empty when fine."""

    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PicturesPaused(Word):
    """Whose picture the network leaves out at present; both are still heard."""

    own: bool
    remote: bool


TO_ENGINE: Final = (
    OpenDevices,
    CloseDevices,
    MakeOffer,
    TakeAnswer,
    ClosePeer,
    Speak,
    Hush,
    PlayTone,
    TestDevices,
)
FROM_ENGINE: Final = (
    Started,
    Pulse,
    DevicesChanged,
    DevicesTested,
    NetworkMeasured,
    OfferMade,
    PeerChanged,
    FrameWritten,
    OwnSound,
    RemoteSound,
    PictureHealth,
    PicturesPaused,
)


def encode(word: Word) -> bytes:
    """The packet that says ``word``."""
    return json.dumps({"word": type(word).__name__, **asdict(word)}).encode()


def decode(packet: bytes, vocabulary: Iterable[type[Word]]) -> Word:
    """The word of ``vocabulary`` that ``packet`` says.

    Raises:
        ControlError: it says none of them.
    """
    try:
        values = json.loads(packet)
        name = values.pop("word")
    except (ValueError, AttributeError, KeyError) as error:
        raise ControlError("not a word") from error
    kind = next((kind for kind in vocabulary if kind.__name__ == name), None)
    if kind is None or {field.name for field in fields(kind)} != set(values):
        raise ControlError("unknown word")
    return kind(**{key: tuple(v) if isinstance(v, list) else v for key, v in values.items()})
