"""The closed sets of words that travel on the wire, stand in the database and name texts.

One word per thing: a code here is the same code in ``locales/`` (``outcome-…``,
``reason-…``), in the store and in the documents.
"""

from enum import StrEnum
from typing import Final


class Party(StrEnum):
    """One of the two ends of a call."""

    INMATE = "INMATE"
    VISITOR = "VISITOR"

    @property
    def other(self) -> "Party":
        """The opposite end."""
        return Party.VISITOR if self is Party.INMATE else Party.INMATE


class VideoCodec(StrEnum):
    """How a party's picture is encoded; its sound is always Opus."""

    VP8 = "VP8"
    H264 = "H264"


class VisitType(StrEnum):
    """What a visit is for; fixed at booking."""

    FAMILY = "FAMILY"
    LEGAL = "LEGAL"
    CONSULAR = "CONSULAR"
    OMBUDSMAN = "OMBUDSMAN"
    MEDICAL = "MEDICAL"
    CLERGY = "CLERGY"
    OFFICIAL = "OFFICIAL"

    @property
    def protected(self) -> bool:
        """Whether a visit of this type is never recorded and never monitored."""
        return self in PROTECTED_TYPES


PROTECTED_TYPES: Final = frozenset(
    {
        VisitType.LEGAL,
        VisitType.CONSULAR,
        VisitType.OMBUDSMAN,
        VisitType.MEDICAL,
        VisitType.CLERGY,
    }
)


class BookingStatus(StrEnum):
    """Life of a booking up to the call."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    CANCELLED = "CANCELLED"
    CALLED = "CALLED"


class CallState(StrEnum):
    """Where a call is between its slot's opening and its end."""

    SCHEDULED = "SCHEDULED"
    OPEN = "OPEN"
    WAITING_INMATE = "WAITING_INMATE"
    WAITING_VISITOR = "WAITING_VISITOR"
    LIVE = "LIVE"
    PAUSED = "PAUSED"
    RECONNECTING = "RECONNECTING"
    ENDED = "ENDED"


class Outcome(StrEnum):
    """How a visit ended; exactly one per ended visit."""

    COMPLETED_NORMALLY = "COMPLETED_NORMALLY"
    TERMINATED_BY_STAFF = "TERMINATED_BY_STAFF"
    INMATE_COMPLETED_EARLY = "INMATE_COMPLETED_EARLY"
    VISITOR_COMPLETED_EARLY = "VISITOR_COMPLETED_EARLY"
    INMATE_REFUSED_TO_ATTEND = "INMATE_REFUSED_TO_ATTEND"
    INMATE_NOT_BROUGHT = "INMATE_NOT_BROUGHT"
    VISITOR_DID_NOT_ARRIVE = "VISITOR_DID_NOT_ARRIVE"
    VISITOR_FAILED_SECURITY_CHECKS = "VISITOR_FAILED_SECURITY_CHECKS"
    ESTABLISHMENT_CANCELLED = "ESTABLISHMENT_CANCELLED"
    INMATE_CANCELLED = "INMATE_CANCELLED"
    VISITOR_CANCELLED = "VISITOR_CANCELLED"
    BATCH_CANCELLATION = "BATCH_CANCELLATION"
    ADMINISTRATIVE_ERROR = "ADMINISTRATIVE_ERROR"
    SUSPENDED_BY_ORDER = "SUSPENDED_BY_ORDER"
    TECHNICAL_FAILURE_FACILITY = "TECHNICAL_FAILURE_FACILITY"
    TECHNICAL_FAILURE_VISITOR = "TECHNICAL_FAILURE_VISITOR"


