"""Screens that have something to say: one card with a sign, a reason, a time and what to do.

Guarantees: every message of `kiosk.message` fits, however long its public text.
Leaves to others: the words.
"""

from typing import Final

from PySide6.QtGui import QColor, QResizeEvent

from kiosk.call_events import Dismissed, HangUpConfirmed
from kiosk.message import Tone, message_of
from kiosk.situation import Screen, Situation
from kiosk.texts import Texts
from kiosk.ui import theme
from kiosk.ui.booth_screen import BoothScreen, Touch
from kiosk.ui.buttons import PLAIN, PRIMARY, TouchButton
from kiosk.ui.cards import Card, Pictogram
from kiosk.ui.theme import Measures
from kiosk.ui.visit_words import seconds_left
from kiosk.ui.words import Align, Words

_COLOURS: Final[dict[Tone, QColor]] = {
    "calm": QColor("#2a5d93"),
    "good": theme.GREEN,
    "stop": theme.RED,
    "wait": QColor("#8a5a00"),
}
_IN_CALL: Final = (Screen.PAUSED, Screen.INTERRUPTED, Screen.VISIT_HELD)
_DISMISSIBLE: Final = (Screen.ENDED, Screen.DECLINED, Screen.CANNOT_VISIT)


class MessageScreen(BoothScreen):
    """One message, for the screen it was made for."""

    def __init__(self, measures: Measures, touch: Touch, screen: Screen) -> None:
        in_visit = screen in (*_IN_CALL, Screen.RECONNECTING)
        super().__init__(measures, touch, switch=not in_visit)
        m = measures
        self._screen = screen
        self.card = Card(self, m)
        side = round(min(m.height * 0.22, m.width * 0.16))
        self.sign = Pictogram(self.card, "clock", theme.INK, side)
        top = Align.AlignLeft | Align.AlignTop
        self.heading = Words(self.card, round(m.title * 0.92), theme.INK, bold=True, align=top)
        self.facts = Words(self.card, m.text, theme.INK, bold=True, align=top)
        self.words = Words(self.card, m.text, theme.INK_SOFT, align=top)
        self.body.addWidget(self.card, 1)

        self.done: TouchButton | None = None
        self.hang_up: TouchButton | None = None
        if screen in _DISMISSIBLE:
            self.done = self.add_choice(TouchButton(self, m, PRIMARY))
            self.done.clicked.connect(lambda: touch(Dismissed()))
        if screen in _IN_CALL:
            self.hang_up = self.add_choice(TouchButton(self, m, PLAIN, "cross"))
            self.hang_up.clicked.connect(self._hang_up)
        self._asked = False

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Show the message."""
        message = message_of(self._screen, situation, texts, self.now)
        self.title.say(texts("idle-title"))
        self.subtitle.say(self._subtitle(situation, texts))
        self.sign.show_icon(message.sign, _COLOURS[message.tone])
        self.heading.say(message.title)
        self.facts.say("\n".join(message.facts))
        self.words.say("\n".join(message.paragraphs))
        self._arrange()
        if self.done is not None:
            self.done.say(texts("understood"))
        if self.hang_up is not None:
            self._asked = self._asked and not situation.busy
            self.hang_up.say(texts("hang-up-busy" if situation.busy else self._hang_up_key()))
            self.hang_up.setEnabled(not situation.busy)

    def _subtitle(self, situation: Situation, texts: Texts) -> str:
        """Where this is, and in a visit that stands still how much of it is left."""
        label = situation.booth.label if situation.booth else ""
        visit = situation.visit
        if visit is None or self._screen not in _IN_CALL:
            return label
        minutes = -(-seconds_left(visit, visit.now) // 60)
        left = texts("paused-left", minutes=minutes)
        return f"{label} · {left}" if label else left

    def leave(self) -> None:
        """Forget that the end was asked for."""
        self._asked = False

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """Lay the card out anew."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Sign on the left, words on the right, together in the middle of the card.

        Title and facts get the room they need, the long words what is left and shrink into it.
        """
        layout = self.layout()
        if layout is not None:
            layout.setGeometry(self.rect())  # Qt would do so only after this event
        m = self.measures
        inner = self.card.rect().adjusted(m.margin, m.gap, -m.margin, -m.gap)
        self.sign.move(inner.left(), inner.center().y() - self.sign.height() // 2)
        left = inner.left() + self.sign.width() + m.margin
        width = max(inner.right() - left, 1)
        gap = round(m.gap * 0.7)
        room = inner.height()
        heights = []
        for words, share in ((self.heading, 0.4), (self.facts, 0.35), (self.words, 1.0)):
            # A pixel of air: QLabel and QFontMetrics round differently.
            height = min(words.height_for(width) + 2, round(room * share)) if words.whole else 0
            words.setVisible(height > 0)
            heights.append((words, height))
            room -= height + gap if height else 0
        y = inner.top() + max(room + gap, 0) // 2
        for words, height in heights:
            if height:
                words.setGeometry(left, y, width, height)
                y += height + gap

    def _hang_up_key(self) -> str:
        return "hang-up-yes" if self._asked else "hang-up"

    def _hang_up(self) -> None:
        """The first touch asks, the second ends."""
        if self._asked:
            self.touch(HangUpConfirmed())
        elif self.hang_up is not None:
            self._asked = True
            self.hang_up.say(self.texts(self._hang_up_key()))
