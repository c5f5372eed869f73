"""RFC 6962 hashing, inclusion and consistency proofs over stored complete subtrees.

`node(level, index)` is the hash over leaves `index << level` … `(index + 1) << level`, for complete subtrees only;
everything else is folded from those. Sizes and indexes count from 0.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import reduce

Node = Callable[[int, int], bytes]

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(body: bytes) -> bytes:
    """Hash one entry (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbouring subtrees (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def completed(index: int, leaf: bytes, node: Node) -> list[tuple[int, int, bytes]]:
    """List the subtrees that the leaf at *index* completes, the leaf itself first: (level, index, hash)."""
    made = [(0, index, leaf)]
    level, digest = 0, leaf
    while index & 1:
        digest = node_hash(node(level, index - 1), digest)
        level, index = level + 1, index >> 1
        made.append((level, index, digest))
    return made


class Frontier:
    """The right edge of a growing tree: enough to add leaves in their order, and to give the root."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf; gives the subtrees that it completes, the leaf itself first: (level, index, hash)."""
        index, level, digest = self.size, 0, leaf
        made = [(0, index, leaf)]
        while index & 1:
            digest = node_hash(self._peaks.pop(), digest)
            level, index = level + 1, index >> 1
            made.append((level, index, digest))
        self._peaks.append(digest)
        self.size += 1
        return made

    def root(self) -> bytes:
        """Give the Merkle tree head."""
        if not self._peaks:
            return EMPTY_ROOT
        return reduce(lambda right, left: node_hash(left, right), reversed(self._peaks))


def root(size: int, node: Node) -> bytes:
    """Give the Merkle tree head over the first *size* leaves."""
    return _range(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Give the audit path of the leaf at *index* in the tree of *size* leaves (RFC 6962 §2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range(middle, high, node))
            high = middle
        else:
            path.append(_range(low, middle, node))
            low = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """Prove that the tree of *new* leaves extends that of *old* (RFC 6962 §2.1.2)."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} cannot extend one of {old}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    low, high, whole = 0, new, True
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range(middle, high, node))
            high = middle
        else:
            path.append(_range(low, middle, node))
            low, whole = middle, False
    if not whole:  # the verifier of a whole old tree already has its root
        path.append(_range(low, high, node))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Say whether *proof* shows *leaf* at *index* under the root *expected* of *size* leaves (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size or not _all_hashes(leaf, expected, *proof):
        return False
    last, digest = size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            digest = node_hash(sibling, digest)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and digest == expected


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether *proof* shows that the tree of *new* leaves extends that of *old* (RFC 9162 §2.1.4.2)."""
    if not 0 < old <= new or not _all_hashes(old_root, new_root, *proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old_digest = new_digest = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old_digest, new_digest = node_hash(sibling, old_digest), node_hash(sibling, new_digest)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new_digest = node_hash(new_digest, sibling)
        first, last = first >> 1, last >> 1
    return last == 0 and old_digest == old_root and new_digest == new_root


def _all_hashes(*values: bytes) -> bool:
    return all(len(value) == 32 for value in values)


def _split(count: int) -> int:
    """Give the largest power of two below *count*."""
    return 1 << (count - 1).bit_length() - 1


def _range(low: int, high: int, node: Node) -> bytes:
    """Hash the leaves from *low* to *high*; *low* is always a multiple of the subtree's size here."""
    count = high - low
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, low >> level)
    middle = low + _split(count)
    return node_hash(_range(low, middle, node), _range(middle, high, node))
