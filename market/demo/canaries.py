"""Canaries: planted values that must be seen nowhere outside the raw source, and the search for them.

The search reads what a thief would read: decoded Parquet columns, statistics and key-values, SQLite cells and whole
pages (free ones and the write-ahead log included), archives, escaped text, file names – and tells where it found
something, never what.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from anonymize.detect.fold import fold
from market.demo.decode import IN_PARTS, views

_DATE = re.compile(r"(?<![0-9A-Za-z])(19\d\d)\s?(?P<s>[-/.年]?)\s?(\d{1,2})\s?(?:(?P=s)|月)\s?(\d{1,2})(?![0-9A-Za-z])")
_DAY = re.compile(r"(?<![0-9A-Za-z])(19\d\d)(\d\d)(\d\d)(?![0-9A-Za-z])")
_NOISE = re.compile(r"[\W_]+")
_RUN = re.compile(r"\d(?:[\s\-.·]{0,2}\d){7,}")
_SEPARATORS = re.compile(r"[\s\-.·]+")
_NOISE_BYTES = bytes(code for code in range(128) if _NOISE.match(chr(code)))
_SEPARATOR_BYTES = bytes(code for code in range(128) if _SEPARATORS.match(chr(code)))


@dataclass(frozen=True, slots=True)
class Canary:
    """A planted value: a `date` (ISO 8601), a `number`, or words (`name`, `address`, `instant`, …)."""

    kind: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A canary seen: in which file, in which layer of it, and the number of the canary in the list searched for."""

    file: str
    where: str
    kind: str
    number: int


def read(path: Path) -> list[Canary]:
    """Read the canaries that `write` wrote."""
    lines = path.read_text("utf-8").splitlines()
    return [Canary(raw["kind"], raw["value"]) for raw in map(json.loads, lines)]


def write(path: Path, canaries: Sequence[Canary]) -> None:
    """Write *canaries* as JSON lines, for `read`."""
    lines = [json.dumps({"kind": c.kind, "value": c.value}, ensure_ascii=False) + "\n" for c in canaries]
    path.write_text("".join(lines), encoding="utf-8")


def search(directory: Path, canaries: Sequence[Canary]) -> list[Hit]:
    """Look for *canaries* in every file under *directory*, and in the names of files and folders."""
    needles = _Needles(canaries)
    hits: set[Hit] = set()
    for path in sorted(directory.rglob("*")):
        hits |= needles.in_file(path, str(path.relative_to(directory)))
    return sorted(hits)


def search_file(path: Path, canaries: Sequence[Canary]) -> list[Hit]:
    """Look for *canaries* in one file."""
    return sorted(_Needles(canaries).in_file(path, path.name))


def seen(text: str, canaries: Sequence[Canary]) -> set[int]:
    """Give the number of each of *canaries* that *text* holds."""
    return set(_Needles(canaries).in_text(text))


LEAST_UTF16 = 3
"""Fewer characters than this say nothing where they are found in bytes that are no text."""


class _Needles:
    """The canaries, made ready to be looked for."""

    def __init__(self, canaries: Sequence[Canary]) -> None:
        self._kinds = [canary.kind for canary in canaries]
        self._words: list[tuple[int, str]] = []
        self._numbers: list[tuple[int, str]] = []
        self._days: dict[str, list[int]] = {}
        self._short = {number for number, canary in enumerate(canaries) if len(canary.value) < LEAST_UTF16}
        for number, canary in enumerate(canaries):
            if canary.kind == "date":
                self._days.setdefault(canary.value, []).append(number)
            elif canary.kind == "number":
                self._numbers.append((number, re.sub(r"\D", "", fold(canary.value))))
            else:
                self._words.append((number, _NOISE.sub("", fold(canary.value))))

    def in_file(self, path: Path, file: str) -> set[Hit]:
        """Find what *path* holds, and what its name *file* says."""
        found = [("name", number) for number in self.in_text(file)]
        if path.is_file() and not path.is_symlink():
            found += [
                (where, number)
                for where, text in views(path.read_bytes())
                for number in self.in_text(text)
                if not (where.endswith(IN_PARTS) and number in self._short)
            ]
        shown = "(a path that holds a canary)" if any(where == "name" for where, _ in found) else file
        return {Hit(shown, where, self._kinds[number], number) for where, number in found}

    def in_text(self, text: str) -> Iterator[int]:
        """Give the number of each canary in *text*, however it is written there."""
        folded = fold(text)
        squeezed = _without(folded, _NOISE, _NOISE_BYTES)
        yield from (number for number, word in self._words if word in squeezed)
        joined = _without(folded, _SEPARATORS, _SEPARATOR_BYTES)
        likely = [(number, digits) for number, digits in self._numbers if digits in joined]
        if likely:  # numbers of two cells may have met: only runs with few separators between digits count
            runs = "\n".join(re.sub(r"\D", "", run) for run in _RUN.findall(folded))
            yield from (number for number, digits in likely if digits in runs)
        for match in [*_DATE.finditer(folded), *_DAY.finditer(folded)]:
            year, month, day = (group for group in match.groups() if group.isdigit())
            yield from self._days.get(f"{year}-{int(month):02}-{int(day):02}", ())


def _without(text: str, noise: re.Pattern[str], noise_bytes: bytes) -> str:
    """Take *noise* out of *text*; where all is ASCII by its bytes, which is ten times as fast."""
    return text.encode().translate(None, noise_bytes).decode() if text.isascii() else noise.sub("", text)
