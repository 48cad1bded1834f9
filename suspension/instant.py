"""An instant as text: UTC, always with microseconds and ``Z``.

Guarantees: one instant has one text. Leaves to others: which instants make sense.
"""

from datetime import datetime

from suspension.errors import InvalidOrderError
from suspension.terms import utc


def parse_instant(field: str, text: str) -> datetime:
    """The instant in UTC.

    Raises:
        InvalidOrderError: it is none, or has no offset; the error names ``field``.
    """
    try:
        return utc(field, datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise InvalidOrderError(field, "is not an instant") from error


def instant_text(instant: datetime) -> str:
    """``2026-03-02T12:00:00.000000Z``, of an instant in UTC."""
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
