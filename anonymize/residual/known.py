"""The source's own identifiers, searched in texts by hashed n-grams: no value is kept, only 64 bits of each.

A value is squeezed to its letters, digits and hanzi, in plain small letters. Of what is longer than the longest n-gram
its end counts, where house numbers stand. The hash is polynomial, over 64 bits, at a point drawn for this search: with
10 million values and 10,000 million n-grams of texts, one search in about 200 meets one pair by chance. All n-grams of
one length are hashed and looked up at once, in arrays.
"""

import secrets
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from anonymize.data import facts
from anonymize.residual.plain import TABLE

Codes = NDArray[np.uint32]
Hashes = NDArray[np.uint64]

LONGEST = 24
"""Characters of the longest n-gram."""
LONGEST_HAN = 8
"""The same of a value with hanzi: an address is written in many ways, its end in few."""
LEAST_DIGITS, LEAST_LETTERS = 6, 6
"""Characters of a number, and of a value in Latin letters, from which it is no accident that a text has it, too."""
TOGETHER, OVERLAP = 1_000_000, 1_000
"""Characters looked at together, and those beyond a cut in which a value that begins before it must end."""
TYPES = ("KNOWN_NAME", "KNOWN_ADDRESS", "KNOWN_VALUE")
"""What a value of the source is, by its form."""
MOST_BITS = 24
"""Size of the table of first bits: 16 million."""
_BREAK = 0xFFFFFFFF
_PLANE = 0x10000


