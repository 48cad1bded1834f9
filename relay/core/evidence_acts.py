"""After which acts the audit log is signed at once, and not within the minute."""

from typing import Final

SENSITIVE_ACTS: Final = (
    "audit.",
    "facility.",
    "key.",
    "order.",
    "pin.locked",
    "recording.",
    "staff.added",
    "staff.changed",
    "staff.locked",
    "terminal.",
)
"""Actions, and with a dot at the end whole kinds of them."""
