"""`Entry`: one thing that somebody did, and the bytes that stand for it in the tree.

Guarantees: `Entry.leaf` is a function of the seven fields alone; `parse_entry` takes back exactly
the bytes that `Entry.encoded` gives. Entries are numbered from 1 without gaps: entry ``seq`` is the
leaf ``seq - 1``. Leaves to others: what actions there are, what their details say (the relay), and
keeping names, secrets and media out of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from evidence.canonical import canonical, parse
from evidence.errors import MalformedError, NotCanonicalError
from evidence.tree import leaf_hash

VERSION: Final = 1
ABSENT_LEAF: Final = leaf_hash(b"")
"""The leaf of a number whose entry was already missing when its log began to be hashed."""

_FIELDS: Final = frozenset({"v", "seq", "at", "actor", "action", "subject", "detail"})


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what to what, when."""

    seq: int
    at: datetime
    """Aware; UTC in the bytes, to the microsecond."""
    actor: str
    """E.g. ``staff:guard``, ``local:root`` or ``system:relay``."""
    action: str
    """A stable code, e.g. ``visit.ended``."""
    subject: str
    """The id of what it was done to, or an empty text."""
    detail: Mapping[str, Any]

    def encoded(self) -> bytes:
        """The entry's canonical JSON.

        Raises:
            NotCanonicalError: ``at`` is naive, or a field has no canonical form.
        """
        return canonical(
            {
                "v": VERSION,
                "seq": self.seq,
                "at": write_instant(self.at),
                "actor": self.actor,
                "action": self.action,
                "subject": self.subject,
                "detail": self.detail,
            }
        )

    def leaf(self) -> bytes:
        """The hash of the entry's leaf.

        Raises:
            NotCanonicalError: as `encoded`.
        """
        return leaf_hash(self.encoded())


def leaf_of(entry: Entry | None) -> bytes | None:
    """The entry's leaf; None without an entry, or when it has no canonical form."""
    try:
        return None if entry is None else entry.leaf()
    except NotCanonicalError:
        return None


def parse_entry(data: bytes) -> Entry:
    """The entry whose bytes these are.

    Raises:
        MalformedError: they are no entry's.
    """
    value = parse(data)
    if not isinstance(value, dict) or value.keys() != _FIELDS or value["v"] != VERSION:
        raise MalformedError("not an entry of version 1")
    texts = (value["at"], value["actor"], value["action"], value["subject"])
    seq, detail = value["seq"], value["detail"]
    if not all(isinstance(text, str) for text in texts) or not isinstance(detail, dict):
        raise MalformedError("a field of the entry has the wrong type")
    if type(seq) is not int or seq < 1:
        raise MalformedError("the entry's number is not 1 or more")
    at = parse_instant(value["at"])
    return Entry(seq, at, value["actor"], value["action"], value["subject"], detail)


def write_instant(when: datetime) -> str:
    """``when`` in UTC, as ``2026-11-24T19:42:00.000000Z``: text order is time order.

    Raises:
        NotCanonicalError: it has no time zone.
    """
    if when.tzinfo is None:
        raise NotCanonicalError("$.at: a time without a zone")
    return when.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_instant(text: str) -> datetime:
    """The instant that `write_instant` wrote.

    Raises:
        MalformedError: the text is not of that form.
    """
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise MalformedError("not a time") from None
    if when.tzinfo is None or write_instant(when) != text:
        raise MalformedError("not a time in UTC with microseconds")
    return when
