"""Messages between an ordinary media worker and its recorder process.

One JSON object per line over a UNIX socket pair; media itself goes through a shared-memory ring,
in which each record names its tap. When the worker's end closes, the recorder finishes everything
that lies in the ring and exits.
"""

from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter

from visit_protocol.message import Identifier, Message
from visit_protocol.vocabulary import Party, VideoCodec
from visit_protocol.worker import RecordingClosed, RecordingOpened


# ── worker → recorder ──────────────────────────────────────────────────────────────────────
class OpenTap(Message):
    """Record that tap's packets; the file comes with the first that can be used."""

    type: Literal["open_tap"] = "open_tap"
    tap: int = Field(ge=0, lt=1 << 32)
    call: Identifier
    party: Party
    folder: str
    segment: int
    codec: VideoCodec


class CloseTap(Message):
    """Finish the tap's recording with everything that lies before ``head`` in the ring."""

    type: Literal["close_tap"] = "close_tap"
    tap: int = Field(ge=0, lt=1 << 32)
    head: int = Field(ge=0)


ToRecorder = Annotated[OpenTap | CloseTap, Field(discriminator="type")]


# ── recorder → worker ──────────────────────────────────────────────────────────────────────
class TapClosed(Message):
    """Nothing of a closed tap is left to be written, whether there was a recording or not."""

    type: Literal["tap_closed"] = "tap_closed"
    tap: int


FromRecorder = Annotated[RecordingOpened | RecordingClosed | TapClosed, Field(discriminator="type")]

to_recorder: Final[TypeAdapter[ToRecorder]] = TypeAdapter(ToRecorder)
from_recorder: Final[TypeAdapter[FromRecorder]] = TypeAdapter(FromRecorder)
