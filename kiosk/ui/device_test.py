"""The technician's screen: what the camera sees, what the microphone hears, a tone to be heard.

Guarantees: shown only out of maintenance; the devices are off again when it is left.
Leaves to others: opening the devices (`kiosk.call` says when), the self-test (`kiosk.self_test`).
"""

from typing import Final

from kiosk.call_events import Dismissed, ToneWanted
from kiosk.situation import Situation
from kiosk.texts import Texts
from kiosk.ui.booth_screen import Touch
from kiosk.ui.buttons import PRIMARY, TouchButton
from kiosk.ui.ready import MirrorScreen
from kiosk.ui.theme import Measures

_KNOWN_FAULTS: Final = ("DARK", "COVERED", "FROZEN")


class DeviceTestScreen(MirrorScreen):
    """Camera and sound, with nobody at the other end."""

    def __init__(self, measures: Measures, touch: Touch) -> None:
        super().__init__(measures, touch)
        self.badge.hide()
        self.back = self.add_choice(TouchButton(self, measures), 2)
        self.back.clicked.connect(lambda: touch(Dismissed()))
        self.tone = self.add_choice(TouchButton(self, measures, PRIMARY), 3)
        self.tone.clicked.connect(lambda: touch(ToneWanted()))

    def fill(self, situation: Situation, texts: Texts) -> None:
        """Say what to look at and listen for."""
        self.title.say(texts("device-test-title"))
        self.subtitle.say(" · ".join(situation.upkeep.about))
        devices = situation.devices
        states = (
            ()
            if devices is None
            else (
                texts("device-test-camera", state=texts(f"device-{devices.camera}")),
                texts("device-test-microphone", state=texts(f"device-{devices.microphone}")),
            )
        )
        self.lead.say("\n".join(states))
        self.camera_words.say(self._fault_words(texts) or texts("device-test-text"))
        self.sound_words.say(texts("ready-sound"))
        self.back.say(texts("back"))
        self.tone.say(texts("device-test-tone"))
        super().fill(situation, texts)

    def picture_faults(self, faults: tuple[str, ...]) -> None:
        """Say what is wrong with the picture."""
        self._faults = faults
        if self.situation is not None:
            self.fill(self.situation, self.texts)

    def _fault_words(self, texts: Texts) -> str:
        known = [fault for fault in self._faults if fault in _KNOWN_FAULTS]
        return " ".join(texts(f"device-test-{fault}") for fault in known)
