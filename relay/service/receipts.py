"""`ReceiptBook`: writes the facility's receipts, in the transaction of what they attest.

Guarantees: numbered without a gap, chained and signed; a stage that has its receipt gets no second
one, also after a restart. A facility without a receipt key writes none and says so once. Leaves to
others: when a stage has been reached (`enforcement`), sending receipts on.
"""

import hashlib
import logging
from dataclasses import dataclass

from securesystemslib.signer import Signer

from relay.store.receipts import Receipts
from relay.store.sqlite import Database
from suspension.clock import Mark
from suspension.receipt import CutVisit, OrderName, Receipt, ReceiptTime, Stage, Via

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something to attest."""

    order: OrderName
    stage: Stage
    via: Via
    why: str | None = None
    cut: tuple[CutVisit, ...] = ()
    live_before: int | None = None
    live_after: int | None = None


class ReceiptBook:
    """The receipts of one facility."""

    def __init__(self, facility: str) -> None:
        self._facility = facility
        self._signer: Signer | None = None
        self.manifest_version = 0
        """Version of the delegations that are believed."""

    def sign_with(self, signer: Signer | None) -> None:
        """Name what signs; before the first receipt."""
        self._signer = signer
        if signer is None:
            log.info("no receipt key: orders are enforced and not attested")

    def write(self, db: Database, event: Event, mark: Mark) -> bool:
        """Whether a receipt was written: not when that stage has one, or nothing signs."""
        receipts = Receipts(db)
        if self._signer is None or receipts.has(event.order.sha256, event.stage, event.why):
            return False
        seq, prev = receipts.tip()
        receipt = Receipt(
            facility=self._facility,
            seq=seq + 1,
            prev=prev,
            order=event.order,
            stage=event.stage,
            why=event.why,
            via=event.via,
            t=ReceiptTime(
                wall=mark.now,
                lo=mark.interval.lo,
                hi=mark.interval.hi,
                boot_id=mark.boot_id,
                boottime_ns=mark.boottime_ns,
            ),
            cut=event.cut,
            live_before=event.live_before,
            live_after=event.live_after,
            manifest_version=self.manifest_version,
        )
        digest = hashlib.sha256(receipt.to_bytes()).hexdigest()
        receipts.add(receipt, digest, receipt.signed(self._signer), mark.now)
        return True
