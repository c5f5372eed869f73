"""The secret of a release and the keys drawn from it (HKDF, RFC 5869). Held in memory only, never written.

Two keys outlast it. A subject's dates are shifted alike in all releases of a dataset, by a key in its custody: drawn
anew each time, the shifts of many releases would close in on the true days, and subjects would change class for no
reason. And the seed of a series is a file that its steward keeps, so that its datasets stay linkable.
"""

import os
from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from policies.errors import PlanError
from policies.plan import Plan

SIZE = 32


@dataclass(frozen=True, slots=True, eq=False)
class ReleaseSecret:
    """32 random bytes, drawn for one release. Every key of the release derives from them, each for one purpose.

    It does not print, compare or pickle its bytes. When the release is built the object is let go; nothing else
    holds a copy. Editions of one release share the secret but no key, so their tokens and orders do not join.
    """

    _bytes: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self._bytes) != SIZE:
            raise ValueError(f"a release secret has {SIZE} bytes")

    @classmethod
    def draw(cls) -> Self:
        """Draw a new secret from the operating system."""
        return cls(os.urandom(SIZE))

    def token_key(self, edition: str) -> bytes:
        """Give the key of the subject tokens of *edition*."""
        return self._derive(f"sluice/token/{edition}")

    def shift_key(self) -> bytes:
        """Give the key of the subjects' day shifts: one for the release, so that its editions stay nested."""
        return self._derive("sluice/shift")

    def text_key(self) -> bytes:
        """Give the key of surrogates and tokens inside texts: one for the release, whose editions share their texts."""
        return self._derive("sluice/text")

    def order_key(self, edition: str) -> bytes:
        """Give the key of the order of rows that sort alike in *edition*."""
        return self._derive(f"sluice/order/{edition}")

    def __reduce__(self) -> str:
        raise TypeError("a release secret is not to be written")

    def _derive(self, purpose: str) -> bytes:
        return _derived(self._bytes, purpose)


@dataclass(frozen=True, slots=True, eq=False)
class LastingShift(ReleaseSecret):
    """A release's secret whose shifts are those of the releases before and after it."""

    _shift: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: ReleaseSecret, shift: bytes) -> "LastingShift":
        """Give *secret* with the key *shift*."""
        return cls(secret._bytes, shift)

    def shift_key(self) -> bytes:
        """Give the key of the subjects' day shifts, the same in all releases."""
        return self._shift


@dataclass(frozen=True, slots=True, eq=False)
class SeriesSecret(ReleaseSecret):
    """A release's secret whose tokens and shifts come from the seed of a series; its orders are its own."""

    series: str
    _seed: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: ReleaseSecret, plan: Plan, seed: bytes | None) -> ReleaseSecret:
        """Give *secret* as the series of *plan* has it, if it is in one.

        Raises:
            PlanError: a series without its key, a key without a series, or an open edition in a series.
        """
        if plan.series is None:
            if seed is not None:
                raise PlanError("series", "is not named, but a key is given", fix='Write series = "…" in the plan.')
            return secret
        if "open" in plan.profiles:
            found = "has the profile 'open', and a series is pseudonymised: it is never open"
            raise PlanError("series", found, fix="Drop the profile, or publish the open edition in another dataset.")
        if seed is None or len(seed) != SIZE:
            raise PlanError("series", "has no key", fix="Give its key file, drawn on first use: --series-key FILE.")
        return cls(secret._bytes, plan.series, seed)

    def token_key(self, edition: str) -> bytes:
        """Give the key of the subject tokens of *edition*, the same in all datasets of the series."""
        return _derived(self._seed, f"sluice/series/{self.series}/token/{edition}")

    def shift_key(self) -> bytes:
        """Give the key of the subjects' day shifts, the same in all datasets of the series."""
        return _derived(self._seed, f"sluice/series/{self.series}/shift")


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=SIZE, salt=None, info=purpose.encode()).derive(secret)
