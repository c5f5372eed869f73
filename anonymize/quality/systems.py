"""What the values of a column are checked against: a code system, a type, or nothing."""

from anonymize.standards import SYSTEMS, reader
from anonymize.standards.dates import iso_date
from anonymize.standards.standardise import Read
from policies.plan import Column, Treatment

CHECKED_BY_TREATMENT = {
    Treatment.TOPOGRAPHY: "icdo3_topography",
    Treatment.MORPHOLOGY: "icdo3_morphology",
    Treatment.PLACE: "gbt2260",
    Treatment.DATE: "iso_date",
    Treatment.TIME: "iso_date",
}
"""Code systems that a treatment expects, where the plan names none."""


def system_of(column: Column) -> str | None:
    """Say what the values of *column* are checked against, if anything."""
    if column.standard is not None:
        return column.standard
    if column.kind in ("number", "integer"):
        return column.kind
    if column.treatment is Treatment.AGE:
        return None if column.birth_date is not None else "integer"
    if column.treatment is Treatment.BAND or (column.minimum, column.maximum) != (None, None):
        return "number"
    return "iso_date" if column.kind == "date" else CHECKED_BY_TREATMENT.get(column.treatment)


def reader_of(column: Column, system: str) -> Read:
    """Give the reader of the column's own system, mapping included; else the usual one of *system*."""
    if column.standard == system:
        return reader(column)
    return SYSTEMS.get(system, iso_date)
