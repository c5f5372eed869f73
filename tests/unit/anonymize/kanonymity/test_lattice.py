"""Rows collapse to distinct tuples, numbered without collision however many columns there are."""

import numpy as np

from anonymize.kanonymity.lattice import Lattice, covers, identify


def test_combinations_beyond_64_bits_are_numbered_without_collision():
    rng = np.random.default_rng(2)
    keys = [rng.integers(0, 2, 500) * (2**20 - 1) for _ in range(9)]
    number, count = identify(keys, [2**20] * 9)
    seen: dict[tuple[int, ...], int] = {}
    for row, key in enumerate(zip(*(key.tolist() for key in keys), strict=True)):
        assert seen.setdefault(key, int(number[row])) == number[row]
    assert count == len(seen) == len(set(seen.values()))


def test_a_lattice_lists_what_is_one_step_coarser():
    lattice = Lattice((0, 1), (1, 2))
    assert lattice.size == 4
    assert list(lattice.above((0, 1))) == [(1, 1), (0, 2)]
    assert list(lattice.above((1, 2))) == []
    assert covers((1, 2), (0, 2))
    assert not covers((1, 1), (0, 2))
