"""Receipts: what a facility did with an order, signed by it, each chained to the one before.

A receipt is canonical JSON in a DSSE envelope (`envelope.RECEIPT_TYPE`), signed with the key that
the root's delegations give the facility (`trust.Trust.receipt_keys`). ``prev`` is the SHA-256 of
the payload before it, so that none can be left out, moved or changed unseen; the last ones can
only be cut off, which whoever holds the number of a later one sees.

Guarantees: `parse_receipt` is total; `check_chain` says where a chain breaks and why. Leaves to
others: numbering and keeping them (the relay's store), and sending them on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from securesystemslib.signer import Signer

from evidence.canonical import canonical, parse
from evidence.errors import MalformedError
from suspension.envelope import RECEIPT_TYPE, SignedBytes, parse_envelope, seal
from suspension.errors import InvalidEnvelopeError, InvalidOrderError, InvalidReceiptError
from suspension.instant import instant_text, parse_instant
from suspension.trust import Trust

RECEIPT_VERSION: Final = 1


class Stage(StrEnum):
    """What happened to an order at a facility; each happens once."""

    RECEIVED = "received"
    """Verified and on the disk."""
    ENFORCED = "enforced"
    """It holds, and the media of every call that it stops has stopped."""
    EXPIRED = "expired"
    """It has ended by itself."""
    LIFTED = "lifted"
    """The revision that ends it has taken effect."""
    REJECTED = "rejected"
    """It was refused; ``why`` says the code."""


class Via(StrEnum):
    """How an order came."""

    LINK = "link"
    USB = "usb"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class OrderName:
    """Which revision of which order; of one that could not be read only the digest is known."""

    id: str | None
    rev: int | None
    sha256: str
    """Of the order's canonical bytes; of one that could not be read, of the envelope's bytes."""


@dataclass(frozen=True, slots=True)
class CutVisit:
    """A call that the order stopped."""

    visit: str
    media_stopped: datetime
    """After this no packet can have left."""
    last_packet_ms: int | None
    """From commit to the last packet, rounded up; None when none was on its way."""


@dataclass(frozen=True, slots=True)
class ReceiptTime:
    """All that the facility knew of the time."""

    wall: datetime
    lo: datetime
    hi: datetime
    boot_id: str
    boottime_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One line of a facility's account."""

    facility: str
    seq: int
    prev: str | None
    order: OrderName
    stage: Stage
    why: str | None = None
    via: Via
    t: ReceiptTime
    cut: tuple[CutVisit, ...] = ()
    live_before: int | None = None
    live_after: int | None = None
    """Live calls of the facility around the cut; only with `Stage.ENFORCED`."""
    manifest_version: int
    """Version of the delegations that were believed."""

    def to_bytes(self) -> bytes:
        """The one JSON text of this receipt."""
        return canonical(
            {
                "v": RECEIPT_VERSION,
                "facility": self.facility,
                "seq": self.seq,
                "prev": self.prev,
                "order": asdict(self.order),
                "stage": self.stage,
                "why": self.why,
                "via": self.via,
                "t": {
                    "wall": instant_text(self.t.wall),
                    "lo": instant_text(self.t.lo),
                    "hi": instant_text(self.t.hi),
                    "boot_id": self.t.boot_id,
                    "boottime_ns": str(self.t.boottime_ns),
                },
                "cut": [
                    {**asdict(one), "media_stopped": instant_text(one.media_stopped)}
                    for one in self.cut
                ],
                "live_before": self.live_before,
                "live_after": self.live_after,
                "manifest_version": self.manifest_version,
            }
        )

    def signed(self, signer: Signer) -> bytes:
        """The receipt in its envelope."""
        return seal(self.to_bytes(), RECEIPT_TYPE, signer)

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """The receipt that this mapping means.

        Raises:
            InvalidReceiptError: something in it is not as it must be.
        """
        try:
            time, order = value["t"], value["order"]
            if value["v"] != RECEIPT_VERSION:
                raise InvalidReceiptError("is of a version that is not understood here")
            return cls(
                facility=value["facility"],
                seq=value["seq"],
                prev=value["prev"],
                order=OrderName(order["id"], order["rev"], order["sha256"]),
                stage=Stage(value["stage"]),
                why=value["why"],
                via=Via(value["via"]),
                t=ReceiptTime(
                    wall=parse_instant("wall", time["wall"]),
                    lo=parse_instant("lo", time["lo"]),
                    hi=parse_instant("hi", time["hi"]),
                    boot_id=time["boot_id"],
                    boottime_ns=int(time["boottime_ns"]),
                ),
                cut=tuple(
                    CutVisit(
                        one["visit"],
                        parse_instant("media_stopped", one["media_stopped"]),
                        one["last_packet_ms"],
                    )
                    for one in value["cut"]
                ),
                live_before=value["live_before"],
                live_after=value["live_after"],
                manifest_version=value["manifest_version"],
            )
        except (KeyError, TypeError, ValueError, AttributeError, InvalidOrderError) as error:
            raise InvalidReceiptError("has a field missing or of the wrong kind") from error


