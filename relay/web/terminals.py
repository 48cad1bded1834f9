"""The terminals' kiosks, for administrators: which one is which, how it is, what it is told."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import AwareDatetime, BaseModel, Field

from relay.core.model import TerminalId
from relay.service.desks import Desks
from relay.service.staff import Actor
from relay.web.access import ADMINISTRATOR, Service, allow
from relay.web.directory import TerminalView, terminal_views
from relay.web.errors import ApiError
from visit_protocol.enrolment import key_fingerprint
from visit_protocol.vocabulary import CheckState, DeviceState, SelfTestCause, TerminalAction

router = APIRouter(tags=["terminals"])

Administrator = Annotated[Actor, Depends(allow(ADMINISTRATOR))]
Reason = Annotated[str, Field(min_length=3, max_length=500)]


class EnrolRequest(BaseModel):
    """The code that the kiosk's screen shows."""

    code: Annotated[str, Field(min_length=1, max_length=32)]


class ReasonRequest(BaseModel):
    """Why."""

    reason: Reason


class KeyView(BaseModel):
    """A kiosk's key as people compare it."""

    fingerprint: str
    enrolled_at: AwareDatetime
    enrolled_by: str


class SelfTestView(BaseModel):
    """One self-test."""

    at: AwareDatetime
    cause: SelfTestCause
    passed: bool
    results: Mapping[str, CheckState]


class NetworkView(BaseModel):
    """How the network carries the call that is held there."""

    loss: float | None
    rtt_ms: float | None
    sent_bps: int
    received_bps: int


class AboutView(BaseModel):
    """What the kiosk says of itself, since this relay started."""

    software: str
    configuration: Mapping[str, str]
    configuration_hash: str
    clock_offset_s: float
    disk_free_mib: int | None
    speaker: DeviceState
    up_s: int
    faults: list[str]


class TerminalDetails(BaseModel):
    """A terminal as a thing to be looked after."""

    terminal: TerminalView
    key: KeyView | None
    last_seen: AwareDatetime | None
    """When its line ended; None while it is connected, or was not seen since the relay started."""
    occupied: bool
    about: AboutView | None
    self_test: SelfTestView | None
    network: NetworkView | None


class TerminalDetailsList(BaseModel):
    """Every terminal, and how many kiosks show a code now."""

    now: AwareDatetime
    waiting: int
    terminals: list[TerminalDetails]


class CommandRequest(BaseModel):
    """Something the kiosk shall do; a reason lets a restart cut a visit."""

    force_reason: Reason | None = None


class MaintenanceRequest(BaseModel):
    """Out of service to be looked after, or back."""

    on: bool
    reason: Reason


class RepairRequest(BaseModel):
    """What is broken on the kiosk's own disk."""

    what: TerminalAction = Field(examples=[TerminalAction.FORGET_CACHE])


@router.get("/terminals/details")
async def details(desks: Service, _asker: Administrator) -> TerminalDetailsList:
    """Every terminal with its kiosk, by label."""
    keys, tests = await desks.enrolment.keys(), await desks.upkeep.self_tests()
    found = []
    for view, booth in zip(terminal_views(desks), desks.booths.all(), strict=True):
        ident = booth.terminal.id
        key, test = keys.get(ident), tests.get(ident)
        network = desks.upkeep.network(ident)
        found.append(
            TerminalDetails(
                terminal=view,
                key=None
                if key is None
                else KeyView(
                    fingerprint=key_fingerprint(key.public_key),
                    enrolled_at=key.enrolled_at,
                    enrolled_by=key.enrolled_by,
                ),
                last_seen=None if booth.client is not None else booth.left_at,
                occupied=desks.upkeep.occupied(ident),
                about=_about(desks, ident),
                self_test=None
                if test is None
                else SelfTestView(
                    at=test.at, cause=test.cause, passed=test.passed, results=test.results
                ),
                network=None
                if network is None
                else NetworkView(**network.model_dump(exclude={"type"})),
            )
        )
    return TerminalDetailsList(
        now=desks.clock.now(), waiting=desks.enrolment.waiting, terminals=found
    )


def _about(desks: Desks, terminal: TerminalId) -> AboutView | None:
    told = desks.upkeep.about(terminal)
    if told is None:
        return None
    written = json.dumps(told.configuration, sort_keys=True, ensure_ascii=False)
    return AboutView(
        software=told.software,
        configuration=dict(sorted(told.configuration.items())),
        configuration_hash=hashlib.sha256(written.encode()).hexdigest(),
        clock_offset_s=told.clock_offset_s,
        disk_free_mib=told.disk_free_mib,
        speaker=told.speaker,
        up_s=told.up_s,
        faults=list(told.faults),
    )


@router.post("/terminals/{terminal}/restart", status_code=204)
async def restart(
    terminal: str, request: CommandRequest, desks: Service, asker: Administrator
) -> None:
    """Start the kiosk again; in a visit only with a reason."""
    reason = request.force_reason or ""
    await desks.upkeep.command(TerminalId(terminal), TerminalAction.RESTART, asker, reason)


@router.post("/terminals/{terminal}/self-test", status_code=204)
async def self_test(terminal: str, desks: Service, asker: Administrator) -> None:
    """Let the kiosk test itself; the result comes with the terminals' details."""
    await desks.upkeep.command(TerminalId(terminal), TerminalAction.SELF_TEST, asker)


@router.post("/terminals/{terminal}/screenshot", response_class=Response)
async def screenshot(terminal: str, desks: Service, asker: Administrator) -> Response:
    """A PNG of the idle screen, which names nobody; the kiosk refuses on any other."""
    answer = await desks.upkeep.command(TerminalId(terminal), TerminalAction.SCREENSHOT, asker)
    png = base64.b64decode(answer.picture or "")
    return Response(png, media_type="image/png", headers={"Cache-Control": "no-store"})


@router.post("/terminals/{terminal}/maintenance", status_code=204)
async def maintenance(
    terminal: str, request: MaintenanceRequest, desks: Service, asker: Administrator
) -> None:
    """Take the terminal out of service to look after it, or put it back."""
    await desks.upkeep.maintain(
        TerminalId(terminal), on=request.on, reason=request.reason, by=asker
    )


@router.post("/terminals/{terminal}/repair", status_code=204)
async def repair(
    terminal: str, request: RepairRequest, desks: Service, asker: Administrator
) -> None:
    """Let the kiosk mend what is broken on its own disk."""
    if request.what not in (TerminalAction.FORGET_CACHE, TerminalAction.USE_LAST_CONFIG):
        raise ApiError(422, "INVALID_REQUEST", "what: mends nothing")
    await desks.upkeep.command(TerminalId(terminal), request.what, asker)


@router.post("/terminals/{terminal}/enrol")
async def enrol(
    terminal: str, request: EnrolRequest, desks: Service, asker: Administrator
) -> KeyView:
    """The kiosk that shows this code is this terminal from now on."""
    key = await desks.enrolment.confirm(TerminalId(terminal), request.code, asker)
    return KeyView(
        fingerprint=key_fingerprint(key.public_key),
        enrolled_at=key.enrolled_at,
        enrolled_by=key.enrolled_by,
    )


@router.post("/terminals/{terminal}/revoke", status_code=204)
async def revoke(
    terminal: str, request: ReasonRequest, desks: Service, asker: Administrator
) -> None:
    """The terminal's kiosk is let in no more, and is hung up on now."""
    ident = TerminalId(terminal)
    await desks.enrolment.revoke(ident, request.reason, asker)
    if await desks.booths.knows(ident):
        desks.booths.turn_away(ident)
