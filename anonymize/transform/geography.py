"""Places by GB/T 2260: county (6 digits) → city (4) → province (2) → `*`, with a population floor.

A county or a city is published only where the plan gives a population figure of at least the profile's floor; else
the row says the city, or the province, instead. The province always passes.

Rolling a small county up must not give it away: where its neighbours are published by name, "the city" would mean
that county alone. So the remainder of a city (its figure less those of its counties that pass) must reach the floor
too; if it does not, its small counties say the province at every level below `*`.
"""

from collections.abc import Mapping
from functools import cache

import numpy as np

from anonymize.data import facts
from anonymize.kanonymity.hierarchies import ROOT, from_paths
from anonymize.transform.outcome import BadValue, Generalised, Setting, Values
from policies.columns import Column

Path = tuple[str, str, str]
"""What is published for a place as county, as city and as province."""


@cache
def places() -> tuple[str, ...]:
    """List the codes of all provinces, cities and counties."""
    return tuple(row["code"] for row in facts("gbt2260.csv"))


def place(column: Column, values: Values, setting: Setting) -> Generalised:
    """Generalise a column of GB/T 2260 codes: 6 digits, 4, or 2; 500100 means city 5001, 500000 province 50.

    The hierarchy holds all places of the country, so that loss does not depend on which occur.

    Raises:
        BadValue: a code is unknown.
    """
    population = setting.population
    paths = published(population.figures if population else {}, setting.population_floor)
    leaves: list[str | None] = list(paths)
    number_of = {code: number for number, code in enumerate(paths)}
    rows: list[tuple[str | None, ...]] = [(*path, ROOT) for path in paths.values()]
    if None in values:
        leaves.append(None)
        rows.append((None, None, None, ROOT))
    leaf = np.zeros(len(values), dtype=np.int32)
    for number, text in enumerate(values):
        code = text if text is None or text in number_of else _unpadded(text)
        if code is not None and code not in number_of:
            raise BadValue(number, "holds no code of GB/T 2260 (county, city or province)")
        leaf[number] = len(paths) if code is None else number_of[code]
    return Generalised(from_paths(column.published_as, leaves, rows), leaf)


def _unpadded(code: str) -> str:
    """Cut the zeros of a six-digit code that means a city or a province."""
    if len(code) == 6 and code.endswith("0000"):
        return code[:2]
    return code[:4] if len(code) == 6 and code.endswith("00") else code


def published(figures: Mapping[str, int], floor: int) -> dict[str, Path]:
    """Give, per place of the country, what is published for it at the three levels, by the *floor* of people."""

    def passes(code: str) -> bool:
        return figures.get(code, 0) >= floor

    named: dict[str, int] = {}
    small: set[str] = set()
    for code in places():
        if len(code) == 6 and passes(code):
            named[code[:4]] = named.get(code[:4], 0) + figures[code]
        elif len(code) == 6:
            small.add(code[:4])
    out: dict[str, Path] = {}
    for code in places():
        province, city = code[:2], code[:4]
        upper = city if len(code) > 2 and passes(city) else province
        if len(code) == 6 and passes(code):
            out[code] = (code, upper, province)
            continue
        if city in small and city in named and figures.get(city, 0) - named[city] < floor:
            upper = province
        out[code] = (upper, upper, province)
    return out
