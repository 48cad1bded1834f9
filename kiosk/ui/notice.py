"""The notice screen: recorded or not, in plain words, to accept or to refuse.

Guarantees: the words are those of the notice that acceptance is stored for.
Leaves to others: storing it (the relay).
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from kiosk.call_events import NoticeAccepted, NoticeDeclined
from kiosk.message import zone_of
from kiosk.situation import Situation
from kiosk.texts import Texts
from kiosk.ui.booth_screen import BoothScreen, Touch
from kiosk.ui.buttons import PRIMARY, TouchButton
from kiosk.ui.cards import BadgeKind, Card, Pictogram
from kiosk.ui.icons import Icon
from kiosk.ui.theme import Measures
from kiosk.ui.visit_words import badge_of, hours_of
from kiosk.ui.words import Align, Words


class NoticeScreen(BoothScreen):
    """The question whether to begin."""

    def __init__(self, measures: Measures, touch: Touch) -> None:
        super().__init__(measures, touch)
        m = measures
        card = Card(self, m)
        row = QHBoxLayout(card)
        row.setContentsMargins(m.margin, m.margin, m.margin, m.margin)
        row.setSpacing(m.margin)
        side = round(min(m.height * 0.24, m.width * 0.18))
        self.sign = Pictogram(card, "record", m.colours.red, side)
        row.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout()
        column.setSpacing(m.gap)
        self.who = Words(card, m.text, m.colours.ink, bold=True)
        self.notice = Words(
            card, round(m.text * 1.25), m.colours.ink, align=Align.AlignLeft | Align.AlignVCenter
        )
        self.hint = Words(card, m.text, m.colours.ink_soft, align=Align.AlignLeft | Align.AlignTop)
        column.addWidget(self.who, 2)
        column.addWidget(self.notice, 6)
        column.addWidget(self.hint, 3)
        row.addLayout(column, 1)
        self.body.addWidget(card, 1)
        self.refuse = self.add_choice(TouchButton(self, m), 2)
        self.refuse.clicked.connect(lambda: touch(NoticeDeclined()))
        self.accept = self.add_choice(TouchButton(self, m, PRIMARY), 3)
        self.accept.clicked.connect(lambda: touch(NoticeAccepted()))

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Show the notice of this visit."""
        self.title.say(texts("notice-title"))
        visit = situation.visit
        if visit is None:
            return
        starts, ends = hours_of(visit, texts, zone_of(situation))
        self.subtitle.say(texts("ready-time", starts=starts, ends=ends))
        self.who.say(texts("notice-for-visit", visitor=visit.visitor_name))
        kind, _ = badge_of(visit, texts)
        colours = self.measures.colours
        signs: dict[BadgeKind, tuple[Icon, QColor]] = {
            "recorded": ("record", colours.red),
            "not-recorded": ("eye_off", colours.grey),
            "protected": ("shield", colours.violet),
        }
        self.sign.show_icon(*signs[kind])
        self.notice.say(texts("notice-recorded" if visit.recorded else "notice-not-recorded"))
        self.hint.say(texts("notice-refuse-hint"))
        self.accept.say(texts("wait" if situation.busy else "notice-accept"))
        self.refuse.say(texts("notice-refuse"))
        self.accept.setEnabled(not situation.busy)
        self.refuse.setEnabled(not situation.busy)
