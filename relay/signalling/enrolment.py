"""The conversation with a kiosk that is nobody's terminal yet.

Guarantees: the code is computed here and in the kiosk and never sent; a kiosk that opens another
nonce than it committed itself to, or that saw another TLS key than ours, is hung up on.
Leaves to others: who confirms the code (`relay.service.enrolment`).
"""

import asyncio
import secrets
from typing import Any

from relay.service.enrolment import EnrolmentDesk, EnrolmentError
from relay.signalling.connection import Connection
from visit_protocol.enrolment import CODE_LIFE_S, code_of, commitment
from visit_protocol.errors import CloseCode, ProtocolError
from visit_protocol.signalling import (
    Enrolled,
    EnrolmentHello,
    EnrolmentNonce,
    EnrolmentOpening,
)


async def enrol(connection: Connection, desk: EnrolmentDesk, hello: EnrolmentHello) -> None:
    """Wait with this kiosk until its code is confirmed or its time is over.

    Raises:
        ProtocolError: it broke the protocol, too many wait, or nobody confirmed in time.
        GoneError: it closed.
    """
    seen = desk.key_seen(hello.relay_key)
    if seen is None:
        raise ProtocolError(CloseCode.UNAUTHENTICATED, "the kiosk saw another TLS key than ours")
    nonce = secrets.token_hex(32)
    connection.send(EnrolmentNonce(nonce=nonce, expires_in_s=CODE_LIFE_S))
    opening = await connection.receive()
    if not isinstance(opening, EnrolmentOpening):
        raise ProtocolError(CloseCode.OUT_OF_TURN, f"{opening.type} before enrolment_opening")
    if commitment(hello.public_key, opening.nonce) != hello.commitment:
        raise ProtocolError(CloseCode.UNAUTHENTICATED, "not the nonce that was committed to")
    code = code_of(seen, hello.public_key, opening.nonce, nonce)
    try:
        waiting = desk.wait(code, hello.public_key, hello.software)
    except EnrolmentError as error:
        raise ProtocolError(CloseCode.TOO_MANY, str(error)) from error
    listening = asyncio.ensure_future(connection.receive())
    try:
        async with asyncio.timeout(CODE_LIFE_S):
            happening: set[asyncio.Future[Any]] = {listening, waiting.confirmed}
            await asyncio.wait(happening, return_when=asyncio.FIRST_COMPLETED)
        if waiting.confirmed.done():
            connection.send(Enrolled(terminal=waiting.confirmed.result()))
            return
        raise ProtocolError(
            CloseCode.OUT_OF_TURN, f"{listening.result().type} from a kiosk that waits"
        )
    except TimeoutError:
        raise ProtocolError(CloseCode.TIMED_OUT, "nobody confirmed the code") from None
    finally:
        desk.leave(waiting)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
