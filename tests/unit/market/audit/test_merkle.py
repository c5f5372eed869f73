"""The tree is RFC 6962's: published vectors, an independent implementation, and our own proofs agree."""

import base64
import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from market.audit import merkle
from tests.common.mutations import wrong_accepts

VECTORS = Path(__file__).parents[4] / "../shared/data/vectors/rfc6962_merkle_testdata.tar.gz"
bodies = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


def cases(kind: str) -> list[tuple[str, dict[str, Any]]]:
    if not VECTORS.exists():
        pytest.skip(f"the published vectors are not beside the project: {VECTORS.name}")
    found = []
    with tarfile.open(VECTORS) as archive:
        for member in archive.getmembers():
            if member.name.startswith(f"testdata/{kind}/") and member.isfile():
                file = archive.extractfile(member)
                assert file is not None
                found.append((member.name, json.load(file)))
    assert len(found) >= 90
    return found


def raw(value: Any) -> bytes:
    return base64.b64decode(value or "")


def test_published_inclusion_vectors_are_accepted_and_refused_as_published():
    for name, case in cases("inclusion"):
        leaf, proof = raw(case["leafHash"]), [raw(item) for item in case["proof"] or []]
        ok = merkle.verify_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, raw(case["root"]))
        assert ok is not case["wantErr"], name


def test_published_consistency_vectors_are_accepted_and_refused_as_published():
    """One vector compares two equal roots that are no hashes; what is no hash is refused here."""
    for name, case in cases("consistency"):
        old, new, proof = case["size1"], case["size2"], [raw(item) for item in case["proof"] or []]
        ok = merkle.verify_consistency(old, new, raw(case["root1"]), raw(case["root2"]), proof)
        assert ok is (not case["wantErr"] and len(raw(case["root1"])) == 32), name


def test_published_subtree_inclusion_vectors_are_accepted_and_refused_as_published():
    """A subtree is a tree of its own whose leaves are counted from where it starts, where a tree can have one."""
    for name, case in cases("subtreeinclusion"):
        leaf, proof = raw(case["leafHash"]), [raw(item) for item in case["proof"] or []]
        start, count = case["start"], case["end"] - case["start"]
        ok = (
            count > 0
            and start % (1 << (count - 1).bit_length()) == 0
            and merkle.verify_inclusion(leaf, case["leafIdx"] - start, count, proof, raw(case["root"]))
        )
        assert ok is not case["wantErr"], name


def test_published_subtree_consistency_vectors_that_start_with_the_tree_are_judged_as_published():
    """A subtree that starts at the first leaf is an earlier tree; of others we prove nothing."""
    judged = 0
    for name, case in cases("subtreeconsistency"):
        if case["start"] == 0 < case["end"]:
            roots, proof = (raw(case["root1"]), raw(case["root2"])), [raw(item) for item in case["proof"] or []]
            ok = merkle.verify_consistency(case["end"], case["size"], *roots, proof)
            assert ok is (not case["wantErr"] and len(roots[0]) == 32), name
            judged += 1
    assert judged >= 30


class Grown:
    """A tree that keeps the complete subtrees of *leaves*, as the log's table does."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        for index, body in enumerate(leaves):
            made = merkle.completed(index, merkle.leaf_hash(body), self.node)
            for level, position, digest in made:
                self.nodes[level, position] = digest

    def node(self, level: int, position: int) -> bytes:
        return self.nodes[level, position]


def pairs(size: int) -> Iterator[tuple[int, int]]:
    return ((old, new) for new in range(1, size + 1) for old in range(1, new + 1))


@given(bodies, st.data())
def test_an_independent_implementation_has_the_same_roots_and_proofs(leaves, data):
    """pymerkle writes the leaf itself first, counts from 1, and its consistency proofs begin with the old root."""
    ours, theirs = Grown(leaves), InmemoryTree(algorithm="sha256")
    for body in leaves:
        theirs.append_entry(body)
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    assert merkle.root(size, ours.node) == theirs.get_root(size)
    path = theirs.prove_inclusion(index + 1, size).path
    assert merkle.inclusion_proof(index, size, ours.node) == path[1:]
    for other in range(1, size + 1):
        proof = merkle.consistency_proof(other, size, ours.node)
        assert merkle.verify_consistency(other, size, theirs.get_root(other), theirs.get_root(size), proof)


@given(bodies, st.data())
def test_our_proofs_convince_and_any_change_does_not(leaves, data):
    tree = Grown(leaves)
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    leaf, root = merkle.leaf_hash(leaves[index]), merkle.root(size, tree.node)
    proof = merkle.inclusion_proof(index, size, tree.node)
    assert merkle.verify_inclusion(leaf, index, size, proof, root)
    assert not merkle.verify_inclusion(merkle.leaf_hash(leaves[index] + b"!"), index, size, proof, root)
    assert not merkle.verify_inclusion(leaf, index, size, [*proof, root], root)
    assert not merkle.verify_inclusion(leaf, index, size, proof, merkle.leaf_hash(root))
    if proof:
        assert not merkle.verify_inclusion(leaf, index, size, proof[:-1], root)
        position = data.draw(st.integers(0, len(proof) - 1))
        changed = [*proof]
        changed[position] = bytes(32)
        assert not merkle.verify_inclusion(leaf, index, size, changed, root)


def test_every_small_tree_extends_every_smaller_one_and_no_other():
    leaves = [bytes([number]) for number in range(17)]
    tree, other = Grown(leaves), Grown([b"other", *leaves[1:]])
    for old, new in pairs(17):
        proof = merkle.consistency_proof(old, new, tree.node)
        old_root, new_root = merkle.root(old, tree.node), merkle.root(new, tree.node)
        assert merkle.verify_consistency(old, new, old_root, new_root, proof)
        assert not merkle.verify_consistency(old, new, merkle.root(old, other.node), new_root, proof)
        assert not merkle.verify_consistency(old, new, old_root, new_root, [*proof, new_root])
        assert not proof or not merkle.verify_consistency(old, new, old_root, new_root, proof[:-1])


def test_no_proof_is_accepted_for_what_it_does_not_prove():
    """Random changes of proofs, places, sizes, leaves and roots; the seed is printed."""
    seed = int.from_bytes(os.urandom(4), "big")
    print("seed", seed)
    assert wrong_accepts(5_000, seed) == 0


@given(bodies)
def test_a_tree_grown_along_its_edge_is_the_same(leaves):
    tree, edge = Grown(leaves), merkle.Frontier()
    assert edge.root() == merkle.EMPTY_ROOT
    for size, body in enumerate(leaves, 1):
        for level, position, digest in edge.add(merkle.leaf_hash(body)):
            assert tree.nodes[level, position] == digest
        assert (edge.size, edge.root()) == (size, merkle.root(size, tree.node))


def test_the_empty_tree_has_the_hash_of_nothing():
    assert merkle.root(0, Grown([]).node) == merkle.EMPTY_ROOT
    assert merkle.consistency_proof(0, 0, Grown([]).node) == []
    assert merkle.consistency_proof(0, 1, Grown([b""]).node) == []


@pytest.mark.parametrize(("index", "size"), [(-1, 2), (2, 2), (0, 0)])
def test_what_is_not_in_the_tree_has_no_proof(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(index, size, Grown([b"a", b"b"]).node)


@pytest.mark.parametrize(("old", "new"), [(2, 1), (-1, 1)])
def test_a_tree_never_shrinks(old, new):
    with pytest.raises(ValueError, match="cannot extend"):
        merkle.consistency_proof(old, new, Grown([b"a", b"b"]).node)
