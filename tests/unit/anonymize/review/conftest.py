"""Chance, with its seed printed."""

import random

import pytest


@pytest.fixture
def draw() -> random.Random:
    """Give a source of chance that a failed test can be run with again."""
    seed = random.randrange(2**32)
    print("seed", seed)
    return random.Random(seed)