class RejectionCode(StrEnum):
    """Why a booking or a join was refused; a decision returns all that apply, sorted."""

    NO_ALLOWANCE = "NO_ALLOWANCE"
    VISITOR_NOT_ON_LIST = "VISITOR_NOT_ON_LIST"
    VISITOR_BANNED = "VISITOR_BANNED"
    INMATE_BANNED = "INMATE_BANNED"
    SLOT_UNAVAILABLE = "SLOT_UNAVAILABLE"
    NO_ADULT = "NO_ADULT"
    NON_ASSOCIATION = "NON_ASSOCIATION"
    DOUBLE_BOOKING = "DOUBLE_BOOKING"
    INMATE_MOVED = "INMATE_MOVED"
    INMATE_RELEASED = "INMATE_RELEASED"
    NO_PERMIT = "NO_PERMIT"
    PERMIT_USED = "PERMIT_USED"
    SUSPENDED_BY_ORDER = "SUSPENDED_BY_ORDER"
    OTHER = "OTHER"
    # Beyond the booking list: reasons that only a join, a terminal or a link can give.
    CREDENTIAL_NOT_VERIFIED = "CREDENTIAL_NOT_VERIFIED"
    VISIT_TYPE_MISMATCH = "VISIT_TYPE_MISMATCH"
    RESTRICTED = "RESTRICTED"
    FACTS_MISSING = "FACTS_MISSING"
    SLOT_NOT_OPEN = "SLOT_NOT_OPEN"
    VISIT_OVER = "VISIT_OVER"
    NOTICE_NOT_ACCEPTED = "NOTICE_NOT_ACCEPTED"
    TERMINAL_OUT_OF_SERVICE = "TERMINAL_OUT_OF_SERVICE"
    RECORDING_UNAVAILABLE = "RECORDING_UNAVAILABLE"
    NO_CODEC = "NO_CODEC"
    PIN_WRONG = "PIN_WRONG"
    BADGE_MISSING = "BADGE_MISSING"
    BADGE_WRONG = "BADGE_WRONG"
    NO_VISIT_NOW = "NO_VISIT_NOW"
    INMATE_LOCKED = "INMATE_LOCKED"
    TERMINAL_LOCKED = "TERMINAL_LOCKED"
    TERMINAL_NOT_ENROLLED = "TERMINAL_NOT_ENROLLED"
    RELAY_KEY_CHANGED = "RELAY_KEY_CHANGED"
    LINK_UNKNOWN = "LINK_UNKNOWN"
    LINK_USED = "LINK_USED"
    LINK_EXPIRED = "LINK_EXPIRED"
    LINK_REPLACED = "LINK_REPLACED"


class Relationship(StrEnum):
    """What a visitor is to an inmate; the protected ones fix the visit type."""

    SPOUSE = "SPOUSE"
    PARENT = "PARENT"
    CHILD = "CHILD"
    SIBLING = "SIBLING"
    RELATIVE = "RELATIVE"
    FRIEND = "FRIEND"
    COUNSEL = "COUNSEL"
    CONSUL = "CONSUL"
    OMBUDSMAN = "OMBUDSMAN"
    PHYSICIAN = "PHYSICIAN"
    CLERGY = "CLERGY"
    INVESTIGATOR = "INVESTIGATOR"

    @property
    def required_type(self) -> VisitType | None:
        """The only visit type this relationship may be booked as, or None for any unprotected."""
        return _REQUIRED_TYPE.get(self)


_REQUIRED_TYPE: Final = {
    Relationship.COUNSEL: VisitType.LEGAL,
    Relationship.CONSUL: VisitType.CONSULAR,
    Relationship.OMBUDSMAN: VisitType.OMBUDSMAN,
    Relationship.PHYSICIAN: VisitType.MEDICAL,
    Relationship.CLERGY: VisitType.CLERGY,
    Relationship.INVESTIGATOR: VisitType.OFFICIAL,
}


class RestrictionKind(StrEnum):
    """A standing restriction on a person or a pair."""

    BAN = "BAN"
    CLOSED = "CLOSED"
    CHILD = "CHILD"
    NON_CONTACT = "NON_CONTACT"
    PRE_INFO = "PRE_INFO"


