"""What can be seen of a dataset before signing anything, and what two releases differ in.

The commands belong to the groups `dataset` and `release`.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from market.cli.common import json_option, now, opened, show


@click.command()
@click.argument("dataset_id")
@json_option
def statistics(dataset_id: str, as_json: bool) -> None:
    """Show the schema of DATASET_ID, and statistics of each column from its open edition.

    \b
    Example: sluice dataset statistics tumor.breast
    """
    from catalog.previews import preview_of

    with opened() as home, home.database.reading() as session:
        preview = preview_of(session, dataset_id, at=now())
        value = json.loads(_there(preview, dataset_id).statistics)
    show(value, _statistics_words(value), as_json=as_json)


@click.command()
@click.argument("dataset_id")
@json_option
def rows(dataset_id: str, as_json: bool) -> None:
    """Show the first rows of the open edition of DATASET_ID.

    \b
    Example: sluice dataset rows tumor.breast --json
    """
    from catalog.previews import preview_of

    with opened() as home, home.database.reading() as session:
        preview = _there(preview_of(session, dataset_id, at=now()), dataset_id)
        found, why = json.loads(preview.first_rows), json.loads(preview.statistics)["why"]
    words = "\n".join(json.dumps(row, ensure_ascii=False) for row in found)
    show({"rows": found, "why": why}, words or why or "There are no rows to show.", as_json=as_json)


@click.command()
@click.argument("dataset_id")
@click.option("--edition", "profile", help="The profile of the edition to mock; the finest unless named.")
@click.option(
    "-o", "target", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The Parquet file to write."
)
@json_option
def mock(dataset_id: str, profile: str | None, target: Path, as_json: bool) -> None:
    """Write the mock table of DATASET_ID: true names and types, synthetic values, to try SQL on.

    \b
    Example: sluice dataset mock tumor.breast -o mock.parquet
    """
    from catalog.errors import CatalogError
    from catalog.previews import mock_of, preview_of

    with opened() as home, home.database.reading() as session:
        preview = _there(preview_of(session, dataset_id, at=now()), dataset_id)
        content = mock_of(session, home.store, preview, profile)
        name = profile or json.loads(preview.statistics)["editions"][0]["profile"]
    try:
        with target.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise CatalogError(target.name, "is there already", fix="Name a file that does not exist.") from None
    value = {"edition": name, "file": target.name, "sha256": sha256(content).hexdigest(), "synthetic": True}
    show(value, f"{target.name} holds synthetic rows in the schema of the {name} edition.", as_json=as_json)


@click.command()
@click.argument("old")
@click.argument("new")
@json_option
def diff(old: str, new: str, as_json: bool) -> None:
    """Say what the release NEW changes against OLD: schema, counts, distributions, risk and plan, the worst first.

    \b
    Example: sluice release diff 01H… 01J…
    """
    from anonymize.previews.render import render
    from catalog.previews import difference_of

    with opened() as home, home.database.reading() as session:
        found = difference_of(session, old, new)
    show(found, render(found), as_json=as_json)


def _there(preview: Any, dataset_id: str) -> Any:
    from catalog.errors import NotFound

    if preview is None:
        raise NotFound(
            f"dataset {dataset_id!r}", "has no preview", fix="List what is published with: sluice dataset list."
        )
    return preview


def _statistics_words(value: dict[str, Any]) -> str:
    lines = []
    for edition in value["editions"]:
        lines.append(f"{edition['profile']}: k >= {edition['minimum_class_size']}")
        lines += [
            f"  {column['name']}  {column['type']}  {column['role']}"
            + (f"  level {column['level']} of {column['levels'] - 1}" if column["levels"] else "")
            for column in edition["columns"]
        ]
    if value["open"] is None:
        return "\n".join([*lines, "", value["why"]])
    shown = value["open"]
    least = shown["minimum_cell_count"]
    lines += ["", f"open edition: {shown['rows']:,} rows; what fewer than {least} share is pooled"]
    return "\n".join([*lines, *(_column_words(column) for column in shown["columns"])])


def _column_words(column: dict[str, Any]) -> str:
    nulls = "some empty" if column["nulls"] is None else f"{column['nulls']:,} empty"
    if column["kind"] == "hidden":
        return f"  {column['name']}: {nulls}; nothing else is shown of it"
    parts = [nulls]
    if column["minimum"] is not None:
        parts.append(f"{column['minimum']} to {column['maximum']}, median {column['quantiles']['50']}")
    found = column["histogram"]
    if column["kind"] in ("labels", "ordered"):
        top = sorted(found["bins"], key=lambda entry: -entry["count"])[:3]
        parts.append(", ".join(f"{entry['label']} {entry['count']:,}" for entry in top))
    if found["other"]:
        parts.append(f"{found['other']:,} pooled")
    return f"  {column['name']}: {'; '.join(part for part in parts if part)}"
