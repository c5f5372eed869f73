"""Cells of a guarded aggregate: how many people stand behind each, who dominates it, and the noise it is given.

The noise is a *cell key* perturbation (Fraser and Wooton 2005, the method of the Australian Bureau of Statistics): it
is drawn from a hash of the very people in the cell, so that the same people always get the same noise, and asking
again, or in other words, averages nothing away. It is symmetric, bounded, and its spread is stated.
"""

import hashlib
import hmac
import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from policies.errors import PolicyError

KEY_BITS = 64
"""Of a record's key, and so of a cell's: the sum of the keys of its people, modulo 2 to this power."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What a cell must pass, and how much noise it is given. The figures are data, with their source in the profile."""

    minimum_subjects: int
    """Distinct people, in truth as in the published count."""
    dominance_subjects: int
    """n of the (n, k) rule: so many of the largest contributions …"""
    dominance_share: float
    """… may make up at most this share of a sum (Hundepool et al., Handbook on Statistical Disclosure Control)."""
    noise_deviation: float
    """Standard deviation of the noise before it is cut off: in people, and in largest contributions for a sum."""
    noise_maximum: int
    """The most by which a count is moved."""

    def __post_init__(self) -> None:
        if self.minimum_subjects < 2:
            raise PolicyError("guard.minimum_subjects", "is below 2", fix="A cell of one person is that person.")
        if self.dominance_subjects < 1 or not 0 < self.dominance_share <= 1:
            fix = "Count at least one contribution; give a share above 0, up to 1."
            raise PolicyError("guard.dominance", "is no rule", fix=fix)
        if self.noise_deviation <= 0 or self.noise_maximum < 1:
            raise PolicyError("guard.noise", "is no noise", fix="Give a deviation above 0 and a maximum from 1 up.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What the people of a cell add up to, in one column. Rows count as a column of ones."""

    subjects: int
    """People with a value."""
    total: float
    absolute: float
    """The sum of what each person contributes, signs apart."""
    largest: tuple[float, ...]
    """The largest contributions of single people, signs apart, in falling order."""


def dominated(found: Contribution, guard: Guard) -> bool:
    """Say whether a few people make up too much of a sum: then it says too much of them."""
    if found.absolute == 0:
        return False
    return sum(found.largest[: guard.dominance_subjects]) > guard.dominance_share * found.absolute


def noisy_count(subjects: int, key: int, guard: Guard, secret: bytes) -> int | None:
    """Give the count to publish for a cell of *subjects* people with this *key*; None: it is withheld."""
    if subjects < guard.minimum_subjects:
        return None
    moved = subjects + _step(_uniform(secret, "subjects", key), guard)
    return moved if moved >= guard.minimum_subjects else None


def noisy_sum(found: Contribution, column: str, key: int, guard: Guard, secret: bytes) -> float | None:
    """Give the sum to publish; None: it is withheld.

    The noise is a number of people times the largest contribution, so that it covers whoever contributes most.
    """
    if found.subjects < guard.minimum_subjects or dominated(found, guard):
        return None
    largest = found.largest[0] if found.largest else 0.0
    return found.total + _step(_uniform(secret, f"sum {column}", key), guard) * largest


def _uniform(secret: bytes, statistic: str, key: int) -> float:
    """Draw a number from 0 up to 1 by what is counted and the cell's key (HMAC-SHA-256)."""
    message = f"{statistic}\0{key % (1 << KEY_BITS)}".encode()
    return int.from_bytes(hmac.new(secret, message, hashlib.sha256).digest()[:8], "big") / (1 << 64)


def _step(uniform: float, guard: Guard) -> int:
    """Turn a uniform number into noise: a normal curve over whole numbers, cut off at the maximum, its mean 0."""
    for step, upto in _table(guard.noise_deviation, guard.noise_maximum):
        if uniform < upto:
            return step
    return guard.noise_maximum


@lru_cache(maxsize=64)
def _table(deviation: float, maximum: int) -> Sequence[tuple[int, float]]:
    """List each step with the probability of it or a smaller one."""
    steps = range(-maximum, maximum + 1)
    weights = [math.exp(-(step**2) / (2 * deviation**2)) for step in steps]
    total, table, reached = sum(weights), [], 0.0
    for step, weight in zip(steps, weights, strict=True):
        reached += weight / total
        table.append((step, reached))
    return table


def probabilities(guard: Guard) -> dict[int, float]:
    """Give the probability of each step of noise, as the help and the attacks on it quote it."""
    table = _table(guard.noise_deviation, guard.noise_maximum)
    before = [0.0, *(upto for _, upto in table)]
    return {step: upto - low for (step, upto), low in zip(table, before[:-1], strict=True)}


def guard_of(profile: str) -> Guard:
    """Read the guard of the editions of a *profile*.

    Raises:
        PolicyError: there is none.
    """
    raw = tomllib.loads((Path(__file__).parent / "guards.toml").read_text("utf-8"))
    if profile not in raw or profile == "source":
        fix = f"Use one of: {', '.join(sorted(raw.keys() - {'source'}))}."
        raise PolicyError("guard", f"the profile {profile!r} has none", fix=fix)
    return Guard(**raw[profile])
