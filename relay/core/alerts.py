"""What staff are told, and how urgently (ISA-18.2, EEMUA 191: three priorities, no more).

P1 asks for an act now, P2 within five minutes, P3 when convenient; what asks for no act is a row
of the journal and not an alert.
"""

from enum import StrEnum
from typing import Final


class AlertKind(StrEnum):
    """Something a member of staff has to act on."""

    PANIC = "PANIC"
    """Somebody has pressed the panic button in a booth."""
    STAFF_CALLED = "STAFF_CALLED"
    WORKER_LOST = "WORKER_LOST"
    RECORDING_FAILED = "RECORDING_FAILED"
    DISK_LOW = "DISK_LOW"
    TERMINAL_LOST = "TERMINAL_LOST"
    SELF_TEST_FAILED = "SELF_TEST_FAILED"
    TAMPER = "TAMPER"
    """The door or the case of a terminal is open."""
    POWER_NOT_CUT = "POWER_NOT_CUT"
    """There is, or may be, power on camera or microphone where there must be none."""
    POWER_NOT_CONFIRMED = "POWER_NOT_CONFIRMED"
    """A visit has ended and its terminal's board has not said that both are off."""
    POWER_NOT_GIVEN = "POWER_NOT_GIVEN"
    BOARD_LOST = "BOARD_LOST"
    TOO_HOT = "TOO_HOT"
    BADGE_OF_ANOTHER = "BADGE_OF_ANOTHER"
    """In mid-visit a badge was shown that is not the inmate's."""
    LINK_SECOND_DEVICE = "LINK_SECOND_DEVICE"
    PIN_LOCKED = "PIN_LOCKED"
    AUDIT_BROKEN = "AUDIT_BROKEN"
    ORDER_REVIEW_OPENED = "ORDER_REVIEW_OPENED"
    """One person ordered in an emergency: somebody else looks at it within a day."""
    ORDER_REVIEW_DUE = "ORDER_REVIEW_DUE"
    APPEAL_FILED = "APPEAL_FILED"
    APPEAL_OVERDUE = "APPEAL_OVERDUE"
    PICTURE_DARK = "PICTURE_DARK"
    PICTURE_COVERED = "PICTURE_COVERED"
    PICTURE_FROZEN = "PICTURE_FROZEN"
    ORDER_EQUIVOCATED = "ORDER_EQUIVOCATED"
    ORDER_REFUSED = "ORDER_REFUSED"
    ORDER_NUMBER_MISSING = "ORDER_NUMBER_MISSING"
    """An issuer's orders have a gap in their numbers: one may have been withheld."""
    STORE_OLDER = "STORE_OLDER"
    CLOCK_DOUBTFUL = "CLOCK_DOUBTFUL"
    TRUST_EXPIRES = "TRUST_EXPIRES"


PRIORITY: Final = {
    AlertKind.PANIC: 1,
    AlertKind.TAMPER: 1,
    AlertKind.POWER_NOT_CUT: 1,
    AlertKind.POWER_NOT_CONFIRMED: 1,
    AlertKind.POWER_NOT_GIVEN: 2,
    AlertKind.BOARD_LOST: 2,
    AlertKind.TOO_HOT: 2,
    AlertKind.BADGE_OF_ANOTHER: 2,
    AlertKind.STAFF_CALLED: 1,
    AlertKind.RECORDING_FAILED: 1,
    AlertKind.WORKER_LOST: 2,
    AlertKind.DISK_LOW: 2,
    AlertKind.TERMINAL_LOST: 2,
    AlertKind.SELF_TEST_FAILED: 3,
    AlertKind.LINK_SECOND_DEVICE: 2,
    AlertKind.AUDIT_BROKEN: 2,
    AlertKind.ORDER_EQUIVOCATED: 1,
    AlertKind.ORDER_REFUSED: 2,
    AlertKind.ORDER_NUMBER_MISSING: 3,
    AlertKind.STORE_OLDER: 1,
    AlertKind.CLOCK_DOUBTFUL: 2,
    AlertKind.TRUST_EXPIRES: 3,
    AlertKind.PIN_LOCKED: 3,
    AlertKind.ORDER_REVIEW_OPENED: 2,
    AlertKind.ORDER_REVIEW_DUE: 3,
    AlertKind.APPEAL_FILED: 3,
    AlertKind.APPEAL_OVERDUE: 2,
    AlertKind.PICTURE_DARK: 3,
    AlertKind.PICTURE_COVERED: 3,
    AlertKind.PICTURE_FROZEN: 3,
}
"""1 = act now, 2 = within five minutes, 3 = when convenient."""
