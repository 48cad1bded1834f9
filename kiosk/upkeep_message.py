"""What the screens of the terminal's own upkeep say: enrolment, maintenance, out of service.

Guarantees: a technician finds the reason in one line; nothing here names a person. Pure.
Leaves to others: every other message (`kiosk.message`).
"""

from datetime import datetime
from typing import Final

from kiosk.situation import Situation
from kiosk.texts import Texts
from visit_protocol.enrolment import CODE_LIFE_S

MOST_SLOTS: Final = 4


def enrolment_words(situation: Situation, texts: Texts) -> tuple[str, str, tuple[str, ...]]:
    """The code, what it is, and what to do with it."""
    minutes = texts("enrolment-minutes", minutes=CODE_LIFE_S // 60)
    return situation.upkeep.code, texts("enrolment-title"), (texts("enrolment-text"), minutes)


def fault_words(situation: Situation, texts: Texts) -> tuple[str, ...]:
    """What is broken on this terminal's disk, each with its line for the technician."""
    said: list[str] = []
    for fault, line in situation.upkeep.faults:
        said += [texts(f"fault-{fault}"), line]
    return tuple(said)


def slot_lines(situation: Situation, texts: Texts, now: datetime) -> tuple[str, ...]:
    """The next slots of this booth as they were last known; nothing when they are over."""
    upkeep = situation.upkeep
    coming = [slot for slot in upkeep.slots if slot[1] > now][:MOST_SLOTS]
    if not coming:
        return ()
    times = (
        texts(
            "known-slot",
            starts=texts.moment(starts, now, upkeep.zone),
            ends=texts.clock(ends, upkeep.zone),
        )
        for starts, ends in coming
    )
    return texts("known-slots"), *times
