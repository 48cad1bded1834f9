"""Every screen in every situation, both languages, three sizes of glass."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk.call_events import (
    Event,
    HangUpConfirmed,
    LanguageChosen,
    PinEntered,
    StaffWanted,
    StartTouched,
)
from kiosk.config import TARGET_MM, ScreenSection
from kiosk.situation import Screen
from kiosk.ui.booth_screen import BoothScreen
from kiosk.ui.buttons import TouchButton
from kiosk.ui.call_screen import CallScreen
from kiosk.ui.cards import Badge, Card, Pictogram
from kiosk.ui.identify import Dots, IdentifyScreen
from kiosk.ui.idle import IdleScreen
from kiosk.ui.live import LevelMeter, PictureView, TimeRing
from kiosk.ui.window import KioskWindow
from kiosk.ui.words import Words
from tests.kiosk.gallery import SITUATIONS, SIZES, face, show

pytestmark = pytest.mark.qt_log_level_fail("WARNING")

LEAVES = (Words, TouchButton, Badge, Pictogram, PictureView, LevelMeter, TimeRing, Dots)
MOST_CHOICES = 4


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


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("name", SITUATIONS)
def test_nothing_is_clipped_overlaps_or_is_too_small_to_touch(
    window: KioskWindow, glass: ScreenSection, name: str, language: str
) -> None:
    widget = show(window, name, language)
    shown = visible(widget)
    frame = QRect(0, 0, glass.width, glass.height)
    for leaf in shown:
        assert frame.contains(place(leaf, window)), (type(leaf).__name__, place(leaf, window))
        if isinstance(leaf, Words | TouchButton | Badge):
            assert leaf.fits(), leaf.accessibleName()
        if isinstance(leaf, TouchButton):
            smallest = min(leaf.width(), leaf.height()) / glass.pixels_per_mm
            assert smallest >= TARGET_MM, (leaf.text(), smallest)
    stage = {"remote"} if isinstance(widget, CallScreen) else set()
    solid = [leaf for leaf in shown if not (stage and leaf is getattr(widget, "remote", None))]
    for one, other in itertools.combinations(solid, 2):
        assert not place(one, window).intersects(place(other, window)), (
            one.accessibleName(),
            other.accessibleName(),
        )


@pytest.mark.parametrize("name", SITUATIONS)
def test_there_are_at_most_four_choices(window: KioskWindow, name: str) -> None:
    widget = show(window, name, "ru")
    buttons = [leaf for leaf in visible(widget) if isinstance(leaf, TouchButton)]
    if isinstance(widget, IdentifyScreen):
        pad = {*widget.keys, widget.erase, widget.enter}
        buttons = [button for button in buttons if button not in pad]
    assert len(buttons) <= MOST_CHOICES


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("name", SITUATIONS)
def test_everything_can_be_spoken(window: KioskWindow, name: str, language: str) -> None:
    for leaf in visible(show(window, name, language)):
        if isinstance(leaf, Pictogram):
            continue  # its words stand beside it
        spoken = QAccessible.queryAccessibleInterface(leaf)
        assert spoken.text(QAccessible.Text.Name), type(leaf).__name__
        if isinstance(leaf, TouchButton):
            assert spoken.role() == QAccessible.Role.Button
        if isinstance(leaf, Words):
            assert spoken.role() == QAccessible.Role.StaticText


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
    names = [leaf.text() for leaf in visible(widget) if isinstance(leaf, TouchButton)]
    assert {"Русский", "English"} <= set(names)
    press(qtbot, widget.languages["ru"])  # type: ignore[attr-defined] # the idle screen has it
    press(qtbot, widget.start)  # type: ignore[attr-defined] # the idle screen has it
    press(qtbot, widget.staff)
    assert touches == [LanguageChosen("ru"), StartTouched(), StaffWanted()]


@pytest.mark.parametrize(
    "name", ["identify", "notice-recorded", "ready", "waiting", "cannot-early", "relay-lost"]
)
def test_the_language_can_be_switched_before_the_call(
    qtbot: QtBot, plain: KioskWindow, touches: Touches, name: str
) -> None:
    widget = show(plain, name, "ru")
    assert widget.switch is not None
    press(qtbot, widget.switch)
    assert touches == [LanguageChosen("en")]


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


def test_every_screen_has_a_widget(plain: KioskWindow) -> None:
    assert {screen for screen, _ in SITUATIONS.values()} == set(Screen)
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
