"""The conversation with a visitor's browser: hello with the link, notice, join, media, leave."""

from dataclasses import dataclass

from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.core.model import Facility, VisitId
from relay.service.alerts import AlertDesk
from relay.service.appeals import AppealDesk
from relay.service.attendance import Attendance
from relay.service.audience import Audience
from relay.service.displaced import DisplacedDesk
from relay.service.links import LinkDesk
from relay.service.turn import TurnDesk
from relay.service.visit_run import NOTICE_VERSION
from relay.signalling.connection import Connection, check_version
from relay.signalling.media import answer_offer
from suspension import DeskError, UnknownOrderError
from visit_protocol.errors import CloseCode, ProtocolError
from visit_protocol.message import PROTOCOL_VERSION
from visit_protocol.signalling import (
    AnswerNotice,
    AppealFiled,
    CallStaff,
    FileAppeal,
    FromClient,
    Join,
    Leave,
    NoticesShown,
    Offer,
    StaffCalled,
    VisitorHello,
    VisitUpdate,
    Welcome,
)
from visit_protocol.vocabulary import Party, RejectionCode


@dataclass(frozen=True, slots=True)
class VisitorDoor:
    """What a visitor's conversation needs of the relay."""

    facility: Facility
    clock: Clock
    links: LinkDesk
    attendance: Attendance
    audience: Audience
    alerts: AlertDesk
    turn: TurnDesk
    displaced: DisplacedDesk
    appeals: AppealDesk

    async def converse(self, connection: Connection) -> None:
        """Speak with one browser until either side ends it.

        Raises:
            ProtocolError: the browser broke the protocol.
            GoneError: the browser closed.
        """
        hello = await connection.receive()
        if not isinstance(hello, VisitorHello):
            raise ProtocolError(CloseCode.OUT_OF_TURN, f"{hello.type} before visitor_hello")
        check_version(hello.versions)
        link = await self.links.admit(hello.token, hello.device)
        if isinstance(link, RejectionCode):
            connection.refuse(link)
            return
        talk = _VisitorTalk(self, connection, link.visit, hello)
        self.audience.enter(link.visit, Party.VISITOR, connection)
        try:
            connection.send(
                Welcome(
                    version=PROTOCOL_VERSION,
                    now=self.clock.now(),
                    facility=self.facility.name,
                    facility_timezone=self.facility.timezone,
                    notice_version=NOTICE_VERSION,
                    visit=await self.attendance.view(link.visit, Party.VISITOR),
                    ice_servers=self.turn.servers(link.visit),
                    notices=await self.displaced.for_visitor(link.visit),
                )
            )
            while True:
                if not await talk.hear(await connection.receive()):
                    return
        finally:
            self.audience.leave(connection)
            if talk.joined:
                self.attendance.gone(link.visit, Party.VISITOR, connection)


class _VisitorTalk:
    """One browser's side of the conversation; it is about one visit only."""

    def __init__(
        self, door: VisitorDoor, connection: Connection, visit: VisitId, hello: VisitorHello
    ) -> None:
        self._door = door
        self._connection = connection
        self._visit = visit
        self._hello = hello
        self.joined = False

    async def hear(self, message: FromClient) -> bool:
        """Do what one message asks for; False when the conversation is over."""
        door, send = self._door, self._connection.send
        if getattr(message, "visit", self._visit) != self._visit:
            raise ProtocolError(CloseCode.OUT_OF_TURN, "another visit than the link's")
        match message:
            case AnswerNotice():
                view = await door.attendance.answer_notice(
                    self._visit,
                    Party.VISITOR,
                    version=message.version,
                    language=message.language,
                    accepted=message.accepted,
                )
                send(VisitUpdate(visit=view))
            case Join():
                return await self._join()
            case Offer():
                joined = self._visit if self.joined else None
                send(
                    await answer_offer(
                        door.attendance, joined, Party.VISITOR, self._connection, message
                    )
                )
            case Leave():
                # Also of who hung up while the line was lost, and says so on a new one.
                if self.joined or await door.attendance.attends(self._visit, Party.VISITOR):
                    self.joined = False
                    await door.attendance.leave(self._visit, Party.VISITOR)
            case NoticesShown(ids=ids):
                await door.displaced.shown_to_visitor(self._visit, ids)
            case FileAppeal():
                try:
                    filed = await door.appeals.file(
                        VisitId(message.visit), Party.VISITOR, message.order, message.text
                    )
                except (UnknownOrderError, DeskError) as error:
                    raise ProtocolError(
                        CloseCode.OUT_OF_TURN, "an appeal against no order of this visit"
                    ) from error
                send(AppealFiled(order=filed.order, due=filed.due))
            case CallStaff():
                await door.alerts.raise_alert(AlertKind.STAFF_CALLED, visit=self._visit)
                send(StaffCalled())
            case _:
                raise ProtocolError(CloseCode.OUT_OF_TURN, f"{message.type} from a visitor")
        return True

    async def _join(self) -> bool:
        """Let the visitor in; the first join that is allowed binds the link to this device."""
        door, hello = self._door, self._hello
        view = await door.attendance.join(
            self._visit,
            Party.VISITOR,
            self._connection,
            admit=lambda: door.links.bind(hello.token, hello.device),
        )
        if view is None:
            self._connection.refuse(RejectionCode.LINK_USED)
            return False
        self.joined = not view.refusals
        self._connection.send(VisitUpdate(visit=view))
        return True
