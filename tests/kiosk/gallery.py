"""Every screen in every situation worth looking at, and its picture as a PNG.

``python -m tests.kiosk.gallery FOLDER [WIDTHxHEIGHT] [NAME] [LOOK]`` draws all of them in every
language; LOOK is ``normal``, ``large`` or ``contrast``. ``--docs`` draws ``docs/screens/kiosk/``.
"""

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QImage
from PySide6.QtWidgets import QApplication

from kiosk.board import Board, BoardLink
from kiosk.config import ScreenSection
from kiosk.engine.frames import Picture
from kiosk.engine.synthetic import FacePainter, strip_height
from kiosk.languages import languages
from kiosk.situation import (
    Aid,
    Booth,
    Devices,
    RelayLink,
    Screen,
    Sheet,
    Situation,
    StaffCall,
)
from kiosk.ui.booth_screen import BoothScreen
from kiosk.ui.window import KioskWindow
from kiosk.upkeep import Fault, Upkeep
from visit_protocol.signalling import (
    OrderNotice,
    OwnPlan,
    OwnRequest,
    PermitFor,
    PlannedVisit,
    Refusal,
    TerminalAgenda,
    VisitsLeft,
    VisitView,
)
from visit_protocol.vocabulary import (
    CallState,
    DeviceState,
    Outcome,
    RejectionCode,
    RequestKind,
    TerminationReason,
    VisitType,
    WarningReason,
)

SIZES: Final = (
    ScreenSection(width=1280, height=720, diagonal_inches=15.6),
    ScreenSection(width=1280, height=1024, diagonal_inches=19.0),
    ScreenSection(width=1920, height=1080, diagonal_inches=21.5),
)
NOW: Final = datetime(2026, 11, 14, 9, 31, 20, tzinfo=UTC)
LONG_TEXT: Final = (
    "В связи с проверкой происшествия в отряде видеосвидания приостановлены. "
    "Приносим извинения вам и вашим близким. Свидания, которые из-за этого не состоятся, "
    "не вычитаются из положенных и будут предложены заново в ближайшие свободные дни. "
    "Письма, передачи и встречи с защитником проводятся как обычно. "
)

VISIT: Final = VisitView(
    id="visit-1",
    reference="V-0001",
    visit_type=VisitType.FAMILY,
    recorded=True,
    state=CallState.OPEN,
    starts=NOW - timedelta(minutes=3),
    ends=NOW + timedelta(minutes=12),
    now=NOW,
    inmate_name="Константин Александрович Преображенский",
    visitor_name="Александра Константиновна Преображенская",
    notice_accepted=True,
)
SUSPENDED: Final = Refusal(
    code=RejectionCode.SUSPENDED_BY_ORDER,
    order="order-1",
    reason_code="SECURITY_INCIDENT",
    until=NOW + timedelta(days=2, hours=5),
    decided_by="начальник учреждения № 7",
    public_text={
        "ru": LONG_TEXT,
        "en": "Video visits are suspended while an incident is examined.",
    },
)
WRONG: Final = Refusal(code=RejectionCode.PIN_WRONG, attempts_left=3)
RESTING: Final = Situation(
    language="ru",
    home_language="ru",
    relay=RelayLink.UP,
    booth=Booth("Учреждение № 7", "Asia/Yekaterinburg", "Кабина 3", "2026-11"),
    agenda=TerminalAgenda(
        now=NOW, next_starts=NOW + timedelta(hours=1), next_ends=NOW + timedelta(hours=2)
    ),
    engine_up=True,
    devices=Devices(DeviceState.SYNTHETIC, DeviceState.SYNTHETIC, usable=True, speech=True),
)
BOARD: Final = Board(BoardLink.UP, required=True, has_handset=True, handset_lifted=False)
ABOUT: Final = ("parloir-kiosk 0.1.0", "T-03", "9f86 d081 884c 7d65")
MAINTAINED: Final = replace(RESTING, upkeep=Upkeep(maintenance=True, about=ABOUT))
VISITING: Final = replace(RESTING, visit=VISIT, inmate_name=VISIT.inmate_name)


