"""The PIN screen: large keys, masked digits, tries left, locked until when.

Guarantees: the PIN is nowhere but in this widget until it is sent, and is wiped then, when it was
refused, and when the screen is left; it is never shown, spoken or logged.
Leaves to others: whether it is right (the relay).
"""

from datetime import datetime
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kiosk.call_events import Dismissed, KeyTouched, PinEntered
from kiosk.message import reason, zone_of
from kiosk.situation import Situation
from kiosk.texts import Texts
from kiosk.ui.booth_screen import BoothScreen, Touch
from kiosk.ui.buttons import PLAIN, PRIMARY, TouchButton
from kiosk.ui.theme import Measures
from kiosk.ui.words import Align, Words
from visit_protocol.signalling import Refusal
from visit_protocol.vocabulary import RejectionCode

SHORTEST: Final = 4
LONGEST: Final = 8


class Dots(QWidget):
    """As many dots as digits were typed; what they are does not show."""

    def __init__(self, parent: QWidget, measures: Measures) -> None:
        super().__init__(parent)
        self._measures, self._count = measures, 0
        self.setFixedHeight(measures.target)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_count(self, count: int, name: str) -> None:
        """Show ``count`` dots."""
        self._count = count
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 -- Qt's name
        """Room for eight dots."""
        return QSize(self._measures.target * 4, self._measures.target)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Paint the field and the dots."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._measures.colours.stage)
        radius = self._measures.radius * 0.8
        painter.drawRoundedRect(QRectF(self.rect()), radius, radius)
        pitch = min(self.width() / (LONGEST + 1), self.height() * 0.9)
        dot = pitch * 0.24
        left = (self.width() - pitch * (LONGEST - 1)) / 2
        for i in range(LONGEST):
            painter.setBrush(
                self._measures.colours.accent if i < self._count else self._measures.colours.panel
            )
            size = dot if i < self._count else dot * 0.6
            centre = QRectF(left + i * pitch - size, self.height() / 2 - size, size * 2, size * 2)
            painter.drawEllipse(centre)
        painter.end()


class IdentifyScreen(BoothScreen):
    """The question who is here."""

    def __init__(self, measures: Measures, touch: Touch) -> None:
        super().__init__(measures, touch)
        m = measures
        self._pin = ""
        self._refused: tuple[Refusal, ...] = ()
        row = QHBoxLayout()
        row.setSpacing(m.margin)
        left = QVBoxLayout()
        left.setSpacing(m.gap)
        self.hint = Words(self, m.text, m.colours.soft, align=Align.AlignLeft | Align.AlignBottom)
        self.dots = Dots(self, m)
        self.trouble = Words(
            self, m.text, m.colours.accent, bold=True, align=Align.AlignLeft | Align.AlignTop
        )
        left.addWidget(self.hint, 1)
        left.addWidget(self.dots)
        left.addWidget(self.trouble, 2)
        row.addLayout(left, 1)
        row.addLayout(self._keys(m), 1)
        self.body.addLayout(row, 1)
        self.back = self.add_choice(TouchButton(self, m))
        self.back.clicked.connect(lambda: touch(Dismissed()))
        # A red bar under the keys would be hit by the palm: beside "back" there is room for it.
        self.staff.setParent(self)
        self.choices.addWidget(self.staff, 1)

    def _keys(self, m: Measures) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(round(m.gap * 0.7))
        self.keys: list[TouchButton] = []
        for i, digit in enumerate("1234567890"):
            key = TouchButton(self, m, PLAIN, px=round(m.text * 1.35))
            key.clicked.connect(lambda _=False, d=digit: self._type(d))
            place = (3, 1) if digit == "0" else (i // 3, i % 3)
            grid.addWidget(key, *place)
            self.keys.append(key)
        self.erase = TouchButton(self, m, px=m.small)
        self.erase.clicked.connect(self._erase)
        grid.addWidget(self.erase, 3, 0)
        self.enter = TouchButton(self, m, PRIMARY, px=m.small)
        self.enter.clicked.connect(self._enter)
        grid.addWidget(self.enter, 3, 2)
        return grid

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Show what is being asked and what went wrong."""
        self.subtitle.say("")
        self.subtitle.hide()
        badge = situation.board.badge_wanted
        self.title.say(texts("identify-badge-title" if badge else "identify-title"))
        hint = "identify-badge" if badge else "identify-text"
        self.hint.say(texts("identify-busy" if situation.busy else hint))
        self.trouble.say(self._trouble(situation, texts, self.now))
        self.back.say(texts("back"))
        self.erase.say(texts("pin-erase"))
        self.enter.say(texts("pin-enter"))
        for key, digit in zip(self.keys, "1234567890", strict=True):
            key.say(digit, texts("pin-digit", digit=digit))
            key.setEnabled(not situation.busy and not badge)
        if situation.busy or badge or situation.refusals != self._refused:
            self._refused = situation.refusals
            self._pin = ""
        self._show_pin()

    def leave(self) -> None:
        """Wipe what was typed."""
        self._pin = ""
        self._refused = ()

    @staticmethod
    def _trouble(situation: Situation, texts: Texts, now: datetime) -> str:
        lines = []
        for refusal in situation.refusals:
            lines.append(f"{reason(refusal.code, texts)}.")
            if refusal.attempts_left is not None and refusal.code is RejectionCode.PIN_WRONG:
                lines.append(f"{texts('identify-attempts', count=refusal.attempts_left)}.")
            if refusal.until is not None:
                until = texts.moment(refusal.until, now, zone_of(situation))
                lines.append(f"{texts('identify-locked-until', until=until)}.")
        return "\n".join(lines)

    def _type(self, digit: str) -> None:
        if len(self._pin) < LONGEST:
            self._pin += digit
            self._show_pin()
        self.touch(KeyTouched())

    def _erase(self) -> None:
        self._pin = self._pin[:-1]
        self._show_pin()
        self.touch(KeyTouched())

    def _enter(self) -> None:
        pin, self._pin = self._pin, ""
        self._show_pin()
        if len(pin) >= SHORTEST:
            self.touch(PinEntered(pin))

    def _show_pin(self) -> None:
        busy = self.situation is not None and self.situation.busy
        self.dots.show_count(len(self._pin), self.texts("pin-progress", count=len(self._pin)))
        self.enter.setEnabled(len(self._pin) >= SHORTEST and not busy)
        self.erase.setEnabled(bool(self._pin) and not busy)
