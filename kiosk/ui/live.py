"""Moving parts of the screens: pictures, sound levels, the time that is left.

Guarantees: a picture is drawn whole, in its own proportions, and never after it was cleared;
nothing here costs more than its own rectangle.
Leaves to others: when there is something new.
"""

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.engine.frames import Picture
from kiosk.ui.icons import Icon, draw_icon
from kiosk.ui.theme import Measures
from kiosk.ui.words import fitted

QUIETEST_DB: Final = -55.0
BARS: Final = 16


class PictureView(QWidget):
    """The newest picture of one region, or words while there is none."""

    def __init__(self, parent: QWidget, measures: Measures, around: QColor | None = None) -> None:
        super().__init__(parent)
        self._measures = measures
        self._around = around or measures.colours.ground
        self._image: QImage | None = None
        self._data = b""
        self._empty = ""
        self._guided = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def say(self, name: str, empty: str) -> None:
        """Its name for assistive tools, and the words while there is no picture."""
        self.setAccessibleName(name)
        self._empty = empty
        if self._image is None:
            self.update()

    def guide(self) -> None:
        """Show where the face belongs, over the picture."""
        self._guided = True

    def show_picture(self, picture: Picture) -> None:
        """Draw this picture from now on."""
        self._data = picture.data  # QImage does not copy: the bytes must live as long as it does
        self._image = QImage(
            self._data,
            picture.width,
            picture.height,
            picture.stride,
            QImage.Format.Format_RGB32,
        )
        self.update()

    def clear(self) -> None:
        """Forget the picture."""
        if self._image is not None:
            self._image, self._data = None, b""
            self.update()

    @property
    def empty(self) -> bool:
        """Whether there is no picture."""
        return self._image is None

    @property
    def words(self) -> str:
        """What stands there while there is no picture."""
        return self._empty

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Paint the picture and round its corners off."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._measures.colours.stage)
        if self._image is None:
            self._paint_empty(painter)
        else:
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(left, top, size.width(), size.height()), self._image)
            if self._guided:
                self._paint_guide(painter)
        self._paint_corners(painter)
        painter.end()

    def _paint_empty(self, painter: QPainter) -> None:
        side = min(self.width(), self.height()) * 0.34
        middle = QRectF(self.rect()).center()
        icon: Icon = "face"
        place = QRectF(middle.x() - side / 2, middle.y() - side * 0.8, side, side)
        draw_icon(painter, icon, place, self._measures.colours.line)
        words = QRectF(self.rect()).adjusted(12, 0, -12, 0)
        words.setTop(place.bottom() + 4)
        painter.setFont(fitted(self._empty, self._measures.small, words.size().toSize()))
        painter.setPen(self._measures.colours.soft)
        align = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(words, int(align) | int(Qt.TextFlag.TextWordWrap), self._empty)

    def _paint_guide(self, painter: QPainter) -> None:
        """An oval as wide as a face is at arm's length, light on dark so that it shows on both."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        height = self.height() * 0.66
        oval = QRectF(0, 0, height * 0.74, height)
        oval.moveCenter(QRectF(self.rect()).center() - QPointF(0, self.height() * 0.03))
        for colour, width in (
            (self._measures.colours.stage, 7.0),
            (self._measures.colours.text, 3.0),
        ):
            pen = QPen(colour, width)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setDashPattern([3 * 7 / width, 3 * 7 / width])
            painter.setPen(pen)
            painter.drawEllipse(oval)

    def _paint_corners(self, painter: QPainter) -> None:
        # Over the picture and not as a clip: an antialiased clip costs ten times as much.
        radius = min(self._measures.radius, self.height() * 0.12)
        outside = QPainterPath()
        outside.addRect(QRectF(self.rect()))
        inside = QPainterPath()
        inside.addRoundedRect(QRectF(self.rect()), radius, radius)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._around)
        painter.drawPath(outside.subtracted(inside))


class LevelMeter(QWidget):
    """A sound level as a row of bars."""

    def __init__(self, parent: QWidget, measures: Measures) -> None:
        super().__init__(parent)
        self._measures, self._lit = measures, 0
        self.setFixedHeight(round(measures.small * 0.9))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def say(self, name: str) -> None:
        """Its name for assistive tools."""
        self.setAccessibleName(name)

    def show_level(self, rms: float) -> None:
        """Show ``rms`` (full scale = 1) on a scale of decibels."""
        level = 20 * math.log10(rms) if rms > 0 else QUIETEST_DB
        lit = round(max(0.0, min(1.0, 1 - level / QUIETEST_DB)) * BARS)
        if lit != self._lit:
            self._lit = lit
            self.setAccessibleDescription(f"{lit}/{BARS}")
            self.update()

    @property
    def lit(self) -> int:
        """Bars that are lit, of `BARS`."""
        return self._lit

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Paint the bars."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        pitch = self.width() / BARS
        for i in range(BARS):
            hot = i >= BARS - 2
            lit = self._measures.colours.accent if hot else self._measures.colours.lively
            painter.setBrush(lit if i < self._lit else self._measures.colours.panel)
            bar = QRectF(i * pitch + pitch * 0.14, 0, pitch * 0.72, self.height())
            painter.drawRoundedRect(bar, 4, 4)
        painter.end()


class TimeRing(QWidget):
    """The time that is left, as a ring that empties and words in it."""

    def __init__(self, parent: QWidget, measures: Measures, side: int) -> None:
        super().__init__(parent)
        self._measures = measures
        self._share, self._text, self._urgent = 1.0, "", False
        self.setFixedSize(side, side)

    def show_left(self, share: float, text: str, urgent: bool) -> None:
        """Show ``share`` of the whole (0 to 1) and ``text``; urgent in the last five minutes."""
        share = max(0.0, min(1.0, share))
        if (round(share, 3), text, urgent) != (round(self._share, 3), self._text, self._urgent):
            self._share, self._text, self._urgent = share, text, urgent
            self.setAccessibleName(text)
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """Its fixed size."""
        return self.size()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Paint ring and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self.width() * 0.085
        ring = QRectF(self.rect()).adjusted(width, width, -width, -width)
        painter.setPen(QPen(self._measures.colours.panel, width))
        painter.drawEllipse(ring)
        pen = QPen(
            self._measures.colours.accent if self._urgent else self._measures.colours.lively, width
        )
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(ring, 90 * 16, round(360 * 16 * self._share))
        pad = self.width() * 0.2
        place = QRectF(self.rect()).adjusted(pad, pad, -pad, -pad)
        painter.setFont(fitted(self._text, self._measures.small, place.size().toSize(), bold=True))
        painter.setPen(self._measures.colours.text)
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(place, flags, self._text)
        painter.end()
