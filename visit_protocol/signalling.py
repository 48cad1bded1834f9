"""Messages between a client (kiosk or visitor's browser) and the relay, over a WebSocket.

A conversation: the client says hello (`TerminalHello` or `VisitorHello`), the relay answers
`Welcome` or `Refused`; the client answers the notice, joins, and offers media; from then on the
relay pushes a `VisitUpdate` on every change. Both sides send a `Heartbeat` every
`HEARTBEAT_S` seconds; `SILENCE_S` seconds without one mean that the other side is gone.
``docs/protocol.md`` tells the story with samples.
"""

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from visit_protocol.bridge import BadgeUid, BoardFault, BoardLoss
from visit_protocol.message import Hex32, Hex64, Identifier, Instant, Language, Message, Sdp, Secret
from visit_protocol.vocabulary import (
    CallState,
    CheckState,
    ComplaintReason,
    DeviceState,
    Outcome,
    RejectionCode,
    RequestKind,
    SelfTestCause,
    StaffReason,
    TerminalAction,
    TerminalFinding,
    TerminationReason,
    VisitType,
    WarningReason,
)

HEARTBEAT_S: Final = 2.0
SILENCE_S: Final = 6.0

InmateNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}$")]
Pin = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$")]
ShortText = Annotated[str, StringConstraints(max_length=2000)]
ConfigValue = Annotated[str, StringConstraints(max_length=300)]
Software = Annotated[str, StringConstraints(max_length=64)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Versions = Annotated[tuple[int, ...], Field(min_length=1, max_length=16)]


# ── what both sides know of a visit ────────────────────────────────────────────────────────
class Refusal(Message):
    """One reason why something cannot be, with what a person needs to be told about it."""

    code: RejectionCode
    until: Instant | None = None
    order: Identifier | None = None
    reason_code: Identifier | None = None
    public_text: dict[Language, ShortText] | None = None
    decided_by: ShortText | None = None
    attempts_left: int | None = None


class OrderNotice(Message):
    """A person's visit was displaced by an order; they may rebook before others.

    Told again until the screen says `NoticesShown`.

    Without a reason code the reason is withheld for security.
    """

    id: Identifier
    order: Identifier
    reference: Identifier
    """Of the visit that was displaced."""
    starts: Instant
    until: Instant
    """When the order ends by itself."""
    reason_code: Identifier | None = None
    public_text: dict[Language, ShortText]


class VisitView(Message):
    """A visit as its own parties see it; times are UTC, ``facility_timezone`` shows them."""

    id: Identifier
    reference: Identifier
    visit_type: VisitType
    recorded: bool
    state: CallState
    outcome: Outcome | None = None
    termination: TerminationReason | None = None
    """Why staff ended the call; left out where telling it would name who asked them to."""
    starts: Instant
    ends: Instant
    """When the call ends as things stand; later than the slot's end when time was given back."""
    now: Instant
    minutes_given_back: float = 0.0
    inmate_name: Name
    visitor_name: Name
    notice_accepted: bool = False
    refusals: tuple[Refusal, ...] = ()
    stopping: Refusal | None = None
    """The order that lets a call that runs go on for a moment, ``until`` it stops it."""


class PlannedVisit(Message):
    """A visit of the person in the booth, at whichever terminal; times are UTC."""

    reference: Identifier
    visit_type: VisitType
    starts: Instant
    ends: Instant
    terminal_label: Name
    visitor_name: Name
    refusals: tuple[Refusal, ...] = ()
    """Why it cannot be, as things stand."""


class VisitsLeft(Message):
    """What is left of the allowance for a visit on that day; protected visits use none up."""

    left: Annotated[int, Field(ge=0)]
    visits: Annotated[int, Field(ge=0)]
    days: Annotated[int, Field(ge=1)]
    """Length of the period that the visits are for."""


class PermitFor(Message):
    """Somebody with whom a call needs a permit that is not there."""

    visitor: Identifier
    name: Name


class OwnRequest(Message):
    """A complaint or an application of the person, and its answer where there is one."""

    kind: RequestKind
    filed: Instant
    due: Instant
    answered: Instant | None = None
    granted: bool | None = None
    answer: ShortText = ""


class OwnPlan(Message):
    """What a person who has identified may know of their own visits to come, the next first."""

    visits: Annotated[tuple[PlannedVisit, ...], Field(max_length=20)] = ()
    allowance: VisitsLeft | None = None
    last: PlannedVisit | None = None
    """The latest visit that is over: what a complaint is about."""
    permits_for: Annotated[tuple[PermitFor, ...], Field(max_length=20)] = ()
    requests: Annotated[tuple[OwnRequest, ...], Field(max_length=20)] = ()
    """The latest first."""


# ── client → relay ─────────────────────────────────────────────────────────────────────────
class TerminalHello(Message):
    """An enrolled kiosk introduces itself; the relay answers with a `Challenge`."""

    type: Literal["terminal_hello"] = "terminal_hello"
    versions: Versions
    terminal: Identifier
    relay_key: Hex32
    """SHA-256 of the public key (SubjectPublicKeyInfo) that the relay showed in TLS; else zeros."""
    software: Software


class ChallengeAnswer(Message):
    """The kiosk's signature over the challenge (`visit_protocol.enrolment.challenge_text`)."""

    type: Literal["challenge_answer"] = "challenge_answer"
    signature: Hex64


class EnrolmentHello(Message):
    """A kiosk that is nobody's terminal yet shows its key, and commits itself to a nonce."""

    type: Literal["enrolment_hello"] = "enrolment_hello"
    versions: Versions
    public_key: Hex32
    commitment: Hex32
    relay_key: Hex32
    software: Software


class EnrolmentOpening(Message):
    """The nonce that the kiosk had committed itself to; both sides now know the code."""

    type: Literal["enrolment_opening"] = "enrolment_opening"
    nonce: Hex32


class VisitorHello(Message):
    """A browser opens a link. ``device`` is its own random secret; only `Join` binds it."""

    type: Literal["visitor_hello"] = "visitor_hello"
    versions: Versions
    token: Secret
    device: Secret


class TerminalStatus(Message):
    """A kiosk reports its engine and devices; a terminal with no engine cannot carry a call."""

    type: Literal["terminal_status"] = "terminal_status"
    engine: bool
    camera: DeviceState
    microphone: DeviceState
    findings: Annotated[tuple[TerminalFinding, ...], Field(max_length=16)] = ()
    """What staff should mend, though visits can be held."""


class TerminalAbout(Message):
    """A kiosk says what it is: after each welcome and once a minute."""

    type: Literal["terminal_about"] = "terminal_about"
    software: Software
    configuration: Annotated[dict[Identifier, ConfigValue], Field(max_length=100)]
    """By key, e.g. ``camera.fps``: nothing that is in it is a secret."""
    clock_offset_s: float
    """The kiosk's own clock minus the relay's; the screens go by the relay's."""
    disk_free_mib: int | None = Field(default=None, ge=0)
    speaker: DeviceState
    up_s: int = Field(ge=0)
    faults: Annotated[tuple[Identifier, ...], Field(max_length=16)] = ()
    """What of its own is broken and keeps it out of service."""


class SelfTestReport(Message):
    """A kiosk has tested itself."""

    type: Literal["self_test_report"] = "self_test_report"
    cause: SelfTestCause
    results: Annotated[dict[Identifier, CheckState], Field(min_length=1, max_length=32)]


class CommandAnswer(Message):
    """The kiosk has done what it was told, or says why not."""

    type: Literal["command_answer"] = "command_answer"
    id: Identifier
    refused: Identifier | None = None
    """A stable code, e.g. ``NOT_IDLE``; absent when it was done."""
    picture: Annotated[str, StringConstraints(max_length=56 * 1024)] | None = None
    """Of a `SCREENSHOT`: a PNG, base64."""


class TerminalNetwork(Message):
    """How the network carried the call in the last seconds, as the kiosk measured it."""

    type: Literal["terminal_network"] = "terminal_network"
    loss: float | None = Field(default=None, ge=0, le=1)
    """Share of the packets that the relay did not get; absent when not known."""
    rtt_ms: float | None = Field(default=None, ge=0)
    sent_bps: int = Field(ge=0)
    received_bps: int = Field(ge=0)


class BoardStatus(Message):
    """A kiosk with a bridge reports the booth's board: whole, after each welcome and each change.

    ``loss`` says why there is none; what is sensed then means nothing.
    """

    type: Literal["board_status"] = "board_status"
    required: bool
    """The terminal carries no visit without its board."""
    asks_badge: bool
    """The terminal lets nobody in without a badge."""
    loss: BoardLoss | None = None
    board: Identifier | None = None
    firmware: Identifier | None = None
    handset_lifted: bool | None = None
    door_open: bool = False
    case_open: bool = False
    temperature_c: float | None = None
    camera_power: bool = False
    """As measured behind the board's relay, like the next."""
    microphone_power: bool = False
    off_confirmed: bool = False
    """The board has measured that neither has power, and none was allowed since."""
    faults: Annotated[tuple[BoardFault, ...], Field(max_length=16)] = ()


class PowerOff(Message):
    """The board has measured that neither has power, so long after power was last allowed."""

    type: Literal["power_off"] = "power_off"
    after_ms: int = Field(ge=0)


class PanicCalled(Message):
    """Somebody has pressed the panic button; said again until `PanicNoted` comes."""

    type: Literal["panic_called"] = "panic_called"


class BadgeSeen(Message):
    """Another badge than the one that was shown first lies on the reader in mid-visit."""

    type: Literal["badge_seen"] = "badge_seen"
    badge: BadgeUid


class Identify(Message):
    """The person in the booth types a PIN, and has shown a badge where the terminal asks for it."""

    type: Literal["identify"] = "identify"
    pin: Pin
    badge: BadgeUid | None = None
    number: InmateNumber | None = None
    """The digits of their id, of somebody without a visit that is open at this terminal now."""


class SignOut(Message):
    """The person in the booth has gone; the terminal forgets who it was."""

    type: Literal["sign_out"] = "sign_out"


class AnswerNotice(Message):
    """The party accepts or refuses the notice of that version, read in that language."""

    type: Literal["answer_notice"] = "answer_notice"
    visit: Identifier
    version: Identifier
    language: Language
    accepted: bool


class Join(Message):
    """The party wants to be in this visit's call now."""

    type: Literal["join"] = "join"
    visit: Identifier


class Offer(Message):
    """An SDP offer for the joined call; a new one replaces the party's media peer."""

    type: Literal["offer"] = "offer"
    id: Identifier
    sdp: Sdp


class Leave(Message):
    """The party ends the call for good (hangs up)."""

    type: Literal["leave"] = "leave"


class NoticesShown(Message):
    """The screen has shown these notices to the person that they are for."""

    type: Literal["notices_shown"] = "notices_shown"
    ids: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=100)]


