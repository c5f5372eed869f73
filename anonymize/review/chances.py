"""Shares estimated from samples, with exact intervals, and what both of two observers miss.

Exact interval of a share: Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the
binomial", Biometrika 26 (1934). Number of items from two captures: Chapman, "Some properties of the hypergeometric
distribution with applications to zoological sample censuses", Univ. California Publ. Statistics 1 (1951).
"""

import math
from collections.abc import Callable
from typing import NamedTuple

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """Both ends of a confidence interval."""

    low: float
    high: float


def share(hits: int, of: int, confidence: float = CONFIDENCE) -> Interval:
    """Give the exact interval of a share of which *hits* were seen among *of*; of none, anything is possible."""
    if not of:
        return Interval(0.0, 1.0)
    tail = (1 - confidence) / 2
    low = 0.0 if hits == 0 else _solve(lambda p: 1 - _at_most(hits - 1, of, p) - tail)
    high = 1.0 if hits == of else _solve(lambda p: tail - _at_most(hits, of, p))
    return Interval(low, high)


def chapman(first: int, second: int, both: int) -> float:
    """Estimate how many items there are, where *first* and *second* saw so many and *both* the same ones."""
    return (first + 1) * (second + 1) / (both + 1) - 1


def _at_most(hits: int, of: int, p: float) -> float:
    """Give the chance of at most *hits* successes in *of* trials, each with the chance *p*."""
    if p <= 0 or p >= 1:
        return float(p <= 0 or hits >= of)
    logs = [
        math.lgamma(of + 1) - math.lgamma(k + 1) - math.lgamma(of - k + 1) + k * math.log(p) + (of - k) * math.log1p(-p)
        for k in range(hits + 1)
    ]
    return min(1.0, math.fsum(map(math.exp, logs)))


def _solve(rising: Callable[[float], float]) -> float:
    """Find where a *rising* function of a share passes zero, by halving."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2
