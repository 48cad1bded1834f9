"""CSV as people's spreadsheets write it, read into rows whose every fault is named.

Guarantees: any bytes give rows and rejections, never an error; size, rows and columns are
bounded; a rejection names line, field and a stable code, and never repeats what the cell held.
Leaves to others: what the columns of a file mean (`relay.service.importing`).

Read are UTF-8 with or without a byte order mark, ``;`` or ``,`` between cells (whichever the first
line has more of), cells quoted as in RFC 4180, and lines that are blank are passed over.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from _csv import Reader

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_CELL: Final = 2_000
_YES: Final = frozenset({"yes", "true", "1", "да"})
_NO: Final = frozenset({"no", "false", "0", "нет"})
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
"""As `visit_protocol.message.Identifier`."""
_EARLIEST_YEAR: Final = 1900
_LATEST_YEAR: Final = 2150

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Rejection:
    """One fault. Lines count from 1, the line with the columns' names being the first."""

    line: int
    field: str
    """The column, or an empty text when the whole line or file is meant."""
    code: str
    message: str


@dataclass(slots=True)
class Row:
    """One line's cells by column, and what was found wrong with them.

    A cell that is wrong gives a value of its kind that stands for nothing; whoever asks looks at
    ``rejected`` before using any value, so that one look names all of a line's faults.
    """

    line: int
    cells: dict[str, str]
    rejected: list[Rejection] = field(default_factory=list)

    def reject(self, column: str, code: str, message: str) -> None:
        """Note a fault of this line."""
        self.rejected.append(Rejection(self.line, column, code, message))

    def has(self, column: str) -> bool:
        """Whether the cell holds anything."""
        return bool(self.cells.get(column))

    def text(self, column: str, *, longest: int = 200) -> str:
        """A text without control characters."""
        value = self.cells.get(column, "")
        if not value:
            self.reject(column, "EMPTY", "must not be empty")
        elif len(value) > longest:
            self.reject(column, "TOO_LONG", f"is longer than {longest} characters")
        elif not value.isprintable():
            self.reject(column, "NOT_PRINTABLE", "holds control characters")
        return value

    def identifier(self, column: str) -> str:
        """An id that is safe in paths, pages and logs."""
        return self._matching(column, _IDENTIFIER, "letters, digits and _ . : - up to 64")

    def matching(self, column: str, pattern: str, meaning: str) -> str:
        """A text of exactly this form; ``meaning`` tells people which."""
        return self._matching(column, re.compile(pattern), meaning)

    def identifiers(self, column: str) -> tuple[str, ...]:
        """One or more ids with blanks between them."""
        words = tuple(self.text(column, longest=MAX_CELL).split())
        if not all(_IDENTIFIER.fullmatch(word) for word in words):
            self.reject(column, "BAD_FORM", "must be ids with blanks between them")
        elif len(set(words)) < len(words):
            self.reject(column, "REPEATED", "names somebody twice")
        return words

    def choice(self, column: str, kind: type[E], default: E | None = None) -> E:
        """A code of a closed set, in either case; ``default`` when the cell is empty."""
        value = self.cells.get(column, "").upper()
        nothing = next(iter(kind))
        if not value and default is not None:
            return default
        if not value:
            self.reject(column, "EMPTY", "must not be empty")
            return nothing
        if value not in kind.__members__:
            self.reject(column, "UNKNOWN_CODE", "must be one of " + ", ".join(kind.__members__))
            return nothing
        return kind[value]

    def flag(self, column: str, *, default: bool) -> bool:
        """Yes or no."""
        value = self.cells.get(column, "").lower()
        if value and value not in _YES | _NO:
            self.reject(column, "NOT_YES_OR_NO", "must be yes or no")
        return value in _YES or (not value and default)

    def number(self, column: str, *, least: int, most: int, default: int) -> int:
        """A whole number within bounds; ``default`` when the cell is empty."""
        value = self.cells.get(column, "")
        if not value:
            return default
        # Short and ASCII: int() also reads other scripts' digits, and long texts slowly.
        if not (value.isascii() and value.isdecimal() and len(value) <= 9):
            self.reject(column, "NOT_A_NUMBER", "must be a whole number")
            return default
        if not least <= int(value) <= most:
            self.reject(column, "OUT_OF_RANGE", f"must lie between {least} and {most}")
        return int(value)

    def day(self, column: str) -> date:
        """A calendar day, ``YYYY-MM-DD``."""
        value = self.matching(column, r"\d{4}-\d{2}-\d{2}", "a day such as 1985-04-23")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            if not any(one.field == column for one in self.rejected):
                self.reject(column, "BAD_DATE", "is no day of the calendar")
            return date.min
        if not _EARLIEST_YEAR <= day.year <= _LATEST_YEAR:
            self.reject(column, "OUT_OF_RANGE", f"lies before {_EARLIEST_YEAR} or too far ahead")
        return day

    def instant(self, column: str, zone: ZoneInfo) -> datetime:
        """A time with an offset, or one on the facility's clock.

        A wall time that exists twice, when clocks go back, means its first occurrence, as in the
        timetable; one that never exists is rejected.
        """
        try:
            when = datetime.fromisoformat(self.cells.get(column, ""))
        except ValueError:
            self.reject(column, "BAD_TIME", "must be a time such as 2027-03-01T10:15")
            return datetime.min.replace(tzinfo=zone)
        if not _EARLIEST_YEAR <= when.year <= _LATEST_YEAR:
            self.reject(column, "OUT_OF_RANGE", f"lies before {_EARLIEST_YEAR} or too far ahead")
            return datetime.min.replace(tzinfo=zone)
        if when.tzinfo is not None:
            return when
        local = when.replace(tzinfo=zone, fold=0)
        shown = datetime.fromtimestamp(local.timestamp(), zone).replace(tzinfo=None)
        if shown.replace(microsecond=0, fold=0) != when.replace(microsecond=0):
            self.reject(column, "BAD_TIME", "is skipped by the change of clocks that day")
        return local

    def _matching(self, column: str, pattern: re.Pattern[str], meaning: str) -> str:
        value = self.cells.get(column, "")
        if not value:
            self.reject(column, "EMPTY", "must not be empty")
        elif not pattern.fullmatch(value) or not value.isascii():
            self.reject(column, "BAD_FORM", f"must be {meaning}")
        return value