class StaffRole(StrEnum):
    """What a member of staff may do; exactly one per account."""

    GUARD = "guard"
    ADMINISTRATOR = "administrator"
    APPROVER = "approver"
    OVERSIGHT = "oversight"
    """An approver whom an order that touches protected visits needs; not of the facility."""
    AUDITOR = "auditor"


class TerminationReason(StrEnum):
    """Why a guard ended a live call; both parties read it, unless it is not `told`."""

    RULES_BROKEN = "RULES_BROKEN"
    THREAT_OR_ABUSE = "THREAT_OR_ABUSE"
    THIRD_PERSON = "THIRD_PERSON"
    INDECENCY = "INDECENCY"
    SAFETY_OF_PERSON = "SAFETY_OF_PERSON"
    FACILITY_EMERGENCY = "FACILITY_EMERGENCY"
    REQUESTED_BY_PARTY = "REQUESTED_BY_PARTY"

    @property
    def told(self) -> bool:
        """Whether the parties are told: of two, each would know that the other had asked."""
        return self is not TerminationReason.REQUESTED_BY_PARTY


class RequestKind(StrEnum):
    """What an inmate can ask the administration for in the booth."""

    COMPLAINT = "COMPLAINT"
    """About a visit that took place, or should have."""
    CALL_PERMIT = "CALL_PERMIT"
    """On remand: permission for a call with one visitor."""


class ComplaintReason(StrEnum):
    """What was wrong with a visit, as far as one touch can say."""

    SOUND_OR_PICTURE = "SOUND_OR_PICTURE"
    CUT_SHORT = "CUT_SHORT"
    STAFF_CONDUCT = "STAFF_CONDUCT"
    OTHER = "OTHER"


class WarningReason(StrEnum):
    """What a guard warns both parties of, before anything has to be ended."""

    RULES_BROKEN = "RULES_BROKEN"
    THREAT_OR_ABUSE = "THREAT_OR_ABUSE"
    THIRD_PERSON = "THIRD_PERSON"
    INDECENCY = "INDECENCY"


class StaffReason(StrEnum):
    """Why somebody in a visit asks for a member of staff."""

    UNWELL = "UNWELL"
    TECHNICAL = "TECHNICAL"
    QUESTION = "QUESTION"
    OTHER = "OTHER"


class TerminalFinding(StrEnum):
    """Something about a terminal that staff should mend and that stops no visit."""

    NO_SPEECH = "NO_SPEECH"
    """Its screens cannot be read aloud: no voice, or nothing to hear it with."""
    TEXTS_BROKEN = "TEXTS_BROKEN"
    """A language file has an error; another language stands in, and the log names the place."""


class TerminalAction(StrEnum):
    """What an administrator may have a kiosk do."""

    RESTART = "RESTART"
    SELF_TEST = "SELF_TEST"
    SCREENSHOT = "SCREENSHOT"
    FORGET_CACHE = "FORGET_CACHE"
    USE_LAST_CONFIG = "USE_LAST_CONFIG"


class SelfTestCause(StrEnum):
    """Why a kiosk tested itself."""

    BOOT = "BOOT"
    NIGHTLY = "NIGHTLY"
    ASKED = "ASKED"


class CheckState(StrEnum):
    """What one part of a self-test found; only `FAILED` and `ABSENT` want somebody."""

    OK = "OK"
    SYNTHETIC = "SYNTHETIC"
    NOT_FITTED = "NOT_FITTED"
    UNPOWERED = "UNPOWERED"
    """The board gives no power outside a visit, so nobody can know."""
    ABSENT = "ABSENT"
    FAILED = "FAILED"


class DeviceState(StrEnum):
    """Health of a terminal's camera or microphone."""

    OK = "OK"
    SYNTHETIC = "SYNTHETIC"
    ABSENT = "ABSENT"
    FAILED = "FAILED"


class PictureHealth(StrEnum):
    """What is the matter with a party's picture; thresholds in `relay.media.pictures.health`."""

    GOOD = "GOOD"
    DARK = "DARK"
    COVERED = "COVERED"
    FROZEN = "FROZEN"
