"""Rebuild `naaccr_items.csv`: the items of the NAACCR data dictionary, versions 21 to 26, by number and identifier.

No package of a registry carries the dictionary. So the list of items of the newest version is read from a path:
`docs/naaccr-xml-items-260.csv` of github imsweb/naaccr-xml, which `../shared/data/reference` holds. Items that came
or went are joined from `naaccr_history.csv`. Run: `python -m anonymize.data.update_naaccr_items [PATH]`.
"""

import csv
import io
import sys
from pathlib import Path

TARGET = Path(__file__).with_name("naaccr_items.csv")
HISTORY = Path(__file__).with_name("naaccr_history.csv")
USUAL = Path(__file__).parents[2] / "../shared/data/reference/naaccr-xml-items-260.csv"

Row = tuple[int, str, str, str, str, str, str, str]


def rows(items: Path) -> list[Row]:
    """List number, id, name, level, type, length, first and last version of every item, in order of number.

    What is empty is not known: a first version means 21 or before, a last one that the item is still there.
    """
    lines = (line for line in HISTORY.read_text("utf-8").splitlines() if not line.startswith("#"))
    history = {row["id"]: row for row in csv.DictReader(lines)}
    found: list[Row] = []
    with items.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["NAACCR XML ID"]
            first = history.pop(name, {"first": ""})["first"]
            level, kind = row["Parent XML Element"], row["Data Type"]
            found.append((int(row["NAACCR Number"]), name, row["Name"], level, kind, row["Length"], first, ""))
    for name, gone in history.items():
        if not gone["last"]:
            raise SystemExit(f"{items.name} lacks {name}, which naaccr_history.csv says it has. Check its version.")
        found.append((int(gone["number"]), name, gone["name"], "", "", "", gone["first"], gone["last"]))
    return sorted(found)


def text(items: Path) -> str:
    """Give the whole file, comment header included."""
    out = io.StringIO()
    out.write("# NAACCR items 21-26. Empty: first 21 or before, last still there; level, type, length of the newest.\n")
    out.write("# Source: github imsweb/naaccr-xml@a87b70aea5, docs/naaccr-xml-items-260.csv; naaccr_history.csv.\n")
    out.write("# Licence: BSD-3-Clause (naaccr-xml); the dictionary is maintained by NAACCR, www.naaccr.org.\n")
    out.write("# Made by: anonymize/data/update_naaccr_items.py\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("number", "id", "name", "level", "type", "length", "first", "last"))
    writer.writerows(rows(items))
    return out.getvalue()


if __name__ == "__main__":
    TARGET.write_text(text(Path(sys.argv[1]) if len(sys.argv) > 1 else USUAL), "utf-8")
