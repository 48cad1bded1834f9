"""Errors of suspension orders.

::

    SuspensionError
    ├── InvalidOrderError            somebody wrote an order that may not exist; names the field
    │   ├── UnknownVersionError      its major version is not understood here
    │   └── UnknownCriticalError     it needs a field understood that is not
    ├── DeskError                    an act that the order's way does not allow
    ├── InvalidEnvelopeError         bytes that are no signed envelope of ours
    ├── InvalidReceiptError          bytes that are no receipt
    ├── InvalidTrustError            root or delegation metadata that cannot be trusted
    └── UnknownOrderError            the caller asked the book about an id it never accepted
"""

from typing import ClassVar


class SuspensionError(Exception):
    """Any refusal of this package; ``code`` is stable."""

    code: ClassVar[str] = "SUSPENSION_ERROR"


class InvalidOrderError(SuspensionError):
    """An order, a scope or terms that break a rule.

    ``field`` is the path of the offending field (``scope.inmate``, ``public_text.ru``);
    ``message`` is one English sentence that repeats no free text of the order; ``rule`` is a
    stable word for the rule that was broken (``TOO_MANY_IDS``), empty where ``field`` says it.
    """

    code: ClassVar[str] = "INVALID_ORDER"

    def __init__(self, field: str, message: str, *, rule: str = "") -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
        self.rule = rule


class UnknownVersionError(InvalidOrderError):
    """A later major version: nothing in the order may be taken to mean what it meant."""

    code: ClassVar[str] = "ORDER_VERSION_UNKNOWN"


class UnknownCriticalError(InvalidOrderError):
    """``crit`` names a field that is not understood here, or that is not there."""

    code: ClassVar[str] = "ORDER_CRITICAL_UNKNOWN"


class DeskError(SuspensionError):
    """An act that the order's way, or the rule of two people, does not allow; nothing changed.

    ``code`` is this refusal's own (``SAME_PERSON``, ``IMPACT_CHANGED``); ``message`` continues
    "The order …" or "The appeal …".
    """

    code: ClassVar[str] = "DESK_REFUSED"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code  # type: ignore[misc]  # one error, many stable codes
        self.message = message


class InvalidEnvelopeError(SuspensionError):
    """Bytes that are no envelope, or an envelope of something else."""

    code: ClassVar[str] = "ENVELOPE_INVALID"

    def __init__(self, message: str, code: str = "ENVELOPE_INVALID") -> None:
        super().__init__(message)
        self.code = code  # type: ignore[misc]  # one error, two stable codes
        self.message = message


class InvalidReceiptError(SuspensionError):
    """Bytes that are no receipt."""

    code: ClassVar[str] = "RECEIPT_INVALID"


class InvalidTrustError(SuspensionError):
    """Root or delegation metadata that cannot be trusted."""

    code: ClassVar[str] = "TRUST_INVALID"


class UnknownOrderError(SuspensionError):
    """No order of this id was ever accepted."""

    code: ClassVar[str] = "ORDER_UNKNOWN"

    def __init__(self, order_id: str) -> None:
        super().__init__(order_id)
        self.order_id = order_id
