"""`BoothScreen`: what all screens have in common.

Guarantees: title, clock, tools and the red button are where they were on the screen before; what
is touched becomes one event; a screen that is not shown forgets its pictures; `spoken` says all
that its words say, in the order in which they stand.
Leaves to others: everything between the top and the bottom row.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kiosk.call_events import AidSwitched, Event, SheetWanted
from kiosk.engine.frames import Picture
from kiosk.message import zone_of
from kiosk.situation import Aid, RelayLink, Sheet, Situation, StaffCall
from kiosk.texts import Texts
from kiosk.ui.buttons import CHOSEN, PLAIN, STAFF, TouchButton
from kiosk.ui.icons import Icon
from kiosk.ui.theme import Measures
from kiosk.ui.words import Align, Words

Touch = Callable[[Event], None]

AIDS: Final[dict[Aid, Icon]] = {
    Aid.LARGE: "letters",
    Aid.CONTRAST: "contrast",
    Aid.SPEECH: "speaker",
}


def staff_key(situation: Situation) -> str:
    """The words of the red button: who was called, and who has heard."""
    if situation.relay is not RelayLink.UP:
        return "call-staff-offline"
    if situation.panic is not StaffCall.NONE:
        return "panic-heard" if situation.panic is StaffCall.CONFIRMED else "panic-asked"
    return {
        StaffCall.NONE: "call-staff",
        StaffCall.ASKED: "call-staff-asked",
        StaffCall.CONFIRMED: "call-staff-confirmed",
    }[situation.staff]


def leaving_key(situation: Situation) -> str | None:
    """What ends the visit in a moment unless it is put right; None when nothing does."""
    board = situation.board
    if board.handset_down:
        return "handset-down"
    if situation.badge and board.asks_badge and board.badge != situation.badge:
        return "badge-away"
    return None


class BoothScreen(QWidget):
    """A screen with a top row, a body, a row of choices and the red button."""

    def __init__(
        self, measures: Measures, touch: Touch, *, tools: bool = True, language: bool = True
    ) -> None:
        super().__init__()
        self.measures, self.touch = measures, touch
        self.situation: Situation | None = None
        self.texts = Texts("ru")
        self.now = datetime.now(UTC)
        m = measures
        whole = QVBoxLayout(self)
        whole.setContentsMargins(m.margin, round(m.margin * 0.7), m.margin, round(m.margin * 0.8))
        whole.setSpacing(m.gap)

        self.title = Words(self, m.title, m.colours.text, bold=True)
        self.subtitle = Words(self, m.text, m.colours.soft)
        self.clock = Words(
            self, round(m.title * 0.8), m.colours.text, True, Align.AlignRight | Align.AlignVCenter
        )
        self.clock.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        self.clock.setFixedWidth(round(m.title * 2.7))
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.title, 3)
        names.addWidget(self.subtitle, 2)
        self.top = QHBoxLayout()
        self.top.setSpacing(m.gap)
        self.top.addLayout(names, 1)
        self.top.addWidget(self.clock)
        self.globe: TouchButton | None = None
        self.aids: dict[Aid, TouchButton] = {}
        if tools:
            self._add_tools(language)
        top = QWidget(self)
        top.setLayout(self.top)
        self.top.setContentsMargins(0, 0, 0, 0)
        top.setFixedHeight(max(m.target, round(m.title * 2.2)))
        whole.addWidget(top)

        self.body = QVBoxLayout()
        self.body.setSpacing(m.gap)
        whole.addLayout(self.body, 1)

        self.choices = QHBoxLayout()
        self.choices.setSpacing(m.gap)
        whole.addLayout(self.choices)

        self.staff = TouchButton(self, m, STAFF, "bell")
        self.staff.setFixedHeight(m.button)
        self.staff.clicked.connect(lambda: touch(SheetWanted(Sheet.STAFF)))
        whole.addWidget(self.staff)

    def _add_tools(self, language: bool) -> None:
        """The same square buttons on every screen: language, large text, contrast, speech."""
        if language:
            self.globe = self._tool("globe")
            self.globe.clicked.connect(lambda: self.touch(SheetWanted(Sheet.LANGUAGE)))
        for aid, icon in AIDS.items():
            tool = self._tool(icon)
            tool.clicked.connect(lambda _=False, what=aid: self.touch(AidSwitched(what)))
            self.aids[aid] = tool

    def _tool(self, icon: Icon) -> TouchButton:
        tool = TouchButton(self, self.measures, PLAIN, icon, tile=True)
        tool.setFixedSize(self.measures.target, self.measures.target)
        self.top.addWidget(tool)
        return tool

    @property
    def tools(self) -> tuple[TouchButton, ...]:
        """The square buttons at the top."""
        return (*([self.globe] if self.globe else []), *self.aids.values())

    def add_choice(self, button: TouchButton, stretch: int = 1) -> TouchButton:
        """Put ``button`` into the row of choices."""
        button.setFixedHeight(self.measures.button)
        self.choices.addWidget(button, stretch)
        return button

    def show_situation(self, situation: Situation, texts: Texts, now: datetime) -> None:
        """Show ``situation`` in the language of ``texts``."""
        self.situation, self.texts, self.now = situation, texts, now
        self._show_tools(situation, texts)
        self._show_staff(situation, texts)
        self.fill(situation, texts)
        self.tick(now)

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Fill the screen's own part."""

    def tick(self, now: datetime) -> None:
        """A second has passed."""
        if self.situation is not None and self.situation.booth is not None:
            self.clock.say(self.texts.clock(now, zone_of(self.situation)))

    def spoken(self) -> str:
        """What the screen says aloud: its words, then its choices, without tools and clock."""
        parts = []
        for widget in self._in_order():
            if isinstance(widget, Words) and widget is not self.clock:
                parts.append(widget.whole)
            elif isinstance(widget, TouchButton) and widget.isEnabled():
                parts.append(widget.accessibleName())
        ended = (
            part if part.endswith((".", "!", "?", ":")) else f"{part}." for part in parts if part
        )
        return "\n".join(dict.fromkeys(ended))

    def _in_order(self) -> list[QWidget]:
        """What is seen and not a tool, from top to bottom and left to right."""
        seen = [
            widget
            for widget in self.findChildren(QWidget)
            if widget.isVisibleTo(self) and widget not in self.tools
        ]
        row = self.measures.text

        def place(widget: QWidget) -> tuple[int, int]:
            corner = widget.mapTo(self, QPoint(0, 0))
            return corner.y() // row, corner.x()

        return sorted(seen, key=place)

    def leave(self) -> None:
        """The screen is no longer shown."""

    def own_picture(self, picture: Picture) -> None:
        """The camera has a new picture."""

    def remote_picture(self, picture: Picture) -> None:
        """The other party has a new picture."""

    def own_level(self, rms: float) -> None:
        """How loud it is here."""

    def remote_level(self, rms: float) -> None:
        """How loud the other party is."""

    def picture_faults(self, faults: tuple[str, ...]) -> None:
        """What is wrong with the camera's picture."""

    def pictures_paused(self, own: bool, remote: bool) -> None:
        """Whose picture the network leaves out; both are still heard."""

    def _show_staff(self, situation: Situation, texts: Texts) -> None:
        self.staff.say(texts(staff_key(situation)))
        self.staff.setEnabled(situation.relay is RelayLink.UP)

    def _show_tools(self, situation: Situation, texts: Texts) -> None:
        if self.globe is not None:
            self.globe.say("", texts("language-change"))
        for aid, tool in self.aids.items():
            on = aid in situation.aids
            tool.set_look(CHOSEN if on else PLAIN)
            tool.say("", texts(f"aid-{aid}-{'off' if on else 'on'}"))
        speech = self.aids.get(Aid.SPEECH)
        if speech is not None:
            speech.setVisible(situation.can_speak)
