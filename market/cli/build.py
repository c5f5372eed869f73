"""Build editions and their signed evidence from a source by a plan."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from anonymize.errors import AnonymizeError
from market.cli.common import json_option, now, progress, show
from market.cli.paths import FILE

VAULT = "vault:"


class _UploadOrSource(click.Path):
    """A path that is there, or `vault:ID`, an upload in the raw vault; that one stays text."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        upload = isinstance(value, str) and value.startswith(VAULT)
        return value if upload else super().convert(value, param, ctx)


UPLOAD_OR_SOURCE = _UploadOrSource(exists=True, path_type=Path)


@click.command()
@click.argument("plan", type=FILE)
@click.argument("source", type=UPLOAD_OR_SOURCE)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="A new folder.")
@click.option(
    "--key",
    envvar="SLUICE_KEY",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Sign the evidence with this key; else with the home's build key, drawn on first use.",
)
@click.option(
    "--memory-mb",
    envvar="SLUICE_MEMORY_MB",
    type=click.IntRange(128),
    default=1024,
    show_default=True,
    help="Memory for the rows of the build; what exceeds it goes to encrypted temporary files beside the target.",
)
@click.option(
    "--custody",
    type=click.Path(path_type=Path, file_okay=False),
    help="The private folder kept between releases (who stood where, who objected); else the dataset's in the home.",
)
@click.option(
    "--previous",
    type=click.Path(exists=True, path_type=Path),
    help="The release published before: the folder it was built into, or its evidence.json.",
)
@click.option(
    "--series-key",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The key file of the plan's series, drawn on first use.",
)
@json_option
def build(
    plan: Path,
    source: Path | str,
    output: Path,
    key: Path | None,
    memory_mb: int,
    custody: Path | None,
    previous: Path | None,
    series_key: Path | None,
    as_json: bool,
) -> None:
    """De-identify SOURCE by PLAN into the folder of -o: nested editions and signed evidence, or nothing.

    \b
    Example: sluice build plan.toml registry.csv -o built/ --key me.key
    From the raw vault: sluice build plan.toml vault:01H… -o built/ --key steward.key
    A later release: sluice build plan.toml registry.csv -o next/ --key me.key --previous built/
    """
    from anonymize.custody import Custody, drawn_key
    from anonymize.pipeline import build as run
    from anonymize.signing import Signer
    from market.cli.objections import folder_of
    from market.cli.plans import read_plan
    from market.settings import Settings

    wanted = read_plan(plan)
    if key is None:
        key = Settings.read().home / "keys" / "build.key"
    signer = Signer.load(key) if key.exists() else _draw(key)
    if previous is not None and previous.is_file():
        if previous.name != "evidence.json":
            raise click.BadParameter("give the folder that was built, or its evidence.json", param_hint="--previous")
        previous = previous.parent
    path, vault_key = _unsealed(source, key) if isinstance(source, str) else (source, None)
    made = run(
        wanted,
        path,
        output,
        key=vault_key,
        signer=signer,
        at=now(),
        progress=progress,
        memory_mb=memory_mb,
        custody=Custody.open(custody or folder_of(wanted.dataset)),
        previous=previous,
        series_key=None if series_key is None else drawn_key(series_key),
    )
    rows = made.body["source"]["rows"]
    editions = {name: _figures(edition, rows) for name, edition in made.body["editions"].items()}
    words = [
        f"{name:12} {told['rows']:,} of {rows:,} rows in {told['classes']:,} classes, k {told['k']} of {told['asked']}"
        for name, told in sorted(editions.items(), key=lambda item: int(item[1]["asked"]))
    ]
    words.append(f"in {output}; evidence {made.hash}")
    value = {"directory": str(output), "editions": editions, "evidence": made.hash, "body": made.body}
    show(value, "\n".join(words), as_json=as_json)


def _unsealed(source: str, key: Path) -> tuple[Path, bytes]:
    """Open an upload in the raw vault for the steward who holds *key*; the log has it before a byte is read."""
    from market.cli.common import acting, opened
    from market.cli.sources import open_raw
    from market.parties.models import Role

    with opened() as home:
        _, steward = acting(home, key, Role.STEWARD)
        return open_raw(home, source.removeprefix(VAULT), by=steward.id, at=now())


def _figures(edition: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """Give what a build says of one edition."""
    risk = edition["risk"]["after"]
    return {
        "rows": risk["rows"],
        "suppressed": edition["suppression"]["rows"],
        "share": edition["suppression"]["rows"] / rows,
        "classes": risk["classes"],
        "k": risk["k"],
        "asked": edition["profile"]["minimum_class_size"],
        "node": edition["node"],
        "files": len(edition["files"]),
    }


def _draw(key: Path):  # type: ignore[no-untyped-def]
    from anonymize.signing import Signer

    if key.name != "build.key":
        raise AnonymizeError(str(key), "is not there", fix="Draw a key: sluice member key FILE.")
    progress(f"drawing a build key into {key}")
    return Signer.create(key)
