"""Short words about a visit that several screens share.

Guarantees: the badge follows from the visit alone.
Leaves to others: where they stand.
"""

from datetime import datetime

from kiosk.situation import Situation
from kiosk.texts import Texts
from kiosk.ui.cards import BadgeKind
from visit_protocol.signalling import VisitView
from visit_protocol.vocabulary import DeviceState


def badge_of(visit: VisitView, texts: Texts) -> tuple[BadgeKind, str]:
    """The badge of ``visit`` and its words."""
    kind: BadgeKind = "recorded" if visit.recorded else "not-recorded"
    if visit.visit_type.protected:
        kind = "protected"
    return kind, texts(f"badge-{kind}")


def hours_of(visit: VisitView, texts: Texts, zone: str) -> tuple[str, str]:
    """Beginning and end of ``visit`` as times of day."""
    return texts.clock(visit.starts, zone), texts.clock(visit.ends, zone)


def seconds_left(visit: VisitView, now: datetime) -> int:
    """Whole seconds until the visit ends as things stand."""
    return max(0, round((visit.ends - now).total_seconds()))


def camera_gone(situation: Situation) -> bool:
    """Whether the camera gives no picture, by the engine's own word."""
    camera = situation.devices.camera if situation.devices else None
    return camera in (DeviceState.FAILED, DeviceState.ABSENT)


def camera_note(situation: Situation, faults: tuple[str, ...], texts: Texts) -> str:
    """What there is to say about the own picture; the graver thing first."""
    camera = situation.devices.camera if situation.devices else None
    if camera is DeviceState.SYNTHETIC:
        return texts("synthetic-note")
    if camera in (DeviceState.FAILED, DeviceState.ABSENT):
        return texts("camera-off-note")
    if faults:
        return texts(f"health-{faults[0]}")
    return texts("ready-camera")
