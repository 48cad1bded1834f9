"""Still parts of the screens: a rounded card, a round icon, the recording badge.

Guarantees: the badge of a protected visit has a colour, an icon and words that nothing else has.
Leaves to others: the words.
"""

from typing import Final, Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from kiosk.ui.icons import Icon, draw_icon
from kiosk.ui.theme import Measures
from kiosk.ui.words import fits, fitted

BadgeKind = Literal["recorded", "not-recorded", "protected"]


class Card(QFrame):
    """A rounded ground for other widgets."""

    def __init__(self, parent: QWidget, measures: Measures) -> None:
        super().__init__(parent)
        self._radius, self._ground = measures.radius, measures.colours.card

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Paint the ground."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ground)
        painter.drawRoundedRect(QRectF(self.rect()), self._radius, self._radius)
        painter.end()


class Pictogram(QWidget):
    """An icon in a tinted circle."""

    def __init__(self, parent: QWidget, icon: Icon, colour: QColor, side: int) -> None:
        super().__init__(parent)
        self._icon, self._colour = icon, colour
        self.setFixedSize(side, side)

    def show_icon(self, icon: Icon, colour: QColor) -> None:
        """Show another icon."""
        self._icon, self._colour = icon, colour
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Paint circle and icon."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        tint = QColor(self._colour)
        tint.setAlpha(34)
        painter.setBrush(tint)
        painter.drawEllipse(self.rect())
        pad = self.width() * 0.24
        place = QRectF(self.rect()).adjusted(pad, pad, -pad, -pad)
        draw_icon(painter, self._icon, place, self._colour)
        painter.end()


_BADGES: Final[dict[BadgeKind, Icon]] = {
    "recorded": "record",
    "not-recorded": "eye_off",
    "protected": "shield",
}


class Badge(QWidget):
    """Whether the visit is recorded, in a pill."""

    def __init__(self, parent: QWidget, measures: Measures) -> None:
        super().__init__(parent)
        self._measures = measures
        self._px = round(measures.title * 0.52)
        self._kind: BadgeKind = "recorded"
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(round(measures.title * 1.04))

    @property
    def kind(self) -> BadgeKind:
        """What it says."""
        return self._kind

    def show_badge(self, kind: BadgeKind, text: str) -> None:
        """Say ``text``."""
        self._kind, self._text = kind, text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def fits(self) -> bool:
        """Whether all of its words are visible; for tests."""
        place = self._text_place().size().toSize()
        return fits(self._text, fitted(self._text, self._px, place, bold=True), place)

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """Wide enough for the words."""
        wide = QSize(4000, self.height())
        font = fitted(self._text, self._px, wide, bold=True, wrap=False)
        painterless = len(self._text) * font.pixelSize() * 0.64
        return QSize(round(painterless + self.height() * 1.6), self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Paint the pill."""
        colours = self._measures.colours
        ground, text = {
            "recorded": (colours.card, colours.ink),
            "not-recorded": (colours.grey, colours.text),
            "protected": (colours.violet, colours.text),
        }[self._kind]
        icon = _BADGES[self._kind]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        radius = self.height() / 2
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        side = self.height() * 0.52
        place = QRectF(radius * 0.7, (self.height() - side) / 2, side, side)
        draw_icon(painter, icon, place, colours.red if self._kind == "recorded" else text)
        painter.setPen(text)
        place = self._text_place()
        painter.setFont(fitted(self._text, self._px, place.size().toSize(), bold=True))
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(place, int(align) | int(Qt.TextFlag.TextWordWrap), self._text)
        painter.end()

    def _text_place(self) -> QRectF:
        h = self.height()
        return QRectF(h * 1.05, 0, self.width() - h * 1.45, h)
