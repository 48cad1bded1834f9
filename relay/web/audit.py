"""The audit log for auditors: its entries, the latest checkpoint, proofs, and the key.

Guarantees: nothing here changes the log but the entry that an export makes. Leaves to others: proof
that the log is sound (`parloir audit verify`, which believes none of this).
"""

import base64
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, BaseModel

from evidence.finding import FindingCode
from relay.service.checkpoints import CheckpointDesk
from relay.service.staff import Actor
from relay.service.viewings import Viewed
from relay.store.audit import AuditTree, Checkpoints, DamagedTreeError, StoredCheckpoint
from relay.store.journal import Journal, Wanted
from relay.store.sqlite import Database
from relay.web.access import ADMINISTRATOR, AUDITOR, Service, allow
from relay.web.errors import ApiError
from relay.web.records import JournalEntry

router = APIRouter(tags=["audit"], prefix="/audit")

Reader = Annotated[Actor, Depends(allow(AUDITOR, ADMINISTRATOR, views=Viewed.AUDIT_LOG))]
_BEYOND = 2**53 - 1


class AuditPage(BaseModel):
    """Entries, the latest first. ``more`` says whether older ones match."""

    size: int
    rows: list[JournalEntry]
    more: bool


class FindingView(BaseModel):
    """One thing that is wrong (docs/evidence.md lists the codes)."""

    code: FindingCode
    first: int | None
    last: int | None
    checkpoint: str | None
    other: str | None


class VerificationView(BaseModel):
    """What the latest verification of the whole log found."""

    at: AwareDatetime
    sound: bool
    size: int
    covered: int
    covered_at: AwareDatetime | None
    """When the checkpoint that covers so many was signed."""
    findings: list[FindingView]


class CheckpointView(BaseModel):
    """The latest checkpoint, as a signed note, and how the log stands."""

    origin: str
    key: str | None
    number: int | None
    size: int
    note: str | None
    verification: VerificationView | None
    """None while the first one after the start is under way."""


class ProofView(BaseModel):
    """Entry ``seq`` is in the log of the checkpoint: RFC 9162, §2.1.3."""

    seq: int
    leaf_index: int
    tree_size: int
    entry: str
    """Its canonical JSON; the leaf is SHA-256 over a zero byte and these bytes."""
    path: list[str]
    """Hashes in base 64, from the leaf to the root."""
    checkpoint: str


class KeyView(BaseModel):
    """The key that signs the log."""

    name: str
    id: str
    key: str
    """As a C2SP verifier key."""
    public: str
    """The 32 bytes of the Ed25519 key, in base 64."""


class Exported(BaseModel):
    """Up to where an export goes: the entry about itself is the last of it."""

    size: int
    note: str | None
    """None when the log cannot be signed; `parloir audit verify` says why."""


@router.get("")
async def entries(
    desks: Service,
    _asker: Reader,
    before: Annotated[int | None, Query(ge=1, le=_BEYOND)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    actor: Annotated[str | None, Query(max_length=100)] = None,
    action: Annotated[str | None, Query(max_length=100)] = None,
    since: AwareDatetime | None = None,
) -> AuditPage:
    """Entries below number ``before``, the latest first; ``action`` may be a kind (``order.``)."""
    wanted = Wanted(actor or None, action or None, since)

    def read(db: Database) -> AuditPage:
        book = Journal(db)
        found = book.before(_BEYOND if before is None else before, wanted, limit + 1)
        rows = [
            JournalEntry(
                seq=one.seq,
                at=one.at,
                actor=one.actor,
                action=one.action,
                subject=one.subject,
                detail=one.detail,
            )
            for one in found[:limit]
        ]
        return AuditPage(size=book.last_seq(), rows=rows, more=len(found) > limit)

    return await desks.store.read(read)


@router.get("/checkpoint")
async def checkpoint(desks: Service, _asker: Reader) -> CheckpointView:
    """The latest checkpoint, and what the latest verification found."""
    latest = await desks.store.read(lambda db: Checkpoints(db).latest())
    desk = desks.checkpoints
    return CheckpointView(
        origin=desk.origin,
        key=None if desk.key is None else str(desk.key),
        number=None if latest is None else latest.number,
        size=0 if latest is None else latest.size,
        note=None if latest is None else latest.note,
        verification=_verification(desk),
    )


@router.get("/proof/{seq}")
async def proof(
    seq: Annotated[int, Path(ge=1, le=_BEYOND)], desks: Service, _asker: Reader
) -> ProofView:
    """The proof that an entry is in the log that the latest checkpoint signs."""

    def read(db: Database) -> tuple[bytes, list[bytes], StoredCheckpoint]:
        entry, latest = Journal(db).get(seq), Checkpoints(db).latest()
        if entry is None:
            raise ApiError(404, "NO_SUCH_ENTRY", "There is no entry of that number.")
        if latest is None or latest.size < seq:
            raise ApiError(409, "NOT_SIGNED_YET", "No checkpoint covers it yet; try in a minute.")
        return entry.encoded(), AuditTree(db).tree().inclusion(seq - 1, latest.size), latest

    try:
        encoded, path, latest = await desks.store.read(read)
    except (DamagedTreeError, ValueError) as error:
        raise ApiError(503, "TREE_DAMAGED", "The log's tree is damaged.") from error
    return ProofView(
        seq=seq,
        leaf_index=seq - 1,
        tree_size=latest.size,
        entry=encoded.decode(),
        path=[base64.b64encode(step).decode() for step in path],
        checkpoint=latest.note,
    )


@router.get("/key")
async def key(desks: Service, _asker: Reader) -> KeyView:
    """The key that signs the log; compare its id with what you noted before."""
    mine = desks.checkpoints.key
    if mine is None:
        raise ApiError(503, "KEY_UNUSABLE", "The audit log's key cannot be used.")
    public = base64.b64encode(mine.public).decode()
    return KeyView(name=mine.name, id=mine.id.hex(), key=str(mine), public=public)


@router.post("/exports", status_code=201)
async def export(desks: Service, asker: Annotated[Actor, Depends(allow())]) -> Exported:
    """Enter that the local operator takes a copy of the log, and sign everything up to that."""
    now = desks.clock.now()
    seq = await desks.store.write(
        lambda db: Journal(db).append(now, asker.label, "audit.exported", "")
    )
    signed = await desks.checkpoints.sign()
    if signed is None:
        return Exported(size=seq, note=None)
    return Exported(size=signed.size, note=signed.note)


def _verification(desk: CheckpointDesk) -> VerificationView | None:
    verified = desk.verified
    if verified is None:
        return None
    report = verified.report
    return VerificationView(
        at=verified.at,
        sound=report.sound,
        size=report.size,
        covered=report.covered,
        covered_at=None if report.checkpoint is None else report.checkpoint.at,
        findings=[
            FindingView(
                code=one.code,
                first=one.first,
                last=one.last,
                checkpoint=one.checkpoint,
                other=one.other,
            )
            for one in report.findings[:100]
        ],
    )
