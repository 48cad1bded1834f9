"""`Words`: text that always fits its place.

Guarantees: no text is clipped; the largest size up to the wanted one is taken that fits, down to
`SMALLEST_PX`; what does not fit even then ends in an ellipsis, and assistive tools still read all
of it. Plain text only, so nothing in a text is ever markup.
Leaves to others: which text.
"""

import re
from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from kiosk.ui.theme import FONT

SMALLEST_PX: Final = 14
Align = Qt.AlignmentFlag
_WRAP: Final = int(Qt.TextFlag.TextWordWrap)


def font_of(px: int, bold: bool = False) -> QFont:
    """The screens' font at ``px`` pixels."""
    font = QFont(FONT)
    font.setPixelSize(max(px, 1))
    font.setBold(bold)
    return font


def fits(text: str, font: QFont, place: QSize, wrap: bool = True) -> bool:
    """Whether ``text`` in ``font`` fits ``place``, with no word broken."""
    metrics = QFontMetrics(font)
    flags = _WRAP if wrap else 0
    bounds = metrics.boundingRect(QRect(0, 0, place.width(), 1 << 20), flags, text)
    widest = max((metrics.horizontalAdvance(word) for word in text.split()), default=0)
    return max(bounds.width(), widest) <= place.width() and bounds.height() <= place.height()


def fitted(text: str, px: int, place: QSize, bold: bool = False, wrap: bool = True) -> QFont:
    """The largest font up to ``px`` in which ``text`` fits ``place``."""
    low, high = SMALLEST_PX, max(px, SMALLEST_PX)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(text, font_of(middle, bold), place, wrap):
            low = middle
        else:
            high = middle - 1
    return font_of(low, bold)


def height_of(text: str, px: int, width: int, bold: bool = False) -> int:
    """How many pixels high ``text`` is at ``px`` when it wraps at ``width``; 0 for none."""
    if not text:
        return 0
    metrics = QFontMetrics(font_of(px, bold))
    return metrics.boundingRect(QRect(0, 0, width, 1 << 20), _WRAP, text).height()


def shortened(text: str, font: QFont, place: QSize) -> str:
    """As much of ``text`` as fits ``place``, ended with an ellipsis if that is not all."""
    if fits(text, font, place):
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(f"{text[:middle]}…", font, place):
            low = middle
        else:
            high = middle - 1
    return f"{text[:low].rstrip()}…" if low else ""


def pages_of(text: str, px: int, width: int, heights: Iterator[int]) -> list[str]:
    """``text`` at ``px`` cut between words into pages as high as ``heights`` gives, one each.

    A page takes at least one word, so that every text comes to its end.
    """
    pages, rest = [], text.strip()
    while rest:
        height = next(heights)
        ends = [match.start() for match in re.finditer(r"\s", rest)] + [len(rest)]
        low, high = 0, len(ends) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if height_of(rest[: ends[middle]], px, width) <= height:
                low = middle
            else:
                high = middle - 1
        pages.append(rest[: ends[low]].rstrip())
        rest = rest[ends[low] :].strip()
    return pages


class Words(QLabel):
    """Plain text in one colour; wraps unless told not to."""

    def __init__(
        self,
        parent: QWidget,
        px: int,
        colour: QColor,
        bold: bool = False,
        align: Qt.AlignmentFlag = Align.AlignLeft | Align.AlignVCenter,
        wrap: bool = True,
    ) -> None:
        super().__init__(parent)
        self._px, self._bold = px, bold
        self._whole = ""
        self._colour: QColor | None = None
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.setAlignment(align)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setMinimumSize(1, 1)
        self.set_colour(colour)

    def set_colour(self, colour: QColor) -> None:
        """Show the text in this colour."""
        if colour != self._colour:
            self._colour = colour
            self.setStyleSheet(f"color: {colour.name()}; background: transparent;")

    def say(self, text: str) -> None:
        """Show ``text``, to eyes and to assistive tools."""
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self._fit()

    @property
    def whole(self) -> str:
        """The text, with what may not fit."""
        return self._whole

    @property
    def px(self) -> int:
        """Its wanted size."""
        return self._px

    def height_for(self, width: int) -> int:
        """How high the text is at its wanted size when it wraps at ``width``."""
        return height_of(self._whole, self._px, width, self._bold)

    def fits(self) -> bool:
        """Whether all of the text is visible; for tests."""
        return fits(self.text(), self.font(), self.contentsRect().size(), self.wordWrap())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """Fit the text into its new place."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        place = self.contentsRect().size()
        font = fitted(self._whole, self._px, place, self._bold, self.wordWrap())
        self.setFont(font)
        self.setText(shortened(self._whole, font, place) if self.wordWrap() else self._whole)
