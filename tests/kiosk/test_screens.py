"""Every screen in every situation, both languages, three sizes of glass."""

import itertools
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk.call_events import (
    AidSwitched,
    Event,
    HangUpConfirmed,
    LanguageChosen,
    PinEntered,
    SheetWanted,
    StartTouched,
)
from kiosk.config import TARGET_MM, ScreenSection
from kiosk.languages import languages
from kiosk.message import message_of
from kiosk.situation import Aid, Devices, Screen, Sheet, Situation
from kiosk.texts import Texts
from kiosk.ui.booth_screen import BoothScreen
from kiosk.ui.buttons import TouchButton
from kiosk.ui.call_screen import CallScreen
from kiosk.ui.cards import Badge, Card, Pictogram
from kiosk.ui.identify import Dots, IdentifyScreen
from kiosk.ui.idle import IdleScreen
from kiosk.ui.live import LevelMeter, PictureView, TimeRing
from kiosk.ui.message_screen import MessageScreen
from kiosk.ui.sheets import Tile, TileSheet
from kiosk.ui.theme import CALM, STARK, Palette
from kiosk.ui.window import KioskWindow
from kiosk.ui.words import Words
from tests.kiosk.gallery import LONG_TEXT, NOW, SITUATIONS, SIZES, face, show
from visit_protocol.vocabulary import DeviceState

pytestmark = pytest.mark.qt_log_level_fail("WARNING")

LEAVES = (Words, TouchButton, Badge, Pictogram, PictureView, LevelMeter, TimeRing, Dots)
MOST_CHOICES = 4
SMALLEST_LETTER_MM = 5.0


class Touches(list[Event]):
    """What was touched."""

    def __call__(self, event: Event) -> None:
        self.append(event)


@pytest.fixture
def touches() -> Touches:
    return Touches()


@pytest.fixture(scope="module", params=SIZES, ids=lambda s: f"{s.width}x{s.height}")
def glass(request: pytest.FixtureRequest) -> ScreenSection:
    return request.param


@pytest.fixture
def window(qtbot: QtBot, glass: ScreenSection, touches: Touches) -> Iterator[KioskWindow]:
    made = KioskWindow(glass, touches)
    qtbot.addWidget(made)
    yield made
    made.hide()


def place(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size())


def leaves(widget: QWidget) -> list[QWidget]:
    return [leaf for leaf in widget.findChildren(QWidget) if isinstance(leaf, LEAVES)]


def visible(widget: BoothScreen) -> list[QWidget]:
    return [leaf for leaf in leaves(widget) if leaf.isVisible() and not _blank(leaf)]


def _blank(leaf: QWidget) -> bool:
    return isinstance(leaf, Words) and not leaf.text()


def every(window: KioskWindow, look: str = "normal") -> Iterator[tuple[str, BoothScreen]]:
    """Every situation in every language, shown one after the other, with its name."""
    for name, language in itertools.product(SITUATIONS, languages()):
        yield f"{name} in {language}", show(window, name, language, look)


@pytest.mark.parametrize("look", ["normal", "large"])
def test_nothing_is_clipped_overlaps_lacks_a_name_or_is_too_small(
    window: KioskWindow, glass: ScreenSection, look: str
) -> None:
    faults = [
        f"{name}: {fault}"
        for name, widget in every(window, look)
        for fault in (*faults_of(widget, window, glass), *silent_of(widget), *crowd_of(widget))
    ]
    assert faults == []


def faults_of(widget: BoothScreen, window: KioskWindow, glass: ScreenSection) -> Iterator[str]:
    """What is wrong with a screen as it is shown, in words."""
    frame = QRect(0, 0, glass.width, glass.height)
    shown = visible(widget)
    places = {leaf: place(leaf, window) for leaf in shown}
    for leaf in shown:
        who = f"{type(leaf).__name__} «{leaf.accessibleName()[:60]}»"
        if not frame.contains(places[leaf]):
            yield f"{who} is outside: {places[leaf]}"
        if isinstance(leaf, Words | TouchButton | Badge) and not leaf.fits():
            yield f"{who} is clipped"
        if isinstance(leaf, Words) and leaf.text() != leaf.whole:
            yield f"{who} is cut short"
        if isinstance(leaf, Words) and leaf.font().pixelSize() < readable_px(glass):
            yield f"{who} is only {leaf.font().pixelSize()} px high"
        if isinstance(leaf, TouchButton):
            smallest = min(leaf.width(), leaf.height()) / glass.pixels_per_mm
            if smallest < TARGET_MM:
                yield f"{who} is only {smallest:.1f} mm"
    over = widget.remote if isinstance(widget, CallScreen) else None
    for one, other in itertools.combinations([leaf for leaf in shown if leaf is not over], 2):
        if places[one].intersects(places[other]):
            yield f"«{one.accessibleName()[:40]}» lies over «{other.accessibleName()[:40]}»"


