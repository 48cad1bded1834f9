"""`TouchButton`: everything that is touched.

Guarantees: never smaller than the target of its `Measures`; its words always fit; its role and name
are those that an assistive tool reads.
Leaves to others: what a touch means.
"""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from kiosk.ui import theme
from kiosk.ui.icons import Icon, draw_icon
from kiosk.ui.theme import Measures
from kiosk.ui.words import fits, fitted


@dataclass(frozen=True, slots=True)
class Look:
    """Ground and text of a button."""

    ground: QColor
    text: QColor


PRIMARY: Final = Look(theme.YELLOW, theme.INK)
PLAIN: Final = Look(theme.PANEL, theme.WHITE)
STAFF: Final = Look(theme.RED, theme.WHITE)
CHOSEN: Final = Look(theme.WHITE, theme.INK)
KEY: Final = Look(theme.PANEL, theme.WHITE)
_KEYBOARD: Final = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
_OFF: Final = Look(QColor("#1a3049"), QColor("#9db2c6"))


class TouchButton(QPushButton):
    """A rounded button with words and perhaps an icon."""

    def __init__(
        self,
        parent: QWidget,
        measures: Measures,
        look: Look = PLAIN,
        icon: Icon | None = None,
        px: int | None = None,
    ) -> None:
        super().__init__(parent)
        self._measures, self._look, self._icon = measures, look, icon
        self._px = px or measures.text
        self.setMinimumSize(measures.target, measures.target)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._ring = False

    def say(self, text: str, name: str | None = None) -> None:
        """Show ``text``; an assistive tool reads ``name``, or the text itself."""
        self.setText(text)
        self.setAccessibleName(name or text)

    def set_look(self, look: Look) -> None:
        """Show it in these colours."""
        if look != self._look:
            self._look = look
            self.update()

    def fits(self) -> bool:
        """Whether all of its words are visible; for tests."""
        place = self._text_place().size().toSize()
        return fits(self.text(), fitted(self.text(), self._px, place, bold=True), place)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 -- Qt's name
        """Show where the keyboard is; a finger needs no ring."""
        self._ring = event.reason() in _KEYBOARD
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 -- Qt's name
        """Show it no longer."""
        self._ring = False
        super().focusOutEvent(event)

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """No preference beyond the target: the layout decides."""
        return QSize(self._measures.target * 2, self._measures.button)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Paint ground, icon and words."""
        look = self._look if self.isEnabled() else _OFF
        ground = look.ground.darker(118) if self.isDown() else look.ground
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        radius = self._measures.radius * 0.8
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        if self._ring:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(look.text)
            inner = QRectF(self.rect()).adjusted(5, 5, -5, -5)
            painter.drawRoundedRect(inner, radius - 4, radius - 4)
        place = self._text_place()
        font = fitted(self.text(), self._px, place.size().toSize(), bold=True)
        painter.setFont(font)
        painter.setPen(look.text)
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        if self._icon is not None:
            side = self._icon_side()
            words = painter.fontMetrics().boundingRect(place.toRect(), flags, self.text()).width()
            gap = self._measures.gap if words else 0
            left = (self.width() - side - gap - words) / 2
            icon_place = QRectF(left, (self.height() - side) / 2, side, side)
            draw_icon(painter, self._icon, icon_place, look.text)
            place = QRectF(left + side + gap, place.y(), words + 2, place.height())
        painter.setPen(look.text)
        painter.drawText(place, flags, self.text())
        painter.end()

    def _icon_side(self) -> float:
        return min(self.height() * 0.5, self._px * 1.25) if self._icon else 0.0

    def _text_place(self) -> QRectF:
        pad = self._measures.gap * 0.6
        place = QRectF(self.rect()).adjusted(pad, pad * 0.5, -pad, -pad * 0.5)
        if self._icon is not None:
            place.setLeft(place.left() + self._icon_side() + self._measures.gap)
        return place
