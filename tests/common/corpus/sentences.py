"""Templates filled in: a sentence, and where in it stands what of which type."""

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.common.corpus.addresses import Addresses
from tests.common.corpus.people import People

FOLDER = Path(__file__).parent


def listed(name: str) -> list[str]:
    """Give the words of one list: `diseases`, `drugs`, `tests` (nobody), or `bodies` (organisations)."""
    return (FOLDER / "words" / f"{name}.txt").read_text().split()


DISEASES, DRUGS, TESTS, BODIES = map(listed, ("diseases", "drugs", "tests", "bodies"))
TYPES = {"person": "PERSON", "address": "ADDRESS", "org": "ORGANIZATION"}
"""Type of what fills a slot; a slot without a type must stay in the text."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text and its labelled spans: start, end, type."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    kept: tuple[tuple[int, int], ...]
    """Where diseases, drugs and tests stand."""


def templates(*, unseen: bool) -> list[str]:
    """Give one half of the templates."""
    return [
        line
        for path in sorted(FOLDER.glob("*.txt"))
        for line in path.read_text().splitlines()[int(unseen) :: 2]
        if line
    ]


def sentences(
    each: int, seed: int, *, unseen: bool, slots: Mapping[str, Callable[[], str]] | None = None
) -> Iterator[Sentence]:
    """Fill each template of one half *each* times; *slots* adds ways to fill, or replaces them."""
    draw = random.Random(seed)
    people, addresses = People(draw), Addresses(draw)
    ways: dict[str, Callable[[], str]] = {
        "person": people.draw,
        "address": addresses.draw,
        "org": lambda: draw.choice(BODIES),
        "disease": lambda: draw.choice(DISEASES),
        "drug": lambda: draw.choice(DRUGS),
        "test": lambda: draw.choice(TESTS),
        **(slots or {}),
    }
    for template in templates(unseen=unseen):
        for _ in range(each):
            yield fill(template, ways)


def fill(template: str, ways: Mapping[str, Callable[[], str]], types: Mapping[str, str] = TYPES) -> Sentence:
    """Fill one template; *types* says of which type is what fills a slot."""
    text, spans, kept = "", [], []
    for number, part in enumerate(_SLOT.split(template)):
        value = ways[part]() if number % 2 else part
        if number % 2:
            end = len(text) + len(value)
            if part in types:
                spans.append((len(text), end, types[part]))
            else:
                kept.append((len(text), end))
        text += value
    return Sentence(text, tuple(spans), tuple(kept))


_SLOT = re.compile(r"\{([a-z_]+\d*)\}")
"""A slot; other braces are those of a record."""


def written(path: Path) -> list[str]:
    """Read templates, one on each line; `\\n` and `\\t` stand for the end of a line and for a tab in them."""
    return [line.replace("\\n", "\n").replace("\\t", "\t") for line in path.read_text().splitlines()]