class FileAppeal(Message):
    """The party appeals against an order that suspends this visit; once is enough."""

    type: Literal["file_appeal"] = "file_appeal"
    visit: Identifier
    order: Identifier
    text: Annotated[str, StringConstraints(max_length=2000)] = ""


class FileRequest(Message):
    """The person in the booth complains about a visit, or applies for a call permit."""

    type: Literal["file_request"] = "file_request"
    kind: RequestKind
    reference: Identifier | None = None
    """Of the visit that a complaint is about."""
    reason: ComplaintReason | None = None
    visitor: Identifier | None = None
    """Whom a permit is for."""


class CallStaff(Message):
    """The party asks for a member of staff."""

    type: Literal["call_staff"] = "call_staff"
    reason: StaffReason = StaffReason.OTHER


class ClientHeartbeat(Message):
    """The client is alive."""

    type: Literal["heartbeat"] = "heartbeat"


FromClient = Annotated[
    TerminalHello
    | ChallengeAnswer
    | EnrolmentHello
    | EnrolmentOpening
    | VisitorHello
    | TerminalStatus
    | TerminalAbout
    | TerminalNetwork
    | SelfTestReport
    | CommandAnswer
    | BoardStatus
    | PowerOff
    | PanicCalled
    | BadgeSeen
    | Identify
    | SignOut
    | AnswerNotice
    | Join
    | Offer
    | Leave
    | NoticesShown
    | FileAppeal
    | FileRequest
    | CallStaff
    | ClientHeartbeat,
    Field(discriminator="type"),
]


