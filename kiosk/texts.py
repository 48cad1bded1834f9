"""`Texts`: the words of the screens in one language, from ``locales/``.

Guarantees: a text that is missing in a language is taken from the facility's first language, and
one that is nowhere shows its key and is logged, for a screen must never stay empty.
Leaves to others: the words themselves (``locales/*/*.ftl``).
"""

import logging
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from fluent.runtime import FluentBundle, FluentResource

log = logging.getLogger(__name__)

FOLDER: Final = Path(__file__).parents[1] / "locales"
FILES: Final = ("kiosk.ftl", "reasons.ftl", "notice.ftl")
FIRST_LANGUAGE: Final = "ru"


@cache
def _bundle(language: str) -> FluentBundle:
    bundle = FluentBundle([language], use_isolating=False)
    for name in FILES:
        bundle.add_resource(FluentResource((FOLDER / language / name).read_text(encoding="utf-8")))
    return bundle


class Texts:
    """The words of one language.

    Raises:
        OSError: the language has no file.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._bundles = [_bundle(language)]
        if language != FIRST_LANGUAGE:
            self._bundles.append(_bundle(FIRST_LANGUAGE))

    def __call__(self, *keys: str, **values: str | int) -> str:
        """The text of the first of ``keys`` that exists."""
        for bundle in self._bundles:
            for key in keys:
                if not bundle.has_message(key):
                    continue
                message = bundle.get_message(key)
                if message.value is None:
                    continue
                text, errors = bundle.format_pattern(message.value, values)
                for error in errors:
                    log.error("text %s: %s", key, type(error).__name__)
                return str(text)
        log.error("no text for %s", keys[0])
        return keys[-1]

    def has(self, key: str) -> bool:
        """Whether there is such a text in this very language."""
        return self._bundles[0].has_message(key)

    def clock(self, at: datetime, zone: str) -> str:
        """The time of day at ``at`` in the facility's zone, e.g. ``14:30``."""
        return at.astimezone(ZoneInfo(zone)).strftime("%H:%M")

    def moment(self, at: datetime, now: datetime, zone: str) -> str:
        """The time of day, with the date when it is not today."""
        local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
        if local.date() == today:
            return local.strftime("%H:%M")
        month = self(f"month-{local.month}")
        return self("date-and-time", day=local.day, month=month, time=local.strftime("%H:%M"))
