"""The example facility that ``scripts/run`` brings to life.

Guarantees: everything in it goes through the same store, rules and booking as a real facility's;
`ensure_open_visits` gives visits that can be joined now, however often and whenever it is called;
secrets are random, differ in every data folder, and lie in ``secrets/example.json`` (0600).
Leaves to others: processes and the kiosks' files (`operate.facility`).

Reading order: `people` (who and what there is) → `creation` → `open_visits` → `secret_file`.
"""

from operate.example.creation import ExampleExistsError, create, exists
from operate.example.open_visits import OpenVisit, ensure_open_visits
from operate.example.secret_file import StaffSecret, staff_accounts, terminal_key

__all__ = [
    "ExampleExistsError",
    "OpenVisit",
    "StaffSecret",
    "create",
    "ensure_open_visits",
    "exists",
    "staff_accounts",
    "terminal_key",
]
