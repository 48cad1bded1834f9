"""Errors of the `parloir` command: each is one line for the person who typed it.

::

    OperateError                 exit status 1, unless it is said otherwise
    ├── InputError               what was typed or read cannot be used
    ├── OrdersRefusedError       an order is not what it should be; exit status says why
    ├── DataFolderError          no data folder, or not one of a relay
    ├── AnsweredNoError          the command did what was asked, and the answer is no
    ├── RelayUnreachableError    a relay is there and does not answer
    └── RelayRefusedError        the relay said no, and why: exit status by its code (`EXIT`)
"""

from collections.abc import Mapping
from typing import Any, Final

EXIT: Final[Mapping[str, int]] = {
    "ENVELOPE_INVALID": 10,
    "PAYLOAD_TYPE_UNKNOWN": 11,
    "ORDER_VERSION_UNKNOWN": 12,
    "ORDER_CRITICAL_UNKNOWN": 13,
    "INVALID_ORDER": 14,
    "INVALID_REQUEST": 14,
    "ROOT_EXPIRED": 20,
    "ROOT_UNKNOWN": 21,
    "SIGNATURE_INVALID": 22,
    "UNDER_SIGNED": 23,
    "OVERSIGHT_MISSING": 24,
    "WRONG_FACILITY": 30,
    "ROLLED_BACK": 31,
    "EXPIRED": 32,
    "APPROVAL_MISSING": 40,
    "SAME_PERSON": 41,
    "IMPACT_CHANGED": 42,
    "WHY_NOT_NARROWER_MISSING": 43,
    "NOT_AN_APPROVER": 44,
    "NOT_A_SIGNER": 44,
    "NOT_THE_DRAFTER": 44,
    "NOT_POSSIBLE_NOW": 45,
    "NOTICE_DELIVERED": 45,
    "SECRET_REQUIRED": 46,
    "KEY_SECRET_WRONG": 46,
    "KEY_LOCKED": 46,
    "KEY_UNKNOWN": 46,
    "NO_TRUST": 47,
    "UNKNOWN_IDS": 50,
    "NO_SUCH_ORDER": 51,
    "NO_SUCH_VISIT": 52,
}
"""Exit status of a refusal by its stable code, for scripts; every other refusal is 1.

10 to 32 are those of a signed order (`operate.order_files`, docs/orders.md), 40 to 52 those of an
order on its way (docs/order-desk.md).
"""
VISIT_IMPOSSIBLE: Final = 60
"""Exit status of ``parloir orders explain`` for a visit that cannot happen."""


class OperateError(Exception):
    """A command could not do what was asked; the text is one line and says why."""

    exit_status: int = 1


class AnsweredNoError(OperateError):
    """The answer is no: what it is stands on the standard output, the exit status says it too."""

    def __init__(self, line: str, exit_status: int) -> None:
        super().__init__(line)
        self.exit_status = exit_status


class InputError(OperateError):
    """What was typed, or a file that was named, cannot be used."""


class OrdersRefusedError(OperateError):
    """An order would be, or was, refused; the exit status is that of the first code."""

    def __init__(self, line: str, exit_status: int) -> None:
        super().__init__(line)
        self.exit_status = exit_status


class DataFolderError(OperateError):
    """The data folder is missing or belongs to nothing that we know."""


class RelayUnreachableError(OperateError):
    """A relay owns the data folder and does not answer."""


class RelayRefusedError(OperateError):
    """The relay refused; ``code`` is stable, ``details`` is the whole body of its answer."""

    def __init__(self, status: int, details: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(details.get("code", f"HTTP_{status}"))
        self.details = details
        self.exit_status = EXIT.get(self.code, 1)
        super().__init__(_line(self.code, details))


def _line(code: str, details: Mapping[str, Any]) -> str:
    said = str(details.get("message") or "the relay refused")
    code = str(details.get("rule") or code)
    field = details.get("field")
    where = f"{field}: " if field and not said.startswith(f"{field}:") else ""
    reasons = [one["code"] for one in details.get("refusals", ()) if "code" in one]
    why = f" ({', '.join(reasons)})" if reasons else ""
    return f"{where}{said}{why} [{code}]"
