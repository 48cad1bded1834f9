"""Colours and measures of the screens.

Guarantees: every pair of text and ground here has a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3);
`Measures` follows from the glass, so a finger is a finger on every screen.
Leaves to others: painting (the widgets).
"""

from dataclasses import dataclass
from typing import Final

from PySide6.QtGui import QColor

from kiosk.config import ScreenSection

FONT: Final = "Noto Sans"

NAVY: Final = QColor("#0e2238")
DEEP: Final = QColor("#081627")
PANEL: Final = QColor("#24405f")
LINE: Final = QColor("#3a5a7d")
WHITE: Final = QColor("#ffffff")
PALE: Final = QColor("#c9dae8")
INK: Final = QColor("#0e2238")
INK_SOFT: Final = QColor("#44566b")
YELLOW: Final = QColor("#ffd23d")
RED: Final = QColor("#b3261e")
GREEN: Final = QColor("#1b7f37")
GREEN_LIGHT: Final = QColor("#5fd38a")
VIOLET: Final = QColor("#5b3fa8")
"""Protected visits only."""
GREY: Final = QColor("#5a6b7d")


@dataclass(frozen=True, slots=True)
class Measures:
    """Sizes in pixels for one glass."""

    width: int
    height: int
    target: int
    """The smallest side of a touch target: 20 mm."""
    margin: int
    gap: int
    radius: int
    title: int
    text: int
    small: int

    @classmethod
    def of(cls, screen: ScreenSection) -> "Measures":
        """The measures for this glass."""
        unit = min(screen.height / 1024, screen.width / 1280)
        return cls(
            width=screen.width,
            height=screen.height,
            target=screen.target_px,
            margin=round(48 * unit),
            gap=round(20 * unit),
            radius=round(26 * unit),
            title=round(52 * unit),
            text=round(34 * unit),
            small=round(27 * unit),
        )

    @property
    def button(self) -> int:
        """Height of a button in the bottom row."""
        return max(self.target, round(self.height * 0.1))
