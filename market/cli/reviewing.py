"""Plans and what a steward marked in sampled texts."""

from pathlib import Path

import click

from market.cli.common import json_option, show
from market.cli.paths import FILE


@click.group()
def plan() -> None:
    """The release plan."""


@plan.command("review")
@click.argument("plan_file", metavar="PLAN", type=FILE)
@click.argument("review", metavar="FILE", type=FILE)
@json_option
def review_plan(plan_file: Path, review: Path, as_json: bool) -> None:
    """Take what was marked in FILE, a review of sampled texts, into the lists `always` and `never` of PLAN.

    A span that was added is removed wherever it stands in its column, one that was taken out stays. PLAN then holds raw
    strings, and only its owner may read it; the evidence tells none of `always`.

    \b
    Example: sluice plan review plan.toml private/review.toml
    """
    from anonymize.review.marks import read_marks
    from market.cli.plans import add_marks

    marks = {column: of for column, of in read_marks(review).items() if of.always or of.never}
    add_marks(plan_file, marks)
    told = {column: {"always": len(of.always), "never": len(of.never)} for column, of in sorted(marks.items())}
    words = [
        f"{column}: {count['always']} always removed, {count['never']} never removed" for column, count in told.items()
    ] or ["Nothing was marked."]
    if marks:
        words.append(f"{plan_file} now holds raw text: keep it to yourself, and delete {review}.")
    show({"plan": str(plan_file), "columns": told}, "\n".join(words), as_json=as_json)
