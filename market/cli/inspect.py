"""Inspect a source: what its columns hold, where personal data may remain, and a plan to begin with."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from anonymize.errors import AnonymizeError
from market.cli.common import json_option, progress, show
from market.cli.paths import SOURCE

if TYPE_CHECKING:
    from anonymize.review.texts import Reviewed


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