def read_rows(
    content: bytes, required: Sequence[str], optional: Sequence[str], max_rows: int
) -> tuple[list[Row], list[Rejection]]:
    """The rows of the file, and what is wrong with the file itself.

    With any rejection the rows that came before it are still there, so that their faults can be
    told as well; they must not be imported.
    """
    if len(content) > MAX_BYTES:
        return [], [_of_file("FILE_TOO_LARGE", f"is larger than {MAX_BYTES} bytes")]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return [], [Rejection(line, "", "NOT_UTF8", "is not UTF-8 text")]
    rows: list[Row] = []
    rejected: list[Rejection] = []
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        columns = [cell.strip().lower() for cell in next(lines, [])]
        rejected.extend(_faults_of_columns(columns, required, optional))
        if rejected:
            return [], rejected
        for line, cells in _filled(lines):
            if len(rows) == max_rows:
                rejected.append(Rejection(line, "", "TOO_MANY_ROWS", f"more than {max_rows} rows"))
                break
            fault = _fault_of_cells(line, cells, columns)
            if fault is None:
                rows.append(Row(line, dict(zip(columns, cells, strict=True))))
            else:
                rejected.append(fault)
    except csv.Error:
        rejected.append(Rejection(lines.line_num, "", "MALFORMED", "is not CSV (check the quotes)"))
    return rows, rejected


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return ";" if first.count(";") > first.count(",") else ","


def _filled(lines: "Reader") -> Iterator[tuple[int, list[str]]]:
    # A quoted cell may span lines; a row is known by the line on which it begins.
    begins = lines.line_num + 1
    for cells in lines:
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield begins, stripped
        begins = lines.line_num + 1


def _faults_of_columns(
    columns: Sequence[str], required: Sequence[str], optional: Sequence[str]
) -> Iterator[Rejection]:
    known = {*required, *optional}
    for number, column in enumerate(columns, start=1):
        if column not in known:
            # Not the cell's own text: a file without a header has somebody's name there.
            yield Rejection(1, f"column {number}", "UNKNOWN_COLUMN", "is no column of this file")
        elif column in columns[: number - 1]:
            yield Rejection(1, column, "REPEATED_COLUMN", "is there twice")
    for column in required:
        if column not in columns:
            yield Rejection(1, column, "MISSING_COLUMN", "is missing from the first line")


def _fault_of_cells(line: int, cells: Sequence[str], columns: Sequence[str]) -> Rejection | None:
    if len(cells) != len(columns):
        message = f"has {len(cells)} cells where the first line has {len(columns)}"
        return Rejection(line, "", "WRONG_CELL_COUNT", message)
    for column, cell in zip(columns, cells, strict=True):
        if len(cell) > MAX_CELL:
            return Rejection(line, column, "TOO_LONG", f"is longer than {MAX_CELL} characters")
    return None


def _of_file(code: str, message: str) -> Rejection:
    return Rejection(1, "", code, message)
