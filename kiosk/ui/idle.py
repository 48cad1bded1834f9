"""The idle screen: what this is, when the next visit is, in which language, and a way in.

Guarantees: names nobody; at most four choices; a closed terminal says why and until when, large.
Leaves to others: who comes.
"""

from datetime import datetime
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from kiosk.call_events import SheetWanted, StartTouched
from kiosk.languages import languages
from kiosk.message import reason, zone_of
from kiosk.situation import Sheet, Situation
from kiosk.texts import Texts
from kiosk.ui.booth_screen import BoothScreen, Touch
from kiosk.ui.buttons import PLAIN, PRIMARY, TouchButton
from kiosk.ui.cards import Card, Pictogram
from kiosk.ui.icons import Icon
from kiosk.ui.theme import Measures
from kiosk.ui.words import Words

AT_MOST_NAMES: Final = 3


class IdleScreen(BoothScreen):
    """Nobody is here."""

    def __init__(self, measures: Measures, touch: Touch) -> None:
        super().__init__(measures, touch)
        m = measures
        card = Card(self, m)
        row = QHBoxLayout(card)
        row.setContentsMargins(m.margin, m.gap, m.margin, m.gap)
        row.setSpacing(m.margin)
        side = round(min(m.height * 0.24, m.width * 0.2))
        self.sign = Pictogram(card, "handset", m.colours.green, side)
        row.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout()
        column.setSpacing(m.gap)
        self.closed = Words(card, round(m.text * 1.2), m.colours.red, bold=True)
        self.closed.setFixedHeight(round(m.text * 3.4))
        column.addStretch(1)
        column.addWidget(self.closed)
        steps = QGridLayout()
        steps.setHorizontalSpacing(m.gap)
        self.steps = []
        for number in (1, 2, 3):
            figure = Words(card, round(m.text * 1.3), m.colours.green, bold=True)
            figure.say(f"{number}.")
            figure.setFixedSize(round(m.text * 1.6), round(m.text * 2.1))
            words = Words(card, round(m.text * 1.3), m.colours.ink)
            words.setFixedHeight(round(m.text * 2.1))
            steps.addWidget(figure, number, 0)
            steps.addWidget(words, number, 1)
            self.steps.append(words)
        column.addLayout(steps)
        column.addStretch(1)
        row.addLayout(column, 1)
        self.body.addWidget(card, 1)

        self.names = self.add_choice(TouchButton(self, m, PLAIN, "globe"), 4)
        self.names.clicked.connect(lambda: touch(SheetWanted(Sheet.LANGUAGE)))
        self.start = self.add_choice(TouchButton(self, m, PRIMARY, px=round(m.text * 1.2)), 5)
        self.start.clicked.connect(lambda: touch(StartTouched()))

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Show when the next visit is, or why there can be none."""
        self.title.say(texts("idle-title"))
        self.subtitle.say(self._next(situation, texts, self.now))
        why = self._closed(situation, texts, self.now)
        self.closed.say(why)
        self.closed.setVisible(bool(why))
        colours = self.measures.colours
        sign: tuple[Icon, QColor] = ("lock", colours.red) if why else ("handset", colours.green)
        self.sign.show_icon(*sign)
        for number, words in enumerate(self.steps, 1):
            words.say(texts(f"idle-step-{number}"))
        self.start.say(texts("start"))
        self.names.say(" · ".join(self._names(texts)))

    @staticmethod
    def _names(texts: Texts) -> list[str]:
        """Some languages by their own names, so that people see that theirs may be there."""
        others = [code for code in languages() if code != texts.language]
        names = [Texts(code).name for code in others[:AT_MOST_NAMES]]
        return [*names, "…"] if len(others) > AT_MOST_NAMES else names

    @staticmethod
    def _next(situation: Situation, texts: Texts, now: datetime) -> str:
        agenda, zone = situation.agenda, zone_of(situation)
        label = situation.booth.label if situation.booth else ""
        if agenda is None or agenda.refusals:
            return label
        if agenda.next_starts is None:
            return texts("idle-none", label=label)
        if agenda.next_ends is not None and agenda.next_starts <= now < agenda.next_ends:
            until = texts.moment(agenda.next_ends, now, zone)
            return texts("idle-now", label=label, time=until)
        return texts("idle-next", label=label, time=texts.moment(agenda.next_starts, now, zone))

    @staticmethod
    def _closed(situation: Situation, texts: Texts, now: datetime) -> str:
        """Why the terminal is closed, and until when; nothing when it is not.

        A person may start all the same: an order need not cover the visit that he comes for.
        """
        if situation.agenda is None or not situation.agenda.refusals:
            return ""
        first = situation.agenda.refusals[0]
        if first.until is None:
            return texts("idle-closed", reason=reason(first.code, texts))
        until = texts.moment(first.until, now, zone_of(situation))
        return texts("idle-closed-until", reason=reason(first.code, texts), until=until)
