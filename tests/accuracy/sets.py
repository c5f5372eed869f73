"""Labelled text: public sets beside the project (never copied into it), read from `../shared/data/pii`, and word lists.

While rules and weights were chosen, only every second sentence of each public set was looked at (`seen`); figures are
of the other half.
"""

import csv
import gzip
from pathlib import Path

from tests.accuracy.measure import Span

DATA = Path(__file__).parents[3] / "shared/data"
TYPES = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}
Labelled = tuple[str, tuple[Span, ...]]


def public(name: str, *, seen: bool = False) -> list[Labelled]:
    """Read one half of a set in BIO form: a character and its label on each line, a blank line between sentences."""
    sentences = (DATA / "pii" / name).read_text().replace("\r", "").split("\n\n")
    read = [_sentence(sentence) for sentence in sentences if sentence.strip()]
    return read[int(seen) :: 2]


def _sentence(lines: str) -> Labelled:
    pairs = [line.replace("\t", " ").rsplit(" ", 1) for line in lines.split("\n") if line.strip()]
    text, spans, start = "".join(char for char, _ in pairs), [], 0
    labels = [label for _, label in pairs]
    for at, label in enumerate([*labels, "O"]):
        before = labels[at - 1] if at else "O"
        if before != "O" and not label.startswith("I-"):
            spans.append((start, at, TYPES[before[2:]]))
        if label.startswith("B-"):
            start = at
    return text, tuple(spans)


def diseases() -> list[str]:
    """Read the names of diseases of ICD-10's Chinese edition: none is a person."""
    rows = (DATA / "reference/icd10_cn_disease.tsv").read_text().splitlines()[1:]
    return [row.split("\t")[1] for row in rows]


def messages() -> list[str]:
    """Read what citizens wrote to a city: few name a person."""
    with gzip.open(DATA / "urban/gov_messages_replies.csv.gz", "rt") as file:
        return [row["留言详情"] for row in csv.DictReader(file)]
