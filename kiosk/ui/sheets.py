"""Sheets: one question over a screen, answered by one touch on a tile.

Guarantees: at most four tiles; a person who cannot read finds their language by its own name and
a reason by its pictogram; whoever presses the red button by mistake can take it back.
Leaves to others: what an answer does (`kiosk.call`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from kiosk.call_events import (
    AppealWanted,
    ComplaintMade,
    Event,
    LanguageChosen,
    PermitWanted,
    SheetClosed,
    SheetWanted,
    StaffWanted,
)
from kiosk.languages import languages
from kiosk.message import zone_of
from kiosk.situation import Sheet, Situation
from kiosk.texts import Texts
from kiosk.ui.booth_screen import BoothScreen, Touch
from kiosk.ui.buttons import CHOSEN, PLAIN, PRIMARY, TouchButton
from kiosk.ui.cards import Card, Pictogram
from kiosk.ui.icons import Icon
from kiosk.ui.theme import Measures
from kiosk.ui.words import Align, Words
from visit_protocol.vocabulary import ComplaintReason, StaffReason

TILES: Final = 4


@dataclass(frozen=True, slots=True)
class Tile:
    """One answer: what it says, its pictogram, and what has happened when it is touched."""

    text: str
    event: Event | None
    """None turns to the next tiles."""
    icon: Icon | None = None
    chosen: bool = False


class TileSheet(BoothScreen):
    """A question with tiles; more than four are turned over like pages."""

    def __init__(self, measures: Measures, touch: Touch, px: int | None = None) -> None:
        super().__init__(measures, touch, language=False)
        m = measures
        self.staff.hide()
        self._tiles: tuple[Tile, ...] = ()
        self._first = 0
        grid = QGridLayout()
        grid.setSpacing(m.gap)
        self.tiles: list[TouchButton] = []
        for i in range(TILES):
            button = TouchButton(self, m, PLAIN, px=px or round(m.text * 1.15), tile=True)
            button.clicked.connect(lambda _=False, at=i: self._touched(at))
            grid.addWidget(button, i // 2, i % 2)
            self.tiles.append(button)
        row = QHBoxLayout()
        row.addLayout(grid)
        self.body.addLayout(row, 1)
        self.back = self.add_choice(TouchButton(self, m))
        self.back.clicked.connect(lambda: touch(SheetClosed()))

    def show_tiles(self, tiles: tuple[Tile, ...], more: str) -> None:
        """Show these answers; ``more`` is the word for the tile that leads to the rest."""
        self._tiles = tiles
        self._first = self._first if self._first < len(tiles) else 0
        shown = list(tiles[self._first : self._first + TILES])
        if len(tiles) > TILES:
            shown = [*tiles[self._first : self._first + TILES - 1], Tile(more, None, "next")]
        for i, button in enumerate(self.tiles):
            button.setVisible(i < len(shown))
            if i < len(shown):
                button.set_icon(shown[i].icon)
                button.set_look(CHOSEN if shown[i].chosen else PLAIN)
                button.say(shown[i].text)
        self._shown = shown

    def leave(self) -> None:
        """The next person begins with the first tiles."""
        self._first = 0

    def _touched(self, at: int) -> None:
        event = self._shown[at].event
        if event is not None:
            self.touch(event)
            return
        self._first += TILES - 1
        if self.situation is not None:
            self.fill(self.situation, self.texts)


class LanguageSheet(TileSheet):
    """Which language, each by its own name."""

    def __init__(self, measures: Measures, touch: Touch) -> None:
        super().__init__(measures, touch, px=measures.title)

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Show every language there is."""
        self.title.say(texts("language-title"))
        self.subtitle.say("")
        self.back.say(texts("back"))
        self.show_tiles(
            tuple(
                Tile(Texts(code).name, LanguageChosen(code), chosen=code == situation.language)
                for code in languages()
            ),
            texts("more"),
        )


_STAFF_SIGNS: Final[dict[StaffReason, Icon]] = {
    StaffReason.UNWELL: "heart",
    StaffReason.TECHNICAL: "wrench",
    StaffReason.QUESTION: "question",
    StaffReason.OTHER: "dots",
}


class WordSheet(BoothScreen):
    """Something to be told, or to be sure of: a card, a way back and perhaps one act."""

    def __init__(self, measures: Measures, touch: Touch, *, act: bool) -> None:
        super().__init__(measures, touch, language=False)
        m = measures
        card = Card(self, m)
        row = QHBoxLayout(card)
        row.setContentsMargins(m.margin, m.gap, m.margin, m.gap)
        row.setSpacing(m.margin)
        self.sign = Pictogram(card, "warning", m.colours.amber, round(m.height * 0.22))
        row.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout()
        column.setSpacing(m.gap)
        low, high = Align.AlignLeft | Align.AlignBottom, Align.AlignLeft | Align.AlignTop
        self.heading = Words(card, round(m.title * 0.92), m.colours.ink, bold=True, align=low)
        self.words = Words(card, m.text, m.colours.ink_soft, align=high)
        column.addWidget(self.heading, 1)
        column.addWidget(self.words, 1)
        row.addLayout(column, 1)
        self.body.addWidget(card, 1)
        self.back = self.add_choice(TouchButton(self, m, PLAIN if act else PRIMARY), 2)
        self.back.clicked.connect(lambda: touch(SheetClosed()))
        self.act = self.add_choice(TouchButton(self, m, PRIMARY), 3) if act else None


