"""Places as people write them, by their code in GB/T 2260: digits of a usual length, or a name only one bears."""

from functools import cache

from anonymize.data import facts
from anonymize.standards.forms import key

LENGTHS = (2, 4, 6, 9, 12)
"""Digits of a province, a city, a county, and of the town and the village below it."""


def place(text: str) -> str | None:
    """Read a place: 50, 5001, 500103, 500100, a longer statistical code, 重庆市渝中区. A name many bear is not read."""
    plain = key(text)
    if plain.isascii() and plain.isdigit() and len(plain) in LENGTHS:
        code = plain[:6]
        if code.endswith("0000"):
            code = code[:2]
        elif len(code) == 6 and code.endswith("00"):
            code = code[:4]
        return code if code in _codes() else None
    return _by_name().get(plain)


@cache
def _codes() -> frozenset[str]:
    return frozenset(row["code"] for row in facts("gbt2260.csv"))


@cache
def _by_name() -> dict[str, str]:
    """List the spellings that mean one place: its name alone, and after those of the places it lies in."""
    name = {row["code"]: row["name"] for row in facts("gbt2260.csv")}
    bearers: dict[str, set[str]] = {}
    for code, own in name.items():
        above = [name[code[:length]] for length in (2, 4) if length < len(code)]
        for prefix in {"", *above, "".join(above)}:
            bearers.setdefault(key(prefix + own), set()).add(code)
    return {spelling: next(iter(codes)) for spelling, codes in bearers.items() if len(codes) == 1}
