"""`Verification`: what is wrong with a log, and where.

Feed it what a log holds, in order, and it says what was edited, deleted, moved, inserted, cut off
or forked. It keeps a few hashes, so a log of any length passes through it.

What it compares:

- every entry with the leaf that the log recorded beside it, where there is one: this finds the very
  entry;
- the tree over the entries with every signed checkpoint: this finds what was changed together with
  its recorded leaf, between one checkpoint that agrees and the next that does not;
- the checkpoints with each other, and with those that somebody kept outside (``trusted``): this
  finds a log that was cut off or rewritten together with its own checkpoints.

Guarantees: a log in which nothing was changed has no findings; every change of an entry that a
checkpoint covers has one, if the checkpoint is still there or was kept outside. Cannot find: a
change of entries that no checkpoint covers yet, made together with their leaves; and what somebody
who holds the signing key rewrote in a log of which nobody outside kept a checkpoint.

Leaves to others: reading (`relay.store.audit`, `operate.audit`), and words for the codes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from evidence.checkpoint import Checkpoint, verify_checkpoint
from evidence.entry import ABSENT_LEAF, Entry, leaf_of
from evidence.errors import EvidenceError, WrongSignatureError
from evidence.finding import Finding, FindingCode, Report, merged
from evidence.note import VerifierKey
from evidence.tree import CompactRange

_MAX_COMPARED: Final = 64
"""How many edited entries are looked at for having changed places: that takes their square."""
_MAX_GAP: Final = 100_000
"""A number far beyond the last one must not make us count for ever; the finding names it whole."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One number of the log, as the log holds it."""

    seq: int
    entry: Entry | None
    """None: unreadable, or absent."""
    leaf: bytes | None = None
    """The leaf recorded beside it, if there is one."""
    absent: bool = False
    """There is a leaf, and no entry."""


@dataclass(slots=True)
class _Edited:
    """An entry that is not its recorded leaf, until a checkpoint says which of the two is false."""

    seq: int
    entry: Entry | None
    leaf: bytes | None


@dataclass(slots=True)
class _Awaited:
    """A checkpoint, until the tree is as large as it says."""

    label: str
    checkpoint: Checkpoint


@dataclass(slots=True)
class _Line:
    """One line of checkpoints: the log's own, or those kept outside."""

    agreed: _Awaited | None = None
    disagreeing: bool = False
    awaited: dict[int, list[_Awaited]] = field(default_factory=dict)