@dataclass(frozen=True, slots=True)
class Known:
    """Hashes of what is looked for."""

    point: int
    """Where the polynomials are taken: odd, and drawn anew for each search."""
    hashes: Mapping[tuple[str, int], Hashes]
    """Type and length → the hashes, sorted."""

    @property
    def values(self) -> Mapping[str, int]:
        """How many are looked for, by type."""
        total = Counter[str]()
        for (kind, _), hashes in self.hashes.items():
            total[kind] += len(hashes)
        return dict(sorted(total.items()))

    def count(self, texts: Sequence[str]) -> Counter[str]:
        """Count the places in *texts* where a value stands, by type, each between ends of its number or word."""
        found = Counter[str]()
        for part, ends in _parts(texts):
            found.update(kind for kind, start in self._places(part) if start < ends)
        return found

    def _places(self, texts: Sequence[str]) -> Iterator[tuple[str, int]]:
        """Give the type of each value that stands in *texts*, and where it begins, as if they were one."""
        joined = np.frombuffer("\uffff".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
        codes = _table()[np.minimum(joined, _PLANE)]
        kept = np.flatnonzero(codes)
        squeezed = codes[kept]
        if not len(squeezed):
            return
        kinds = _kind_of(codes)
        sums = _sums(squeezed, self.point)
        inverse = _powers(pow(self.point, -1, 1 << 64), len(squeezed))
        for (kind, length), hashes in self.hashes.items():
            if length > len(squeezed):
                continue
            grams = (sums[length:] - sums[:-length]) * inverse[: len(squeezed) - length + 1]
            for at in np.flatnonzero(_among(grams, hashes)):
                start, end = int(kept[at]), int(kept[at + length - 1])
                if not (_joined(kinds, start - 1, start) or _joined(kinds, end, end + 1)):
                    yield kind, start


@dataclass(slots=True)
class KnownBuilder:
    """Takes values in and keeps their hashes."""

    point: int = field(default_factory=lambda: secrets.randbits(63) << 1 | 1)
    _parts: dict[tuple[str, int], "array[int]"] = field(default_factory=dict)

    def add(self, values: Iterable[str]) -> None:
        """Add *values*; what is too short to be told from ordinary text is left out."""
        for value in values:
            key = squeezed(value)
            if kind := kind_of(key):
                key = key[-(LONGEST_HAN if kind == "KNOWN_ADDRESS" else LONGEST) :]
                self._parts.setdefault((kind, len(key)), array("Q")).append(self._hash(key))

    def done(self) -> Known:
        """Give what to search for."""
        return Known(self.point, {key: np.unique(np.array(of, np.uint64)) for key, of in sorted(self._parts.items())})

    def _hash(self, key: str) -> int:
        total, power = 0, 1
        for char in key:
            total += min(ord(char), _PLANE) * power
            power = power * self.point
        return total & (1 << 64) - 1


def _parts(texts: Sequence[str]) -> Iterator[tuple[Sequence[str], int]]:
    """Give *texts* in parts of bounded size, each with the place in it where the next one begins.

    A text that is too long for one is cut; what follows the cut is seen twice, so that no value is cut with it.
    """
    held: list[str] = []
    size = 0
    for text in texts:
        if held and size + len(text) > TOGETHER:
            yield held, size + len(held)
            held, size = [], 0
        if len(text) <= TOGETHER:
            held.append(text)
            size += len(text)
            continue
        for at in range(0, len(text), TOGETHER):
            yield [text[at : at + TOGETHER + OVERLAP]], TOGETHER
    if held:
        yield held, size + len(held)


def squeezed(value: str) -> str:
    """Leave letters, digits and hanzi of *value*, in plain small letters."""
    codes = _table()[np.minimum(np.frombuffer(value.encode("utf-32-le", "surrogatepass"), np.uint32), _PLANE)]
    return "".join(map(chr, codes[(codes > 0) & (codes < _BREAK)]))


def kind_of(key: str) -> str:
    """Say what a squeezed value is, by its form; empty where a text may well hold it by accident."""
    if any(map(_is_han, key)):
        if len(key) > 4 or any(char.isdigit() for char in key):
            return "KNOWN_ADDRESS" if len(key) > 4 else ""
        return "KNOWN_NAME" if len(key) > 2 or (len(key) == 2 and key not in _words()) else ""
    if any(char.isdigit() for char in key):
        day = key.isdigit() and len(key) == 8 and key[:2] in ("18", "19", "20")
        return "KNOWN_VALUE" if len(key) >= LEAST_DIGITS and not day else ""
    return "KNOWN_NAME" if len(key) >= LEAST_LETTERS else ""


@cache
def _words() -> frozenset[str]:
    return frozenset(row["word"] for row in facts("words.csv") if len(row["word"]) == 2)


@cache
def _table() -> Codes:
    """Map each code of the first plane to the plain small letter, digit or hanzi that it is, or to 0; others to one."""
    table = np.zeros(_PLANE + 1, np.uint32)
    for code in range(_PLANE - 1):
        char = TABLE[code]
        if char.isalnum():
            small = char.lower()
            table[code] = ord(small) if len(small) == 1 else ord(char)
    table[0xFFFF], table[_PLANE] = _BREAK, _PLANE
    return table


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or char >= "\uf900"


def _kind_of(codes: Codes) -> NDArray[np.uint8]:
    """Tell digits (1) and Latin letters (2) from all else (0)."""
    digit = (codes >= ord("0")) & (codes <= ord("9"))
    letter = (codes >= ord("a")) & (codes <= ord("z"))
    return digit.astype(np.uint8) + 2 * letter.astype(np.uint8)


def _joined(kinds: NDArray[np.uint8], left: int, right: int) -> bool:
    """Say whether two neighbours belong to one number or one Latin word."""
    return left >= 0 and right < len(kinds) and kinds[left] > 0 and bool(kinds[left] == kinds[right])


def _powers(point: int, count: int) -> Hashes:
    """Give the powers of *point* from 0 on, modulo 2**64."""
    powers = np.ones(count, np.uint64)
    if count > 1:
        powers[1:] = np.uint64(point & (1 << 64) - 1)
        np.multiply.accumulate(powers, out=powers)
    return powers


def _sums(codes: Codes, point: int) -> Hashes:
    """Give the polynomial of each beginning of *codes*."""
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.add.accumulate(codes.astype(np.uint64) * _powers(point, len(codes)), out=sums[1:])
    return sums


def _among(grams: Hashes, hashes: Hashes) -> NDArray[np.bool_]:
    """Say which of *grams* are among *hashes*: by one bit of a table first, by search where that is set."""
    bits = min(len(hashes).bit_length() + 4, MOST_BITS)
    shift = np.uint64(64 - bits)
    marked = np.zeros(1 << bits, np.bool_)
    marked[hashes >> shift] = True
    out: NDArray[np.bool_] = marked[grams >> shift]
    places = np.flatnonzero(out)
    at = np.searchsorted(hashes, grams[places])
    out[places] = hashes[np.minimum(at, len(hashes) - 1)] == grams[places]
    return out
