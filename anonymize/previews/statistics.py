"""What may be shown of a release: the schema of every edition, and statistics from the open edition alone.

The shape is that of `market/help/previews.md`. Of the other editions only the names and types in their files are
read, and what the evidence says of their columns; not one of their cells.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from anonymize.errors import SourceError
from anonymize.evidence import evidence_hash
from anonymize.previews.columns import margin_of
from anonymize.previews.figures import figures
from anonymize.previews.reading import counting, schema_of
from policies.canonical import plain

FORMAT = 1
OPEN = "open"
"""The profile whose editions anybody may have."""

Files = Mapping[str, Sequence[Path]]


def statistics(body: Mapping[str, Any], files_of: Files) -> dict[str, Any]:
    """Describe a release from its evidence *body* and the files of each of its editions, by profile.

    Raises:
        SourceError: an edition has no rows, or not the columns that its evidence names.
    """
    out: dict[str, Any] = {
        "format": FORMAT,
        "dataset": body["dataset"],
        "evidence": evidence_hash(body),
        "editions": [_schema(body, profile, files_of) for profile in by_fineness(body)],
        "open": None,
        "why": None,
    }
    if OPEN not in body["editions"]:
        out["why"] = "This release has no open edition, so only its schema is shown."
        return out
    edition = body["editions"][OPEN]
    least = edition["profile"]["minimum_class_size"]
    subject = next((column["name"] for column in edition["published"] if column["role"] == "subject"), None)
    with counting(files_of[OPEN], subject) as counted:
        total = counted.total
        if min(total.count, total.people) < least:
            out["why"] = f"The open edition holds fewer than {least} people, so only its schema is shown."
            return out
        types = schema_of(files_of[OPEN])
        columns = [
            figures(margin_of(counted, column, types.field(column["name"]).type, least=least))
            for column in edition["published"]
        ]
    out["open"] = {
        "rows": total.count,
        "minimum_cell_count": least,
        "counts": "rows" if subject is None else "rows, each cell of as many subjects",
        "columns": columns,
    }
    shown: dict[str, Any] = plain(out)
    return shown


def by_fineness(body: Mapping[str, Any]) -> list[str]:
    """List the profiles of a release's editions, the finest first."""
    return sorted(body["editions"], key=lambda name: (body["editions"][name]["profile"]["minimum_class_size"], name))


def _schema(body: Mapping[str, Any], profile: str, files_of: Files) -> dict[str, Any]:
    edition, files = body["editions"][profile], files_of.get(profile, ())
    place = f"edition {profile!r}"
    if not files or not sum(pq.read_metadata(file).num_rows for file in files):
        raise SourceError(place, "has no rows", fix="Build the release again, and give all its files.")
    types, published = schema_of(files), edition["published"]
    if types.names != [column["name"] for column in published]:
        raise SourceError(place, "holds other columns than its evidence names", fix="Give the files that were signed.")
    carried = {column["name"] for column in published}
    everything = [column["name"] for name in by_fineness(body) for column in body["editions"][name]["published"]]
    return {
        "profile": profile,
        "minimum_class_size": edition["profile"]["minimum_class_size"],
        "modes": list(edition["profile"]["modes"]),
        "columns": [
            {
                "name": column["name"],
                "type": str(types.field(column["name"]).type),
                **{key: column[key] for key in ("role", "treatment", "level", "levels")},
            }
            for column in published
        ],
        "withheld": [name for name in dict.fromkeys(everything) if name not in carried],
    }
