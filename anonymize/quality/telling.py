"""What is said of a count: itself, or that it, or what it leaves, is too small to be told; and scores from it."""

import math

from policies import profile
from policies.plan import Plan

Count = int | str
"""A number of rows, or the words `fewer than K` or `all but fewer than K`."""


def smallest_told(plan: Plan) -> int:
    """Give the count below which none is told: the smallest class of the strictest edition."""
    return max(profile.load(name).minimum_class_size for name in plan.profiles)


def told(count: int, of: int, small: int) -> Count:
    """Say *count*, unless it or what it leaves of *of* is below *small*."""
    if 0 < count < small:
        return f"fewer than {small}"
    return f"all but fewer than {small}" if 0 < of - count < small else count


def share(faults: int, of: int, small: int) -> float:
    """Give the share without fault, from what is told of *faults*: one that is not told counts as the largest."""
    if 0 < faults < small:
        faults = min(small - 1, of)
    elif 0 < of - faults < small:
        faults = of
    return floor(1 - faults / of) if of else 1.0


def mean(shares: list[float]) -> float:
    """Give the mean of *shares*, rounded down."""
    return floor(sum(shares) / len(shares))


def floor(value: float) -> float:
    """Round *value* down to two digits."""
    return math.floor(value * 100 + 1e-9) / 100
