"""`BoothScreen`: what all screens have in common.

Guarantees: title, clock, language and the red button are where they were on the screen before; what
is touched becomes one event; a screen that is not shown forgets its pictures.
Leaves to others: everything between the top and the bottom row.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kiosk.call_events import Event, LanguageChosen, StaffWanted
from kiosk.engine.frames import Picture
from kiosk.message import zone_of
from kiosk.situation import RelayLink, Situation, StaffCall
from kiosk.texts import Texts
from kiosk.ui import theme
from kiosk.ui.buttons import PLAIN, STAFF, TouchButton
from kiosk.ui.theme import Measures
from kiosk.ui.words import Align, Words

Touch = Callable[[Event], None]

OTHER_LANGUAGE = {"ru": "en", "en": "ru"}


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

    def __init__(self, measures: Measures, touch: Touch, *, switch: bool = True) -> None:
        super().__init__()
        self.measures, self.touch = measures, touch
        self.situation: Situation | None = None
        self.texts = Texts("ru")
        self.now = datetime.now(UTC)
        m = measures
        whole = QVBoxLayout(self)
        whole.setContentsMargins(m.margin, round(m.margin * 0.7), m.margin, round(m.margin * 0.8))
        whole.setSpacing(m.gap)

        self.title = Words(self, m.title, theme.WHITE, bold=True)
        self.subtitle = Words(self, m.text, theme.PALE)
        self.clock = Words(
            self, round(m.title * 0.8), theme.WHITE, True, Align.AlignRight | Align.AlignVCenter
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
        self.switch: TouchButton | None = None
        if switch:
            self.switch = TouchButton(self, m, PLAIN, px=m.small)
            self.switch.setFixedWidth(max(m.target, round(m.small * 6.4)))
            self.switch.clicked.connect(self._switch_language)
            self.top.addWidget(self.switch)
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
        self.staff.clicked.connect(lambda: touch(StaffWanted()))
        whole.addWidget(self.staff)

    def add_choice(self, button: TouchButton, stretch: int = 1) -> TouchButton:
        """Put ``button`` into the row of choices."""
        button.setFixedHeight(self.measures.button)
        self.choices.addWidget(button, stretch)
        return button

    def show_situation(self, situation: Situation, texts: Texts, now: datetime) -> None:
        """Show ``situation`` in the language of ``texts``."""
        self.situation, self.texts, self.now = situation, texts, now
        if self.switch is not None:
            other = OTHER_LANGUAGE[texts.language]
            self.switch.say(Texts(other)("language-name"))
        self._show_staff(situation, texts)
        self.fill(situation, texts)
        self.tick(now)

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Fill the screen's own part."""

    def tick(self, now: datetime) -> None:
        """A second has passed."""
        if self.situation is not None and self.situation.booth is not None:
            self.clock.say(self.texts.clock(now, zone_of(self.situation)))

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

    def _switch_language(self) -> None:
        self.touch(LanguageChosen(OTHER_LANGUAGE[self.texts.language]))