def readable_px(glass: ScreenSection) -> int:
    """Letters of 2 mm and more: font pixels include what stands above and below them."""
    return round(SMALLEST_LETTER_MM * glass.pixels_per_mm)


def crowd_of(widget: BoothScreen) -> Iterator[str]:
    """Four choices at most: tools, keys of the PIN and the way back apart."""
    buttons = {leaf for leaf in visible(widget) if isinstance(leaf, TouchButton)}
    buttons -= set(widget.tools)
    if isinstance(widget, IdentifyScreen):
        buttons -= {*widget.keys, widget.erase, widget.enter}
    if isinstance(widget, TileSheet):
        buttons.discard(widget.back)
    if len(buttons) > MOST_CHOICES:
        yield f"{len(buttons)} choices"


def silent_of(widget: BoothScreen) -> Iterator[str]:
    """What an assistive tool cannot read."""
    for leaf in visible(widget):
        if isinstance(leaf, Pictogram):
            continue  # its words stand beside it
        spoken = QAccessible.queryAccessibleInterface(leaf)
        if not spoken.text(QAccessible.Text.Name):
            yield f"{type(leaf).__name__} has no name"
        if isinstance(leaf, TouchButton) and spoken.role() != QAccessible.Role.Button:
            yield f"{leaf.text()} is no button"
        if isinstance(leaf, Words) and spoken.role() != QAccessible.Role.StaticText:
            yield f"{leaf.text()} is no text"


def test_large_letters_are_larger(plain: KioskWindow) -> None:
    for name in ("idle", "notice-recorded", "ready", "cannot-suspended"):
        sizes = []
        for look in ("normal", "large"):
            shown = visible(show(plain, name, "ru", look))
            words = [leaf for leaf in shown if isinstance(leaf, Words)]
            sizes.append(sum(one.font().pixelSize() for one in words) / len(words))
        assert sizes[1] >= 1.07 * sizes[0], (name, sizes)


def luminance(colour: QColor) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [colour.redF(), colour.greenF(), colour.blueF()]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("palette", "least"), [(CALM, 4.5), (STARK, 7.0)])
def test_words_stand_out_from_their_ground(palette: Palette, least: float) -> None:
    for text, ground in palette.pairs:
        light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= least, (text.name(), ground.name())


def test_a_text_of_two_thousand_characters_is_read_in_full_by_one_button(
    qtbot: QtBot, window: KioskWindow
) -> None:
    for look in ("normal", "large"):
        widget = show(window, "cannot-very-long", "ru", look)
        assert isinstance(widget, MessageScreen)
        read = []
        for _ in range(widget.pages):
            assert widget.words.fits()
            assert widget.words.font().pixelSize() == widget.measures.text
            read.append(widget.words.text())
            press(qtbot, widget.more)
        assert " ".join(" ".join(read).split()) == " ".join(
            " ".join(message_of(Screen.CANNOT_VISIT, *_of("cannot-very-long")).paragraphs).split()
        )
        assert widget.words.text() == read[0]


def _of(name: str) -> tuple[Situation, Texts, datetime]:
    return SITUATIONS[name][1], Texts("ru"), NOW


@pytest.fixture
def plain(qtbot: QtBot, touches: Touches) -> KioskWindow:
    made = KioskWindow(SIZES[1], touches)
    qtbot.addWidget(made)
    return made


