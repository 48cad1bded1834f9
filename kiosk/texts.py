"""`Texts`: the words of the screens in one language, from ``locales/``.

Guarantees: a text that a language lacks, or has with an error, is taken from the facility's first
language, then from any other; one that is nowhere shows its key and is logged, for a screen must
never stay empty; `faults` names every line of every file that could not be read.
Leaves to others: the words themselves (``locales/*/*.ftl``), telling staff of faults (`kiosk.app`).
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import ast

from kiosk.languages import FOLDER, languages

log = logging.getLogger(__name__)

FILES: Final = ("kiosk.ftl", "reasons.ftl", "notice.ftl")


@cache
def _bundle(language: str, folder: Path) -> tuple[FluentBundle, tuple[str, ...]]:
    """What could be read of a language, and the places that could not: ``ru/kiosk.ftl:12``."""
    bundle = FluentBundle([language], use_isolating=False)
    faults = []
    for name in FILES:
        place = f"{language}/{name}"
        try:
            source = (folder / language / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            continue  # the words of another language stand in
        except (OSError, UnicodeDecodeError) as error:
            log.error("%s cannot be read (%s)", place, type(error).__name__)
            faults.append(place)
            continue
        resource = FluentResource(source)
        for entry in resource.body:
            if isinstance(entry, ast.Junk):
                start = entry.span.start if entry.span else 0
                faults.append(f"{place}:{source.count(chr(10), 0, start) + 1}")
        bundle.add_resource(resource)
    for fault in faults:
        log.error("error in %s: these words are shown in another language", fault)
    return bundle, tuple(faults)


def faults(folder: Path = FOLDER) -> tuple[str, ...]:
    """Every place in every language that could not be read."""
    return tuple(fault for code in languages(folder) for fault in _bundle(code, folder)[1])


class Texts:
    """The words of one language."""

    def __init__(self, language: str, folder: Path = FOLDER) -> None:
        self.language = language
        self._folder = folder

    def _bundles(self) -> Iterator[FluentBundle]:
        """The language itself, then those that stand in for it; each is read when it is needed."""
        yield _bundle(self.language, self._folder)[0]
        for other in languages(self._folder):
            if other != self.language:
                yield _bundle(other, self._folder)[0]

    def __call__(self, *keys: str, **values: str | int) -> str:
        """The text of the first of ``keys`` that exists."""
        spoilt: str | None = None
        for bundle in self._bundles():
            for key in keys:
                message = bundle.get_message(key) if bundle.has_message(key) else None
                if message is None or message.value is None:
                    continue
                text, errors = bundle.format_pattern(message.value, values)
                if not errors:
                    return str(text)
                log.error("text %s of %s: %s", key, bundle.locales[0], type(errors[0]).__name__)
                spoilt = spoilt or str(text)
        if spoilt is None:
            log.error("no text for %s", keys[0])
        return spoilt or keys[-1]

    def has(self, key: str) -> bool:
        """Whether there is such a text in this very language."""
        return _bundle(self.language, self._folder)[0].has_message(key)

    @property
    def name(self) -> str:
        """What the language calls itself."""
        return self("language-name") if self.has("language-name") else self.language

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
