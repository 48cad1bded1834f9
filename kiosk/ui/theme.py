"""Colours and measures of the screens.

Guarantees: every pair in `Palette.pairs` has a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3), in
high contrast of at least 7:1 (1.4.6), and a test measures them; `Measures` follows from the glass,
so a finger is a finger on every screen.
Leaves to others: painting (the widgets).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from PySide6.QtGui import QColor

from kiosk.config import ScreenSection
from kiosk.situation import Aid

FONT: Final = "Noto Sans"
LARGE: Final = 1.3
"""How much larger the words are for somebody who wants large text."""


@dataclass(frozen=True, slots=True)
class Palette:
    """What is painted in which colour."""

    ground: QColor
    stage: QColor
    """Behind pictures and typed digits."""
    panel: QColor
    line: QColor
    edge: QColor | None
    """Around buttons and cards; None for no line."""
    text: QColor
    soft: QColor
    card: QColor
    ink: QColor
    ink_soft: QColor
    accent: QColor
    on_accent: QColor
    red: QColor
    green: QColor
    amber: QColor
    blue: QColor
    lively: QColor
    """What moves: sound, time."""
    violet: QColor
    """Protected visits only."""
    grey: QColor
    off: QColor
    off_text: QColor

    @property
    def pairs(self) -> tuple[tuple[QColor, QColor], ...]:
        """Every pair of words and ground."""
        on_ground = [(colour, self.ground) for colour in (self.text, self.soft, self.accent)]
        on_stage = [(colour, self.stage) for colour in (self.soft, self.accent)]
        inks = (self.ink, self.ink_soft, self.red, self.green, self.amber, self.blue)
        on_card = [(colour, self.card) for colour in (*inks, self.violet, self.grey)]
        grounds = (self.panel, self.red, self.violet, self.grey)
        on_button = [(self.text, ground) for ground in grounds]
        others = [(self.on_accent, self.accent), (self.off_text, self.off)]
        return (*on_ground, *on_stage, *on_card, *on_button, *others)


CALM: Final = Palette(
    ground=QColor("#0e2238"),
    stage=QColor("#081627"),
    panel=QColor("#24405f"),
    line=QColor("#3a5a7d"),
    edge=None,
    text=QColor("#ffffff"),
    soft=QColor("#c9dae8"),
    card=QColor("#ffffff"),
    ink=QColor("#0e2238"),
    ink_soft=QColor("#44566b"),
    accent=QColor("#ffd23d"),
    on_accent=QColor("#0e2238"),
    red=QColor("#b3261e"),
    green=QColor("#1b7f37"),
    amber=QColor("#8a5a00"),
    blue=QColor("#2a5d93"),
    lively=QColor("#5fd38a"),
    violet=QColor("#5b3fa8"),
    grey=QColor("#5a6b7d"),
    off=QColor("#1a3049"),
    off_text=QColor("#9db2c6"),
)
STARK: Final = Palette(
    # Not quite black: so it can be told from a display on which nothing is shown.
    ground=QColor("#020202"),
    stage=QColor("#000000"),
    panel=QColor("#000000"),
    line=QColor("#ffffff"),
    edge=QColor("#ffffff"),
    text=QColor("#ffffff"),
    soft=QColor("#ffffff"),
    card=QColor("#ffffff"),
    ink=QColor("#000000"),
    ink_soft=QColor("#000000"),
    accent=QColor("#ffe14d"),
    on_accent=QColor("#000000"),
    red=QColor("#8c0d07"),
    green=QColor("#0b4d1e"),
    amber=QColor("#5c3b00"),
    blue=QColor("#123f6d"),
    lively=QColor("#7dffa9"),
    violet=QColor("#3d2385"),
    grey=QColor("#3b4855"),
    off=QColor("#000000"),
    off_text=QColor("#c4c4c4"),
)


@dataclass(frozen=True, slots=True)
class Measures:
    """Sizes in pixels for one glass and one person, and their colours."""

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
    colours: Palette = CALM

    @classmethod
    def of(cls, screen: ScreenSection, aids: Collection[Aid] = ()) -> "Measures":
        """The measures for this glass with these aids switched on."""
        unit = min(screen.height / 1024, screen.width / 1280)
        words = unit * (LARGE if Aid.LARGE in aids else 1.0)
        return cls(
            width=screen.width,
            height=screen.height,
            target=screen.target_px,
            margin=round(48 * unit),
            gap=round(20 * unit),
            radius=round(26 * unit),
            title=round(52 * unit * (1.15 if Aid.LARGE in aids else 1.0)),
            text=round(34 * words),
            small=round(27 * words),
            colours=STARK if Aid.CONTRAST in aids else CALM,
        )

    @property
    def button(self) -> int:
        """Height of a button in the bottom row."""
        return max(self.target, round(self.height * 0.1), round(self.text * 2.2))
