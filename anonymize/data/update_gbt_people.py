"""Rebuild `gbt_people.csv`: codes of sex, marital status and ethnic group, from the standards and npm gb3304 (MIT).

The twelve codes of GB/T 2261.1-2003 and GB/T 2261.2-2003 stand here, no package carries them; the 56 ethnic groups
of GB/T 3304-1991 come from the package. Needs npm and a registry. Run: `python -m anonymize.data.update_gbt_people`.
"""

import csv
import io
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "gb3304@1.0.1"
TARGET = Path(__file__).with_name("gbt_people.csv")
SEX = {"0": "未知的性别", "1": "男性", "2": "女性", "9": "未说明的性别"}
MARITAL = {
    "10": "未婚",
    "20": "已婚",
    "21": "初婚",
    "22": "再婚",
    "23": "复婚",
    "30": "丧偶",
    "40": "离婚",
    "90": "未说明的婚姻状况",
}
_GROUP = re.compile(r"\{([^{}]*?digitalCode[^{}]*?)\}")
_FIELD = re.compile(r"(\w+): '([^']*)'")

Row = tuple[str, str, str, str, str]


def rows(archive: Path) -> list[Row]:
    """List (system, code, name, Latin spelling, letters) of every code, in order of system and code."""
    found: list[Row] = [("gbt2261_sex", code, name, "", "") for code, name in SEX.items()]
    found += [("gbt2261_marital", code, name, "", "") for code, name in MARITAL.items()]
    with tarfile.open(archive) as package:
        member = package.extractfile("package/dist/gb3304.esm.js")
        if member is None:
            raise SystemExit(f"{archive.name}: gb3304.esm.js is missing. Check the version of {PACKAGE}.")
        for group in _GROUP.findall(member.read().decode("utf-8")):
            field = dict(_FIELD.findall(group))
            found.append(("gbt3304_ethnic", field["digitalCode"], field["name"], field["romanization"], field["code"]))
    return sorted(found)


def text(archive: Path) -> str:
    """Give the whole file, comment header included."""
    out = io.StringIO()
    out.write("# Codes of people: sex (GB/T 2261.1), marital status (GB/T 2261.2), ethnic group (GB/T 3304).\n")
    out.write(f"# Source: GB/T 2261.1-2003, GB/T 2261.2-2003; npm {PACKAGE} (GB/T 3304-1991).\n")
    out.write("# Licence: code lists of national standards; MIT (gb3304).\n")
    out.write("# Made by: anonymize/data/update_gbt_people.py\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("system", "code", "name", "latin", "letters"))
    writer.writerows(rows(archive))
    return out.getvalue()


def main() -> None:
    """Fetch the package into a temporary folder and write the table."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", PACKAGE, "--pack-destination", folder], check=True, capture_output=True)
        (archive,) = Path(folder).glob("*.tgz")
        TARGET.write_text(text(archive), "utf-8")


if __name__ == "__main__":
    main()