def press(qtbot: QtBot, button: TouchButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_window_has_the_configured_geometry(window: KioskWindow, glass: ScreenSection) -> None:
    show(window, "idle", "ru")
    assert (window.width(), window.height()) == (glass.width, glass.height)


def test_the_languages_are_called_by_their_own_names(
    qtbot: QtBot, plain: KioskWindow, touches: Touches
) -> None:
    widget = show(plain, "idle", "en")
    assert isinstance(widget, IdleScreen)
    assert widget.names.text() == "Русский"
    press(qtbot, widget.names)
    press(qtbot, widget.start)
    press(qtbot, widget.staff)
    assert touches == [SheetWanted(Sheet.LANGUAGE), StartTouched(), SheetWanted(Sheet.STAFF)]
    sheet = show(plain, "language", "en")
    assert isinstance(sheet, TileSheet)
    names = [tile.text() for tile in sheet.tiles if tile.isVisible()]
    assert names == ["Русский", "English"]
    press(qtbot, sheet.tiles[0])
    assert touches[-1] == LanguageChosen("ru")


def test_more_languages_than_tiles_are_turned_over(
    qtbot: QtBot, plain: KioskWindow, touches: Touches
) -> None:
    sheet = show(plain, "language", "en")
    assert isinstance(sheet, TileSheet)
    sheet.show_tiles(tuple(Tile(c, LanguageChosen(c)) for c in "abcdef"), "More")
    assert [tile.text() for tile in sheet.tiles] == ["a", "b", "c", "More"]
    press(qtbot, sheet.tiles[2])
    assert touches == [LanguageChosen("c")]


@pytest.mark.parametrize(
    "name", ["identify", "notice-recorded", "ready", "waiting", "cannot-early", "relay-lost"]
)
def test_language_letters_contrast_and_speech_are_at_hand_before_the_call(
    qtbot: QtBot, plain: KioskWindow, touches: Touches, name: str
) -> None:
    widget = show(plain, name, "ru")
    for tool in widget.tools:
        press(qtbot, tool)
    assert touches == [
        SheetWanted(Sheet.LANGUAGE),
        AidSwitched(Aid.LARGE),
        AidSwitched(Aid.CONTRAST),
        AidSwitched(Aid.SPEECH),
    ]


def test_a_terminal_that_cannot_speak_has_no_button_for_it(plain: KioskWindow) -> None:
    screen, situation = SITUATIONS["idle"]
    mute = replace(situation, devices=Devices(DeviceState.OK, DeviceState.OK, usable=True))
    widget = plain.show_screen(screen, mute, NOW)
    assert not widget.aids[Aid.SPEECH].isVisibleTo(widget)


def test_a_screen_speaks_its_title_its_words_and_its_choices(plain: KioskWindow) -> None:
    said = show(plain, "notice-recorded", "en").spoken().splitlines()
    assert said[0] == "Before you start."
    assert said[-1] == "Call staff."
    long = show(plain, "cannot-very-long", "ru")
    assert LONG_TEXT.split(". ")[2] in long.spoken()


def test_a_pin_is_masked_and_wiped(qtbot: QtBot, plain: KioskWindow, touches: Touches) -> None:
    widget = show(plain, "identify", "ru")
    assert isinstance(widget, IdentifyScreen)
    assert not widget.enter.isEnabled()
    for digit in (1, 2, 3, 4):
        press(qtbot, widget.keys[digit - 1])
    spoken = [leaf.accessibleName() for leaf in visible(widget)]
    assert not any("1234" in words for words in spoken)
    press(qtbot, widget.enter)
    assert touches[-1] == PinEntered("1234")
    press(qtbot, widget.enter)
    assert touches.count(PinEntered("1234")) == 1


def test_a_pin_half_typed_is_gone_when_the_screen_is_left(
    qtbot: QtBot, plain: KioskWindow, touches: Touches
) -> None:
    widget = show(plain, "identify", "ru")
    assert isinstance(widget, IdentifyScreen)
    for digit in (1, 2, 3, 4):
        press(qtbot, widget.keys[digit - 1])
    show(plain, "idle", "ru")
    show(plain, "identify", "ru")
    assert not widget.enter.isEnabled()


def test_after_a_wrong_pin_the_next_one_can_be_typed(
    qtbot: QtBot, plain: KioskWindow, touches: Touches
) -> None:
    widget = show(plain, "identify-wrong", "ru")
    assert isinstance(widget, IdentifyScreen)
    for digit in (1, 2, 3, 4):
        press(qtbot, widget.keys[digit - 1])
        show(plain, "identify-wrong", "ru")  # as the kiosk does after every touch
    press(qtbot, widget.enter)
    assert touches[-1] == PinEntered("1234")


def test_ending_a_call_takes_two_touches(
    qtbot: QtBot, plain: KioskWindow, touches: Touches
) -> None:
    widget = show(plain, "call", "ru")
    assert isinstance(widget, CallScreen)
    press(qtbot, widget.hang_up)
    assert touches == []
    press(qtbot, widget.keep)
    press(qtbot, widget.hang_up)
    press(qtbot, widget.end)
    assert touches == [HangUpConfirmed()]


def test_the_protected_badge_has_its_own_words(plain: KioskWindow) -> None:
    widget = show(plain, "call-protected", "en")
    assert isinstance(widget, CallScreen)
    assert widget.badge.kind == "protected"
    assert widget.badge.accessibleName() == "Not recorded. Not watched."


def test_a_closed_terminal_says_why_and_until_when_where_the_steps_stand(
    plain: KioskWindow,
) -> None:
    widget = show(plain, "idle-closed", "ru")
    assert isinstance(widget, IdleScreen)
    assert widget.closed.isVisible()
    assert widget.closed.text().endswith("· до 14:46")
    show(plain, "idle", "ru")
    assert not widget.closed.isVisible()


@pytest.mark.parametrize("name", ["paused", "interrupted"])
def test_a_visit_that_stands_still_shows_what_is_left_of_it(plain: KioskWindow, name: str) -> None:
    assert show(plain, name, "ru").subtitle.text() == "Кабина 3 · осталось 12 мин"


def test_a_refused_terminal_says_its_reason_once(plain: KioskWindow) -> None:
    widget = show(plain, "out-of-service-refused", "ru")
    spoken = " ".join(leaf.accessibleName() for leaf in visible(widget))
    assert spoken.count("Терминал сейчас не работает") == 1


def test_a_call_that_is_over_leaves_no_picture(plain: KioskWindow) -> None:
    widget = show(plain, "call", "ru")
    assert isinstance(widget, CallScreen)
    assert not widget.remote.empty
    show(plain, "ended", "ru")
    assert widget.remote.empty
    assert widget.own.empty


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_picture_that_the_network_stops_gives_way_to_words(
    plain: KioskWindow, language: str
) -> None:
    widget = show(plain, "call", language)
    assert isinstance(widget, CallScreen)
    widget.pictures_paused(own=True, remote=True)
    widget.own_picture(face(320, 180))
    assert widget.remote.empty
    assert widget.own.empty
    assert widget.remote.words == widget.texts("call-remote-paused")
    assert widget.own.words == widget.texts("call-own-paused")
    widget.pictures_paused(own=False, remote=False)
    widget.own_picture(face(320, 180))
    widget.remote_picture(face(320, 180))
    assert not widget.remote.empty
    assert not widget.own.empty


def test_a_picture_is_drawn_in_its_colours(plain: KioskWindow) -> None:
    widget = show(plain, "call", "ru")
    assert isinstance(widget, CallScreen)
    widget.remote_picture(face(320, 180))
    drawn = widget.remote.grab().toImage()
    first, second = (
        QColor(drawn.pixel(round(drawn.width() * (cell + 0.5) / 24), 45)).lightness()
        for cell in (0, 1)
    )
    assert first > 200 > 50 > second


def test_every_screen_and_every_sheet_is_in_the_gallery(plain: KioskWindow) -> None:
    assert {screen for screen, _ in SITUATIONS.values()} == set(Screen)
    assert {s.sheet for _, s in SITUATIONS.values() if s.sheet} == set(Sheet)
    assert all(isinstance(card, Card) for card in plain.findChildren(Card))


def test_drawing_costs_none_no_references(plain: KioskWindow) -> None:
    """PySide6 6.12 drops one per call on Python 3.11, which aborts a kiosk within minutes."""
    show(plain, "call", "ru")
    before = sys.getrefcount(None)
    for _ in range(20):
        plain.grab()
    assert sys.getrefcount(None) - before > -20


def test_the_readme_shows_the_kiosk_in_a_call(qtbot: QtBot, screens: Path) -> None:
    window = KioskWindow(SIZES[1], Touches())
    qtbot.addWidget(window)
    show(window, "call", "ru")
    assert window.grab().save(str(screens / "kiosk.png"))