def _planned(days: float, *refusals: Refusal, **changes: object) -> PlannedVisit:
    starts = NOW + timedelta(days=days)
    return PlannedVisit(
        reference=f"V-{days}",
        visit_type=VisitType.FAMILY,
        starts=starts,
        ends=starts + timedelta(minutes=15),
        terminal_label="Кабина 3",
        visitor_name=VISIT.visitor_name,
        refusals=refusals,
    ).model_copy(update=changes)


PLAN: Final = OwnPlan(
    visits=(
        _planned(0, reference=VISIT.reference, starts=VISIT.starts, ends=VISIT.ends),
        _planned(3, SUSPENDED),
        _planned(17.2),
    ),
    allowance=VisitsLeft(left=2, visits=6, days=30),
)
DISPLACED: Final = OrderNotice(
    id="n-1",
    order="order-1",
    reference="V-0007",
    starts=NOW - timedelta(days=1),
    until=NOW + timedelta(days=2),
    public_text={"ru": "Карантин.", "en": "Quarantine."},
)


ASKING: Final = replace(
    VISITING,
    plan=PLAN.model_copy(
        update={
            "last": _planned(-7),
            "permits_for": (
                PermitFor(visitor="v-1", name=VISIT.visitor_name),
                PermitFor(visitor="v-2", name="Николай Преображенский"),
            ),
            "requests": (
                OwnRequest(
                    kind=RequestKind.COMPLAINT,
                    filed=NOW - timedelta(days=3),
                    due=NOW + timedelta(days=7),
                ),
            ),
        }
    ),
)


ANSWERED: Final = OwnRequest(
    kind=RequestKind.COMPLAINT,
    filed=NOW - timedelta(days=9),
    due=NOW + timedelta(days=1),
    answered=NOW - timedelta(days=2),
    granted=True,
    answer=(LONG_TEXT * 2)[:500],
)


def _visit(**changes: object) -> VisitView:
    return VISIT.model_copy(update=changes)


def _ended(outcome: Outcome, *refusals: Refusal, **changes: object) -> Situation:
    visit = _visit(state=CallState.ENDED, outcome=outcome, **changes)
    return replace(VISITING, visit=visit, refusals=refusals)


LOOKS: Final[dict[str, frozenset[Aid]]] = {
    "normal": frozenset(),
    "large": frozenset({Aid.LARGE}),
    "contrast": frozenset({Aid.CONTRAST}),
}

_BY_STAFF: Final = _ended(Outcome.TERMINATED_BY_STAFF, termination=TerminationReason.THIRD_PERSON)

