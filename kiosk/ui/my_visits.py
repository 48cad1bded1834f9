"""The person's own visits: what is on now, what comes, why one cannot be, what is left.

Guarantees: one clear next step; a visit that cannot be says why in its own row; what the person
has to be told of visits that orders displaced stands above all.
Leaves to others: what a visit is (the relay).
"""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from kiosk.call_events import Dismissed, SheetWanted, VisitWanted
from kiosk.message import displaced_words, reason, zone_of
from kiosk.situation import TOLD_AT_ONCE, Sheet, Situation
from kiosk.texts import Texts
from kiosk.ui.booth_screen import BoothScreen, Touch
from kiosk.ui.buttons import PLAIN, PRIMARY, TouchButton
from kiosk.ui.cards import Card, Pictogram
from kiosk.ui.theme import Measures
from kiosk.ui.words import Align, Words
from visit_protocol.signalling import PlannedVisit

ROWS: Final = 3
"""Visits on one screen; more are only counted."""


class _Row(Card):
    """One visit."""

    def __init__(self, screen: BoothScreen, m: Measures) -> None:
        super().__init__(screen, m)
        self._measures = m
        row = QHBoxLayout(self)
        row.setContentsMargins(m.gap, round(m.gap * 0.5), m.gap, round(m.gap * 0.5))
        row.setSpacing(m.gap)
        side = round(m.height * 0.09)
        self.sign = Pictogram(self, "calendar", m.colours.blue, side)
        row.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout()
        column.setSpacing(0)
        bottom, top = Align.AlignLeft | Align.AlignBottom, Align.AlignLeft | Align.AlignTop
        self.when = Words(self, round(m.text * 1.1), m.colours.ink, bold=True, align=bottom)
        self.what = Words(self, m.text, m.colours.ink_soft, align=top)
        column.addWidget(self.when, 5)
        column.addWidget(self.what, 5)
        row.addLayout(column, 1)

    def show_visit(
        self, visit: PlannedVisit, situation: Situation, texts: Texts, now: datetime
    ) -> None:
        """Say when, with whom, where, or why it cannot be."""
        screen_now = situation.visit
        now_on = screen_now is not None and screen_now.reference == visit.reference
        colours, zone = self._measures.colours, zone_of(situation)
        self.when.say(_when(visit, texts, zone, situation))
        if visit.refusals:
            self.sign.show_icon("cross", colours.red)
            self.what.set_colour(colours.red)
            first = visit.refusals[0]
            why = reason(first.code, texts)
            if first.until is not None:
                until = texts.moment(first.until, now, zone)
                why = f"{why} · {texts('visits-until', until=until)}"
            self.what.say(why)
            return
        self.sign.show_icon(*(("handset", colours.green) if now_on else ("calendar", colours.blue)))
        self.what.set_colour(colours.ink_soft)
        self.what.say(f"{visit.visitor_name} · {visit.terminal_label}")


def _when(visit: PlannedVisit, texts: Texts, zone: str, situation: Situation) -> str:
    """The day in words where it is today, and the hours."""
    starts = visit.starts.astimezone(ZoneInfo(zone))
    hours = f"{texts.clock(visit.starts, zone)}–{texts.clock(visit.ends, zone)}"
    today = situation.agenda.now.astimezone(ZoneInfo(zone)).date() if situation.agenda else None
    if starts.date() == today:
        return texts("visits-today", hours=hours)
    month = texts(f"month-{starts.month}")
    return texts("visits-later", day=starts.day, month=month, hours=hours)


class MyVisitsScreen(BoothScreen):
    """Somebody is known; these are their visits."""

    def __init__(self, measures: Measures, touch: Touch) -> None:
        super().__init__(measures, touch)
        m = measures
        self.told = Words(self, m.text, m.colours.accent, bold=True)
        self.body.addWidget(self.told)
        self.none = Words(self, round(m.text * 1.2), m.colours.text, align=Align.AlignCenter)
        self.body.addWidget(self.none, 1)
        self.rows = [_Row(self, m) for _ in range(ROWS)]
        for row in self.rows:
            self.body.addWidget(row, 1)
        self.body.addStretch(0)
        self.done = self.add_choice(TouchButton(self, m), 2)
        self.done.clicked.connect(lambda: touch(Dismissed()))
        self.ask = self.add_choice(TouchButton(self, m, PLAIN, "paper"), 3)
        self.ask.clicked.connect(lambda: touch(SheetWanted(Sheet.REQUESTS)))
        self.go = self.add_choice(TouchButton(self, m, PRIMARY, "handset"), 3)
        self.go.clicked.connect(lambda: touch(VisitWanted()))

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Show the visits, the next first."""
        plan = situation.plan
        visits = plan.visits if plan else ()
        allowance = plan.allowance if plan else None
        self.title.say(texts("visits-title"))
        left = ""
        if allowance is not None:
            values = {"left": allowance.left, "visits": allowance.visits, "days": allowance.days}
            left = texts("visits-left", **values)
        self.subtitle.say(left)
        told = displaced_words(situation, texts, self.now)[:TOLD_AT_ONCE]
        self.told.say("\n".join(told))
        self.told.setVisible(bool(told))
        self.told.setFixedHeight(round(self.measures.text * 2.9) * max(1, len(told)))
        room = ROWS - len(told)
        for place, row in enumerate(self.rows):
            shown = place < min(len(visits), room)
            row.setVisible(shown)
            if shown:
                row.show_visit(visits[place], situation, texts, self.now)
        self.none.setVisible(not visits)
        self.none.say("" if visits else texts("visits-none"))
        self.done.say(texts("visits-done"))
        self.ask.say(texts("requests-title"))
        permits = bool(plan and (plan.permits_for or plan.requests))
        self.ask.setVisible(permits or situation.complainable is not None)
        possible = situation.visit is not None and not situation.refusals
        self.go.setVisible(possible)
        self.go.say(texts("visits-go"))
        self.done.set_look(PLAIN if possible else PRIMARY)
