"""Getting ready and waiting: own picture, own sound, with whom and until when.

Guarantees: what the camera sees is shown before and while anybody else could see it.
Leaves to others: opening the devices (`kiosk.call` says when).
"""

from typing import Final

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kiosk.call_events import Dismissed, JoinTouched, ToneWanted
from kiosk.engine.frames import Picture
from kiosk.message import zone_of
from kiosk.situation import Situation
from kiosk.texts import Texts
from kiosk.ui.booth_screen import BoothScreen, Touch, leaving_key
from kiosk.ui.buttons import PLAIN, PRIMARY, TouchButton
from kiosk.ui.cards import Badge, Pictogram
from kiosk.ui.icons import Icon
from kiosk.ui.live import LevelMeter, PictureView
from kiosk.ui.theme import Measures
from kiosk.ui.visit_words import badge_of, camera_note, hours_of
from kiosk.ui.words import Align, Words
from visit_protocol.signalling import VisitView
from visit_protocol.vocabulary import CallState


class MirrorScreen(BoothScreen):
    """Own picture and sound on the left, words on the right."""

    def __init__(self, measures: Measures, touch: Touch) -> None:
        super().__init__(measures, touch)
        m = measures
        self._faults: tuple[str, ...] = ()
        top = Align.AlignLeft | Align.AlignTop
        self.stage = QWidget(self)
        self.picture = PictureView(self.stage, m)
        self.level = LevelMeter(self.stage, m)
        self.sound_words = Words(self.stage, m.text, m.colours.soft, align=top)
        self.badge = Badge(self.stage, m)
        self.lead = Words(self.stage, round(m.text * 1.25), m.colours.text, bold=True, align=top)
        self.camera_words = Words(self.stage, m.text, m.colours.soft, align=top)
        self.body.addWidget(self.stage, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """Lay the stage out anew."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """The picture in the shape of a picture, its meter and words under it, the rest beside."""
        layout = self.layout()
        if layout is not None:
            layout.setGeometry(self.rect())  # Qt would do so only after this event
        m = self.measures
        room = self.stage.size()
        below = m.gap + self.level.height() + m.gap + round(m.text * 1.5)
        height = min((room.width() - m.margin) * 6 // 11 * 9 // 16, room.height() - below)
        width = height * 16 // 9
        self.picture.setGeometry(0, 0, width, height)
        self.level.setGeometry(0, height + m.gap, width, self.level.height())
        y = height + m.gap + self.level.height() + m.gap
        self.sound_words.setGeometry(0, y, width, room.height() - y)
        left = width + m.margin
        width = room.width() - left
        badge = min(self.badge.sizeHint().width(), width)
        self.badge.setGeometry(left, 0, badge, self.badge.height())
        y = self.badge.height() + m.gap
        lead = min(self.lead.height_for(width) + 2, (room.height() - y) // 2)
        self.lead.setGeometry(left, y, width, lead)
        y += lead + m.gap
        self.camera_words.setGeometry(left, y, width, room.height() - y)

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Show the visit, if there is one."""
        self.picture.say(texts("picture-own"), texts("picture-loading"))
        self.level.say(texts("level-own"))
        if situation.visit is not None:
            self.badge.show_badge(*badge_of(situation.visit, texts))
            self.fill_visit(situation.visit, situation, texts)
        self._arrange()

    def fill_visit(self, visit: VisitView, situation: Situation, texts: Texts) -> None:
        """Fill the words on the right."""

    def leave(self) -> None:
        """Forget the picture."""
        self.picture.clear()
        self.level.show_level(0)
        self._faults = ()

    def own_picture(self, picture: Picture) -> None:
        """Show what the camera sees."""
        self.picture.show_picture(picture)

    def own_level(self, rms: float) -> None:
        """Show how loud it is."""
        self.level.show_level(rms)

    def picture_faults(self, faults: tuple[str, ...]) -> None:
        """Say what is wrong with the picture."""
        self._faults = faults
        if self.situation is not None and self.situation.visit is not None:
            self.fill_visit(self.situation.visit, self.situation, self.texts)


_RULES: Final[tuple[tuple[str, Icon], ...]] = (
    ("rule-alone", "alone"),
    ("rule-calm", "bubble"),
    ("rule-phone", "no_phone"),
)


class ReadyScreen(MirrorScreen):
    """All is ready; the person decides when. Three rules stand in pictures above the choices."""

    def __init__(self, measures: Measures, touch: Touch) -> None:
        super().__init__(measures, touch)
        m = measures
        self.picture.guide()
        row = QHBoxLayout()
        row.setSpacing(m.gap)
        self.rules: dict[str, Words] = {}
        side = round(m.text * 2.1)
        for key, icon in _RULES:
            row.addWidget(Pictogram(self, icon, m.colours.accent, side))
            self.rules[key] = Words(self, m.small, m.colours.text)
            self.rules[key].setFixedHeight(side)
            row.addWidget(self.rules[key], 1)
        self.body.addLayout(row)
        self.back = self.add_choice(TouchButton(self, measures), 2)
        self.back.clicked.connect(lambda: touch(Dismissed()))
        self.tone = self.add_choice(TouchButton(self, measures, PLAIN, "speaker"), 3)
        self.tone.clicked.connect(lambda: touch(ToneWanted()))
        self.join = self.add_choice(TouchButton(self, measures, PRIMARY), 3)
        self.join.clicked.connect(lambda: touch(JoinTouched()))

    def fill_visit(self, visit: VisitView, situation: Situation, texts: Texts) -> None:
        """Say with whom, when, and what to check."""
        starts, ends = hours_of(visit, texts, zone_of(situation))
        minutes = round((visit.ends - visit.starts).total_seconds() / 60)
        self.title.say(texts("ready-title"))
        hours = texts("ready-time", starts=starts, ends=ends)
        self.subtitle.say(f"{hours} · {texts('ready-minutes', minutes=minutes)}")
        self.lead.say(visit.visitor_name)
        self.camera_words.say(camera_note(situation, self._faults, texts))
        self.sound_words.say(texts("ready-sound"))
        self.back.say(texts("back"))
        self.tone.say(texts("ready-tone"))
        for key, rule in self.rules.items():
            rule.say(texts(key))
        early = visit.state is CallState.SCHEDULED
        if situation.board.handset_down:
            self.sound_words.say(texts("lift-handset"))
        words = texts("lift-handset" if situation.handset_wanted else "ready-join")
        self.join.say(texts("ready-not-yet", time=starts) if early else words)
        self.join.setEnabled(not early)


class WaitingScreen(MirrorScreen):
    """Joined; the visitor is not there yet."""

    def __init__(self, measures: Measures, touch: Touch) -> None:
        super().__init__(measures, touch)
        self.out = self.add_choice(TouchButton(self, measures, icon="door"))
        self.out.clicked.connect(lambda: touch(Dismissed()))

    def fill_visit(self, visit: VisitView, situation: Situation, texts: Texts) -> None:
        """Say for whom and until when."""
        _, ends = hours_of(visit, texts, zone_of(situation))
        present = visit.state in (CallState.WAITING_VISITOR, CallState.LIVE)
        self.title.say(texts("waiting-title"))
        leaving = leaving_key(situation)
        self.subtitle.say("" if present else texts("waiting-joining"))
        if leaving:
            self.subtitle.say(texts(leaving))
        self.lead.say(texts("waiting-text", visitor=visit.visitor_name, ends=ends))
        self.camera_words.say(camera_note(situation, self._faults, texts))
        self.sound_words.say(texts("ready-sound"))
        self.out.say(texts("waiting-leave"))
