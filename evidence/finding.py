"""`Finding`: one thing that is wrong with a log; `Report`: all of them.

Guarantees: codes are stable. Leaves to others: finding them (`evidence.verification`), and words
(`operate.audit`, `locales`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from evidence.checkpoint import Checkpoint


class FindingCode(StrEnum):
    """What can be wrong."""

    ENTRY_EDITED = "ENTRY_EDITED"
    """An entry is not the one that was recorded under its number."""
    ENTRY_MOVED = "ENTRY_MOVED"
    """An entry stands under another's number."""
    ENTRY_MISSING = "ENTRY_MISSING"
    """Numbers have no entry."""
    ENTRY_INSERTED = "ENTRY_INSERTED"
    """An entry that was never recorded: its number is taken, or it has no leaf."""
    ENTRY_OUT_OF_ORDER = "ENTRY_OUT_OF_ORDER"
    """An entry comes after one of a larger number."""
    ENTRY_UNREADABLE = "ENTRY_UNREADABLE"
    """An entry has no canonical form, so that it can be none that was recorded."""
    LEAF_ALTERED = "LEAF_ALTERED"
    """The entry is as signed; the leaf that was recorded beside it was altered."""
    LOG_TRUNCATED = "LOG_TRUNCATED"
    """Entries at the end, which a checkpoint or the log's own counter knows, are gone."""
    LOG_REWRITTEN = "LOG_REWRITTEN"
    """Entries between two checkpoints are not those that were signed."""
    LOG_FORKED = "LOG_FORKED"
    """Two signed checkpoints of one size have different roots."""
    CHECKPOINT_MISSING = "CHECKPOINT_MISSING"
    """Numbers have no checkpoint."""
    CHECKPOINT_OUT_OF_ORDER = "CHECKPOINT_OUT_OF_ORDER"
    """A checkpoint covers fewer entries than one before it: an older state was put back."""
    CHECKPOINT_UNREADABLE = "CHECKPOINT_UNREADABLE"
    """A checkpoint is none, or of another log."""
    CHECKPOINT_UNSIGNED = "CHECKPOINT_UNSIGNED"
    """No trusted key signed a checkpoint, or its signature is wrong."""
    TREE_ALTERED = "TREE_ALTERED"
    """The log's stored tree does not follow from its leaves; what is signed next will be wrong."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. ``first`` to ``last`` are the entries concerned, if any are."""

    code: FindingCode
    first: int | None = None
    last: int | None = None
    checkpoint: str | None = None
    """Its number in the log, or the name under which it was handed in."""
    other: str | None = None
    """The checkpoint that the other one contradicts; the one that agreed last."""


@dataclass(frozen=True, slots=True)
class Report:
    """The result. The log is sound when there are no findings."""

    findings: tuple[Finding, ...]
    size: int
    """How many entries the log holds."""
    covered: int
    """How many of them the latest checkpoint that agrees vouches for."""
    checkpoint: Checkpoint | None
    """That checkpoint."""
    checkpoints: int
    """How many checkpoints were looked at."""

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By place, what concerns no entry last; neighbours with the same fault are one."""
    found: list[Finding] = []
    for one in sorted(findings, key=_place):
        before = found[-1] if found else None
        if (
            before is not None
            and one.checkpoint is None
            and before.last is not None
            and (before.code, before.checkpoint, before.last + 1) == (one.code, None, one.first)
        ):
            found[-1] = replace(before, last=one.last)
        else:
            found.append(one)
    return tuple(found)


def _place(finding: Finding) -> tuple[int, str, str]:
    where = finding.first if finding.first is not None else finding.last
    return (2**63 if where is None else where, finding.code, finding.checkpoint or "")
