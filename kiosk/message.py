"""What a screen that only has something to say says: title, reason, until when, what to do.

Guarantees: every screen of `MESSAGE_SCREENS` has a message for every situation; codes become words
here and nowhere else in the kiosk. Pure.
Leaves to others: the words (``locales/``), how they look (`kiosk.ui.message_screen`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from kiosk.situation import RelayLink, Screen, Situation
from kiosk.texts import Texts
from kiosk.upkeep_message import enrolment_words, fault_words, slot_lines
from visit_protocol.signalling import Refusal, VisitView
from visit_protocol.vocabulary import Outcome, RejectionCode

MESSAGE_SCREENS: Final = (
    Screen.STARTING,
    Screen.RELAY_LOST,
    Screen.OUT_OF_SERVICE,
    Screen.ENROLMENT,
    Screen.MAINTENANCE,
    Screen.BRIDGE_LOST,
    Screen.VISIT_HELD,
    Screen.RECONNECTING,
    Screen.INTERRUPTED,
    Screen.PAUSED,
    Screen.DECLINED,
    Screen.CANNOT_VISIT,
    Screen.ENDED,
)
AT_MOST_REASONS: Final = 3
LONG: Final = 500
"""Characters of reasons and public text after which what to do is said first."""

Tone = Literal["calm", "good", "stop", "wait"]
Sign = Literal["check", "clock", "hourglass", "lock", "pause", "unplugged", "wrench", "cross"]


@dataclass(frozen=True, slots=True)
class ScreenMessage:
    """One message: ``facts`` are short lines that stand out (until when, who decided)."""

    title: str
    paragraphs: tuple[str, ...]
    facts: tuple[str, ...] = ()
    sign: Sign = "clock"
    tone: Tone = "calm"


def zone_of(situation: Situation) -> str:
    """The facility's zone, UTC while it is not known."""
    return situation.booth.timezone if situation.booth else "UTC"


def message_of(screen: Screen, situation: Situation, texts: Texts, now: datetime) -> ScreenMessage:
    """The message of ``screen``.

    Raises:
        KeyError: it is not one of `MESSAGE_SCREENS`.
    """
    match screen:
        case Screen.CANNOT_VISIT:
            return _cannot_visit(situation, texts, now)
        case Screen.ENDED:
            return _ended(situation, texts, now)
        case Screen.OUT_OF_SERVICE if situation.upkeep.faults:
            words = (*fault_words(situation, texts), texts("fault-todo"))
            return ScreenMessage(texts("out-of-service-title"), words, (), "wrench", "stop")
        case Screen.RELAY_LOST:
            words = (texts("relay-lost-text"), *slot_lines(situation, texts, now))
            return ScreenMessage(texts("relay-lost-title"), words, (), "unplugged", "wait")
        case Screen.MAINTENANCE:
            about = situation.upkeep.about
            return ScreenMessage(
                texts("maintenance-title"), (texts("maintenance-text"),), about, "wrench", "wait"
            )
        case Screen.ENROLMENT:
            code, what, words = enrolment_words(situation, texts)
            return ScreenMessage(code, words, (what,), "lock", "wait")
        case Screen.OUT_OF_SERVICE if situation.relay is RelayLink.REFUSED:
            title = texts("out-of-service-title")
            # The commonest reason is the title's own words.
            said = (line for line in _reasons(situation.refusals, texts) if line != f"{title}.")
            return ScreenMessage(
                title,
                (*said, texts("out-of-service-relay")),
                _facts(situation.refusals, situation, texts, now),
                "wrench",
                "stop",
            )
        case Screen.OUT_OF_SERVICE:
            text = texts("out-of-service-engine")
            return ScreenMessage(texts("out-of-service-title"), (text,), (), "wrench", "stop")
        case Screen.BRIDGE_LOST:
            why = _why_no_board(situation, texts)
            title, todo = texts("bridge-lost-title"), texts("bridge-lost-todo")
            return ScreenMessage(title, (why, todo), (), "unplugged", "stop")
        case Screen.VISIT_HELD:
            why = _why_no_board(situation, texts)
            title, todo = texts("visit-held-title"), texts("visit-held-todo")
            return ScreenMessage(title, (why, todo), (), "unplugged", "wait")
    key, sign, tone = _PLAIN[screen]
    return ScreenMessage(texts(f"{key}-title"), (texts(f"{key}-text"),), (), sign, tone)


_PLAIN: Final[dict[Screen, tuple[str, Sign, Tone]]] = {
    Screen.STARTING: ("starting", "hourglass", "calm"),
    Screen.RECONNECTING: ("reconnecting", "unplugged", "wait"),
    Screen.INTERRUPTED: ("interrupted", "unplugged", "wait"),
    Screen.PAUSED: ("paused", "pause", "wait"),
    Screen.DECLINED: ("declined", "check", "calm"),
}


def _why_no_board(situation: Situation, texts: Texts) -> str:
    return texts("board-case-open" if situation.board.case_open else "board-away")


def reason(code: str, texts: Texts) -> str:
    """Why something cannot be, said to the person in the booth."""
    return texts(f"own-reason-{code}", f"reason-{code}", "reason-OTHER")


