"""De-identify without a market: inspect a source, build an edition, verify it, measure it, search for an optimum."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from anonymize.errors import AnonymizeError
from market.cli.common import json_option, now, progress, show

if TYPE_CHECKING:
    from anonymize.review.texts import Reviewed

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SOURCE = click.Path(exists=True, path_type=Path)
"""A file, or a folder of files with the same columns."""
VAULT = "vault:"


class _UploadOrSource(click.Path):
    """A path that is there, or `vault:ID`, an upload in the raw vault; that one stays text."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        upload = isinstance(value, str) and value.startswith(VAULT)
        return value if upload else super().convert(value, param, ctx)


UPLOAD_OR_SOURCE = _UploadOrSource(exists=True, path_type=Path)


@click.command()
@click.argument("source", type=SOURCE)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the proposed plan here (TOML)."
)
@click.option("--dataset", default="dataset", show_default=True, help="The dataset's identifier in the plan.")
@click.option("--profile", default="controlled", show_default=True, help="The profile in the plan.")
@click.option("--encoding", type=click.Choice(["utf-8", "gb18030"]), help="CSV: not guessed, but this.")
@click.option("--delimiter", help="CSV: not guessed, but this character.")
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(0), help="Draws the sample of each text column."
)
@click.option(
    "--sample",
    type=click.IntRange(1),
    help="Show so many sampled texts of each text column, RAW, with what was found marked; on a terminal alone.",
)
@click.option(
    "--review",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the sampled texts, RAW, into this new file of a private folder, to correct what was found.",
)
@json_option
def inspect(
    source: Path,
    output: Path | None,
    dataset: str,
    profile: str,
    encoding: str | None,
    delimiter: str | None,
    seed: int,
    sample: int | None,
    review: Path | None,
    as_json: bool,
) -> None:
    """Profile SOURCE, look for personal data in every text column, and propose a plan.

    SOURCE is CSV (also packed with gzip or Zstandard), Parquet, NAACCR XML, Excel, or a folder of such files. What is
    guessed of it is pinned under [source] in the plan, and doubts about the guesses are told. Of each text column a
    sample is looked at by a second detector, too: in what share of the texts may personal data remain?

    \b
    Example: sluice inspect registry.csv -o plan.toml --dataset tumor.breast
    To correct what was found: sluice inspect registry.csv --review private/review.toml
    """
    from anonymize.inspect import inspect as examine
    from anonymize.review.marks import check_new, write_review
    from anonymize.review.shown import shown
    from market.cli.plans import write_plan
    from policies.source import Source

    pinned = Source(encoding=encoding or "utf-8", delimiter=delimiter or ",") if encoding or delimiter else None
    if sample is not None and (as_json or not sys.stdout.isatty()):
        fix = "Ask on a terminal, without --json, or write a --review FILE."
        raise AnonymizeError("--sample", "shows raw texts, and standard output is no terminal", fix=fix)
    if review is not None:
        check_new(review)
    texts: dict[str, Sequence[Reviewed]] = {}
    found = examine(source, pinned, progress=progress, seed=seed, keep=texts.__setitem__)
    if review is not None:
        write_review(review, texts, sha256=found.sha256, seed=seed)
        click.echo(f"{review} holds RAW TEXT: delete it once its marks are in the plan.", err=True)
    if output is not None:
        write_plan(output, found.to_plan(dataset, profile), {c.name: c.proposal.reason for c in found.columns})
    words = [f"{found.rows:,} rows, {len(found.columns)} columns", *(f"Doubt: {doubt}." for doubt in found.doubts)]
    for column in found.columns:
        report = column.to_dict()
        words.append(f"{column.name:20} {report['role']:20} {report['treatment']:18} {report['reason']}")
        if column.review is not None:
            words.append(f"{'':20} {column.review.told()}.")
        words += [f"{'':20} {shown(each)}" for each in texts.get(column.name, ())[: sample or 0]]
    show(found.to_dict(), "\n".join(words), as_json=as_json)


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


@click.group()
def evidence() -> None:
    """The signed proof of an edition."""


@evidence.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--trust", "keys", multiple=True, help="A public key you trust; else those the home trusts.")
@json_option
def verify(directory: Path, keys: tuple[str, ...], as_json: bool) -> None:
    """Check signature, hashes, and every recomputable figure of DIRECTORY again from its Parquet.

    Without a trusted key this is integrity only, and exits 1.

    \b
    Example: sluice evidence verify built/ --trust AbC…
    """
    from anonymize.evidence import verify as check
    from market.settings import Settings

    trusted = frozenset(keys)
    listed = Settings.read().home / "keys" / "trusted"
    if not keys and listed.exists():
        trusted = frozenset(listed.read_text("ascii").split())
    found = check(directory, trusted or None)
    words = [f"{finding.place}: {finding.found}. {finding.fix}" for finding in found.findings]
    if found.trusted is None:
        words.append("Integrity only: nobody said whose signature to trust. Give --trust KEY.")
    show(found.to_dict(), "\n".join(words) or f"The evidence holds: {found.hash}", as_json=as_json)
    if not found.ok:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("file", type=FILE)
@click.option("--qi", required=True, help="Quasi-identifiers, joined by commas.")
@click.option("--sensitive", default="", help="Sensitive attributes, joined by commas.")
@click.option("--subject", help="The column that says whose row it is.")
@json_option
def risk(file: Path, qi: str, sensitive: str, subject: str | None, as_json: bool) -> None:
    """Measure re-identification risk of FILE (Parquet or CSV): k, l, t, prosecutor, journalist, marketer.

    \b
    Example: sluice risk edition.parquet --qi age,place --sensitive death --json
    """
    from anonymize.risk import measure

    measured = measure(file, _names(qi), _names(sensitive), subject).to_dict()
    show(measured, json.dumps(measured, ensure_ascii=False, indent=1), as_json=as_json)


@click.group()
def anonymity() -> None:
    """k-anonymity."""


@anonymity.command()
@click.argument("data", type=FILE)
@click.option("--hierarchies", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--qi", required=True, help="Quasi-identifiers, joined by commas; nodes are given in this order.")
@click.option("--k", required=True, type=click.IntRange(1))
@click.option("--suppression", default=0.0, show_default=True, type=click.FloatRange(0, 1))
@click.option("--metric", default="loss", show_default=True, type=click.Choice(["loss"]))
@json_option
def search(data: Path, hierarchies: Path, qi: str, k: int, suppression: float, metric: str, as_json: bool) -> None:
    """Find the exact optimum for DATA: the least lossy node whose classes hold k, suppressing within the limit.

    Hierarchies are files `*_hierarchy_<column>.csv`, `;` separated, leaf first.

    \b
    Example: sluice anonymity search adult.csv --hierarchies DIR --qi age,sex,race --k 5 --suppression 0.02 --json
    """
    from anonymize.kanonymity.files import search_files

    found = search_files(data, hierarchies, _names(qi), k=k, suppression=suppression)
    value = {name: getattr(found, name) for name in ("node", "suppressed", "classes", "loss", "checks", "seconds")}
    show(value, json.dumps(value, default=list), as_json=as_json)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _draw(key: Path):  # type: ignore[no-untyped-def]
    from anonymize.signing import Signer

    if key.name != "build.key":
        raise AnonymizeError(str(key), "is not there", fix="Draw a key: sluice member key FILE.")
    progress(f"drawing a build key into {key}")
    return Signer.create(key)
