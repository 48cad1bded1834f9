"""What a self-test finds, and when the nightly one is due.

Guarantees: a part that cannot be tested says so and never passes as `OK`; the terminals of a
facility do not test themselves at the same minute. Pure.
Leaves to others: trying the devices (`kiosk.engine.devices`), asking for it (`UpkeepDesk`).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from kiosk.board import Board, BoardLink
from visit_protocol.vocabulary import CheckState, DeviceState

SPREAD_MIN: Final = 30
"""Minutes over which the terminals of a facility are spread."""
CLOCK_OFF_S: Final = 5.0
LEAST_DISK_MIB: Final = 64


@dataclass(frozen=True, slots=True)
class Tried:
    """What the engine found when it tried its devices; None when it did not answer."""

    camera: DeviceState
    microphone: DeviceState
    speaker: DeviceState


def results_of(
    tried: Tried | None,
    board: Board,
    *,
    speaker_wanted: bool,
    disk_free_mib: int | None,
    clock_offset_s: float | None,
) -> dict[str, CheckState]:
    """Every part by name. A booth without any sound card has no speaker to miss."""
    powered = board.link is BoardLink.NOT_FITTED or not board.required
    if tried is None:
        devices = dict.fromkeys(("camera", "microphone", "speaker"), CheckState.FAILED)
    else:
        devices = {
            "camera": CheckState(tried.camera),
            "microphone": CheckState(tried.microphone),
            "speaker": CheckState(tried.speaker),
        }
        no_card = tried.microphone is DeviceState.SYNTHETIC
        if tried.speaker is DeviceState.ABSENT and (no_card or not speaker_wanted):
            devices["speaker"] = CheckState.NOT_FITTED
    if not powered:
        devices["camera"] = devices["microphone"] = CheckState.UNPOWERED
    return {
        "engine": _verdict(tried is not None),
        **devices,
        "disk": _verdict(disk_free_mib is not None and disk_free_mib >= LEAST_DISK_MIB),
        "clock": _verdict(clock_offset_s is not None and abs(clock_offset_s) <= CLOCK_OFF_S),
        "bridge": _of_board(board),
    }


def _verdict(well: bool) -> CheckState:
    return CheckState.OK if well else CheckState.FAILED


def _of_board(board: Board) -> CheckState:
    match board.link:
        case BoardLink.NOT_FITTED:
            return CheckState.NOT_FITTED
        case BoardLink.UP:
            return _verdict(not board.faults)
    return CheckState.ABSENT


def next_night(now: datetime, zone: str, at: time, terminal: str) -> datetime:
    """When the next nightly test is due: ``at`` on the facility's clock, and some minutes more."""
    digest = hashlib.sha256(terminal.encode()).digest()
    spread = timedelta(minutes=int.from_bytes(digest[:4]) % SPREAD_MIN)
    local = now.astimezone(ZoneInfo(zone))
    for day in (0, 1, 2):
        date = local.date() + timedelta(days=day)
        due = datetime.combine(date, at, ZoneInfo(zone)) + spread
        if due > now:
            return due
    raise AssertionError("a day after tomorrow is always to come")
