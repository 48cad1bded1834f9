"""The conversation with a kiosk: hello, status, identify, notice, join, media, leave."""

import asyncio
import secrets
from dataclasses import dataclass

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.core.model import Facility, TerminalId, VisitId
from relay.service.alerts import AlertDesk
from relay.service.appeals import AppealDesk
from relay.service.attendance import Attendance
from relay.service.audience import Audience
from relay.service.boards import Boards
from relay.service.booths import Booths
from relay.service.enrolment import EnrolmentDesk
from relay.service.requests import RequestDesk, UnknownRequestError
from relay.service.upkeep import UpkeepDesk
from relay.service.visit_run import NOTICE_VERSION
from relay.service.visits import VisitDesk
from relay.signalling.connection import Connection, check_version
from relay.signalling.enrolment import enrol
from relay.signalling.media import answer_offer
from suspension import DeskError, UnknownOrderError
from visit_protocol.errors import CloseCode, ProtocolError
from visit_protocol.message import PROTOCOL_VERSION
from visit_protocol.signalling import (
    AnswerNotice,
    AppealFiled,
    BadgeSeen,
    BoardStatus,
    CallStaff,
    Challenge,
    ChallengeAnswer,
    CommandAnswer,
    EnrolmentHello,
    FileAppeal,
    FileRequest,
    FromClient,
    Identified,
    Identify,
    Join,
    Leave,
    NoticesShown,
    Offer,
    PanicCalled,
    PanicNoted,
    PowerOff,
    RequestFiled,
    SelfTestReport,
    SignedOut,
    SignOut,
    StaffCalled,
    TerminalAbout,
    TerminalHello,
    TerminalNetwork,
    TerminalStatus,
    VisitUpdate,
    Welcome,
)
from visit_protocol.vocabulary import Party, RejectionCode

_AGENDA_S = 10.0


@dataclass(frozen=True, slots=True)
class TerminalDoor:
    """What a kiosk's conversation needs of the relay."""

    facility: Facility
    clock: Clock
    booths: Booths
    boards: Boards
    desk: VisitDesk
    attendance: Attendance
    audience: Audience
    alerts: AlertDesk
    appeals: AppealDesk
    requests: RequestDesk
    enrolment: EnrolmentDesk
    upkeep: UpkeepDesk

    async def converse(self, connection: Connection) -> None:
        """Speak with one kiosk until either side ends it.

        Raises:
            ProtocolError: the kiosk broke the protocol or is not one of ours.
            GoneError: the kiosk closed.
        """
        hello = await connection.receive()
        if not isinstance(hello, TerminalHello | EnrolmentHello):
            raise ProtocolError(CloseCode.OUT_OF_TURN, f"{hello.type} before terminal_hello")
        check_version(hello.versions)
        if isinstance(hello, EnrolmentHello):
            await enrol(connection, self.enrolment, hello)
            return
        terminal = TerminalId(hello.terminal)
        if not await self._admits(connection, terminal, hello.relay_key):
            connection.refuse(RejectionCode.TERMINAL_NOT_ENROLLED)
            return
        talk = _TerminalTalk(self, connection, terminal)
        self.booths.connected(terminal, connection)
        self.boards.welcomed(terminal)
        agenda = asyncio.ensure_future(talk.keep_agenda())
        try:
            connection.send(self._welcome(terminal))
            connection.send(self.upkeep.mode(terminal))
            while True:
                await talk.hear(await connection.receive())
        finally:
            agenda.cancel()
            self.audience.leave(connection)
            if talk.joined is not None:
                self.attendance.gone(talk.joined, Party.INMATE, connection)
            await self.booths.disconnected(terminal, connection)

    async def _admits(self, connection: Connection, terminal: TerminalId, relay_key: str) -> bool:
        """Whether the kiosk signs with the terminal's key; an unknown terminal is asked as well."""
        nonce = secrets.token_hex(32)
        connection.send(Challenge(nonce=nonce))
        answer = await connection.receive()
        if not isinstance(answer, ChallengeAnswer):
            raise ProtocolError(CloseCode.OUT_OF_TURN, f"{answer.type} before challenge_answer")
        signed = await self.enrolment.accepts(terminal, nonce, relay_key, answer.signature)
        return signed and await self.booths.knows(terminal)

    def _welcome(self, terminal: TerminalId) -> Welcome:
        return Welcome(
            version=PROTOCOL_VERSION,
            now=self.clock.now(),
            facility=self.facility.name,
            facility_timezone=self.facility.timezone,
            terminal_label=self.booths.label(terminal),
            notice_version=NOTICE_VERSION,
        )