SITUATIONS: Final[dict[str, tuple[Screen, Situation]]] = {
    "language": (Screen.IDLE, replace(RESTING, sheet=Sheet.LANGUAGE)),
    "staff": (Screen.CALL, replace(RESTING, sheet=Sheet.STAFF)),
    "warning": (
        Screen.CALL,
        replace(
            VISITING,
            visit=_visit(state=CallState.LIVE),
            sheet=Sheet.WARNING,
            warning=WarningReason.THREAT_OR_ABUSE,
        ),
    ),
    "appeal": (
        Screen.CANNOT_VISIT,
        replace(VISITING, refusals=(SUSPENDED,), sheet=Sheet.APPEAL),
    ),
    "cannot-appealed": (
        Screen.CANNOT_VISIT,
        replace(VISITING, refusals=(SUSPENDED,), appeals=(("order-1", NOW + timedelta(days=3)),)),
    ),
    "identify-number": (
        Screen.IDENTIFY,
        replace(
            RESTING,
            number_wanted=True,
            refusals=(Refusal(code=RejectionCode.NO_VISIT_NOW),),
        ),
    ),
    "visits": (Screen.MY_VISITS, replace(VISITING, plan=PLAN)),
    "visits-told": (Screen.MY_VISITS, replace(VISITING, plan=PLAN, notices=(DISPLACED,))),
    "visits-told-two": (
        Screen.MY_VISITS,
        replace(
            VISITING,
            plan=PLAN,
            notices=(DISPLACED, DISPLACED.model_copy(update={"id": "n-2", "reference": "V-8"})),
        ),
    ),
    "visits-none": (Screen.MY_VISITS, replace(RESTING, plan=OwnPlan(), inmate_name="И")),
    "requests": (Screen.MY_VISITS, replace(ASKING, sheet=Sheet.REQUESTS)),
    "requests-answered": (
        Screen.MY_VISITS,
        replace(
            ASKING,
            sheet=Sheet.REQUESTS,
            plan=ASKING.plan.model_copy(update={"requests": (ANSWERED,)}) if ASKING.plan else None,
        ),
    ),
    "complaint": (Screen.MY_VISITS, replace(ASKING, sheet=Sheet.COMPLAINT)),
    "permit": (Screen.MY_VISITS, replace(ASKING, sheet=Sheet.PERMIT)),
    "filed": (
        Screen.MY_VISITS,
        replace(ASKING, sheet=Sheet.FILED, filed=(RequestKind.COMPLAINT, NOW + timedelta(days=10))),
    ),
    "visits-asking": (Screen.MY_VISITS, ASKING),
    "starting": (Screen.STARTING, Situation("ru", "ru")),
    "idle": (Screen.IDLE, RESTING),
    "idle-closed": (
        Screen.IDLE,
        replace(
            RESTING,
            agenda=TerminalAgenda(
                now=NOW,
                refusals=(
                    Refusal(code=RejectionCode.TERMINAL_LOCKED, until=NOW + timedelta(minutes=15)),
                ),
            ),
        ),
    ),
    "identify": (Screen.IDENTIFY, RESTING),
    "identify-wrong": (
        Screen.IDENTIFY,
        replace(RESTING, refusals=(Refusal(code=RejectionCode.PIN_WRONG, attempts_left=3),)),
    ),
    "identify-locked": (
        Screen.IDENTIFY,
        replace(
            RESTING,
            refusals=(
                Refusal(code=RejectionCode.INMATE_LOCKED, until=NOW + timedelta(days=1)),
                Refusal(code=RejectionCode.TERMINAL_LOCKED, until=NOW + timedelta(minutes=15)),
            ),
        ),
    ),
    "notice-recorded": (
        Screen.NOTICE,
        replace(VISITING, visit=_visit(notice_accepted=False)),
    ),
    "notice-protected": (
        Screen.NOTICE,
        replace(
            VISITING,
            visit=_visit(notice_accepted=False, visit_type=VisitType.LEGAL, recorded=False),
        ),
    ),
    "ready": (Screen.READY, VISITING),
    "ready-handset": (
        Screen.READY,
        replace(VISITING, board=BOARD, handset_wanted=True),
    ),
    "identify-badge": (Screen.IDENTIFY, replace(RESTING, board=replace(BOARD, asks_badge=True))),
    "idle-panic": (Screen.IDLE, replace(RESTING, panic=StaffCall.CONFIRMED)),
    "bridge-lost": (
        Screen.BRIDGE_LOST,
        replace(RESTING, board=replace(BOARD, link=BoardLink.LOST)),
    ),
    "visit-held": (Screen.VISIT_HELD, replace(VISITING, board=replace(BOARD, case_open=True))),
    "call-handset": (
        Screen.CALL,
        replace(VISITING, board=BOARD, visit=_visit(state=CallState.LIVE), panic=StaffCall.ASKED),
    ),
    "ready-protected": (
        Screen.READY,
        replace(VISITING, visit=_visit(visit_type=VisitType.LEGAL, recorded=False)),
    ),
    "waiting": (Screen.WAITING, replace(VISITING, visit=_visit(state=CallState.WAITING_VISITOR))),
    "call": (
        Screen.CALL,
        replace(VISITING, visit=_visit(state=CallState.LIVE), staff=StaffCall.CONFIRMED),
    ),
    "call-camera-gone": (
        Screen.CALL,
        replace(
            VISITING,
            visit=_visit(state=CallState.LIVE),
            devices=Devices(DeviceState.FAILED, DeviceState.OK, usable=False),
        ),
    ),
    "call-protected": (
        Screen.CALL,
        replace(
            VISITING,
            visit=_visit(state=CallState.LIVE, visit_type=VisitType.LEGAL, recorded=False),
        ),
    ),
    "call-stopping": (
        Screen.CALL,
        replace(
            VISITING,
            visit=_visit(
                state=CallState.LIVE,
                ends=NOW + timedelta(minutes=4),
                stopping=SUSPENDED.model_copy(update={"until": NOW + timedelta(minutes=4)}),
            ),
        ),
    ),
    "call-last-minute": (
        Screen.CALL,
        replace(
            VISITING,
            visit=_visit(state=CallState.LIVE, ends=NOW + timedelta(seconds=48)),
            minutes_left=1,
        ),
    ),
    "paused": (Screen.PAUSED, replace(VISITING, visit=_visit(state=CallState.PAUSED))),
    "interrupted": (
        Screen.INTERRUPTED,
        replace(VISITING, visit=_visit(state=CallState.RECONNECTING)),
    ),
    "reconnecting": (Screen.RECONNECTING, replace(VISITING, relay=RelayLink.LOST)),
    "ended": (Screen.ENDED, _ended(Outcome.COMPLETED_NORMALLY, minutes_given_back=4)),
    "ended-by-staff": (Screen.ENDED, _BY_STAFF),
    "ended-suspended": (Screen.ENDED, _ended(Outcome.SUSPENDED_BY_ORDER, SUSPENDED)),
    "declined": (Screen.DECLINED, VISITING),
    "cannot-suspended": (Screen.CANNOT_VISIT, replace(VISITING, refusals=(SUSPENDED,))),
    "cannot-early": (
        Screen.CANNOT_VISIT,
        replace(
            VISITING,
            refusals=(
                Refusal(code=RejectionCode.SLOT_NOT_OPEN, until=NOW + timedelta(minutes=20)),
            ),
        ),
    ),
    "cannot-many": (
        Screen.CANNOT_VISIT,
        replace(
            VISITING,
            refusals=(
                Refusal(code=RejectionCode.NO_ADULT),
                Refusal(code=RejectionCode.RECORDING_UNAVAILABLE),
                Refusal(code=RejectionCode.RESTRICTED, until=NOW + timedelta(days=40)),
            ),
        ),
    ),
    "cannot-very-long": (
        Screen.CANNOT_VISIT,
        replace(
            VISITING,
            refusals=(
                SUSPENDED.model_copy(update={"public_text": {"ru": (LONG_TEXT * 9)[:2000]}}),
            ),
        ),
    ),
    "relay-lost-slots": (
        Screen.RELAY_LOST,
        replace(
            RESTING,
            relay=RelayLink.LOST,
            upkeep=Upkeep(
                zone="Asia/Yekaterinburg",
                slots=tuple(
                    (NOW + timedelta(hours=hour), NOW + timedelta(hours=hour, minutes=15))
                    for hour in (1, 2, 18)
                ),
            ),
        ),
    ),
    "relay-lost": (Screen.RELAY_LOST, replace(RESTING, relay=RelayLink.LOST)),
    "enrolment": (
        Screen.ENROLMENT,
        Situation(
            "ru",
            "ru",
            relay=RelayLink.ENROLLING,
            upkeep=Upkeep(code="K7QM-2X9D"),
        ),
    ),
    "maintenance": (
        Screen.MAINTENANCE,
        replace(RESTING, upkeep=Upkeep(maintenance=True, about=ABOUT)),
    ),
    "device-test": (
        Screen.DEVICE_TEST,
        replace(RESTING, upkeep=Upkeep(maintenance=True, about=ABOUT)),
    ),
    "out-of-service-cache": (
        Screen.OUT_OF_SERVICE,
        replace(
            RESTING,
            upkeep=Upkeep(
                faults=((Fault.CACHE, "/var/lib/parloir-kiosk/cache: does not open with this key"),)
            ),
        ),
    ),
    "out-of-service": (Screen.OUT_OF_SERVICE, replace(RESTING, engine_up=False, devices=None)),
    "out-of-service-refused": (
        Screen.OUT_OF_SERVICE,
        replace(
            RESTING,
            relay=RelayLink.REFUSED,
            refusals=(Refusal(code=RejectionCode.TERMINAL_OUT_OF_SERVICE),),
        ),
    ),
}


