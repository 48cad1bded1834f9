"""Pictograms, painted: they need no files and stay sharp at every size.

Guarantees: each fits a unit square and is drawn in one colour.
Leaves to others: where and how large.
"""

from collections.abc import Callable
from typing import Final, Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPolygonF

Icon = Literal[
    "alone", "bell", "bubble", "calendar", "check", "clock", "contrast", "cross", "door", "dots",
    "eye_off", "face", "globe", "handset", "heart", "hourglass", "key", "letters", "lock", "next",
    "no_phone", "paper", "pause", "question", "record", "scales", "shield", "speaker", "unplugged",
    "warning", "wrench",
]  # fmt: skip

Stroke = Callable[[QPainter], None]
LINE: Final = 0.085


def draw_icon(painter: QPainter, icon: Icon, place: QRectF, colour: QColor) -> None:
    """Draw ``icon`` into the largest square in the middle of ``place``."""
    side = min(place.width(), place.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(place.center().x() - side / 2, place.center().y() - side / 2)
    painter.scale(side, side)
    pen = QPen(colour, LINE)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _DRAWINGS[icon](painter)
    painter.restore()


def _fill(painter: QPainter) -> None:
    painter.setBrush(painter.pen().color())


def _line(painter: QPainter, *points: tuple[float, float]) -> None:
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _oval(painter: QPainter, x: float, y: float, r: float, ry: float | None = None) -> None:
    painter.drawEllipse(QPointF(x, y), r, ry if ry is not None else r)


def _check(p: QPainter) -> None:
    _line(p, (0.18, 0.54), (0.41, 0.76), (0.83, 0.27))


def _cross(p: QPainter) -> None:
    _line(p, (0.24, 0.24), (0.76, 0.76))
    _line(p, (0.76, 0.24), (0.24, 0.76))


def _clock(p: QPainter) -> None:
    _oval(p, 0.5, 0.5, 0.4)
    _line(p, (0.5, 0.26), (0.5, 0.52), (0.67, 0.62))


def _pause(p: QPainter) -> None:
    _fill(p)
    p.drawRoundedRect(QRectF(0.27, 0.2, 0.13, 0.6), 0.04, 0.04)
    p.drawRoundedRect(QRectF(0.60, 0.2, 0.13, 0.6), 0.04, 0.04)


def _hourglass(p: QPainter) -> None:
    path = QPainterPath(QPointF(0.24, 0.12))
    path.lineTo(0.76, 0.12)
    path.cubicTo(0.76, 0.4, 0.54, 0.42, 0.54, 0.5)
    path.cubicTo(0.54, 0.58, 0.76, 0.6, 0.76, 0.88)
    path.lineTo(0.24, 0.88)
    path.cubicTo(0.24, 0.6, 0.46, 0.58, 0.46, 0.5)
    path.cubicTo(0.46, 0.42, 0.24, 0.4, 0.24, 0.12)
    p.drawPath(path)
    _line(p, (0.40, 0.76), (0.60, 0.76))


def _bell(p: QPainter) -> None:
    path = QPainterPath(QPointF(0.17, 0.72))
    path.cubicTo(0.30, 0.62, 0.24, 0.44, 0.28, 0.34)
    path.cubicTo(0.33, 0.16, 0.67, 0.16, 0.72, 0.34)
    path.cubicTo(0.76, 0.44, 0.70, 0.62, 0.83, 0.72)
    path.closeSubpath()
    p.drawPath(path)
    _line(p, (0.43, 0.86), (0.57, 0.86))


def _handset(p: QPainter) -> None:
    p.translate(0.5, 0.5)
    p.rotate(-45)
    _fill(p)
    p.setPen(Qt.PenStyle.NoPen)
    path = QPainterPath()
    path.addRoundedRect(QRectF(-0.47, -0.20, 0.26, 0.38), 0.10, 0.10)
    path.addRoundedRect(QRectF(0.21, -0.20, 0.26, 0.38), 0.10, 0.10)
    bow = QPainterPath()
    bow.addRoundedRect(QRectF(-0.40, -0.21, 0.80, 0.18), 0.09, 0.09)
    p.drawPath(path.united(bow))


def _lock(p: QPainter) -> None:
    p.drawArc(QRectF(0.29, 0.12, 0.42, 0.52), 0, 180 * 16)
    _fill(p)
    p.drawRoundedRect(QRectF(0.20, 0.44, 0.60, 0.42), 0.06, 0.06)


def _key(p: QPainter) -> None:
    _oval(p, 0.30, 0.50, 0.17)
    _line(p, (0.47, 0.50), (0.88, 0.50), (0.88, 0.66))
    _line(p, (0.72, 0.50), (0.72, 0.62))


def _shield(p: QPainter) -> None:
    path = QPainterPath(QPointF(0.5, 0.08))
    path.lineTo(0.84, 0.20)
    path.cubicTo(0.86, 0.58, 0.72, 0.80, 0.5, 0.92)
    path.cubicTo(0.28, 0.80, 0.14, 0.58, 0.16, 0.20)
    path.closeSubpath()
    p.drawPath(path)
    _line(p, (0.34, 0.50), (0.46, 0.62), (0.67, 0.37))


def _eye_off(p: QPainter) -> None:
    path = QPainterPath(QPointF(0.08, 0.5))
    path.quadTo(0.5, 0.06, 0.92, 0.5)
    path.quadTo(0.5, 0.94, 0.08, 0.5)
    p.drawPath(path)
    _oval(p, 0.5, 0.5, 0.12)
    _line(p, (0.18, 0.86), (0.82, 0.14))


def _record(p: QPainter) -> None:
    _oval(p, 0.5, 0.5, 0.40)
    _fill(p)
    _oval(p, 0.5, 0.5, 0.20)


def _face(p: QPainter) -> None:
    _oval(p, 0.5, 0.34, 0.20)
    path = QPainterPath(QPointF(0.13, 0.90))
    path.cubicTo(0.16, 0.52, 0.84, 0.52, 0.87, 0.90)
    p.drawPath(path)


def _unplugged(p: QPainter) -> None:
    _line(p, (0.08, 0.64), (0.26, 0.64))
    p.drawRoundedRect(QRectF(0.26, 0.50, 0.20, 0.28), 0.05, 0.05)
    _line(p, (0.92, 0.36), (0.74, 0.36))
    p.drawRoundedRect(QRectF(0.54, 0.22, 0.20, 0.28), 0.05, 0.05)
    _line(p, (0.58, 0.62), (0.66, 0.72))
    _line(p, (0.42, 0.38), (0.34, 0.28))


def _wrench(p: QPainter) -> None:
    path = QPainterPath(QPointF(0.16, 0.72))
    path.lineTo(0.50, 0.38)
    path.cubicTo(0.46, 0.20, 0.60, 0.08, 0.76, 0.12)
    path.lineTo(0.66, 0.24)
    path.lineTo(0.76, 0.34)
    path.lineTo(0.88, 0.24)
    path.cubicTo(0.92, 0.40, 0.80, 0.54, 0.62, 0.50)
    path.lineTo(0.28, 0.84)
    path.cubicTo(0.16, 0.90, 0.10, 0.82, 0.16, 0.72)
    p.drawPath(path)


def _door(p: QPainter) -> None:
    _line(p, (0.56, 0.14), (0.18, 0.14), (0.18, 0.86), (0.56, 0.86))
    _line(p, (0.42, 0.50), (0.86, 0.50))
    _line(p, (0.70, 0.34), (0.86, 0.50), (0.70, 0.66))


def _globe(p: QPainter) -> None:
    _oval(p, 0.5, 0.5, 0.40)
    _oval(p, 0.5, 0.5, 0.17, 0.40)
    _line(p, (0.10, 0.5), (0.90, 0.5))
    _line(p, (0.16, 0.30), (0.84, 0.30))
    _line(p, (0.16, 0.70), (0.84, 0.70))


def _speaker(p: QPainter) -> None:
    p.drawArc(QRectF(0.42, 0.33, 0.28, 0.34), -60 * 16, 120 * 16)
    p.drawArc(QRectF(0.40, 0.18, 0.50, 0.64), -60 * 16, 120 * 16)
    _fill(p)
    box = ((0.12, 0.38), (0.26, 0.38), (0.46, 0.20), (0.46, 0.80), (0.26, 0.62), (0.12, 0.62))
    p.drawPolygon(QPolygonF([QPointF(x, y) for x, y in box]))


def _words(p: QPainter, words: str, size: float, x: float, y: float) -> None:
    """Letters as shapes, whose base line starts at (x, y)."""
    font = QFont("Noto Sans")
    font.setPixelSize(100)
    font.setBold(True)
    path = QPainterPath()
    path.addText(0, 0, font, words)
    p.save()
    p.translate(x, y)
    p.scale(size / 100, size / 100)
    p.fillPath(path, p.pen().color())
    p.restore()


def _letters(p: QPainter) -> None:
    _words(p, "A", 0.80, 0.02, 0.80)
    _words(p, "a", 0.56, 0.62, 0.80)


def _contrast(p: QPainter) -> None:
    _oval(p, 0.5, 0.5, 0.38)
    _fill(p)
    p.drawPie(QRectF(0.12, 0.12, 0.76, 0.76), 90 * 16, 180 * 16)


def _heart(p: QPainter) -> None:
    path = QPainterPath(QPointF(0.5, 0.86))
    path.cubicTo(0.18, 0.64, 0.06, 0.46, 0.12, 0.30)
    path.cubicTo(0.19, 0.11, 0.42, 0.12, 0.5, 0.31)
    path.cubicTo(0.58, 0.12, 0.81, 0.11, 0.88, 0.30)
    path.cubicTo(0.94, 0.46, 0.82, 0.64, 0.5, 0.86)
    p.drawPath(path)
    _line(p, (0.26, 0.48), (0.40, 0.48), (0.47, 0.36), (0.56, 0.60), (0.62, 0.48), (0.74, 0.48))


def _question(p: QPainter) -> None:
    _oval(p, 0.5, 0.5, 0.40)
    _words(p, "?", 0.58, 0.36, 0.71)


def _dots(p: QPainter) -> None:
    _fill(p)
    for x in (0.20, 0.50, 0.80):
        _oval(p, x, 0.5, 0.06)


def _scales(p: QPainter) -> None:
    _line(p, (0.5, 0.12), (0.5, 0.86))
    _line(p, (0.32, 0.88), (0.68, 0.88))
    _line(p, (0.16, 0.26), (0.84, 0.26))
    for x in (0.16, 0.84):
        _line(p, (x - 0.12, 0.56), (x, 0.26), (x + 0.12, 0.56))
        p.drawArc(QRectF(x - 0.12, 0.46, 0.24, 0.20), 180 * 16, 180 * 16)


def _paper(p: QPainter) -> None:
    p.drawRoundedRect(QRectF(0.20, 0.10, 0.60, 0.80), 0.06, 0.06)
    for y, right in ((0.32, 0.66), (0.50, 0.66), (0.68, 0.52)):
        _line(p, (0.34, y), (right, y))


def _calendar(p: QPainter) -> None:
    p.drawRoundedRect(QRectF(0.12, 0.20, 0.76, 0.68), 0.07, 0.07)
    _line(p, (0.12, 0.40), (0.88, 0.40))
    _line(p, (0.32, 0.10), (0.32, 0.26))
    _line(p, (0.68, 0.10), (0.68, 0.26))
    _line(p, (0.36, 0.64), (0.46, 0.74), (0.66, 0.54))


def _bubble(p: QPainter) -> None:
    path = QPainterPath(QPointF(0.30, 0.72))
    path.lineTo(0.22, 0.90)
    path.lineTo(0.50, 0.74)
    path.cubicTo(1.02, 0.74, 1.02, 0.14, 0.50, 0.14)
    path.cubicTo(-0.02, 0.14, 0.00, 0.66, 0.30, 0.72)
    p.drawPath(path)
    for x in (0.32, 0.50, 0.68):
        _oval(p, x, 0.44, 0.02)


def _next(p: QPainter) -> None:
    _line(p, (0.14, 0.5), (0.84, 0.5))
    _line(p, (0.58, 0.24), (0.84, 0.5), (0.58, 0.76))


def _warning(p: QPainter) -> None:
    path = QPainterPath(QPointF(0.5, 0.12))
    path.lineTo(0.92, 0.86)
    path.lineTo(0.08, 0.86)
    path.closeSubpath()
    p.drawPath(path)
    _line(p, (0.5, 0.40), (0.5, 0.60))
    _fill(p)
    _oval(p, 0.5, 0.73, 0.02)


def _alone(p: QPainter) -> None:
    p.drawRoundedRect(QRectF(0.08, 0.14, 0.84, 0.72), 0.08, 0.08)
    _oval(p, 0.5, 0.40, 0.13)
    p.drawArc(QRectF(0.26, 0.60, 0.48, 0.50), 0, 180 * 16)


def _no_phone(p: QPainter) -> None:
    p.drawRoundedRect(QRectF(0.30, 0.12, 0.40, 0.76), 0.07, 0.07)
    _line(p, (0.45, 0.76), (0.55, 0.76))
    _line(p, (0.14, 0.86), (0.86, 0.14))


_DRAWINGS: Final[dict[Icon, Stroke]] = {
    "alone": _alone,
    "bubble": _bubble,
    "calendar": _calendar,
    "contrast": _contrast,
    "dots": _dots,
    "globe": _globe,
    "heart": _heart,
    "letters": _letters,
    "next": _next,
    "no_phone": _no_phone,
    "paper": _paper,
    "question": _question,
    "scales": _scales,
    "speaker": _speaker,
    "warning": _warning,
    "bell": _bell,
    "check": _check,
    "clock": _clock,
    "cross": _cross,
    "door": _door,
    "eye_off": _eye_off,
    "face": _face,
    "handset": _handset,
    "hourglass": _hourglass,
    "key": _key,
    "lock": _lock,
    "pause": _pause,
    "record": _record,
    "shield": _shield,
    "unplugged": _unplugged,
    "wrench": _wrench,
}
