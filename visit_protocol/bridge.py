"""Messages between a kiosk and the bridge beside it.

One JSON object per line over a UNIX socket in the file system. The bridge speaks first: what it
knows of the board. It gives power to camera and microphone only for as long as each `RenewPower`
lasts, and takes it away when the kiosk's end closes.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from visit_protocol.message import Identifier, Message

RENEWAL_S: Final = 0.2
"""How often a kiosk renews the power."""
LEASE_S: Final = 0.6
"""How long a renewal lasts."""

BadgeUid = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{8}|[0-9a-f]{14}|[0-9a-f]{20})$")]
"""A badge's UID, 4, 7 or 10 bytes (ISO/IEC 14443-3); never written to a log."""


class BoothLamp(StrEnum):
    """What the lamp over the booth says."""

    OFF = "OFF"
    FREE = "FREE"
    OCCUPIED = "OCCUPIED"
    ATTENTION = "ATTENTION"
    FAULT = "FAULT"


class BoardLoss(StrEnum):
    """Why there is no board to speak with."""

    NO_PORT = "NO_PORT"
    WRONG_DEVICE = "WRONG_DEVICE"
    WRONG_VERSION = "WRONG_VERSION"
    SILENT = "SILENT"
    RESTARTED = "RESTARTED"
    UNPLUGGED = "UNPLUGGED"
    NO_BRIDGE = "NO_BRIDGE"
    """The bridge itself is not there; the kiosk's own word, no bridge says it."""


class BoardFault(StrEnum):
    """What is wrong with a board that speaks."""

    POWER_NOT_CUT = "POWER_NOT_CUT"
    """There is, or may be, power where there must be none."""
    POWER_NOT_GIVEN = "POWER_NOT_GIVEN"
    TOO_HOT = "TOO_HOT"


# ── kiosk → bridge ─────────────────────────────────────────────────────────────────────────
class RenewPower(Message):
    """A live, allowed visit needs power on exactly these, for `LEASE_S` from ``at_ns``."""

    type: Literal["renew_power"] = "renew_power"
    at_ns: int = Field(ge=0)
    """When it was said: CLOCK_MONOTONIC nanoseconds, comparable between processes."""
    camera: bool
    microphone: bool


class CutPower(Message):
    """Take all power away now."""

    type: Literal["cut_power"] = "cut_power"


class ShowLamp(Message):
    """Let the lamp say that."""

    type: Literal["show_lamp"] = "show_lamp"
    lamp: BoothLamp


FromKiosk = Annotated[RenewPower | CutPower | ShowLamp, Field(discriminator="type")]


# ── bridge → kiosk ─────────────────────────────────────────────────────────────────────────
class BoardFound(Message):
    """There is a board and it is spoken with."""

    type: Literal["board_found"] = "board_found"
    board: Identifier
    firmware: Identifier


class BoardLost(Message):
    """There is no board: nothing is sensed, and it has taken the power away by itself."""

    type: Literal["board_lost"] = "board_lost"
    code: BoardLoss


class BoothSensed(Message):
    """What stands how in the booth; said when something changes, and once after `BoardFound`."""

    type: Literal["booth_sensed"] = "booth_sensed"
    handset_lifted: bool
    door_open: bool
    case_open: bool
    temperature_c: float | None = None


class BadgeShown(Message):
    """A badge lies on the reader."""

    type: Literal["badge_shown"] = "badge_shown"
    uid: BadgeUid


class BadgeRemoved(Message):
    """No badge lies on the reader any more."""

    type: Literal["badge_removed"] = "badge_removed"


class PanicPressed(Message):
    """Somebody has pressed the panic button."""

    type: Literal["panic_pressed"] = "panic_pressed"


class PowerSensed(Message):
    """Where there is power, as measured behind the board's relay."""

    type: Literal["power_sensed"] = "power_sensed"
    camera: bool
    microphone: bool


class PowerOffConfirmed(Message):
    """The board has measured that neither has power, so long after power was last allowed.

    Said also when a board or a kiosk has just come, so that nobody has to believe in it.
    """

    type: Literal["power_off_confirmed"] = "power_off_confirmed"
    after_ms: int = Field(ge=0)


class FaultBegan(Message):
    """Something is wrong that staff must know of."""

    type: Literal["fault_began"] = "fault_began"
    code: BoardFault


class FaultEnded(Message):
    """It is right again."""

    type: Literal["fault_ended"] = "fault_ended"
    code: BoardFault


FromBridge = Annotated[
    BoardFound
    | BoardLost
    | BoothSensed
    | BadgeShown
    | BadgeRemoved
    | PanicPressed
    | PowerSensed
    | PowerOffConfirmed
    | FaultBegan
    | FaultEnded,
    Field(discriminator="type"),
]

from_kiosk: Final[TypeAdapter[FromKiosk]] = TypeAdapter(FromKiosk)
from_bridge: Final[TypeAdapter[FromBridge]] = TypeAdapter(FromBridge)
