"""The imaging source: the real index of the series in the NCI Imaging Data Commons, as Parquet.

One row per DICOM series, from the PyPI package `idc-index-data` 25.0.5; only rows licensed CC BY 3.0 or 4.0 are
taken, and the DOI each must be attributed to stays with it. Identifiers, dates and ages are as published there (the
Commons' own de-identification lies behind them); nothing is invented. Canaries are real identifiers.
"""

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anonymize.errors import SourceError
from market.demo.canaries import Canary, write
from market.demo.sources.facts import SourceFacts

STATEMENT = "All values are real (NCI Imaging Data Commons v25, series licensed CC BY 3.0 or 4.0)."
SERIES = 1_009_518
LICENCES = ("CC BY 3.0", "CC BY 4.0")
SEED = 20260925
FIELDS = {
    "patient_id": "PatientID",
    "study_uid": "StudyInstanceUID",
    "series_uid": "SeriesInstanceUID",
    "age": "PatientAge",
    "sex": "PatientSex",
    "study_date": "StudyDate",
    "study_description": "StudyDescription",
    "series_description": "SeriesDescription",
    "collection": "collection_id",
    "doi": "source_DOI",
    "licence": "license_short_name",
    "modality": "Modality",
    "body_part": "BodyPartExamined",
    "manufacturer": "Manufacturer",
    "instances": "instanceCount",
}
"""Our name of a column → that of the package."""
COLUMNS = tuple(FIELDS)
PLANTED = 24
"""Patients whose identifiers are canaries."""
APART = 4_000
"""Rows between the patients they are drawn from."""


def write_source(path: Path, canaries_path: Path) -> SourceFacts:
    """Write the series to *path* (.parquet), and the canaries as JSON lines to *canaries_path*.

    Raises:
        SourceError: the package `idc-index-data` is missing, or holds other data than we know.
    """
    index = pq.ParquetFile(_installed())
    dois: set[str] = set()
    rows, candidates = 0, pa.table({"patient_id": pa.array([], pa.string()), "series_uid": pa.array([], pa.string())})
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in index.iter_batches(columns=list(FIELDS.values())):
            licensed = batch.filter(pc.is_in(batch["license_short_name"], pa.array(LICENCES)))
            columns = {ours: licensed[theirs].cast(pa.string()) for ours, theirs in FIELDS.items()}
            table = pa.table({**columns, "age": _years(columns["age"])}, schema=schema)
            writer.write_table(table)
            rows += table.num_rows
            dois.update(doi for doi in table["doi"].unique().to_pylist() if doi)
            numbered = pc.match_substring_regex(table["patient_id"], r"^.{6,}\d\d$")
            told = table.select(candidates.column_names).filter(numbered)
            candidates = pa.concat_tables([candidates, told.take(pa.array(range(0, told.num_rows, APART), pa.int64()))])
    if rows != SERIES:
        raise SourceError("idc-index-data", "is not the index we know", fix="Install idc-index-data 25.0.5.")
    rng = random.Random(SEED)  # noqa: S311 - the same canaries each time
    uid_of = {row["patient_id"]: row["series_uid"] for row in candidates.to_pylist()}
    chosen = rng.sample(sorted(uid_of.items()), PLANTED)
    planted = [Canary("identifier", patient) for patient, _ in chosen] + [Canary("number", uid) for _, uid in chosen]
    write(canaries_path, planted)
    return SourceFacts(path, rows, COLUMNS, len(planted), STATEMENT, f"Series of doi:{', doi:'.join(sorted(dois))}")


def _installed() -> Path:
    try:
        from idc_index_data import IDC_INDEX_PARQUET_FILEPATH
    except ImportError:
        fix = "Install the demo's extra: pip install 'sluice[demo]'."
        raise SourceError("idc-index-data", "the package is not installed", fix=fix) from None
    return Path(str(IDC_INDEX_PARQUET_FILEPATH))


def _years(ages: pa.Array) -> pa.Array:
    """Read DICOM ages (066Y, 018M, 003D) as whole years; a year of 000 says nothing, like any other form."""
    parts = pc.extract_regex(ages, r"^(?P<number>[0-9]{3})(?P<unit>[YMDymd])$")
    number, unit = pc.struct_field(parts, "number").cast(pa.int64()), pc.utf8_upper(pc.struct_field(parts, "unit"))
    divisor = pc.case_when(
        pc.make_struct(pc.equal(unit, "Y"), pc.equal(unit, "M"), pc.equal(unit, "D")),
        pa.scalar(1, pa.int64()),
        pa.scalar(12, pa.int64()),
        pa.scalar(365, pa.int64()),
    )
    years = pc.divide(number, divisor)
    said = pc.and_(pc.greater(number, 0), pc.less_equal(years, 130))
    return pc.if_else(said, years, pa.scalar(None, pa.int64())).cast(pa.string())