@cache
def face(width: int = 640, height: int = 360) -> Picture:
    """A picture for screens that show one."""
    bgra = FacePainter(width, height).frame(4711, 1.18).reformat(format="bgra")
    plane = bgra.planes[0]
    return Picture(1, width, height, plane.line_size, bytes(plane))


class _Visitor(FacePainter):
    """The same face as somebody with a camera would send it: without the plain label."""

    def _label(self, rgb: NDArray[np.float32]) -> None:
        """Leave the picture as it is."""


@cache
def visitor_face(width: int = 640, height: int = 360) -> Picture:
    """A picture from the other end, seen in a mirror to be another's than one's own."""
    strip = strip_height(width) // 2 * 2 + 4
    bgra = _Visitor(width, height + strip).frame(4711, 1.4).reformat(format="bgra")
    part = bgra.to_ndarray()[strip:, ::-1]
    return Picture(1, width, height, width * 4, part.tobytes())


def show(window: KioskWindow, name: str, language: str, look: str = "normal") -> BoothScreen:
    """Show the situation ``name`` in ``language`` and ``look``, with pictures and levels."""
    screen, situation = SITUATIONS[name]
    situation = replace(situation, language=language, aids=LOOKS[look])
    widget = window.show_screen(screen, situation, NOW)
    if name.startswith(("call", "ready", "waiting", "device")):
        if not name.endswith("gone"):
            widget.own_picture(face())
        widget.own_level(0.09)
        widget.remote_picture(visitor_face())
    window.show()
    QApplication.processEvents()
    return widget


