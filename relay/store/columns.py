"""How values stand in columns: the one place that knows.

Guarantees: instants are UTC text of fixed width (``2025-01-31T09:05:00.000000Z``), so that text
order is time order; JSON is canonical (sorted keys, no blanks), so that equal values are equal
text. Leaves to others: which columns there are (`relay.store.migrations`).
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

_INSTANT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"

E = TypeVar("E", bound=StrEnum)


def write_instant(when: datetime) -> str:
    """``when`` as UTC text with microseconds.

    Raises:
        ValueError: ``when`` has no time zone; a naive time is a bug of the caller.
    """
    if when.tzinfo is None:
        raise ValueError("a naive time cannot be stored")
    utc = when.astimezone(UTC)
    # strftime does not pad the year on every platform; isoformat always does.
    return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def write_instant_or_none(when: datetime | None) -> str | None:
    """As `write_instant`; None stays None."""
    return None if when is None else write_instant(when)


def read_instant(text: str) -> datetime:
    """The UTC instant that `write_instant` wrote.

    Raises:
        ValueError: the text is not of that form.
    """
    return datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)


def read_instant_or_none(text: str | None) -> datetime | None:
    """As `read_instant`; None stays None."""
    return None if text is None else read_instant(text)


def read_day_or_none(text: str | None) -> date | None:
    """A local day from ISO text; None stays None."""
    return None if text is None else date.fromisoformat(text)


def write_wall_time(at: time) -> str:
    """A wall-clock time as ``HH:MM:SS``."""
    return at.isoformat(timespec="seconds")


def read_wall_time(text: str) -> time:
    """The wall-clock time that `write_wall_time` wrote."""
    return time.fromisoformat(text)


def write_seconds(length: timedelta) -> int:
    """A length as whole seconds."""
    return int(length.total_seconds())


def read_seconds(seconds: int) -> timedelta:
    """The length that `write_seconds` wrote."""
    return timedelta(seconds=seconds)


def write_json(value: Mapping[str, Any]) -> str:
    """``value`` as canonical JSON.

    Raises:
        TypeError, ValueError: it holds something that JSON has no form for (NaN included).
    """
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def read_json(text: str) -> dict[str, Any]:
    """The mapping that `write_json` wrote."""
    value: dict[str, Any] = json.loads(text)
    return value


def write_json_list(words: Iterable[str]) -> str:
    """Words as a JSON array, for SQLite's ``json_each``: one parameter for any number."""
    return json.dumps(list(words), ensure_ascii=False)


def read_json_list(text: str) -> tuple[str, ...]:
    """The words of a JSON array."""
    return tuple(json.loads(text))


def write_words(words: Iterable[str]) -> str:
    """A set of codes or ids as sorted words; ids hold no blanks (`visit_protocol.message`)."""
    return " ".join(sorted(words))


def read_words(text: str) -> tuple[str, ...]:
    """The words that `write_words` wrote."""
    return tuple(text.split())


def read_codes(kind: type[E], text: str) -> frozenset[E]:
    """Words as members of the closed set ``kind``."""
    return frozenset(kind(word) for word in text.split())
