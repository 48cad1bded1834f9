"""STUN messages (RFC 8489) as ICE uses them, with every fault of a message as one answer: None.

Guarantees: `parse_stun` never raises; what it returns is a binding message with the magic cookie
and a length that fits. Leaves to others: authenticating it (`ice`).
"""

import struct
from typing import Final

from aioice.stun import COOKIE, HEADER_LENGTH, Class, Message, Method, parse_message

_COOKIE_BYTES: Final = struct.pack("!I", COOKIE)


def is_stun(data: bytes | memoryview) -> bool:
    """Whether the length and the magic cookie are a STUN message's (RFC 8489 §5)."""
    return (
        len(data) >= HEADER_LENGTH
        and len(data) % 4 == 0
        and int.from_bytes(data[2:4], "big") == len(data) - HEADER_LENGTH
        and data[4:8] == _COOKIE_BYTES
    )


def parse_stun(data: bytes) -> Message | None:
    """The binding request, response or error that ``data`` holds, else None."""
    if not is_stun(data):
        return None
    try:
        message = parse_message(data)
    except (ValueError, struct.error, IndexError, KeyError):
        # WORKAROUND: aioice 0.13 raises struct.error and IndexError for short attributes.
        return None
    return message if message.message_method is Method.BINDING else None


def binding_response(request: Message, address: tuple[str, int], password: str) -> bytes:
    """The success response to an authenticated ``request`` that came from ``address``."""
    response = Message(
        message_method=Method.BINDING,
        message_class=Class.RESPONSE,
        transaction_id=request.transaction_id,
    )
    response.attributes["XOR-MAPPED-ADDRESS"] = address
    response.add_message_integrity(password.encode())
    return bytes(response)


def role_conflict_response(request: Message, password: str) -> bytes:
    """Error 487: the peer takes itself for the controlled side, which a lite agent always is."""
    response = Message(
        message_method=Method.BINDING,
        message_class=Class.ERROR,
        transaction_id=request.transaction_id,
    )
    response.attributes["ERROR-CODE"] = (487, "Role Conflict")
    response.add_message_integrity(password.encode())
    return bytes(response)


def binding_request(*, username: str, password: str, priority: int, tie_breaker: int) -> Message:
    """A check from the controlled side, authenticated for the peer of that user name."""
    request = Message(message_method=Method.BINDING, message_class=Class.REQUEST)
    request.attributes["USERNAME"] = username
    request.attributes["PRIORITY"] = priority
    request.attributes["ICE-CONTROLLED"] = tie_breaker
    request.add_message_integrity(password.encode())
    return request
