"""Proofs with something changed, of which none may be accepted unless it is by chance another honest one."""

import random
from typing import Any

from market.audit import merkle
from tests.common.witnesses import GrownLog

SIZES = 70


def wrong_accepts(count: int, seed: int) -> int:
    """Change *count* honest proofs at random; gives how many were accepted for what they do not prove.

    A checkpoint is changed as one: its size is signed with its root.
    """
    draw = random.Random(seed)
    tree = GrownLog(None).grow(SIZES)
    kinds = (_inclusion, _consistency)
    return sum(kinds[number % 2](draw, tree) for number in range(count))


def _inclusion(draw: random.Random, tree: GrownLog) -> bool:
    size = draw.randint(1, SIZES)
    index = draw.randrange(size)
    leaf, root = tree.node(0, index), tree.root(size)
    proof = merkle.inclusion_proof(index, size, tree.node)
    assert merkle.verify_inclusion(leaf, index, size, proof, root)
    match draw.randrange(5):
        case 0:
            leaf = _digest(draw, tree, leaf)
        case 1:
            index = draw.choice([index ^ 1 << draw.randrange(7), index + size, -index, draw.randrange(SIZES)])
        case 2:
            size = draw.randint(1, SIZES)
            root = tree.root(size)
        case 3:
            root = _digest(draw, tree, root)
        case _:
            proof = _proof(draw, tree, proof)
    if not merkle.verify_inclusion(leaf, index, size, proof, root):
        return False
    honest = merkle.inclusion_proof(index, size, tree.node)
    return (leaf, proof, root) != (tree.node(0, index), honest, tree.root(size))


def _consistency(draw: random.Random, tree: GrownLog) -> bool:
    new = draw.randint(1, SIZES)
    old = draw.randint(1, new)
    old_root, new_root, proof = tree.root(old), tree.root(new), tree.proof(old, new)
    assert merkle.verify_consistency(old, new, old_root, new_root, proof)
    match draw.randrange(5):
        case 0:
            old = draw.randint(0, SIZES)
            old_root = tree.root(old)
        case 1:
            new = draw.randint(0, SIZES)
            new_root = tree.root(new)
        case 2:
            old_root = _digest(draw, tree, old_root)
        case 3:
            new_root = _digest(draw, tree, new_root)
        case _:
            proof = _proof(draw, tree, proof)
    if not merkle.verify_consistency(old, new, old_root, new_root, proof):
        return False
    return (old_root, new_root, proof) != (tree.root(old), tree.root(new), tree.proof(old, new))


def _proof(draw: random.Random, tree: GrownLog, proof: list[bytes]) -> list[bytes]:
    made, at = list(proof), draw.randrange(len(proof) + 1)
    match draw.randrange(6):
        case 0:
            made.insert(at, _digest(draw, tree, bytes(32)))
        case 1:
            made = made[:at]
        case 2:
            made = made[at:]
        case 3:
            draw.shuffle(made)
        case 4:
            made = made[:at] + made[at : at + 1] * 2 + made[at + 1 :]
        case _:
            made[at : at + 1] = [_digest(draw, tree, digest) for digest in made[at : at + 1]]
    return made


def _digest(draw: random.Random, tree: GrownLog, digest: bytes) -> bytes:
    """Give another hash: a bit flipped, one of the tree's own, noise, or of another length."""
    flipped = bytearray(digest)
    flipped[draw.randrange(32)] ^= 1 << draw.randrange(8)
    others: list[Any] = [bytes(flipped), tree.node(0, draw.randrange(SIZES)), draw.randbytes(32), digest[:31], b""]
    chosen: bytes = draw.choice([*others, tree.root(draw.randint(0, SIZES))])
    return chosen
