"""The example facility that ``scripts/run`` brings to life.

Guarantees: everything in it goes through the same store, rules and booking as a real facility's;
`ensure_open_visits` gives visits that can be joined now, however often and whenever it is called;
secrets are random, differ in every data folder, and lie in ``secrets/example.json`` (0600).
Leaves to others: processes and the kiosks' files (`operate.facility`).

Reading order: `people` (who and what there is) → `creation` → `open_visits` → `secret_file`.
"""

from datetime import datetime
from pathlib import Path

from operate.example import secret_file
from operate.example.open_visits import OpenVisit, ensure_open_visits
from operate.example.presence import ExampleExistsError, exists
from operate.example.secret_file import StaffSecret, staff_accounts, terminal_key

__all__ = [
    "ExampleExistsError",
    "OpenVisit",
    "StaffSecret",
    "create",
    "ensure_open_visits",
    "exists",
    "give_terminals_keys",
    "staff_accounts",
    "terminal_key",
]


def create(data_dir: Path, now: datetime | None = None) -> None:
    """As `operate.example.creation.create`."""
    # Late: what makes keys is a third of what this package needs, and only the first start does.
    from operate.example import creation  # noqa: PLC0415  see above

    creation.create(data_dir, now)


def give_terminals_keys(data_dir: Path) -> None:
    """As `operate.example.creation.give_terminals_keys`; at once where all have theirs."""
    if all(map(secret_file.is_key, secret_file.load(data_dir).terminals.values())):
        return
    from operate.example import creation  # noqa: PLC0415  see above

    creation.give_terminals_keys(data_dir)
