"""The tree against known answers, the RFC's own recursion, and somebody else's implementation."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from evidence.errors import WrongProofError
from evidence.tree import (
    EMPTY_ROOT,
    CompactRange,
    Tree,
    frontier,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.evidence import textbook

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/evidence/tree.json").read_text())
KNOWN = [bytes.fromhex(leaf) for leaf in VECTORS["leaves"]]
SIZES = st.integers(1, 70)


def data_of(size):
    return [b"leaf %d" % number for number in range(size)]


def tree_of(data):
    return Tree.of(leaf_hash(one) for one in data)


def test_roots_are_the_known_answers():
    assert EMPTY_ROOT.hex() == VECTORS["empty"]
    for size, root in enumerate(VECTORS["roots"], start=1):
        assert root_of(map(leaf_hash, KNOWN[:size])).hex() == root


def test_proofs_are_the_known_answers():
    tree = tree_of(KNOWN)
    for one in VECTORS["inclusion"]:
        assert [step.hex() for step in tree.inclusion(one["leaf"], one["size"])] == one["path"]
    for one in VECTORS["consistency"]:
        assert [step.hex() for step in tree.consistency(one["old"], one["size"])] == one["path"]


@given(SIZES, st.data())
def test_proofs_are_those_of_the_rfc_and_prove(size, draw):
    data = data_of(size)
    tree, root = tree_of(data), textbook.mth(data)
    assert tree.root() == root
    index = draw.draw(st.integers(0, size - 1))
    path = tree.inclusion(index, size)
    assert path == textbook.path(index, data)
    verify_inclusion(leaf_hash(data[index]), index, size, path, root)
    old = draw.draw(st.integers(1, size))
    path = tree.consistency(old, size)
    assert path == textbook.proof(old, data)
    verify_consistency(old, size, path, textbook.mth(data[:old]), root)


@given(SIZES, st.data())
def test_proofs_are_those_of_another_implementation(size, draw):
    other, data = InmemoryTree(algorithm="sha256"), data_of(size)
    other.append_entries(data)
    tree = tree_of(data)
    assert tree.root() == other.get_root()
    index = draw.draw(st.integers(0, size - 1))
    theirs = other.prove_inclusion(index + 1, size).serialize()["path"]
    assert [step.hex() for step in tree.inclusion(index, size)] == theirs[1:]
    assert leaf_hash(data[index]).hex() == theirs[0]


@given(SIZES, st.data())
def test_a_proof_of_something_else_is_refused(size, draw):
    data = data_of(size)
    tree = tree_of(data)
    index = draw.draw(st.integers(0, size - 1))
    path = tree.inclusion(index, size)
    for wrong in (
        (leaf_hash(b"another"), index, size, path, tree.root()),
        (leaf_hash(data[index]), index + 1, size, path, tree.root()),
        (leaf_hash(data[index]), index, size, [*path, EMPTY_ROOT], tree.root()),
        (leaf_hash(data[index]), index, size, path, EMPTY_ROOT),
    ):
        with pytest.raises(WrongProofError):
            verify_inclusion(*wrong)
    old = draw.draw(st.integers(1, size))
    path = tree.consistency(old, size)
    for wrong in (
        (old, size, path, EMPTY_ROOT, tree.root()),
        (old, size, path, tree.root(old), EMPTY_ROOT),
        (old, size, [*path, EMPTY_ROOT], tree.root(old), tree.root()),
        (0, size, path, EMPTY_ROOT, tree.root()),
    ):
        with pytest.raises(WrongProofError):
            verify_consistency(*wrong)


@given(st.integers(0, 200), st.integers(0, 60))
def test_a_compact_range_goes_on_from_its_frontier_alone(size, more):
    leaves = [leaf_hash(one) for one in data_of(size + more)]
    kept, growing = {}, CompactRange()
    for leaf in leaves[:size]:
        kept.update({(node.level, node.index): node.hash for node in growing.append(leaf)})
    resumed = CompactRange(size, [kept[where] for where in frontier(size)])
    for leaf in leaves[size:]:
        resumed.append(leaf)
    assert resumed.root() == root_of(leaves)


def test_a_frontier_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="2 parts"):
        CompactRange(3, [EMPTY_ROOT])


def test_appending_costs_two_hashes_on_average_and_remembers_few():
    growing, made = CompactRange(), 0
    for leaf in map(leaf_hash, data_of(4096)):
        made += len(growing.append(leaf))
    assert made == 2 * 4096 - 1
    assert len(frontier(4095)) == 12
