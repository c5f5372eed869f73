"""Tables of facts: each names its source, edition and licence in its header, and the script that made it."""

import csv
from functools import cache
from importlib.resources import files


@cache
def facts(name: str) -> tuple[dict[str, str], ...]:
    """Read the table *name* (`gbt2260.csv`): one dictionary per row, comment lines left out."""
    text = (files("anonymize.data") / name).read_text("utf-8")
    return tuple(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
