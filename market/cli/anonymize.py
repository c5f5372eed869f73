"""De-identify without a market: inspect a source, build an edition, verify it, measure it, search for an optimum."""

import json
from pathlib import Path

import click

from anonymize.errors import AnonymizeError
from market.cli.common import json_option, now, progress, show

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("source", type=FILE)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the proposed plan here (TOML)."
)
@click.option("--dataset", default="dataset", show_default=True, help="The dataset's identifier in the plan.")
@click.option("--profile", default="controlled", show_default=True, help="The profile in the plan.")
@click.option("--encoding", default="utf-8", show_default=True, type=click.Choice(["utf-8", "gb18030"]))
@click.option("--delimiter", default=",", show_default=True)
@json_option
def inspect(
    source: Path, output: Path | None, dataset: str, profile: str, encoding: str, delimiter: str, as_json: bool
) -> None:
    """Profile SOURCE, look for personal data in every text column, and propose a plan.

    \b
    Example: sluice inspect registry.csv -o plan.toml --dataset tumor.breast
    """
    from anonymize.inspect import inspect as examine
    from market.cli.plans import write_plan
    from policies.plan import Source

    found = examine(source, Source(encoding=encoding, delimiter=delimiter), progress=progress)
    if output is not None:
        write_plan(output, found.to_plan(dataset, profile), {c.name: c.proposal.reason for c in found.columns})
    words = [f"{found.rows:,} rows, {len(found.columns)} columns"]
    for column in found.columns:
        report = column.to_dict()
        words.append(f"{column.name:20} {report['role']:20} {report['treatment']:18} {report['reason']}")
    show(found.to_dict(), "\n".join(words), as_json=as_json)


@click.command()
@click.argument("plan", type=FILE)
@click.argument("source", type=FILE)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="A new folder.")
@click.option(
    "--key",
    envvar="SLUICE_KEY",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Sign the evidence with this key; else with the home's build key, drawn on first use.",
)
@json_option
def build(plan: Path, source: Path, output: Path, key: Path | None, as_json: bool) -> None:
    """De-identify SOURCE by PLAN into the folder of -o: Parquet and signed evidence, or nothing.

    \b
    Example: sluice build plan.toml registry.csv -o built/ --key me.key
    """
    from anonymize.pipeline import build as run
    from anonymize.signing import Signer
    from market.cli.plans import read_plan
    from market.settings import Settings

    wanted = read_plan(plan)
    if key is None:
        key = Settings.read().home / "keys" / "build.key"
    signer = Signer.load(key) if key.exists() else _draw(key)
    made = run(wanted, source, output, signer=signer, at=now(), progress=progress)
    body = made.body
    kept = sum(file["rows"] for file in body["files"])
    words = f"{kept:,} of {body['source']['rows']:,} rows in {output / wanted.profile}; evidence {made.hash}"
    value = {"directory": str(output), "edition": wanted.profile, "evidence": made.hash, "body": body}
    show(value, words, as_json=as_json)


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
