"""Codes of diseases and tumours as people write them, read as the code they can only mean.

A longer national code (C50.900x001) is an extension of its ICD-10 code and is read as that. A code that is in no
table is not repaired.
"""

import re
from functools import cache

from anonymize.data import facts
from anonymize.standards.forms import narrow
from anonymize.transform.codes import sites

_ICD10 = re.compile(r"([A-Z]\d\d)\.?(\d{0,4})(?:X\d{0,4}){0,2}[*+†]?", re.ASCII)
_SITE = re.compile(r"(C\d\d)\.?(\d?)", re.ASCII)
_MORPHOLOGY = re.compile(r"M?-?(\d{4})[/\s]?([0-9]?)", re.ASCII)
BEHAVIOURS = frozenset("012369")


def topography(text: str) -> str | None:
    """Read an ICD-O-3 site: `c509` is C50.9; a bare category stays one."""
    found = _SITE.fullmatch(narrow(text).upper())
    if found is None:
        return None
    code = f"{found[1]}.{found[2]}" if found[2] else found[1]
    return code if code in sites() else None


def morphology(text: str) -> str | None:
    """Read an ICD-O-3 morphology: `M85003` is 8500/3; without behaviour it stays without."""
    found = _MORPHOLOGY.fullmatch(narrow(text).upper())
    if found is None or found[1] not in histologies():
        return None
    if not found[2]:
        return found[1]
    return f"{found[1]}/{found[2]}" if found[2] in BEHAVIOURS else None


def behaviour(text: str) -> str | None:
    """Read an ICD-O-3 behaviour: one digit, or `/` and one digit."""
    digit = narrow(text).removeprefix("/")
    return digit if digit in BEHAVIOURS else None


def icd10(text: str) -> str | None:
    """Read an ICD-10 code: `c509` and C50.900x001 are C50.9; the finest code the table knows is given."""
    found = _ICD10.fullmatch(narrow(text).upper())
    if found is None:
        return None
    category, more = found[1], found[2]
    for length in range(min(len(more), 2), 0, -1):
        if (code := f"{category}.{more[:length]}") in icd10_codes():
            return code
    # A category that ICD-10 does not divide is often written with a filler behind: C61.9, I10.x00x002.
    filled = not more or (more[0] in "09" and category not in _divided())
    return category if filled and category in icd10_codes() else None


@cache
def icd10_codes() -> frozenset[str]:
    """Give all categories and codes of ICD-10, without blocks."""
    return frozenset(row["code"] for row in facts("icd10.csv") if "-" not in row["code"])


@cache
def _divided() -> frozenset[str]:
    return frozenset(row["parent"] for row in facts("icd10.csv"))


@cache
def histologies() -> frozenset[str]:
    """Give the four-digit histology numbers in use."""
    ranges = [(int(row["first"]), int(row["last"])) for row in facts("icdo3_histology.csv")]
    return frozenset(f"{number:04}" for first, last in ranges for number in range(first, last + 1))
