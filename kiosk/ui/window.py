"""`KioskWindow`: one screen at a time, and where pictures and levels go.

Guarantees: exactly one screen is visible and it shows the latest situation; a screen that goes
forgets its pictures; the geometry is the configured one, with or without a window manager; locked,
it has no frame and no pointer, and refuses to be closed.
Leaves to others: deciding which screen (`kiosk.call`).
"""

from datetime import datetime
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QCloseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from kiosk.config import ScreenSection
from kiosk.situation import Aid, Screen, Sheet, Situation
from kiosk.texts import Texts
from kiosk.ui.booth_screen import BoothScreen, Touch
from kiosk.ui.call_screen import CallScreen
from kiosk.ui.device_test import DeviceTestScreen
from kiosk.ui.identify import IdentifyScreen
from kiosk.ui.idle import IdleScreen
from kiosk.ui.message_screen import MessageScreen
from kiosk.ui.my_visits import MyVisitsScreen
from kiosk.ui.notice import NoticeScreen
from kiosk.ui.ready import ReadyScreen, WaitingScreen
from kiosk.ui.sheets import (
    AppealSheet,
    ComplaintSheet,
    FiledSheet,
    LanguageSheet,
    PermitSheet,
    RequestsSheet,
    StaffSheet,
    WarningSheet,
)
from kiosk.ui.theme import CALM, Measures

_OF_LOOKS: Final = frozenset({Aid.LARGE, Aid.CONTRAST})


class KioskWindow(QWidget):
    """The terminal's only window."""

    def __init__(self, screen: ScreenSection, touch: Touch, *, locked: bool = False) -> None:
        super().__init__()
        self._locked = locked
        if locked:
            # A Wayland client that is not frameless draws itself a title bar, with a button that
            # closes it.
            self.setWindowFlags(Qt.WindowType.FramelessWindowHint)
            self.setCursor(Qt.CursorShape.BlankCursor)
            self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._glass = screen
        self._touch = touch
        self._ground = CALM.ground
        self._screens: dict[tuple[Screen | Sheet, frozenset[Aid]], BoothScreen] = {}
        """By name and by the aids that change how it looks; made when first shown."""
        self._shown: BoothScreen | None = None
        self._stack = QStackedWidget(self)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._stack)
        self.setGeometry(0, 0, screen.width, screen.height)
        self.setFixedSize(screen.width, screen.height)

    @property
    def current(self) -> BoothScreen | None:
        """The screen that is shown."""
        return self._shown

    def show_screen(self, screen: Screen, situation: Situation, now: datetime) -> BoothScreen:
        """Show ``screen``, or the sheet over it, with ``situation``; returns its widget."""
        name = situation.sheet or screen
        aids = situation.aids & _OF_LOOKS
        if (name, aids) not in self._screens:
            self._screens[name, aids] = self._made(name, Measures.of(self._glass, aids))
            self._stack.addWidget(self._screens[name, aids])
        widget = self._screens[name, aids]
        if widget.measures.colours.ground != self._ground:
            self._ground = widget.measures.colours.ground
            self.update()
        widget.show_situation(situation, Texts(situation.language), now)
        if widget is not self._shown:
            if self._shown is not None:
                self._shown.leave()
            self._shown = widget
            self._stack.setCurrentWidget(widget)
            self.setWindowTitle(name.value)
        return widget

    def appear(self) -> None:
        """Come onto the display; locked, as all of it."""
        if self._locked:
            self.showFullScreen()
        else:
            self.show()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 -- Qt's name
        """Stay, when locked: nothing but the end of the process closes it."""
        if self._locked:
            event.ignore()
        else:
            super().closeEvent(event)

    def tick(self, now: datetime) -> None:
        """A second has passed."""
        if self.current is not None:
            self.current.tick(now)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 -- Qt's name
        """Paint the ground of every screen."""
        painter = QPainter(self)
        painter.fillRect(QRectF(self.rect()), self._ground)
        painter.end()

    def _made(self, name: Screen | Sheet, m: Measures) -> BoothScreen:
        match name:
            case Sheet.LANGUAGE:
                return LanguageSheet(m, self._touch)
            case Sheet.STAFF:
                return StaffSheet(m, self._touch)
            case Sheet.WARNING:
                return WarningSheet(m, self._touch)
            case Sheet.APPEAL:
                return AppealSheet(m, self._touch)
            case Sheet.REQUESTS:
                return RequestsSheet(m, self._touch)
            case Sheet.COMPLAINT:
                return ComplaintSheet(m, self._touch)
            case Sheet.PERMIT:
                return PermitSheet(m, self._touch)
            case Sheet.FILED:
                return FiledSheet(m, self._touch)
            case Screen.IDENTIFY:
                return IdentifyScreen(m, self._touch)
            case Screen.MY_VISITS:
                return MyVisitsScreen(m, self._touch)
            case Screen.NOTICE:
                return NoticeScreen(m, self._touch)
            case Screen.READY:
                return ReadyScreen(m, self._touch)
            case Screen.WAITING:
                return WaitingScreen(m, self._touch)
            case Screen.DEVICE_TEST:
                return DeviceTestScreen(m, self._touch)
            case Screen.CALL:
                return CallScreen(m, self._touch)
            case Screen.IDLE:
                return IdleScreen(m, self._touch)
        return MessageScreen(m, self._touch, name)
