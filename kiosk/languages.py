"""`languages`: which languages the screens speak.

Guarantees: a folder of ``locales/`` with a ``kiosk.ftl`` is a language, and nothing else is needed
for one. Reads no texts: a configuration is checked before those are loaded.
Leaves to others: the words (`kiosk.texts`).
"""

from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parents[1] / "locales"
FIRST_LANGUAGE: Final = "ru"


@cache
def languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """The languages of the screens, the facility's own first."""
    found = {file.parent.name for file in folder.glob("*/kiosk.ftl")}
    return tuple(sorted(found, key=lambda code: (code != FIRST_LANGUAGE, code)))
