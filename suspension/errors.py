"""Errors of suspension orders.

::

    SuspensionError
    ├── InvalidOrderError    somebody wrote an order that may not exist; names the field
    └── UnknownOrderError    the caller asked the book about an id it never accepted
"""

from typing import ClassVar


class SuspensionError(Exception):
    """Any refusal of this package; ``code`` is stable."""

    code: ClassVar[str] = "SUSPENSION_ERROR"


class InvalidOrderError(SuspensionError):
    """An order, a scope or terms that break a rule.

    ``field`` is the path of the offending field (``scope.inmate``, ``public_text.ru``);
    ``message`` is one English sentence that repeats no free text of the order.
    """

    code: ClassVar[str] = "INVALID_ORDER"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class UnknownOrderError(SuspensionError):
    """No order of this id was ever accepted."""

    code: ClassVar[str] = "ORDER_UNKNOWN"

    def __init__(self, order_id: str) -> None:
        super().__init__(order_id)
        self.order_id = order_id
