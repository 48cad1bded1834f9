"""The PIN screen: large keys, masked digits, tries left, locked until when; a number before it.

Guarantees: the PIN is nowhere but in this widget until it is sent, and is wiped then, when it was
refused, and when the screen is left; it is never shown, spoken or logged. The number, which is no
secret, is shown.
Leaves to others: whether it is right (the relay).
"""

from datetime import datetime
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kiosk.call_events import (
    Dismissed,
    KeyTouched,
    NumberEntered,
    NumberWanted,
    PinEntered,
)
from kiosk.message import reason, zone_of
from kiosk.situation import Situation
from kiosk.texts import Texts
from kiosk.ui.booth_screen import BoothScreen, Touch
from kiosk.ui.buttons import PLAIN, PRIMARY, TouchButton
from kiosk.ui.theme import Measures
from kiosk.ui.words import Align, Words, fitted
from visit_protocol.signalling import Refusal
from visit_protocol.vocabulary import RejectionCode

SHORTEST: Final = 4
LONGEST: Final = 8
LONGEST_NUMBER: Final = 12


class Dots(QWidget):
    """As many dots as digits were typed; what they are does not show."""

    def __init__(self, parent: QWidget, measures: Measures) -> None:
        super().__init__(parent)
        self._measures, self._count = measures, 0
        self._seen: str | None = None
        self.setFixedHeight(measures.target)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_count(self, count: int, name: str, seen: str | None = None) -> None:
        """Show ``count`` dots, or what is no secret as it is."""
        self._count, self._seen = count, seen
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
        if self._seen is not None:
            painter.setPen(self._measures.colours.accent)
            room = self.rect().adjusted(8, 4, -8, -4).size()
            painter.setFont(fitted(self._seen or "0", self._measures.title, room, True, wrap=False))
            painter.drawText(self.rect(), int(Align.AlignCenter), self._seen)
            painter.end()
            return
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
        self._typed = ""
        self._refused: tuple[Refusal, ...] = ()
        self._asks_number = False
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
        self.back = self.add_choice(TouchButton(self, m), 2)
        self.back.clicked.connect(lambda: touch(Dismissed()))
        self.other = self.add_choice(TouchButton(self, m, PLAIN, "calendar"), 3)
        self.other.clicked.connect(lambda: touch(NumberWanted()))
        # A red bar under the keys would be hit by the palm: beside "back" there is room for it.
        self.staff.setParent(self)
        self.choices.addWidget(self.staff, 3)

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
        badge, number = situation.board.badge_wanted, situation.number_wanted
        what = "badge" if badge else "number" if number else "pin"
        self.title.say(texts(f"identify-{what}-title"))
        self.hint.say(texts("identify-busy" if situation.busy else f"identify-{what}"))
        self.trouble.say(self._trouble(situation, texts, self.now))
        self.back.say(texts("back"))
        self.other.say(texts("identify-with-pin" if number else "identify-with-number"))
        self.other.setEnabled(not situation.busy)
        self.erase.say(texts("pin-erase"))
        self.enter.say(texts("pin-next" if number else "pin-enter"))
        for key, digit in zip(self.keys, "1234567890", strict=True):
            key.say(digit, texts("pin-digit", digit=digit))
            key.setEnabled(not situation.busy and not badge)
        asked_else = number != self._asks_number
        if situation.busy or badge or asked_else or situation.refusals != self._refused:
            self._refused, self._asks_number = situation.refusals, number
            self._typed = ""
        self._show_typed()

    def leave(self) -> None:
        """Wipe what was typed."""
        self._typed = ""
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
        if len(self._typed) < (LONGEST_NUMBER if self._asks_number else LONGEST):
            self._typed += digit
            self._show_typed()
        self.touch(KeyTouched())

    def _erase(self) -> None:
        self._typed = self._typed[:-1]
        self._show_typed()
        self.touch(KeyTouched())

    def _enter(self) -> None:
        typed, self._typed = self._typed, ""
        self._show_typed()
        if self._asks_number and typed:
            self.touch(NumberEntered(typed))
        elif len(typed) >= SHORTEST:
            self.touch(PinEntered(typed))

    def _show_typed(self) -> None:
        busy = self.situation is not None and self.situation.busy
        count = len(self._typed)
        seen = self._typed if self._asks_number else None
        self.dots.show_count(count, self.texts("pin-progress", count=count), seen)
        enough = count >= (1 if self._asks_number else SHORTEST)
        self.enter.setEnabled(enough and not busy)
        self.erase.setEnabled(bool(count) and not busy)
