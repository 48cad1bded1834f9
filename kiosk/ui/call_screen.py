"""The call: the other person large, oneself small, the time that is left, a way out.

Guarantees: whether the visit is recorded is always in sight; ending takes two touches; a picture of
an earlier call, or one that the network has stopped, is never shown.
Leaves to others: when the call is over (`kiosk.call`).
"""

from datetime import datetime
from typing import Final

from PySide6.QtCore import QRect
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from kiosk.call_events import HangUpConfirmed, SheetWanted
from kiosk.engine.frames import Picture
from kiosk.message import stopping_words
from kiosk.situation import RelayLink, Sheet, Situation
from kiosk.texts import Texts
from kiosk.ui.booth_screen import BoothScreen, Touch, leaving_key, staff_key
from kiosk.ui.buttons import PLAIN, PRIMARY, STAFF, TouchButton
from kiosk.ui.cards import Badge
from kiosk.ui.live import LevelMeter, PictureView, TimeRing
from kiosk.ui.theme import Measures
from kiosk.ui.visit_words import badge_of, camera_gone, seconds_left
from kiosk.ui.words import Words

URGENT_S: Final = 300
REMINDER_S: Final = 20
INSET: Final = 0.24
"""Width of the own picture as a share of the other's."""


class CallScreen(BoothScreen):
    """The two of them."""

    def __init__(self, measures: Measures, touch: Touch) -> None:
        super().__init__(measures, touch, tools=False)
        m = measures
        self.staff.hide()  # its own red button stands beside "end the visit"
        self.clock.hide()
        self.badge = Badge(self, m)
        side = max(round(m.title * 2.2), m.target)
        self.ring = TimeRing(self, m, side)
        self.top.insertWidget(0, self.badge)
        self.top.addWidget(self.ring)

        self._own_paused = self._remote_paused = False
        self.stage = QWidget(self)
        self.remote = PictureView(self.stage, m)
        self.own = PictureView(self.stage, m, m.colours.stage)
        self.own_meter = LevelMeter(self.stage, m)
        self.own_meter.setFixedHeight(round(m.small * 0.5))
        self.body.addWidget(self.stage, 1)

        self._rows = QStackedLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        bottom = QWidget(self)
        bottom.setLayout(self._rows)
        bottom.setFixedHeight(m.button)
        self.choices.addWidget(bottom)
        self._talking_row(m, touch)
        self._question_row(m, touch)

    def _talking_row(self, m: Measures, touch: Touch) -> None:
        row = QWidget(self)
        box = QHBoxLayout(row)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(m.gap)
        self.hang_up = TouchButton(row, m, PLAIN, "cross")
        self.hang_up.clicked.connect(lambda: self._rows.setCurrentIndex(1))
        self.call_staff = TouchButton(row, m, STAFF, "bell")
        self.call_staff.clicked.connect(lambda: touch(SheetWanted(Sheet.STAFF)))
        box.addWidget(self.hang_up)
        box.addWidget(self.call_staff)
        self._rows.addWidget(row)

    def _question_row(self, m: Measures, touch: Touch) -> None:
        row = QWidget(self)
        box = QHBoxLayout(row)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(m.gap)
        self.question = Words(row, m.text, m.colours.text, bold=True)
        self.keep = TouchButton(row, m, PRIMARY, px=m.small)
        self.keep.clicked.connect(lambda: self._rows.setCurrentIndex(0))
        self.end = TouchButton(row, m, PLAIN, px=m.small)
        self.end.clicked.connect(lambda: touch(HangUpConfirmed()))
        box.addWidget(self.question, 5)
        box.addWidget(self.keep, 3)
        box.addWidget(self.end, 3)
        self._rows.addWidget(row)

    def ask(self, *, asking: bool) -> None:
        """Show the question instead of the buttons, or the buttons again."""
        self._rows.setCurrentIndex(1 if asking else 0)

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Show who, and the state of the two buttons."""
        visit = situation.visit
        self.title.say("")
        self.title.hide()
        self._say_pictures(texts)
        self.own_meter.say(texts("level-own"))
        self.hang_up.say(texts("hang-up-busy" if situation.busy else "hang-up"))
        self.hang_up.setEnabled(not situation.busy)
        self.question.say(texts("hang-up-question"))
        self.keep.say(texts("hang-up-no"))
        self.end.say(texts("hang-up-yes"))
        if situation.busy:
            self.ask(asking=False)
        self.call_staff.say(texts(staff_key(situation)))
        self.call_staff.setEnabled(situation.relay is RelayLink.UP)
        if visit is not None:
            self.badge.show_badge(*badge_of(visit, texts))

    def tick(self, now: datetime) -> None:
        """Show the time that is left."""
        visit = self.situation.visit if self.situation else None
        if visit is None:
            return
        left = seconds_left(visit, now)
        whole = max(1.0, (visit.ends - visit.starts).total_seconds())
        if left >= 60:
            text = self.texts("call-minutes", minutes=-(-left // 60))
        else:
            text = self.texts("call-seconds", seconds=left)
        self._show_name_or_reminder(visit.visitor_name, left)
        self.ring.show_left(left / whole, text, urgent=left <= URGENT_S)

    def _show_name_or_reminder(self, name: str, left: int) -> None:
        """Who it is; what an order does to the call, or for a while how long there is."""
        minutes = self.situation.minutes_left if self.situation else None
        reminding = minutes is not None and left > minutes * 60 - REMINDER_S
        leaving = leaving_key(self.situation) if self.situation else None
        colours = self.measures.colours
        stopping = stopping_words(self.situation, self.texts) if self.situation else ""
        said = bool(reminding or leaving or stopping)
        self.subtitle.set_colour(colours.accent if said else colours.soft)
        reminder = self.texts("call-reminder", minutes=minutes or 0) if reminding else name
        self.subtitle.say(self.texts(leaving) if leaving else stopping or reminder)

    def leave(self) -> None:
        """Forget both pictures and the question."""
        self.remote.clear()
        self.own.clear()
        self._own_paused = self._remote_paused = False
        self.own_meter.show_level(0)
        self.ask(asking=False)

    def own_picture(self, picture: Picture) -> None:
        """Show oneself, as long as the other person can see it too."""
        if not self._own_paused:
            self.own.show_picture(picture)

    def remote_picture(self, picture: Picture) -> None:
        """Show the other person."""
        self.remote.show_picture(picture)

    def pictures_paused(self, own: bool, remote: bool) -> None:
        """Words instead of a picture that stands still or goes nowhere."""
        if own and not self._own_paused:
            self.own.clear()
        if remote and not self._remote_paused:
            self.remote.clear()
        self._own_paused, self._remote_paused = own, remote
        self._say_pictures(self.texts)

    def _say_pictures(self, texts: Texts) -> None:
        remote = "call-remote-paused" if self._remote_paused else "call-no-picture"
        self.remote.say(texts("picture-remote"), texts(remote))
        own = texts("call-own-paused") if self._own_paused else ""
        if self.situation is not None and camera_gone(self.situation):
            self.own.clear()
            own = texts("camera-off-note")
        self.own.say(texts("picture-own"), own)

    def own_level(self, rms: float) -> None:
        """Show how loud it is here."""
        self.own_meter.show_level(rms)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 -- Qt's name
        """Lay the stage out anew."""
        super().resizeEvent(event)
        self._lay_out()

    def showEvent(self, event: object) -> None:  # noqa: N802, ARG002 -- Qt's name
        """Lay the stage out once the layouts have spoken."""
        self._lay_out()

    def _lay_out(self) -> None:
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.activate()
        place = self.stage.rect()
        self.remote.setGeometry(place)
        width = round(place.width() * INSET)
        height = round(width * 9 / 16)
        pad = self.measures.gap
        left, top = place.width() - width - pad, place.height() - height - pad
        self.own.setGeometry(QRect(left, top, width, height))
        self.own_meter.setGeometry(
            left, top - self.own_meter.height() - pad // 3, width, self.own_meter.height()
        )
