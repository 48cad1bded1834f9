"""What must be done when something has happened, in the imperative.

Guarantees: frozen values without behaviour.
Leaves to others: which event calls for which (`kiosk.call`), carrying them out (`kiosk.app`).
"""

from dataclasses import dataclass, field

from visit_protocol.message import Message


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that must be done, in the order given."""


@dataclass(frozen=True, slots=True)
class Send(Effect):
    """Send this message to the relay."""

    message: Message = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChooseEngine(Effect):
    """See to it that the engine is one that was started for this kind of visit."""

    protected: bool


@dataclass(frozen=True, slots=True)
class OpenDevices(Effect):
    """Switch camera and microphone on."""


@dataclass(frozen=True, slots=True)
class CloseDevices(Effect):
    """Switch camera and microphone off."""


@dataclass(frozen=True, slots=True)
class StartMedia(Effect):
    """Offer media to the relay, replacing an earlier offer."""


@dataclass(frozen=True, slots=True)
class PlayTone(Effect):
    """Let the speaker sound for a moment."""


@dataclass(frozen=True, slots=True)
class StopMedia(Effect):
    """Take the peer down and offer no more."""
