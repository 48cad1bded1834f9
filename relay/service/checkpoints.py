"""`CheckpointDesk`: signs the audit log, and watches that it is sound.

Guarantees: a checkpoint is signed within `PERIOD_S` of any entry, and at once after a sensitive act
(`relay.core.evidence_acts`); size and root are those of the transaction that keeps it; the whole
log is verified after the start and every `VERIFY_EVERY_S`, in pieces that keep nobody waiting. A
log that is broken, or a key that cannot be used, is an alert that says where, and stops no visit.
Leaves to others: what is wrong with a log (`evidence.verification`), the key's file
(`relay.service.audit_key`), and telling the words (`web`, `operate`).
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from evidence.checkpoint import Checkpoint, origin_of, parse_checkpoint, sign_checkpoint
from evidence.errors import EvidenceError
from evidence.finding import Finding, Report
from evidence.note import Signer, VerifierKey, parse_note
from evidence.tree import Tree
from relay.clock import Clock
from relay.core.alerts import AlertKind
from relay.core.evidence_acts import SENSITIVE_ACTS
from relay.core.model import Facility
from relay.service.alerts import AlertDesk
from relay.service.audit_key import AuditKeyError, open_audit_key
from relay.service.staff import SYSTEM
from relay.store.audit import (
    AuditKeys,
    AuditTree,
    Checkpoints,
    DamagedTreeError,
    StoredCheckpoint,
)
from relay.store.audit_pass import AuditPass, stored_keys
from relay.store.database import Store
from relay.store.errors import StoreError
from relay.store.journal import Journal
from relay.store.sqlite import Database

log = logging.getLogger(__name__)

PERIOD_S: Final = 60.0
VERIFY_EVERY_S: Final = 3600.0
_PIECE: Final = 100
_BREATH_S: Final = 0.01
"""Between two pieces of a verification: the store has other readers."""
_RETRY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Verified:
    """What the latest verification of the whole log found, and when."""

    at: datetime
    report: Report


class CheckpointDesk:
    """The keeper of one facility's log."""

    def __init__(
        self, *, store: Store, clock: Clock, data_dir: Path, facility: Facility, alerts: AlertDesk
    ) -> None:
        self.origin = origin_of(facility.id)
        self._store = store
        self._clock = clock
        self._data_dir = data_dir
        self._alerts = alerts
        self._signer: Signer | None = None
        self._written = asyncio.Event()
        self._told: set[tuple[str, Finding | None]] = set()
        self.verified: Verified | None = None

    @property
    def key(self) -> VerifierKey | None:
        """The key that signs now; None when it cannot be used."""
        return None if self._signer is None else self._signer.key

    async def start(self) -> None:
        """Open the key, or make it; the first entry a key signs is that it is in use."""
        try:
            signer = await asyncio.to_thread(open_audit_key, self._data_dir, self.origin)
        except AuditKeyError as error:
            log.error("the audit log is not signed: %s", error)
            await self._alert("KEY_UNUSABLE")
            return
        self._signer = signer
        try:
            replaced = await self._store.write(
                lambda db: _announce(db, signer.key, self._clock.now())
            )
        except StoreError as error:
            log.error("the audit log's key was not entered: %s", error)
            return
        if replaced:
            log.error("the audit log's key was not there; a new one was made")
            await self._alert("KEY_REPLACED")
        await self._sign_or_say()

    async def run(self) -> None:
        """Sign and verify until cancelled."""
        loop = asyncio.get_running_loop()

        def tell() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._written.set)

        self._store.after_write(tell)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sign_in_time(), name="checkpoints")
            group.create_task(self._verify_in_time(), name="audit-verification")

    async def drain(self) -> None:
        """Returns when a checkpoint covers everything; at shutdown."""
        await self._sign_or_say()

    # ── signing ────────────────────────────────────────────────────────────────────────────
    async def sign(self) -> StoredCheckpoint | None:
        """The checkpoint over everything that is entered, signed now unless there is one.

        None without a key, without entries, or when the stored tree is damaged.

        Raises:
            StoreError: it could not be kept.
        """
        signer, now = self._signer, self._clock.now()
        if signer is None:
            return None
        try:
            kept, agrees = await self._store.write(lambda db: _sign(db, signer, self.origin, now))
        except DamagedTreeError as error:
            log.error("the audit log cannot be signed: %s", error)
            await self._alert("TREE_ALTERED")
            return None
        if not agrees:
            log.error("the audit log's tree is not the one that was signed before")
            await self._alert("TREE_ALTERED")
        return kept

    async def _sign_in_time(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + PERIOD_S
        while True:
            try:
                async with asyncio.timeout_at(due):
                    await self._written.wait()
            except TimeoutError:
                due = loop.time() + PERIOD_S
                await self._sign_or_say()
                continue
            self._written.clear()
            try:
                sensitive = await self._store.read(_sensitive_since_signed)
            except StoreError as error:
                log.error("the audit log cannot be read: %s", error)
                await asyncio.sleep(_RETRY_S)
                continue
            if sensitive:
                due = loop.time() + PERIOD_S
                await self._sign_or_say()

    async def _sign_or_say(self) -> None:
        try:
            await self.sign()
        except StoreError as error:
            # A full disk has its own alarm; the next period tries again.
            log.error("a checkpoint was not kept: %s", error)

    # ── verifying ──────────────────────────────────────────────────────────────────────────
    async def _verify_in_time(self) -> None:
        while True:
            try:
                await self.verify()
            except StoreError as error:
                log.error("the audit log cannot be verified: %s", error)
            await asyncio.sleep(VERIFY_EVERY_S)

    async def verify(self) -> Verified:
        """Verify the whole log; what is wrong becomes an alert, once.

        Raises:
            StoreError: it cannot be read.
        """
        walk = AuditPass(self.origin, await self._store.read(stored_keys))
        while True:
            report = await self._store.read(lambda db: walk.step(db, _PIECE))
            if report is not None:
                break
            await asyncio.sleep(_BREATH_S)
        self.verified = Verified(self._clock.now(), report)
        if not report.sound:
            first = report.findings[0]
            log.error(
                "the audit log is broken: %d findings; %s, entries %s to %s, checkpoint %s",
                len(report.findings),
                *(first.code, first.first, first.last, first.checkpoint),
            )
            await self._alert(first.code, first, len(report.findings))
        return self.verified

    async def _alert(self, code: str, where: Finding | None = None, findings: int = 1) -> None:
        """Say what is wrong, once for each thing until the relay starts again."""
        if (code, where) in self._told:
            return
        self._told.add((code, where))
        detail: dict[str, object] = {"finding": code, "findings": findings}
        if where is not None:
            detail |= {"first": where.first, "last": where.last, "checkpoint": where.checkpoint}
        try:
            await self._alerts.raise_alert(AlertKind.AUDIT_BROKEN, detail=detail)
        except StoreError as error:
            log.error("the alert about the audit log was not kept: %s", error)


def _announce(db: Database, key: VerifierKey, now: datetime) -> bool:
    """Enter a key that is new; whether it takes the place of another."""
    keys = AuditKeys(db)
    replaced = bool(keys.all())
    if not keys.add(str(key), now):
        return False
    detail = {"key": str(key), "replaced": replaced}
    Journal(db).append(now, SYSTEM.label, "audit.key_made", key.id.hex(), detail)
    return replaced


def _sign(
    db: Database, signer: Signer, origin: str, now: datetime
) -> tuple[StoredCheckpoint | None, bool]:
    """The checkpoint, and whether the tree still leads to the one before it."""
    tree, latest = AuditTree(db).tree(), Checkpoints(db).latest()
    agrees = latest is None or _leads_to(tree, latest)
    if tree.size == (0 if latest is None else latest.size):
        return latest, agrees
    # A tree that was altered is signed all the same: what was signed before convicts it, and what
    # is entered from now on is not left without protection.
    note = sign_checkpoint(Checkpoint(origin, tree.size, tree.root(), now), signer)
    number = Checkpoints(db).add(tree.size, note)
    return StoredCheckpoint(number, tree.size, note), agrees


def _leads_to(tree: Tree, kept: StoredCheckpoint) -> bool:
    try:
        before = parse_checkpoint(parse_note(kept.note).text)
        return tree.root(before.size) == before.root
    except (EvidenceError, ValueError):  # no checkpoint, or the tree is smaller
        return False


def _sensitive_since_signed(db: Database) -> bool:
    latest = Checkpoints(db).latest()
    return Journal(db).names_any(0 if latest is None else latest.size, SENSITIVE_ACTS)
