"""Codes of tumours: ICD-O-3 topography by its tree, ICD-O-3 morphology by its digits, behaviour apart."""

import re
from functools import cache

import numpy as np

from anonymize.data import facts
from anonymize.kanonymity.hierarchies import ROOT, from_paths
from anonymize.transform.outcome import BadValue, Generalised, Setting, Values, generalise
from policies.columns import Column

MORPHOLOGY_LEVELS = 5
_MORPHOLOGY = re.compile(r"(\d\d)(\d)(\d)(?:/?([012369]))?", re.ASCII)


def topography(column: Column, values: Values, setting: Setting) -> Generalised:
    """Generalise sites: C50.9 → C50 → C50-C50 (its block) → `*`; C509 is read as C50.9, a bare C50 as itself.

    The hierarchy holds all sites of `icd10_neoplasms.csv`, so that loss does not depend on which occur.

    Raises:
        BadValue: a code is unknown.
    """
    paths = sites()
    leaves: list[str | None] = list(paths)
    rows: list[tuple[str | None, ...]] = [(*path, ROOT) for path in paths.values()]
    number_of = {code: number for number, code in enumerate(paths)}
    if None in values:
        leaves.append(None)
        rows.append((None, None, None, ROOT))
    leaf = np.zeros(len(values), dtype=np.int32)
    for number, text in enumerate(values):
        code = text if text is None or len(text) != 4 else f"{text[:3]}.{text[3]}"
        if code is not None and code not in number_of:
            raise BadValue(number, "holds no ICD-O-3 topography like C50.9")
        leaf[number] = len(paths) if code is None else number_of[code]
    return Generalised(from_paths(column.published_as, leaves, rows), leaf)


@cache
def sites() -> dict[str, tuple[str, str, str]]:
    """Give, per site and per bare category, what is published at the three levels."""
    parent = {row["code"]: row["parent"] for row in facts("icd10_neoplasms.csv")}
    out = {}
    for code, above in parent.items():
        if "." in code:
            out[code] = (code, above, parent[above])
        elif "-" not in code:
            out[code] = (code, code, above)
    return out


def morphology(column: Column, values: Values, setting: Setting) -> Generalised:
    """Generalise histology: 8500/3 → 850_/3 → 85__/3 → _/3 → `*`; 85003 is read as 8500/3.

    The behaviour (the digit behind the slash) is kept until the root: whether a tumour is malignant says more than
    its cell type. A code without behaviour rolls up by its digits alone, to `_`.

    Raises:
        BadValue: a code is not four digits with or without a behaviour of 0, 1, 2, 3, 6 or 9.
    """
    hierarchy, leaf = generalise(column.published_as, values, _rolled_up, MORPHOLOGY_LEVELS)
    return Generalised(hierarchy, leaf)


def _rolled_up(code: str) -> tuple[str, ...]:
    found = _MORPHOLOGY.fullmatch(code)
    if found is None:
        raise ValueError("holds no ICD-O-3 morphology like 8500/3")
    group, third, fourth, behaviour = found.groups()
    tail = "" if behaviour is None else f"/{behaviour}"
    return (f"{group}{third}{fourth}{tail}", f"{group}{third}_{tail}", f"{group}__{tail}", f"_{tail}")