class Verification:
    """One pass over one log.

    Feed a checkpoint before the entries that lie behind its size; the simplest is to feed all of
    them first. Then the entries, in the order in which the log holds them, then `finish`.
    """

    def __init__(
        self,
        origin: str,
        keys: Iterable[VerifierKey],
        trusted: Mapping[str, str] | None = None,
        *,
        leaves_recorded: bool = False,
    ) -> None:
        """Check the log ``origin``, signed by ``keys``.

        ``trusted`` are notes that were kept outside the log, by name. ``leaves_recorded`` says that
        the log records a leaf beside every entry, so that an entry without one was put in.
        """
        self._origin = origin
        self._keys = tuple(keys)
        self._leaves_recorded = leaves_recorded
        self._recorded = CompactRange()
        self._computed = CompactRange()
        self._own, self._outside = _Line(), _Line()
        self._findings: list[Finding] = []
        self._edited: list[_Edited] = []
        self._false: list[_Edited] = []
        self._absent: tuple[int, int] | None = None
        self._seq = self._number = self._covers = self._checkpoints = 0
        for name, note in (trusted or {}).items():
            self._await(self._outside, name, note)

    def checkpoint(self, number: int, note: str) -> None:
        """The log's checkpoint ``number``; numbers begin with 1 and ascend with the size."""
        label = str(number)
        self._missing_checkpoints(number)
        checkpoint = self._await(self._own, label, note)
        covers = self._covers if checkpoint is None else checkpoint.size
        if number <= self._number or covers < self._covers:
            self._find(FindingCode.CHECKPOINT_OUT_OF_ORDER, checkpoint=label)
        self._number = max(number, self._number)
        self._covers = covers

    def entry(self, recorded: Recorded) -> None:
        """The next number of the log."""
        seq = recorded.seq
        if seq == self._seq:
            self._find(FindingCode.ENTRY_INSERTED, seq, seq)
            return
        if seq < self._seq:
            self._find(FindingCode.ENTRY_OUT_OF_ORDER, seq, seq)
            return
        self._skip_to(seq)
        self._seq = seq
        if recorded.absent:
            self._note_absent(seq, seq)
            leaf = recorded.leaf or ABSENT_LEAF
            self._grow(leaf, leaf)
            return
        self._settle_absent(FindingCode.ENTRY_MISSING)
        computed = leaf_of(recorded.entry)
        if computed is None:
            self._find(FindingCode.ENTRY_UNREADABLE, seq, seq)
        elif recorded.leaf != computed and (recorded.leaf or self._leaves_recorded):
            self._edited.append(_Edited(seq, recorded.entry, recorded.leaf))
        leaf = recorded.leaf or computed or ABSENT_LEAF
        self._grow(leaf, computed or leaf)

    def finish(
        self,
        *,
        last_seq: int | None = None,
        last_number: int | None = None,
        root: bytes | None = None,
    ) -> Report:
        """The report, after the last entry.

        ``last_seq`` and ``last_number`` are what the log's own counters of entries and checkpoints
        reached, and ``root`` what its stored tree says is the root, where it keeps them.
        """
        whole = self._settle_absent(FindingCode.LOG_TRUNCATED)
        for line in (self._own, self._outside):
            beyond = [
                one
                for size, waiting in line.awaited.items()
                for one in waiting
                if size > self._recorded.size
            ]
            if beyond:
                far = max(beyond, key=lambda one: one.checkpoint.size)
                size, whole = far.checkpoint.size, False
                self._find(FindingCode.LOG_TRUNCATED, self._seq + 1, size, far.label)
        if whole and last_seq is not None and last_seq > self._seq:
            self._find(FindingCode.LOG_TRUNCATED, self._seq + 1, last_seq)
            whole = False
        if last_number is not None:
            self._missing_checkpoints(last_number + 1)
        self._settle_edited(FindingCode.ENTRY_EDITED)
        self._find_false()
        inserted = any(one.code is FindingCode.ENTRY_INSERTED for one in self._findings)
        if whole and not inserted and root is not None and root != self._recorded.root():
            self._find(FindingCode.TREE_ALTERED)
        agreed = [one.agreed.checkpoint for one in (self._own, self._outside) if one.agreed]
        latest = max(agreed, key=lambda one: one.size, default=None)
        return Report(
            findings=merged(self._findings),
            size=self._recorded.size,
            covered=0 if latest is None else latest.size,
            checkpoint=latest,
            checkpoints=self._checkpoints,
        )

    def _find(
        self,
        code: FindingCode,
        first: int | None = None,
        last: int | None = None,
        checkpoint: str | None = None,
        other: str | None = None,
    ) -> None:
        self._findings.append(Finding(code, first, last, checkpoint, other))

    # ── checkpoints ────────────────────────────────────────────────────────────────────────
    def _missing_checkpoints(self, number: int) -> None:
        first, last = self._number + 1, number - 1
        if first <= last:
            label = str(first) if first == last else f"{first}–{last}"
            self._find(FindingCode.CHECKPOINT_MISSING, checkpoint=label)

    def _await(self, line: _Line, label: str, note: str) -> Checkpoint | None:
        self._checkpoints += 1
        try:
            checkpoint = verify_checkpoint(note, self._origin, self._keys)
        except WrongSignatureError:
            self._find(FindingCode.CHECKPOINT_UNSIGNED, checkpoint=label)
            return None
        except EvidenceError:
            self._find(FindingCode.CHECKPOINT_UNREADABLE, checkpoint=label)
            return None
        size = checkpoint.size
        if size < self._recorded.size:
            return checkpoint  # too late to compare; `checkpoint` says so
        for other in (*self._own.awaited.get(size, ()), *self._outside.awaited.get(size, ())):
            if other.checkpoint.root != checkpoint.root:
                self._find(FindingCode.LOG_FORKED, None, size, label, other.label)
                break
        line.awaited.setdefault(size, []).append(_Awaited(label, checkpoint))
        if size == 0:
            self._compare()
        return checkpoint

    def _grow(self, recorded: bytes, computed: bytes) -> None:
        # Those of the size that is now left behind stay until here, for forks to be seen.
        for line in (self._own, self._outside):
            line.awaited.pop(self._recorded.size, None)
        self._recorded.append(recorded)
        self._computed.append(computed)
        self._compare()

    def _compare(self) -> None:
        """Hold the two trees against the checkpoints of this size."""
        size = self._recorded.size
        if size not in self._own.awaited and size not in self._outside.awaited:
            return
        recorded, computed = self._recorded.root(), self._computed.root()
        for line in (self._own, self._outside):
            for one in line.awaited.get(size, ()):
                if one.checkpoint.root == computed:
                    # Every entry is as it was signed, so what differs is the recorded leaf.
                    self._settle_edited(FindingCode.LEAF_ALTERED)
                    self._recorded = self._computed.copy()
                elif one.checkpoint.root == recorded:
                    self._settle_edited(FindingCode.ENTRY_EDITED)
                    self._computed = self._recorded.copy()
                else:
                    self._disagree(line, one)
                    continue
                line.agreed, line.disagreeing = one, False

    def _disagree(self, line: _Line, one: _Awaited) -> None:
        """Say it once for a run of checkpoints: those after the first follow from it."""
        agreed = line.agreed
        if agreed is not None and agreed.checkpoint.size == one.checkpoint.size:
            return  # a fork, and said already
        if line.disagreeing:
            return
        line.disagreeing = True
        first = 1 if agreed is None else agreed.checkpoint.size + 1
        other = None if agreed is None else agreed.label
        self._find(FindingCode.LOG_REWRITTEN, first, one.checkpoint.size, one.label, other)

    # ── entries ────────────────────────────────────────────────────────────────────────────
    def _skip_to(self, seq: int) -> None:
        """Numbers before ``seq`` of which nothing is left, not even a leaf."""
        first = self._seq + 1
        if first == seq:
            return
        self._note_absent(first, seq - 1)
        for _ in range(min(seq - first, _MAX_GAP)):
            self._grow(ABSENT_LEAF, ABSENT_LEAF)

    def _note_absent(self, first: int, last: int) -> None:
        self._absent = (first if self._absent is None else self._absent[0], last)

    def _settle_absent(self, code: FindingCode) -> bool:
        """Say which numbers have no entry; returns whether there are none."""
        absent, self._absent = self._absent, None
        if absent is None:
            return True
        self._find(code, *absent)
        return False

    def _settle_edited(self, code: FindingCode) -> None:
        """A checkpoint has said, or the end has come: entries are false, or their leaves are."""
        edited, self._edited = self._edited, []
        if code is FindingCode.ENTRY_EDITED:
            self._false.extend(edited)
            return
        for one in edited:
            self._find(code, one.seq, one.seq)

    def _find_false(self) -> None:
        moved = _moved(self._false)
        for one in self._false:
            code = FindingCode.ENTRY_EDITED
            if one.leaf is None:
                code = FindingCode.ENTRY_INSERTED
            elif one.seq in moved:
                code = FindingCode.ENTRY_MOVED
            self._find(code, one.seq, one.seq)


def verify(
    verification: Verification,
    checkpoints: Iterable[tuple[int, str]],
    entries: Iterable[Recorded],
) -> Report:
    """The report on a log that is read whole: its checkpoints, then its entries."""
    for number, note in checkpoints:
        verification.checkpoint(number, note)
    for entry in entries:
        verification.entry(entry)
    return verification.finish()


def _moved(edited: list[_Edited]) -> frozenset[int]:
    """The numbers whose entry is another's: under its own number it has a recorded leaf."""
    if not 1 < len(edited) <= _MAX_COMPARED:
        return frozenset()
    leaves = {one.seq: one.leaf for one in edited}
    return frozenset(
        one.seq
        for one in edited
        for seq, leaf in leaves.items()
        if one.entry is not None and seq != one.seq and leaf_of(replace(one.entry, seq=seq)) == leaf
    )
