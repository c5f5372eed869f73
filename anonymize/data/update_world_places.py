"""Rebuild `world_places.csv`: countries and great cities of the world in Chinese, from CLDR (npm, Unicode licence).

The countries and regions are CLDR's territories, the cities those after which its time zones are named.
Needs npm and a registry. Run: `python -m anonymize.data.update_world_places`.
"""

import csv
import io
import json
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

VERSION = "48.2.0"
NAMES, DATES = f"cldr-localenames-full@{VERSION}", f"cldr-dates-full@{VERSION}"
TARGET = Path(__file__).with_name("world_places.csv")
_NAME = re.compile(r"[\u4e00-\u9fff]{2,}")


def territories(archive: Path) -> list[str]:
    """List the territories, short forms and former names included."""
    main = _read(archive, "package/main/zh/territories.json")
    return list(main["localeDisplayNames"]["territories"].values())


def cities(archive: Path) -> Iterator[str]:
    """Give the cities that stand for time zones."""

    def under(zones: Mapping[str, Any]) -> Iterator[str]:
        for value in zones.values():
            if isinstance(value, dict):
                yield from [value["exemplarCity"]] if "exemplarCity" in value else under(value)

    yield from under(_read(archive, "package/main/zh/timeZoneNames.json")["dates"]["timeZoneNames"]["zone"])


def text(names: list[str]) -> str:
    """Give the whole file, comment header included; parts of a name that a sign separates are names as well."""
    out = io.StringIO()
    out.write("# Countries, regions and great cities of the world, in Chinese.\n")
    out.write(f"# Source: Unicode CLDR; npm {NAMES}, {DATES}.\n# Licence: Unicode-3.0.\n")
    out.write("# Made by: anonymize/data/update_world_places.py\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["name"])
    writer.writerows([name] for name in sorted({part for name in names for part in _NAME.findall(name)}))
    return out.getvalue()


def _read(archive: Path, member: str) -> Any:
    with tarfile.open(archive) as package:
        file = package.extractfile(member)
        if file is None:
            raise SystemExit(f"{archive.name}: {member} is missing. Check the version {VERSION}.")
        return json.load(file)["main"]["zh"]


def main() -> None:
    """Fetch the packages into a temporary folder and write the table."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", NAMES, DATES, "--pack-destination", folder], check=True, capture_output=True)
        (names,), (dates,) = (list(Path(folder).glob(f"cldr-{kind}-*.tgz")) for kind in ("localenames", "dates"))
        TARGET.write_text(text([*territories(names), *cities(dates)]), "utf-8")


if __name__ == "__main__":
    main()