def _cannot_visit(situation: Situation, texts: Texts, now: datetime) -> ScreenMessage:
    refusals = situation.refusals or (Refusal(code=RejectionCode.OTHER),)
    code = refusals[0].code
    todo = texts(f"own-todo-{code}", f"todo-{code}", "own-todo-OTHER")
    early = code is RejectionCode.SLOT_NOT_OPEN
    locked = code in (RejectionCode.INMATE_LOCKED, RejectionCode.TERMINAL_LOCKED)
    single = len(refusals) == 1
    title = reason(code, texts) if single else texts("cannot-title")
    words = _order_words(refusals, texts) if single else _reasons(refusals, texts)
    return ScreenMessage(
        title,
        (*_with_todo(words, todo), *displaced_words(situation, texts, now, but=situation.visit)),
        _facts(refusals, situation, texts, now),
        "clock" if early else "lock" if locked else "cross",
        "wait" if early else "stop",
    )


def _ended(situation: Situation, texts: Texts, now: datetime) -> ScreenMessage:
    visit = situation.visit
    outcome = visit.outcome if visit else None
    if visit is None or outcome is None:
        return ScreenMessage(texts("ended-title"), (), (), "check", "calm")
    title = texts(f"own-outcome-{outcome}", f"outcome-{outcome}")
    todo = texts(f"own-todo-{outcome}", f"todo-{outcome}", "own-todo-OTHER")
    words = _order_words(situation.refusals, texts)
    if visit.termination is not None:
        words = (f"{texts(f'termination-{visit.termination}')}.", *words)
    paragraphs = [*_with_todo(words, todo)]
    given_back = round(visit.minutes_given_back)
    if given_back:
        paragraphs.append(texts("ended-given-back", minutes=given_back))
    good = outcome in (
        Outcome.COMPLETED_NORMALLY,
        Outcome.INMATE_COMPLETED_EARLY,
        Outcome.VISITOR_COMPLETED_EARLY,
    )
    facts = _facts(situation.refusals, situation, texts, now)
    sign: Sign = "check" if good else "cross"
    return ScreenMessage(title, tuple(paragraphs), facts, sign, "good" if good else "stop")


def stopping_words(situation: Situation, texts: Texts) -> str:
    """When and why an order will stop the call that still goes on; nothing where none will."""
    stopping = situation.visit.stopping if situation.visit else None
    if stopping is None or stopping.until is None:
        return ""
    until = texts.clock(stopping.until, zone_of(situation))
    words = " ".join(_order_words((stopping,), texts)[:1])
    return f"{texts('call-stopping', until=until)} {words}".strip()


def displaced_words(
    situation: Situation, texts: Texts, now: datetime, but: VisitView | None = None
) -> tuple[str, ...]:
    """The visits that orders displaced; ``but`` is the one that the screen is about."""
    zone = zone_of(situation)
    return tuple(
        texts(
            "displaced-visit",
            starts=texts.moment(notice.starts, now, zone),
            until=texts.moment(notice.until, now, zone),
        )
        for notice in situation.notices
        if but is None or notice.reference != but.reference
    )


def _with_todo(words: tuple[str, ...], todo: str) -> tuple[str, ...]:
    """What to do comes last, unless the words are so long that their end may not fit."""
    long = sum(map(len, words)) > LONG
    return (todo, *words) if long else (*words, todo)


def _reasons(refusals: tuple[Refusal, ...], texts: Texts) -> tuple[str, ...]:
    said = [reason(refusal.code, texts) for refusal in refusals[:AT_MOST_REASONS]]
    # Two orders over one visit need not be said twice.
    return tuple(
        f"{line}." for line in dict.fromkeys([*said, *_order_reasons(refusals, texts)])
    ) + (_public_texts(refusals, texts))


def _order_words(refusals: tuple[Refusal, ...], texts: Texts) -> tuple[str, ...]:
    reasons = tuple(f"{line}." for line in dict.fromkeys(_order_reasons(refusals, texts)))
    return reasons + _public_texts(refusals, texts)


def _order_reasons(refusals: tuple[Refusal, ...], texts: Texts) -> list[str]:
    codes = [r.reason_code for r in refusals[:AT_MOST_REASONS] if r.reason_code]
    return [texts(f"order-reason-{code}", "reason-OTHER") for code in codes]


def _public_texts(refusals: tuple[Refusal, ...], texts: Texts) -> tuple[str, ...]:
    said = []
    for refusal in refusals[:AT_MOST_REASONS]:
        words = refusal.public_text or {}
        said.append(words.get(texts.language) or words.get("ru") or next(iter(words.values()), ""))
    return tuple(dict.fromkeys(text for text in said if text))


def _facts(
    refusals: tuple[Refusal, ...], situation: Situation, texts: Texts, now: datetime
) -> tuple[str, ...]:
    facts = []
    zone = zone_of(situation)
    for refusal in refusals[:AT_MOST_REASONS]:
        if refusal.until is not None:
            key = "fact-from" if refusal.code is RejectionCode.SLOT_NOT_OPEN else "fact-until"
            facts.append(texts(key, until=texts.moment(refusal.until, now, zone)))
        if refusal.decided_by:
            facts.append(texts("fact-decided", who=refusal.decided_by))
        for order, due in situation.appeals:
            if order == refusal.order:
                facts.append(texts("fact-appealed", due=texts.moment(due, now, zone)))
    return tuple(dict.fromkeys(facts))
