"""A relay of our own messages: one inmate, one visit, no rules. For tests and for looking.

Guarantees: speaks `visit_protocol.signalling` and nothing else; what it heard is a plain list;
`say` and `drop` make it do what a test needs next. Run by hand it serves a visit at
``ws://127.0.0.1:8099`` for PIN 1234.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from visit_protocol.bridge import RENEWAL_S
from visit_protocol.enrolment import NO_KEY, challenge_text
from visit_protocol.message import Message, parse_message
from visit_protocol.signalling import (
    HEARTBEAT_S,
    AnswerNotice,
    CallStaff,
    Challenge,
    ChallengeAnswer,
    FromClient,
    Identified,
    Identify,
    IdentifyRefused,
    Join,
    Leave,
    Offer,
    OwnPlan,
    PanicCalled,
    PanicNoted,
    PowerLease,
    Refusal,
    Refused,
    RelayHeartbeat,
    StaffCalled,
    TerminalAgenda,
    TerminalHello,
    VisitUpdate,
    VisitView,
    Welcome,
    from_client,
)
from visit_protocol.vocabulary import CallState, Outcome, RejectionCode, VisitType

KEY = "17" * 32
"""The private key of T-01."""
PIN = "1234"

OnOffer = Callable[[Offer], Awaitable[Message]]


def make_visit(**changes: object) -> VisitView:
    """An open FAMILY visit that began five minutes ago and lasts fifteen."""
    now = datetime.now(UTC)
    values: dict[str, object] = {
        "id": "visit-1",
        "reference": "V-0001",
        "visit_type": VisitType.FAMILY,
        "recorded": True,
        "state": CallState.OPEN,
        "starts": now - timedelta(minutes=5),
        "ends": now + timedelta(minutes=10),
        "now": now,
        "inmate_name": "Иван Петров",
        "visitor_name": "Анна Петрова",
    }
    return VisitView.model_validate(values | changes)


@dataclass
class FakeRelay:
    """One relay; ``heard`` is everything that terminals have said."""

    visit: VisitView = field(default_factory=make_visit)
    on_offer: OnOffer | None = None
    refuse_hello: bool = False
    silent: bool = False
    leasing: bool = False
    """Whether it allows power, as a relay does while a visit is under way."""
    heard: list[FromClient] = field(default_factory=list)
    nonce: str = "ab" * 32
    relay_key: str = NO_KEY
    """What terminals see of it in TLS."""
    port: int = 0
    _server: Server | None = None
    _line: ServerConnection | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"ws://127.0.0.1:{self.port}/api/v1/terminal"

    async def start(self) -> "FakeRelay":
        """Listen, on the port it had before if it had one."""
        self._server = await serve(self._serve, "127.0.0.1", self.port)
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        return self

    async def stop(self) -> None:
        """Close every line and stop listening."""
        if self._server is not None:
            self._server.close(code=4503)
            await self._server.wait_closed()
            self._server = None

    async def say(self, message: Message) -> None:
        """Say ``message`` to the terminal."""
        assert self._line is not None
        await self._line.send(message.to_json())

    async def change(self, **changes: object) -> None:
        """Change the visit and tell the terminal."""
        self.visit = self.visit.model_copy(update={"now": datetime.now(UTC), **changes})
        await self.say(VisitUpdate(visit=self.visit))

    async def drop(self) -> None:
        """Cut the terminal's line without a word."""
        assert self._line is not None
        self._line.transport.abort()

    async def hears(self, kind: type[Message], count: int = 1, timeout_s: float = 40.0) -> Message:
        """The ``count``-th message of ``kind``, when it has been heard."""
        async with asyncio.timeout(timeout_s):
            while True:
                found = [message for message in self.heard if isinstance(message, kind)]
                if len(found) >= count:
                    return found[count - 1]
                self._news.clear()
                await self._news.wait()

    async def _serve(self, line: ServerConnection) -> None:
        self._line = line
        beating = asyncio.create_task(self._beat(line))
        renewing = asyncio.create_task(self._renew(line))
        try:
            async for data in line:
                message = parse_message(from_client, data)
                self.heard.append(message)
                self._news.set()
                await self._answer(message)
        except ConnectionClosed:
            pass  # what a test or the terminal wanted
        finally:
            beating.cancel()
            renewing.cancel()

    async def _renew(self, line: ServerConnection) -> None:
        while True:
            if self.leasing:
                await line.send(PowerLease(sent_ns=time.monotonic_ns()).to_json())
            await asyncio.sleep(RENEWAL_S)

    def _signed(self, answer: ChallengeAnswer) -> bool:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(KEY)).public_key()
        try:
            key.verify(
                bytes.fromhex(answer.signature), challenge_text("T-01", self.nonce, self.relay_key)
            )
        except InvalidSignature:
            return False
        return True

    async def _beat(self, line: ServerConnection) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            if not self.silent:
                await line.send(RelayHeartbeat(now=datetime.now(UTC)).to_json())

    async def _answer(self, message: FromClient) -> None:
        now = datetime.now(UTC)
        match message:
            case TerminalHello():
                await self.say(Challenge(nonce=self.nonce))
            case ChallengeAnswer() if self.refuse_hello or not self._signed(message):
                refusal = Refusal(code=RejectionCode.TERMINAL_OUT_OF_SERVICE)
                await self.say(Refused(refusals=(refusal,)))
                assert self._line is not None
                await self._line.close(4403)
            case ChallengeAnswer():
                await self.say(
                    Welcome(
                        version=1,
                        now=now,
                        facility="Учреждение № 7",
                        facility_timezone="Asia/Yekaterinburg",
                        terminal_label="Кабина 3",
                        notice_version="2026-11",
                    )
                )
                await self.say(
                    TerminalAgenda(
                        now=now, next_starts=self.visit.starts, next_ends=self.visit.ends
                    )
                )
            case Identify(pin=pin) if pin == PIN:
                await self.say(
                    Identified(
                        inmate_name=self.visit.inmate_name,
                        language="ru",
                        visits=(self.visit,),
                        plan=OwnPlan(),
                    )
                )
            case Identify():
                refusal = Refusal(code=RejectionCode.PIN_WRONG, attempts_left=3)
                await self.say(IdentifyRefused(refusals=(refusal,)))
            case AnswerNotice(accepted=True):
                await self.change(notice_accepted=True)
            case AnswerNotice():
                await self.change(state=CallState.ENDED, outcome=Outcome.INMATE_REFUSED_TO_ATTEND)
            case Join():
                await self.change()
            case Offer() if self.on_offer is not None:
                await self.say(await self.on_offer(message))
            case Leave():
                await self.change(state=CallState.ENDED, outcome=Outcome.INMATE_COMPLETED_EARLY)
            case CallStaff():
                await self.say(StaffCalled())
            case PanicCalled():
                await self.say(PanicNoted())


async def _by_hand() -> None:
    relay = FakeRelay(port=8099)
    await relay.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_by_hand())
