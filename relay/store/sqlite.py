"""sqlite-utils, as everything here uses it: `Database` and `Migrations`.

Guarantees: it is loaded without NumPy and pandas. sqlite-utils imports both where it finds them, to
store their number types; we have none in our rows, and NumPy, which is there for the pictures,
takes a fifth of a second of processor time to load. Leaves to others: everything else.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Database", "Migrations"]


@contextmanager
def _absent(*names: str) -> Iterator[None]:
    """Let an import of ``names`` fail as if they were not installed, unless they are loaded."""
    hidden = [name for name in names if name not in sys.modules]
    # None means just that: docs.python.org/3/reference/import.html#the-module-cache
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _absent("numpy", "pandas"):
    from sqlite_utils import Database, Migrations
