"""One hash for a whole list, and proofs about it (RFC 6962 §2.1, RFC 9162 §2.1).

Guarantees: `CompactRange` appends with O(log n) memory and on average two hashes; `Tree` proves
from the hashes of complete subtrees, wherever they are kept; the two verifying functions take
nothing on trust but the roots they are given. Hashes are SHA-256; a leaf's is over ``0x00`` and
its bytes, a node's over ``0x01`` and its two children, so that neither can pass for the other.

A complete subtree of 2^level leaves is named by ``(level, index)``: it covers leaves
``index·2^level`` up to ``(index+1)·2^level``. Leaves are counted from 0.

Leaves to others: what a leaf says (`evidence.entry`), who vouches for a root
(`evidence.checkpoint`), and where hashes are kept.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from evidence.errors import WrongProofError

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


@dataclass(frozen=True, slots=True)
class Node:
    """A complete subtree and its hash."""

    level: int
    index: int
    hash: bytes


NodeHash = Callable[[int, int], bytes]
"""The hash of the complete subtree ``(level, index)``."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its children's."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def frontier(size: int) -> list[tuple[int, int]]:
    """The complete subtrees that together are a tree of ``size`` leaves, the largest first."""
    found, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            found.append((level, start >> level))
            start += 1 << level
    return found


class CompactRange:
    """A growing tree, of which only the frontier is kept."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """Go on from a tree of ``size`` leaves with these hashes of its `frontier`.

        Raises:
            ValueError: there are not as many as the size asks for.
        """
        if len(hashes) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} parts")
        self._size = size
        self._hashes = list(hashes)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return self._size

    def append(self, leaf: bytes) -> list[Node]:
        """Add a leaf by its hash; returns the subtrees that this completes, smallest first."""
        made = [Node(0, self._size, leaf)]
        while made[-1].index & 1:
            last = made[-1]
            both = node_hash(self._hashes.pop(), last.hash)
            made.append(Node(last.level + 1, last.index >> 1, both))
        self._hashes.append(made[-1].hash)
        self._size += 1
        return made

    def root(self) -> bytes:
        """The root of the tree as it is."""
        return _fold(self._hashes)

    def copy(self) -> "CompactRange":
        """The same tree, to grow apart from this one."""
        return CompactRange(self._size, self._hashes)


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaves' hashes."""
    growing = CompactRange()
    for leaf in leaves:
        growing.append(leaf)
    return growing.root()


class Tree:
    """A tree of ``size`` leaves, whose complete subtrees ``node`` knows."""

    def __init__(self, size: int, node: NodeHash) -> None:
        self.size = size
        self._node = node

    @classmethod
    def of(cls, leaves: Iterable[bytes]) -> "Tree":
        """The tree over leaves' hashes, all in memory."""
        kept: dict[tuple[int, int], bytes] = {}
        growing = CompactRange()
        for leaf in leaves:
            kept.update({(node.level, node.index): node.hash for node in growing.append(leaf)})
        return cls(growing.size, lambda level, index: kept[level, index])

    def root(self, size: int | None = None) -> bytes:
        """The root of the first ``size`` leaves; of all, if left out."""
        size = self.size if size is None else size
        self._require(0 <= size <= self.size)
        return _fold([self._node(level, index) for level, index in frontier(size)])

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that leaf ``index`` is in the first ``size`` (RFC 9162 §2.1.3.1).

        Raises:
            ValueError: there is no such leaf.
        """
        self._require(0 <= index < size <= self.size)
        path, start, end = [], 0, size
        while end - start > 1:
            split = start + _left(end - start)
            if index < split:
                path.append(self._range(split, end))
                end = split
            else:
                path.append(self._range(start, split))
                start = split
        return path[::-1]

    def consistency(self, old: int, size: int) -> list[bytes]:
        """The proof that the first ``old`` leaves begin the first ``size`` (RFC 9162 §2.1.4.1).

        Raises:
            ValueError: ``old`` is not between 1 and ``size``.
        """
        self._require(0 < old <= size <= self.size)
        path, start, end = [], 0, size
        while old != end:
            split = start + _left(end - start)
            if old <= split:
                path.append(self._range(split, end))
                end = split
            else:
                path.append(self._range(start, split))
                start = split
        if start:  # the old tree's root is not itself what the verifier begins with
            path.append(self._range(start, end))
        return path[::-1]

    def _range(self, start: int, end: int) -> bytes:
        """The root over leaves ``start`` to ``end``, where ``start`` begins a subtree."""
        parts = []
        for level in reversed(range((end - start).bit_length())):
            if (end - start) >> level & 1:
                parts.append(self._node(level, start >> level))
                start += 1 << level
        return _fold(parts)

    def _require(self, condition: bool) -> None:
        if not condition:
            raise ValueError("the tree is not as large as that")


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Returns if leaf number ``index`` of ``size`` hashes to ``leaf`` (RFC 9162 §2.1.3.2).

    Raises:
        WrongProofError: the path does not lead to ``root``.
    """
    if not 0 <= index < size:
        raise WrongProofError("no such leaf")
    here, last, value = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise WrongProofError("the path is too long")
        if here & 1 or here == last:
            value = node_hash(sibling, value)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        here, last = here >> 1, last >> 1
    if last != 0 or value != root:
        raise WrongProofError("the path does not lead to the root")


def verify_consistency(
    old: int, size: int, path: Sequence[bytes], old_root: bytes, root: bytes
) -> None:
    """Returns if the tree of ``size`` leaves begins with the one of ``old`` (RFC 9162 §2.1.4.2).

    Raises:
        WrongProofError: the path does not lead to both roots.
    """
    if not 0 < old <= size:
        raise WrongProofError("a consistency proof needs 1 ≤ old ≤ size")
    if old == size:
        if path or old_root != root:
            raise WrongProofError("two trees of one size with different roots")
        return
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not hashes:
        raise WrongProofError("the path is empty")
    here, last = old - 1, size - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    first = second = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise WrongProofError("the path is too long")
        if here & 1 or here == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        here, last = here >> 1, last >> 1
    if last != 0 or first != old_root or second != root:
        raise WrongProofError("the path does not lead to both roots")


def _left(width: int) -> int:
    """The largest power of two below ``width``: where a tree splits."""
    return 1 << ((width - 1).bit_length() - 1)


def _fold(parts: Sequence[bytes]) -> bytes:
    """The root over a frontier, the largest part first."""
    if not parts:
        return EMPTY_ROOT
    value = parts[-1]
    for part in reversed(parts[:-1]):
        value = node_hash(part, value)
    return value
