"""Runs of characters that may belong together, what joins the parts of a name, and the mean mass of spans."""

import re

import numpy as np

from anonymize.detect.tagger.wire import Array

JOINS = "·・•．"
"""What joins the parts of a foreign name; a dash does so only between two parts that are found."""
LINKS = f"{JOINS}—－-"
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af〇]")


def runs(joined: str, on: Array) -> list[tuple[int, int]]:
    """Give the runs of characters that are *on*; those that only joins part are one."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8)))
    found: list[tuple[int, int]] = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if found and start - found[-1][1] <= 2 and all(char in LINKS for char in joined[found[-1][1] : start]):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def means(mass: Array, starts: Array, ends: Array) -> Array:
    """Give the mean *mass* of the characters of each span."""
    sums = np.concatenate([[0.0], np.cumsum(mass, dtype=np.float64)])
    found: Array = (sums[ends] - sums[starts]) / (ends - starts)
    return found