# ── relay → client ─────────────────────────────────────────────────────────────────────────
class IceServer(Message):
    """A TURN server that the client may use, as `RTCIceServer` has it; the credential expires."""

    urls: Annotated[
        tuple[Annotated[str, StringConstraints(max_length=256)], ...], Field(min_length=1)
    ]
    username: Annotated[str, StringConstraints(max_length=512)]
    credential: Secret


class Challenge(Message):
    """What the kiosk has to sign; good for this conversation only."""

    type: Literal["challenge"] = "challenge"
    nonce: Hex32


class EnrolmentNonce(Message):
    """The relay's part of the code, which the kiosk shows for so many seconds."""

    type: Literal["enrolment_nonce"] = "enrolment_nonce"
    nonce: Hex32
    expires_in_s: int = Field(gt=0)


class Enrolled(Message):
    """An administrator has confirmed the code: the kiosk is this terminal from now on."""

    type: Literal["enrolled"] = "enrolled"
    terminal: Identifier


class Welcome(Message):
    """The relay knows the client. A visitor's welcome carries the visit of the link."""

    type: Literal["welcome"] = "welcome"
    version: int
    now: Instant
    facility: Name
    facility_timezone: Annotated[str, StringConstraints(max_length=64)]
    terminal_label: Name | None = None
    notice_version: Identifier
    visit: VisitView | None = None
    ice_servers: tuple[IceServer, ...] | None = None
    """Only where a visitor's network may need one; a kiosk stands in the relay's own network."""
    notices: tuple[OrderNotice, ...] = ()
    """What the visitor has not been told yet."""


class Refused(Message):
    """The relay will not go on with this client; the connection closes with `REFUSED`."""

    type: Literal["refused"] = "refused"
    refusals: tuple[Refusal, ...]


