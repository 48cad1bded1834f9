"""`Narrator`: what is read aloud when, for somebody who has asked for it.

Guarantees: every screen is read once when it comes up, and again when its language or its reasons
change; a touch ends what is being said; nothing is ever said over the other party's voice. Pure.
Leaves to others: the words (`kiosk.ui`), the voice (`kiosk.engine.voice`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.situation import Aid, Screen, Situation

PROMPTS: Final = Path(__file__).parents[1] / "prompts"
"""Recorded prompts, ``<language>/<screen>.opus``; one wins over the synthetic voice."""
QUIET: Final = frozenset({Screen.CALL})
"""Here somebody else speaks."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something to say; empty text is silence."""

    text: str = ""
    language: str = ""
    screen: str = ""

    def prompt(self, folder: Path = PROMPTS) -> str:
        """The recorded prompt of this screen, or nothing."""
        file = folder / self.language / f"{self.screen}.opus"
        return str(file) if file.is_file() else ""


SILENCE: Final = Utterance()


class Narrator:
    """One booth's voice."""

    def __init__(self) -> None:
        self._said: tuple[object, ...] | None = None

    def after(
        self, screen: Screen, situation: Situation, words: Callable[[], str], *, touched: bool
    ) -> Utterance | None:
        """What to say now that ``screen`` is shown; None to go on as before."""
        name = situation.sheet.value if situation.sheet else screen.value
        wanted = Aid.SPEECH in situation.aids and situation.can_speak and screen not in QUIET
        if not wanted:
            was_speaking, self._said = self._said is not None, None
            return SILENCE if was_speaking else None
        key = (name, situation.language, situation.refusals, situation.appeals)
        if key != self._said:
            self._said = key
            return Utterance(words(), situation.language, name)
        return SILENCE if touched else None