class WarningSheet(WordSheet):
    """What the guard warns of, over the call that goes on."""

    def __init__(self, measures: Measures, touch: Touch) -> None:
        super().__init__(measures, touch, act=False)

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Show what has to stop."""
        self.title.say(texts("warned-title"))
        self.subtitle.say(texts("warned-text"))
        words = texts(f"warning-{situation.warning}") if situation.warning else ""
        self.heading.say(words[:1].upper() + words[1:])
        self.words.say(texts("warned-what"))
        self.back.say(texts("understood"))


class AppealSheet(WordSheet):
    """Whether to appeal against the order; one touch, no typing."""

    def __init__(self, measures: Measures, touch: Touch) -> None:
        super().__init__(measures, touch, act=True)
        self.sign.show_icon("scales", measures.colours.blue)
        if self.act is not None:
            self.act.clicked.connect(lambda: touch(AppealWanted()))

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Show what becomes of an appeal."""
        self.title.say(texts("appeal-title"))
        self.subtitle.say("")
        self.heading.say(texts("appeal-question"))
        self.words.say(texts("appeal-text"))
        self.back.say(texts("back"))
        if self.act is not None:
            self.act.say(texts("wait" if situation.busy else "appeal-yes"))
            self.act.setEnabled(not situation.busy)


class StaffSheet(TileSheet):
    """Why staff should come."""

    def fill(self, _situation: Situation, texts: Texts) -> None:
        """Show the four reasons."""
        self.title.say(texts("staff-title"))
        self.subtitle.say(texts("staff-text"))
        self.back.say(texts("staff-back"))
        self.show_tiles(
            tuple(
                Tile(texts(f"staff-{reason}"), StaffWanted(reason), icon)
                for reason, icon in _STAFF_SIGNS.items()
            ),
            texts("more"),
        )


class RequestsSheet(TileSheet):
    """What can be asked of the administration here, and what became of the last request."""

    def __init__(self, measures: Measures, touch: Touch) -> None:
        super().__init__(measures, touch)
        m = measures
        self.card = Card(self, m)
        box = QVBoxLayout(self.card)
        box.setContentsMargins(m.gap, m.gap, m.gap, m.gap)
        self.answer = Words(self.card, m.text, m.colours.ink, align=Align.AlignLeft)
        box.addWidget(self.answer)
        self.body.insertWidget(0, self.card)

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Show what this person can ask for."""
        self.title.say(texts("requests-title"))
        self.subtitle.say(_waiting(situation, texts, self.now))
        self.back.say(texts("back"))
        answer = _answer(situation, texts)
        self.card.setVisible(bool(answer))
        self.answer.say(answer)
        room = self.measures.width - 2 * (self.measures.margin + self.measures.gap)
        wanted = self.answer.height_for(room) + 2 * self.measures.gap + 4
        self.card.setFixedHeight(min(wanted, round(self.measures.height * 0.42)))
        tiles = []
        if situation.complainable is not None:
            tiles.append(Tile(texts("complaint"), SheetWanted(Sheet.COMPLAINT), "paper"))
        if situation.plan is not None and situation.plan.permits_for:
            tiles.append(Tile(texts("permit"), SheetWanted(Sheet.PERMIT), "handset"))
        self.show_tiles(tuple(tiles), texts("more"))


def _waiting(situation: Situation, texts: Texts, now: datetime) -> str:
    """By when the latest request is answered, if it is not."""
    last = situation.plan.requests[0] if situation.plan and situation.plan.requests else None
    if last is None or last.answered is not None:
        return ""
    return texts("request-waits", due=texts.moment(last.due, now, zone_of(situation)))


def _answer(situation: Situation, texts: Texts) -> str:
    """The latest answer, in the administration's own words."""
    requests = situation.plan.requests if situation.plan else ()
    answered = next((one for one in requests if one.answered is not None), None)
    return texts("request-answered", answer=answered.answer) if answered else ""


_COMPLAINT_SIGNS: Final[dict[ComplaintReason, Icon]] = {
    ComplaintReason.SOUND_OR_PICTURE: "speaker",
    ComplaintReason.CUT_SHORT: "clock",
    ComplaintReason.STAFF_CONDUCT: "face",
    ComplaintReason.OTHER: "dots",
}


class ComplaintSheet(TileSheet):
    """What was wrong with the visit that is over."""

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Show the four reasons."""
        self.title.say(texts("complaint-title"))
        self.subtitle.say(texts("wait") if situation.busy else texts("complaint-text"))
        self.back.say(texts("back"))
        self.show_tiles(
            tuple(
                Tile(texts(f"complaint-{reason}"), ComplaintMade(reason), icon)
                for reason, icon in _COMPLAINT_SIGNS.items()
            ),
            texts("more"),
        )


class PermitSheet(TileSheet):
    """Whom a call permit is for."""

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Show the contacts that need one."""
        self.title.say(texts("permit-title"))
        self.subtitle.say(texts("wait") if situation.busy else "")
        self.back.say(texts("back"))
        contacts = situation.plan.permits_for if situation.plan else ()
        self.show_tiles(
            tuple(Tile(one.name, PermitWanted(one.visitor), "face") for one in contacts),
            texts("more"),
        )


class FiledSheet(WordSheet):
    """The request is kept, and by when it is answered."""

    def __init__(self, measures: Measures, touch: Touch) -> None:
        super().__init__(measures, touch, act=False)
        self.sign.show_icon("check", measures.colours.green)

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Show the day of the answer."""
        self.title.say(texts("requests-title"))
        self.subtitle.say("")
        self.heading.say(texts("filed"))
        due = situation.filed[1] if situation.filed else self.now
        when = texts.moment(due, self.now, zone_of(situation))
        self.words.say(texts("filed-text", due=when))
        self.back.say(texts("understood"))