def parse_receipt(payload: bytes) -> Receipt:
    """The receipt whose canonical bytes are ``payload``.

    Raises:
        InvalidReceiptError: it is none.
    """
    try:
        value = parse(payload, whole=True)
    except MalformedError as error:
        raise InvalidReceiptError(str(error)) from error
    if not isinstance(value, dict):
        raise InvalidReceiptError("is not an object")
    receipt = Receipt.of(value)
    if receipt.to_bytes() != payload or type(receipt.seq) is not int or receipt.seq < 1:
        raise InvalidReceiptError("has a field missing or of the wrong kind")
    return receipt


class Break(StrEnum):
    """Why a chain ends before its last receipt."""

    RECEIPT_INVALID = "RECEIPT_INVALID"
    SIGNATURE_INVALID = "SIGNATURE_INVALID"
    WRONG_FACILITY = "WRONG_FACILITY"
    SEQ_GAP = "SEQ_GAP"
    PREV_MISMATCH = "PREV_MISMATCH"
    STAGE_TWICE = "STAGE_TWICE"


@dataclass(frozen=True, slots=True)
class Chain:
    """How far a chain of receipts holds."""

    receipts: tuple[Receipt, ...]
    """Those before the break, or all."""
    broken_at: int | None = None
    """Place, from 0, of the first that does not follow."""
    why: Break | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.why is None


def check_chain(envelopes: Iterable[bytes], trust: Trust, facility: str) -> Chain:
    """How far ``envelopes``, in their order, are the receipts of ``facility`` from its first on."""
    good: list[Receipt] = []
    prev: str | None = None
    happened: set[tuple[str, Stage, str | None]] = set()
    keys = set(trust.receipt_keys(facility))
    for place, envelope in enumerate(envelopes):
        try:
            read = parse_envelope(envelope, RECEIPT_TYPE)
            receipt = parse_receipt(read.payload)
        except (InvalidEnvelopeError, InvalidReceiptError):
            return Chain(tuple(good), place, Break.RECEIPT_INVALID)
        event = (receipt.order.sha256, receipt.stage, receipt.why)
        if why := _breach(receipt, read, trust, keys, facility, len(good) + 1, prev):
            return Chain(tuple(good), place, why)
        if event in happened:
            return Chain(tuple(good), place, Break.STAGE_TWICE)
        happened.add(event)
        good.append(receipt)
        prev = read.sha256
    return Chain(tuple(good))


def _breach(
    receipt: Receipt,
    read: SignedBytes,
    trust: Trust,
    keys: set[str],
    facility: str,
    seq: int,
    prev: str | None,
) -> Break | None:
    if not trust.signers(read).keyids & keys:
        return Break.SIGNATURE_INVALID
    if receipt.facility != facility:
        return Break.WRONG_FACILITY
    if receipt.seq != seq:
        return Break.SEQ_GAP
    return None if receipt.prev == prev else Break.PREV_MISMATCH
