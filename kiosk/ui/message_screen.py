"""Screens that have something to say: one card with a sign, a reason, a time and what to do.

Guarantees: every message of `kiosk.message` can be read in full at its proper size, however long
its public text: what does not fit the card is on the next page, behind one large button.
Leaves to others: the words.
"""

from collections.abc import Iterator
from typing import Final

from PySide6.QtGui import QColor, QResizeEvent

from kiosk.call_events import DeviceTestWanted, Dismissed, HangUpConfirmed, SheetWanted
from kiosk.message import ScreenMessage, Tone, message_of
from kiosk.situation import SHEETS, Screen, Sheet, Situation
from kiosk.texts import Texts
from kiosk.ui.booth_screen import BoothScreen, Touch
from kiosk.ui.buttons import PLAIN, PRIMARY, TouchButton
from kiosk.ui.cards import Card, Pictogram
from kiosk.ui.theme import Measures, Palette
from kiosk.ui.visit_words import seconds_left
from kiosk.ui.words import Align, Words, pages_of

_IN_CALL: Final = (Screen.PAUSED, Screen.INTERRUPTED, Screen.VISIT_HELD)
_DISMISSIBLE: Final = (Screen.ENDED, Screen.DECLINED, Screen.CANNOT_VISIT)


def colour_of(tone: Tone, colours: Palette) -> QColor:
    """The sign's colour."""
    match tone:
        case "good":
            return colours.green
        case "stop":
            return colours.red
        case "wait":
            return colours.amber
    return colours.blue