class _TerminalTalk:
    """One kiosk's side of the conversation."""

    def __init__(self, door: TerminalDoor, connection: Connection, terminal: TerminalId) -> None:
        self._door = door
        self._connection = connection
        self._terminal = terminal
        self.joined: VisitId | None = None

    async def keep_agenda(self) -> None:
        """Keep the idle screen's next slot up to date."""
        while True:
            self._connection.send(await self._door.booths.agenda(self._terminal))
            await asyncio.sleep(_AGENDA_S)

    async def hear(self, message: FromClient) -> None:
        """Do what one message asks for; of somebody who is not signed in, nothing."""
        match message:
            case AnswerNotice() | Join() | FileAppeal():
                if not await self._is_own(message.visit):
                    self._connection.send(SignedOut())
                    return
        door, send = self._door, self._connection.send
        match message:
            case TerminalStatus():
                await door.booths.report(self._terminal, message)
            case TerminalAbout() | TerminalNetwork() | SelfTestReport() | CommandAnswer():
                await door.upkeep.hear(self._terminal, message)
            case BoardStatus():
                await door.boards.report(self._terminal, message)
            case PowerOff():
                await door.boards.power_off(self._terminal)
            case PanicCalled():
                await door.boards.panic(self._terminal, self.joined)
                send(PanicNoted())
            case BadgeSeen(badge=badge):
                await door.booths.badge_seen(self._terminal, badge, self.joined)
            case Identify(pin=pin, number=number, badge=badge):
                board = door.boards.status(self._terminal)
                asks_badge = board is not None and board.asks_badge
                reply = await door.booths.identify(
                    self._terminal, pin, number, badge, asks_badge=asks_badge
                )
                send(reply)
                if isinstance(reply, Identified):
                    for view in reply.visits:
                        door.audience.enter(VisitId(view.id), Party.INMATE, self._connection)
            case SignOut():
                door.booths.sign_out(self._terminal)
                door.audience.leave(self._connection)
                await self._leave()
            case AnswerNotice():
                visit = VisitId(message.visit)
                view = await door.attendance.answer_notice(
                    visit,
                    Party.INMATE,
                    version=message.version,
                    language=message.language,
                    accepted=message.accepted,
                )
                send(VisitUpdate(visit=view))
            case Join():
                visit = VisitId(message.visit)
                door.audience.enter(visit, Party.INMATE, self._connection)
                joined = await door.attendance.join(visit, Party.INMATE, self._connection)
                if joined is not None:
                    self.joined = None if joined.refusals else visit
                    send(VisitUpdate(visit=joined))
            case Offer():
                send(
                    await answer_offer(
                        door.attendance, self.joined, Party.INMATE, self._connection, message
                    )
                )
            case Leave():
                await self._leave()
            case NoticesShown(ids=ids):
                await door.booths.notices_shown(self._terminal, ids)
            case FileAppeal():
                try:
                    filed = await door.appeals.file(
                        VisitId(message.visit), Party.INMATE, message.order, message.text
                    )
                except (UnknownOrderError, DeskError) as error:
                    raise ProtocolError(
                        CloseCode.OUT_OF_TURN, "an appeal against no order of this visit"
                    ) from error
                send(AppealFiled(order=filed.order, due=filed.due))
            case FileRequest():
                inmate = door.booths.signed_in(self._terminal)
                if inmate is None:
                    send(SignedOut())
                    return
                try:
                    row = await door.requests.file(inmate, self._terminal, message)
                except UnknownRequestError as error:
                    raise ProtocolError(CloseCode.OUT_OF_TURN, str(error)) from error
                send(RequestFiled(kind=row.kind, due=row.due))
            case CallStaff(reason=reason):
                await door.alerts.raise_alert(
                    AlertKind.STAFF_CALLED,
                    visit=self.joined,
                    terminal=self._terminal,
                    detail={"reason": reason},
                )
                send(StaffCalled())
            case _:
                raise ProtocolError(CloseCode.OUT_OF_TURN, f"{message.type} from a terminal")

    async def _is_own(self, visit: str) -> bool:
        run = await self._door.desk.find(VisitId(visit))
        return self._door.booths.may_attend(self._terminal, run)

    async def _leave(self) -> None:
        if self.joined is not None:
            visit, self.joined = self.joined, None
            await self._door.attendance.leave(visit, Party.INMATE)
