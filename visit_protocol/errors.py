"""Errors of the wire. ``ProtocolError`` is the peer's fault and carries a close code."""

from enum import IntEnum


class CloseCode(IntEnum):
    """WebSocket close codes of the signalling protocol (RFC 6455 §7.4.2: 4000–4999)."""

    MALFORMED = 4400
    UNAUTHENTICATED = 4401
    REFUSED = 4403
    TIMED_OUT = 4408
    REPLACED = 4409
    TOO_LARGE = 4413
    OUT_OF_TURN = 4422
    VERSION_UNSUPPORTED = 4426
    TOO_MANY = 4429
    FAILED = 4500
    SHUTTING_DOWN = 4503


class ProtocolError(Exception):
    """The peer broke the protocol; ``close_code`` says how, the text says where."""

    def __init__(self, close_code: CloseCode, detail: str) -> None:
        super().__init__(detail)
        self.close_code = close_code
        self.detail = detail