class MessageScreen(BoothScreen):
    """One message, for the screen it was made for."""

    def __init__(self, measures: Measures, touch: Touch, screen: Screen) -> None:
        in_visit = screen in (*_IN_CALL, Screen.RECONNECTING)
        super().__init__(measures, touch, language=not in_visit and screen is not Screen.STARTING)
        m = measures
        self._screen = screen
        self._message = ScreenMessage("", ())
        self._pages: list[str] = [""]
        self._page = 0
        self.card = Card(self, m)
        side = round(min(m.height * 0.22, m.width * 0.16))
        self.sign = Pictogram(self.card, "clock", m.colours.ink, side)
        top = Align.AlignLeft | Align.AlignTop
        self.heading = Words(self.card, round(m.title * 0.92), m.colours.ink, bold=True, align=top)
        self.facts = Words(self.card, m.text, m.colours.ink, bold=True, align=top)
        self.words = Words(self.card, m.text, m.colours.ink_soft, align=top)
        self.body.addWidget(self.card, 1)

        self.done: TouchButton | None = None
        self.hang_up: TouchButton | None = None
        self.more = self.add_choice(TouchButton(self, m, PRIMARY, "next"))
        self.more.clicked.connect(self._turn)
        self.more.hide()
        self.appeal: TouchButton | None = None
        if screen in SHEETS[Sheet.APPEAL]:
            self.appeal = self.add_choice(TouchButton(self, m, PLAIN, "scales"))
            self.appeal.clicked.connect(lambda: touch(SheetWanted(Sheet.APPEAL)))
        self.complain: TouchButton | None = None
        if screen is Screen.ENDED:
            self.complain = self.add_choice(TouchButton(self, m, PLAIN, "paper"))
            self.complain.clicked.connect(lambda: touch(SheetWanted(Sheet.COMPLAINT)))
        if screen in _DISMISSIBLE:
            self.done = self.add_choice(TouchButton(self, m, PRIMARY))
            self.done.clicked.connect(lambda: touch(Dismissed()))
        if screen in _IN_CALL:
            self.hang_up = self.add_choice(TouchButton(self, m, PLAIN, "cross"))
            self.hang_up.clicked.connect(self._hang_up)
        self.test: TouchButton | None = None
        if screen is Screen.MAINTENANCE:
            self.test = self.add_choice(TouchButton(self, m, PLAIN))
            self.test.clicked.connect(lambda: touch(DeviceTestWanted()))
        self._asked = False

    @property
    def pages(self) -> int:
        """How many pages the message has."""
        return len(self._pages)

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Show the message."""
        message = message_of(self._screen, situation, texts, self.now)
        if message != self._message:
            self._message, self._page = message, 0
        self.title.say(texts("idle-title"))
        self.subtitle.say(self._subtitle(situation, texts))
        self.sign.show_icon(message.sign, colour_of(message.tone, self.measures.colours))
        if self.done is not None:
            self.done.say(texts("understood"))
        if self.appeal is not None:
            self.appeal.say(texts("appeal"))
            self.appeal.setVisible(situation.appealable is not None)
        if self.complain is not None:
            self.complain.say(texts("complaint"))
            # Against an order one appeals; a complaint goes to those who ran the visit.
            wanted = situation.complainable is not None and situation.filed is None
            self.complain.setVisible(wanted and situation.appealable is None)
        if self.test is not None:
            self.test.say(texts("maintenance-test"))
        if self.hang_up is not None:
            self._asked = self._asked and not situation.busy
            self.hang_up.say(texts("hang-up-busy" if situation.busy else self._hang_up_key()))
            self.hang_up.setEnabled(not situation.busy)
        self._arrange()

    def spoken(self) -> str:
        """The whole message, whichever page is seen."""
        said = (self._message.title, *self._message.facts, *self._message.paragraphs)
        buttons = (self.appeal, self.complain, self.done, self.hang_up)
        rest = [one.text() for one in buttons if one is not None and one.isVisibleTo(self)]
        return "\n".join([*(f"{line.rstrip('.')}." for line in said), *rest])

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
        """Forget that the end was asked for, and how far somebody has read."""
        self._asked = False
        self._page = 0

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """Lay the card out anew."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Sign on the left, words on the right, together in the middle of the card.

        Title and facts stand on the first page; the long words take what is left of it, and all
        of the pages after it.
        """
        layout = self.layout()
        if layout is not None:
            layout.setGeometry(self.rect())  # Qt would do so only after this event
        m, message = self.measures, self._message
        inner = self.card.rect().adjusted(m.margin, m.gap, -m.margin, -m.gap)
        self.sign.move(inner.left(), inner.center().y() - self.sign.height() // 2)
        left = inner.left() + self.sign.width() + m.margin
        width = max(inner.right() - left, 1)
        gap = round(m.gap * 0.7)
        self.heading.say(message.title)
        self.facts.say("\n".join(message.facts))
        above = [
            (words, min(words.height_for(width) + 2, round(inner.height() * share)))
            for words, share in ((self.heading, 0.45), (self.facts, 0.4))
            if words.whole
        ]
        room = inner.height() - sum(height + gap for _, height in above)
        self._pages = self._cut(width, room, inner.height()) or [""]
        self._page = min(self._page, len(self._pages) - 1)
        self.words.say(self._pages[self._page])
        shown = above if self._page == 0 else []
        if self.words.whole:
            # A pixel of air: QLabel and QFontMetrics round differently.
            shown = [*shown, (self.words, self.words.height_for(width) + 2)]
        y = (
            inner.top()
            + max(inner.height() - sum(h for _, h in shown) - gap * (len(shown) - 1), 0) // 2
        )
        for words in (self.heading, self.facts, self.words):
            words.setVisible(any(words is one for one, _ in shown))
        for words, height in shown:
            words.setGeometry(left, y, width, height)
            y += height + gap
        self._show_more()

    def _cut(self, width: int, first: int, others: int) -> list[str]:
        def heights() -> Iterator[int]:
            yield first - 2
            while True:
                yield others - 2

        return pages_of("\n".join(self._message.paragraphs), self.words.px, width, heights())

    def _show_more(self) -> None:
        last = self._page == len(self._pages) - 1
        self.more.setVisible(len(self._pages) > 1)
        page, pages = self._page + 1, len(self._pages)
        key = "read-again" if last else "read-on"
        self.more.say(self.texts(key, page=page, pages=pages))
        self.more.set_look(PLAIN if last else PRIMARY)
        self.more.set_icon(None if last else "next")
        if self.done is not None:
            self.done.set_look(PRIMARY if last else PLAIN)

    def _turn(self) -> None:
        self._page = (self._page + 1) % len(self._pages)
        self._arrange()

    def _hang_up_key(self) -> str:
        return "hang-up-yes" if self._asked else "hang-up"

    def _hang_up(self) -> None:
        """The first touch asks, the second ends."""
        if self._asked:
            self.touch(HangUpConfirmed())
        elif self.hang_up is not None:
            self._asked = True
            self.hang_up.say(self.texts(self._hang_up_key()))
