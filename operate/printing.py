"""What a command prints: tables and lines for people, JSON for programs, one line of failure.

Guarantees: text from outside (names, reasons, a spreadsheet's cells) cannot style, hide or move
anything on the reader's terminal. Leaves to others: what to say.
"""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
"""Control characters, and those that turn the direction of writing."""
_PIPE_WIDTH: Final = 240
"""Columns when nobody looks: a line for `grep` is not folded."""


def say(line: str) -> None:
    """Print one line for a person."""
    print(plain(line))


def show_json(value: Any) -> None:
    """Print ``value`` for a program: JSON, indented, in UTF-8."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print a table for a person, or the line ``empty`` when there are no rows."""
    lines = [[plain(cell) for cell in row] for row in rows]
    if not lines:
        say(empty)
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for line in lines:
        table.add_row(*map(Text, line))
    _console().print(table)


def show_fields(fields: Iterable[tuple[str, object]]) -> None:
    """Print names and values, one a line; a value that is empty is left out."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    grid.add_column(overflow="fold")
    for name, value in fields:
        if value not in (None, "", []):
            grid.add_row(Text(name), Text(plain(value)))
    _console().print(grid)


def tell(command: str, line: str) -> None:
    """Say what ``command`` is doing to whoever waits, on standard error."""
    print(f"{command}: {plain(line)}", file=sys.stderr, flush=True)


def fail(line: str) -> None:
    """Print the one line of a failure to standard error."""
    print(f"parloir: {plain(line)}", file=sys.stderr)


def plain(value: object) -> str:
    """``value`` as text on one line that a terminal only prints."""
    return _CONTROL.sub(" ", "" if value is None else str(value)).strip()


def _console() -> Console:
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Console(width=width, highlight=False, markup=False, emoji=False)
