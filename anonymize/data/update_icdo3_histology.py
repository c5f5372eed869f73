"""Rebuild `icdo3_histology.csv`: the ranges of ICD-O-3 histology numbers, from the SEER staging tables (BSD-3).

No package of a registry carries the list. So the table is read from a path: `tables/histology.json` of the archive
`eod_public-3.3.zip` in github imsweb/staging-client-java, which `../shared/data/reference/icdo3_histology.csv` holds
as one column `hist` of numbers and ranges. Run: `python -m anonymize.data.update_icdo3_histology [PATH]`.
"""

import csv
import io
import sys
from pathlib import Path

TARGET = Path(__file__).with_name("icdo3_histology.csv")
USUAL = Path(__file__).parents[2] / "../shared/data/reference/icdo3_histology.csv"


def rows(table: Path) -> list[tuple[str, str]]:
    """List (first, last) of every range, in order; a single number is a range of its own."""
    with table.open(encoding="utf-8", newline="") as file:
        ranges = [row["hist"].partition("-") for row in csv.DictReader(file)]
    return sorted((first, last or first) for first, _, last in ranges)


def text(table: Path) -> str:
    """Give the whole file, comment header included."""
    out = io.StringIO()
    out.write("# Histology numbers of ICD-O-3 in use by registries, as ranges that include their ends.\n")
    out.write("# Source: github imsweb/staging-client-java@d93d1eccdf, SEER EOD 3.3, tables/histology.json.\n")
    out.write("# Licence: BSD-3-Clause (staging-client-java).\n")
    out.write("# Made by: anonymize/data/update_icdo3_histology.py\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("first", "last"))
    writer.writerows(rows(table))
    return out.getvalue()


if __name__ == "__main__":
    TARGET.write_text(text(Path(sys.argv[1]) if len(sys.argv) > 1 else USUAL), "utf-8")
