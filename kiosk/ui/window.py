"""`KioskWindow`: one screen at a time, and where pictures and levels go.

Guarantees: exactly one screen is visible and it shows the latest situation; a screen that goes
forgets its pictures; the geometry is the configured one, with or without a window manager; locked,
it has no frame and no pointer, and refuses to be closed.
Leaves to others: deciding which screen (`kiosk.call`).
"""

from datetime import datetime

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QCloseEvent, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from kiosk.config import ScreenSection
from kiosk.message import MESSAGE_SCREENS
from kiosk.situation import Screen, Situation
from kiosk.texts import Texts
from kiosk.ui import theme
from kiosk.ui.booth_screen import BoothScreen, Touch
from kiosk.ui.call_screen import CallScreen
from kiosk.ui.identify import IdentifyScreen
from kiosk.ui.idle import IdleScreen
from kiosk.ui.message_screen import MessageScreen
from kiosk.ui.notice import NoticeScreen
from kiosk.ui.ready import ReadyScreen, WaitingScreen
from kiosk.ui.theme import Measures


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
        self._measures = Measures.of(screen)
        self._touch = touch
        self._texts: dict[str, Texts] = {}
        """By language, each from when it is first shown: to read one takes a while."""
        self._screens: dict[Screen, BoothScreen] = {}
        self._shown: Screen | None = None
        self._stack = QStackedWidget(self)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._stack)
        self.setGeometry(0, 0, screen.width, screen.height)
        self.setFixedSize(screen.width, screen.height)

    @property
    def current(self) -> BoothScreen | None:
        """The screen that is shown."""
        return self._screens[self._shown] if self._shown is not None else None

    def show_screen(self, screen: Screen, situation: Situation, now: datetime) -> BoothScreen:
        """Show ``screen`` with ``situation``; returns its widget."""
        if screen not in self._screens:
            self._screens[screen] = self._made(screen)
            self._stack.addWidget(self._screens[screen])
        widget = self._screens[screen]
        language = situation.language
        if language not in self._texts:
            self._texts[language] = Texts(language)
        widget.show_situation(situation, self._texts[language], now)
        if screen is not self._shown:
            if self._shown is not None:
                self._screens[self._shown].leave()
            self._shown = screen
            self._stack.setCurrentWidget(widget)
            self.setWindowTitle(screen.value)
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
        painter.fillRect(QRectF(self.rect()), QColor(theme.NAVY))
        painter.end()

    def _made(self, screen: Screen) -> BoothScreen:
        if screen in MESSAGE_SCREENS:
            return MessageScreen(self._measures, self._touch, screen)
        match screen:
            case Screen.IDENTIFY:
                return IdentifyScreen(self._measures, self._touch)
            case Screen.NOTICE:
                return NoticeScreen(self._measures, self._touch)
            case Screen.READY:
                return ReadyScreen(self._measures, self._touch)
            case Screen.WAITING:
                return WaitingScreen(self._measures, self._touch)
            case Screen.CALL:
                return CallScreen(self._measures, self._touch)
        return IdleScreen(self._measures, self._touch)
