"""A log of visits that were booked and ended, and the key that signs it."""

from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.checkpoint import Checkpoint, origin_of, sign_checkpoint
from evidence.entry import Entry
from evidence.note import Signer
from evidence.tree import root_of
from evidence.verification import Recorded, Verification

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ORIGIN = origin_of("f-66-01")
SIGNER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
STRANGER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))


def entry(seq, subject=None):
    return Entry(
        seq=seq,
        at=NOON + timedelta(seconds=seq),
        actor="staff:guard",
        action="visit.ended",
        subject=f"visit-{seq}" if subject is None else subject,
        detail={"outcome": "COMPLETED_NORMALLY"},
    )


def entries(size):
    return [entry(seq) for seq in range(1, size + 1)]


def recorded(log, leaves=True):
    """The log as a store holds it: entries beside the leaves that were recorded with them."""
    return [Recorded(one.seq, one, one.leaf() if leaves else None) for one in log]


def note(log, signer=SIGNER, origin=ORIGIN):
    """A checkpoint over all of ``log``."""
    root = root_of(one.leaf() for one in log)
    return sign_checkpoint(Checkpoint(origin, len(log), root, NOON), signer)


def notes(log, *sizes):
    return [(number, note(log[:size])) for number, size in enumerate(sizes, start=1)]


def check(held, checkpoints, trusted=None, leaves_recorded=True, **known):
    """The report on a log."""
    keys = [SIGNER.key]
    verification = Verification(ORIGIN, keys, trusted, leaves_recorded=leaves_recorded)
    for number, text in checkpoints:
        verification.checkpoint(number, text)
    for one in held:
        verification.entry(one)
    return verification.finish(**known)


def found(report):
    """Codes and places of a report, short enough to write down."""
    return [
        (one.code.value, one.first, one.last, one.checkpoint, one.other) for one in report.findings
    ]
