"""Anonymity of a file: measure its risk, or search for the optimum that reaches k."""

import json
from pathlib import Path

import click

from market.cli.common import json_option, show
from market.cli.paths import FILE


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