def main() -> None:
    """Draw what the command line asks for."""
    app = QApplication([])
    app.setFont(QFont("Noto Sans"))
    if sys.argv[1:] == ["--docs"]:
        _draw_docs(Path(__file__).parents[2] / "docs" / "screens" / "kiosk")
        return
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    look = sys.argv[4] if len(sys.argv) > 4 else "normal"
    for size in SIZES:
        if wanted and wanted != f"{size.width}x{size.height}":
            continue
        window = KioskWindow(size, lambda _event: None)
        for name in SITUATIONS:
            if len(sys.argv) > 3 and not name.startswith(sys.argv[3]):
                continue
            for language in languages():
                show(window, name, language, look)
                file = folder / f"{size.width}x{size.height}-{name}-{language}-{look}.png"
                window.grab().save(str(file))


DOCS_WIDTH: Final = 480
IN_OTHER_LOOKS: Final = ("idle", "visits", "ready", "call", "cannot-suspended", "staff")


def _draw_docs(folder: Path) -> None:
    """Every screen in Russian, some in other looks and languages, and a page that shows them."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    window = KioskWindow(SIZES[1], lambda _event: None)
    drawn = [(name, "ru", "normal") for name in SITUATIONS]
    drawn += [(name, "ru", look) for look in ("large", "contrast") for name in IN_OTHER_LOOKS]
    drawn += [(name, "en", "normal") for name in IN_OTHER_LOOKS]
    lines = [
        "# The kiosk's screens",
        "",
        "Drawn by `python -m tests.kiosk.gallery --docs`; the layout of each is tested in every",
        "language, on three sizes of glass, with normal and large letters.",
        "",
    ]
    for name, language, look in drawn:
        show(window, name, language, look)
        picture = (
            window.grab()
            .toImage()
            .scaledToWidth(DOCS_WIDTH, Qt.TransformationMode.SmoothTransformation)
        )
        file = f"{name}-{language}-{look}.png"
        picture.convertToFormat(QImage.Format.Format_RGB888).save(str(folder / file))
        lines.append(f"![{name}, {language}, {look}]({file})")
    (folder / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
