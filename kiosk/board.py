"""What the terminal knows of the booth's board, and what the lamp over the booth says.

Guarantees: `Board` is one frozen value; where no bridge is configured nothing of it ever hinders
anybody; a badge never shows in a representation, hence in no log. Pure.
Leaves to others: the bridge's line (`kiosk.ui.bridge_link`), what follows on which screen
(`kiosk.call`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from visit_protocol.bridge import BoardFault, BoardLoss, BoothLamp


class BoardLink(StrEnum):
    """How the terminal stands with its board."""

    NOT_FITTED = "not_fitted"
    UNKNOWN = "unknown"
    UP = "up"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Board:
    """The board, and how the booth stands as it last said."""

    link: BoardLink = BoardLink.NOT_FITTED
    required: bool = False
    """No visit without it."""
    has_handset: bool = False
    """The booth's handset hangs on a hook that the board senses."""
    asks_badge: bool = False
    """Nobody is let in here without a badge."""
    loss: BoardLoss | None = None
    name: str = ""
    firmware: str = ""
    handset_lifted: bool | None = None
    door_open: bool = False
    case_open: bool = False
    temperature_c: float | None = None
    badge: str = field(default="", repr=False)
    """The UID of the badge on the reader; empty when there is none."""
    faults: frozenset[BoardFault] = frozenset()

    @property
    def unheard(self) -> bool:
        """Whether the booth waits to hear of its board for the first time."""
        return self.required and self.link is BoardLink.UNKNOWN

    @property
    def missing(self) -> bool:
        """Whether there can be no visit for want of the board; with its case open it gives none."""
        return self.required and (self.link is BoardLink.LOST or self.case_open)

    @property
    def handset_down(self) -> bool:
        """Whether the handset is known to be on its hook."""
        return self.has_handset and self.handset_lifted is False

    @property
    def badge_wanted(self) -> bool:
        """Whether a badge has to be shown first."""
        return self.asks_badge and self.link is BoardLink.UP and not self.badge


NO_BOARD: Final = Board()


@dataclass(frozen=True, slots=True)
class Absence:
    """Since when the board has sensed that whoever was here is away; None while it has not."""

    handset: datetime | None = None
    badge: datetime | None = None

    @property
    def since(self) -> datetime | None:
        """The earlier of the two."""
        return min((at for at in (self.handset, self.badge) if at is not None), default=None)


_BAD: Final = frozenset({BoardFault.POWER_NOT_CUT, BoardFault.POWER_NOT_GIVEN})


def lamp_of(board: Board, *, called: bool, broken: bool, occupied: bool) -> BoothLamp:
    """What the lamp says: somebody called before a fault, a fault before who is in there."""
    if called:
        return BoothLamp.ATTENTION
    if broken or _BAD & board.faults:
        return BoothLamp.FAULT
    return BoothLamp.OCCUPIED if occupied else BoothLamp.FREE
