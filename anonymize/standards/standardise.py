"""Values of a column put into the code system its plan names: first by the plan's mapping, then by their form.

What neither reads becomes an empty cell and is counted; nothing is guessed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from anonymize.standards import dates, people, places, tumours
from anonymize.standards.forms import narrow
from policies.errors import PlanError
from policies.plan import Column

Read = Callable[[str], str | None]
"""Reads a value as its code; None where it has none."""

SYSTEMS: Mapping[str, Read] = {
    "icdo3_topography": tumours.topography,
    "icdo3_morphology": tumours.morphology,
    "icdo3_behaviour": tumours.behaviour,
    "icd10": tumours.icd10,
    "gbt2260": places.place,
    "gbt2261_sex": people.sex,
    "gbt2261_marital": people.marital,
    "gbt3304_ethnic": people.ethnic,
    "iso_date": dates.iso_date,
}
"""The code systems there are, by the name a plan gives in `standard`."""


@dataclass(frozen=True, slots=True)
class Standardised:
    """Distinct values after standardisation, in their order."""

    values: pa.Array
    """The code of each value; null where it has none, or there was no value."""
    known: pa.Array
    """Per value: whether it has a code; null where there was no value. Joined with the rows, it counts them."""

    @property
    def mapped(self) -> int:
        """Distinct values that have a code."""
        return int(pc.sum(self.known).as_py() or 0)

    @property
    def unmapped(self) -> int:
        """Distinct values that have none."""
        return int(len(self.known) - self.known.null_count) - self.mapped


def standardise(values: pa.Array, column: Column) -> Standardised:
    """Put distinct *values* (text, null allowed) of *column* into its code system.

    Raises:
        PlanError: the column names no known code system, or its mapping holds what is no code of it.
    """
    read = reader(column)
    given: list[str | None] = values.to_pylist()
    codes = [None if value is None else read(value) for value in given]
    known = [None if value is None else code is not None for value, code in zip(given, codes, strict=True)]
    return Standardised(pa.array(codes, pa.string()), pa.array(known, pa.bool_()))


def reader(column: Column) -> Read:
    """Give the function that reads one value of *column*: the plan's mapping first, then the forms of the system.

    Raises:
        PlanError: the column names no known code system, or its mapping holds what is no code of it.
    """
    place = f"column {column.name!r}"
    system = column.standard
    if system is None or system not in SYSTEMS:
        raise PlanError(place, f"standard {system!r} is unknown", fix=f"Use one of: {', '.join(SYSTEMS)}.")
    usual = SYSTEMS[system]
    local: dict[str, str] = {}
    for value, code in column.mapping.items():
        if usual(code) is None:
            raise PlanError(
                place, f"mapping gives {code!r}, which is no code of {system}", fix="Map each local value to a code."
            )
        local[narrow(value)] = usual(code) or code

    def read(text: str) -> str | None:
        return local[plain] if (plain := narrow(text)) in local else usual(text)

    return read
