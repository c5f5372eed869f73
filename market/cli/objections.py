"""Objections of persons: kept as keyed digests, so that the next release of a dataset omits them."""

import re
import sys
from pathlib import Path

import click

from market.cli.common import json_option, show

DATASET = click.option("--dataset", required=True, help="The dataset's identifier, as in its plan.")
CUSTODY = click.option(
    "--custody",
    type=click.Path(path_type=Path, file_okay=False),
    help="The private folder kept between releases; else that of the dataset in the home.",
)


@click.group()
def objection() -> None:
    """Objections: who is omitted from the next release."""


@objection.command()
@DATASET
@CUSTODY
@json_option
def add(dataset: str, custody: Path | None, as_json: bool) -> None:
    """Note that persons object: their subject identifiers come on stdin, one per line, and are kept as digests.

    \b
    Example: sluice objection add --dataset tumor-registry < objections.txt
    """
    from anonymize.custody import Custody

    text = sys.stdin.read().removeprefix("\ufeff")
    subjects = [line.rstrip("\r") for line in text.split("\n")]
    subjects = [subject for subject in subjects if subject.strip()]
    kept = Custody.open(custody or folder_of(dataset))
    new = kept.note_objections(subjects)
    total = len(kept.objections())
    words = f"{new} noted, {len(subjects) - new} known before; {total} in all. The next release omits them."
    show({"dataset": dataset, "new": new, "objections": total}, words, as_json=as_json)


@objection.command()
@DATASET
@CUSTODY
@json_option
def count(dataset: str, custody: Path | None, as_json: bool) -> None:
    """Count the objections kept for a dataset.

    \b
    Example: sluice objection count --dataset tumor-registry
    """
    from anonymize.custody import Custody

    total = len(Custody.open(custody or folder_of(dataset)).objections())
    show({"dataset": dataset, "objections": total}, f"{total} objections to {dataset}", as_json=as_json)


def folder_of(dataset: str) -> Path:
    """Give the folder of a dataset's custody in the home; two datasets never share one."""
    import hashlib

    from market.settings import Settings

    safe = re.sub(r"[^A-Za-z0-9._-]", "_", dataset).strip(".")[:80]
    if safe != dataset:
        safe = f"{safe}-{hashlib.sha256(dataset.encode()).hexdigest()[:12]}"
    return Settings.read().home / "custody" / safe
