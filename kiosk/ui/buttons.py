"""`TouchButton`: everything that is touched.

Guarantees: never smaller than the target of its `Measures`; its words always fit; its role and name
are those that an assistive tool reads.
Leaves to others: what a touch means.
"""

from enum import StrEnum
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from kiosk.ui.icons import Icon, draw_icon
from kiosk.ui.theme import Measures, Palette
from kiosk.ui.words import fits, fitted


class Look(StrEnum):
    """What a button is for, and so how it is painted."""

    PRIMARY = "primary"
    """The one clear next step."""
    PLAIN = "plain"
    STAFF = "staff"
    CHOSEN = "chosen"


PRIMARY: Final = Look.PRIMARY
PLAIN: Final = Look.PLAIN
STAFF: Final = Look.STAFF
CHOSEN: Final = Look.CHOSEN
_KEYBOARD: Final = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
EDGE: Final = 4
"""Width of the line around a button in high contrast."""


def _paint_of(look: Look, colours: Palette) -> tuple[QColor, QColor]:
    """Ground and text."""
    match look:
        case Look.PRIMARY:
            return colours.accent, colours.on_accent
        case Look.STAFF:
            return colours.red, colours.text
        case Look.CHOSEN:
            return colours.card, colours.ink
    return colours.panel, colours.text


class TouchButton(QPushButton):
    """A rounded button with words, an icon or both; the icon stands left or, in a tile, on top."""

    def __init__(
        self,
        parent: QWidget,
        measures: Measures,
        look: Look = PLAIN,
        icon: Icon | None = None,
        px: int | None = None,
        *,
        tile: bool = False,
    ) -> None:
        super().__init__(parent)
        self._measures, self._look, self._icon = measures, look, icon
        self._px = px or measures.text
        self._tile = tile
        self.setMinimumSize(measures.target, measures.target)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._ring = False

    def say(self, text: str, name: str | None = None) -> None:
        """Show ``text``; an assistive tool reads ``name``, or the text itself."""
        self.setText(text)
        self.setAccessibleName(name or text)

    def set_look(self, look: Look) -> None:
        """Show it for this purpose."""
        if look != self._look:
            self._look = look
            self.update()

    def set_icon(self, icon: Icon | None) -> None:
        """Show another icon."""
        if icon != self._icon:
            self._icon = icon
            self.update()

    @property
    def look(self) -> Look:
        """What it is for."""
        return self._look

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
        colours = self._measures.colours
        ground, text = _paint_of(self._look, colours)
        if not self.isEnabled():
            ground, text = colours.off, colours.off_text
        if self.isDown():
            ground = ground.darker(118) if ground.lightness() else colours.off_text
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(ground)
        radius = self._measures.radius * 0.8
        inset = 0.0
        if colours.edge is None:
            painter.setPen(Qt.PenStyle.NoPen)
        else:
            painter.setPen(QPen(colours.edge if self.isEnabled() else text, EDGE))
            inset = EDGE / 2
        body = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(body, radius, radius)
        if self._ring:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(text)
            inner = QRectF(self.rect()).adjusted(7, 7, -7, -7)
            painter.drawRoundedRect(inner, radius - 4, radius - 4)
        self._paint_words(painter, text)
        painter.end()

    def _paint_words(self, painter: QPainter, colour: QColor) -> None:
        place = self._text_place()
        painter.setFont(fitted(self.text(), self._px, place.size().toSize(), bold=True))
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        if self._icon is not None:
            side = self._icon_side()
            if self._tile:
                top = place.top() - side - self._gap if self.text() else (self.height() - side) / 2
                icon_place = QRectF(0, top, self.width(), side)
            else:
                words = (
                    painter.fontMetrics().boundingRect(place.toRect(), flags, self.text()).width()
                )
                gap = self._measures.gap if words else 0
                left = (self.width() - side - gap - words) / 2
                icon_place = QRectF(left, (self.height() - side) / 2, side, side)
                place = QRectF(left + side + gap, place.y(), words + 2, place.height())
            draw_icon(painter, self._icon, icon_place, colour)
        painter.setPen(colour)
        painter.drawText(place, flags, self.text())

    @property
    def _gap(self) -> float:
        return self._measures.gap * 0.5

    def _icon_side(self) -> float:
        if self._icon is None:
            return 0.0
        if self._tile and self.text():
            return min(self.height() * 0.42, self.width() * 0.42)
        if self._tile:
            return min(self.height(), self.width()) * 0.6
        return min(self.height() * 0.5, self._px * 1.25)

    def _text_place(self) -> QRectF:
        pad = self._measures.gap * 0.6
        place = QRectF(self.rect()).adjusted(pad, pad * 0.5, -pad, -pad * 0.5)
        if self._icon is None or not self.text():
            return place
        if not self._tile:
            place.setLeft(place.left() + self._icon_side() + self._measures.gap)
            return place
        # Icon and words stand together in the middle of the tile.
        side = self._icon_side()
        top = (self.height() - side - self._gap - self._px * 2.7) / 2
        place.setTop(max(pad, top) + side + self._gap)
        place.setBottom(min(place.bottom(), place.top() + self._px * 2.7))
        return place