class TerminalMode(Message):
    """Whether staff have taken this terminal out of service to look after it."""

    type: Literal["terminal_mode"] = "terminal_mode"
    maintenance: bool


class TerminalCommand(Message):
    """An administrator has the kiosk do something; it answers with that id."""

    type: Literal["terminal_command"] = "terminal_command"
    id: Identifier
    action: TerminalAction


class SlotTimes(Message):
    """When a visit is booked at this terminal; not whose."""

    starts: Instant
    ends: Instant


class TerminalAgenda(Message):
    """What the idle screen may say of this booth: the next slot's times, nobody's name."""

    type: Literal["terminal_agenda"] = "terminal_agenda"
    now: Instant
    next_starts: Instant | None = None
    next_ends: Instant | None = None
    slots: Annotated[tuple[SlotTimes, ...], Field(max_length=8)] = ()
    """The running or next one and those after it: what the kiosk says while the relay is away."""
    refusals: tuple[Refusal, ...] = ()


class Identified(Message):
    """The PIN was right; these are the person's visits at this terminal, the next first."""

    type: Literal["identified"] = "identified"
    inmate_name: Name
    language: Language
    visits: tuple[VisitView, ...]
    notices: tuple[OrderNotice, ...] = ()
    """What this person has not been told yet, about this or another visit."""
    plan: OwnPlan | None = None


class IdentifyRefused(Message):
    """The PIN was not accepted; ``refusals`` says why and until when."""

    type: Literal["identify_refused"] = "identify_refused"
    refusals: tuple[Refusal, ...]


class SignedOut(Message):
    """Nobody is signed in at this terminal (any more): ask for the PIN again."""

    type: Literal["signed_out"] = "signed_out"


class VisitUpdate(Message):
    """The visit as it is now; pushed after every change and in answer to `Join`."""

    type: Literal["visit"] = "visit"
    visit: VisitView


class Reminder(Message):
    """So many minutes are left."""

    type: Literal["reminder"] = "reminder"
    minutes: int


class Warned(Message):
    """A guard warns both parties; the call goes on."""

    type: Literal["warned"] = "warned"
    reason: WarningReason


class Answer(Message):
    """The SDP answer to the offer of that id."""

    type: Literal["answer"] = "answer"
    id: Identifier
    sdp: Sdp


class OfferRefused(Message):
    """No media for the offer of that id; ``code`` is stable, e.g. ``BAD_SDP``, ``NOT_JOINED``."""

    type: Literal["offer_refused"] = "offer_refused"
    id: Identifier
    code: Identifier


class OfferWanted(Message):
    """Offer again, with a new peer: the call's video codec is another from now on."""

    type: Literal["offer_wanted"] = "offer_wanted"


class AppealFiled(Message):
    """The appeal is kept; somebody who did not decide the order decides it by ``due``."""

    type: Literal["appeal_filed"] = "appeal_filed"
    order: Identifier
    due: Instant


class RequestFiled(Message):
    """The request is kept; the administration answers it by ``due``."""

    type: Literal["request_filed"] = "request_filed"
    kind: RequestKind
    due: Instant


class StaffCalled(Message):
    """The call for staff has reached the guards' list."""

    type: Literal["staff_called"] = "staff_called"


class PanicNoted(Message):
    """The panic is before the guards."""

    type: Literal["panic_noted"] = "panic_noted"


class PowerLease(Message):
    """Whoever is signed in at this terminal may have camera and microphone, for `LEASE_S`.

    Said every `RENEWAL_S` to terminals with a board, and only while such a visit is under way.
    """

    type: Literal["power_lease"] = "power_lease"
    sent_ns: int = Field(ge=0)
    """The relay's CLOCK_MONOTONIC: the kiosk tells by it how long a lease lay in a queue."""


class RelayHeartbeat(Message):
    """The relay is alive; ``now`` lets the client show the facility's time."""

    type: Literal["heartbeat"] = "heartbeat"
    now: Instant


FromRelay = Annotated[
    Challenge
    | EnrolmentNonce
    | Enrolled
    | Welcome
    | Refused
    | TerminalMode
    | TerminalCommand
    | TerminalAgenda
    | Identified
    | IdentifyRefused
    | SignedOut
    | VisitUpdate
    | Reminder
    | Warned
    | Answer
    | OfferRefused
    | OfferWanted
    | AppealFiled
    | RequestFiled
    | StaffCalled
    | PanicNoted
    | PowerLease
    | RelayHeartbeat,
    Field(discriminator="type"),
]

from_client: Final[TypeAdapter[FromClient]] = TypeAdapter(FromClient)
from_relay: Final[TypeAdapter[FromRelay]] = TypeAdapter(FromRelay)
