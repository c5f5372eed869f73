"""Lines of clinical notes in which hardly anybody is named, but much that is written like a name.

Eponyms, drugs by brand and by substance, herbs, tests, microbes, devices: what is masked of them is lost to whoever
reads the notes for medicine. Each half of `medical/` was written with terms of its own; the unseen one was never read
for rules. Some lines name a patient, a relative or a physician beside such words.
"""

import random
from collections.abc import Iterator
from pathlib import Path

from tests.common.corpus.people import People
from tests.common.corpus.sentences import Sentence, fill

FOLDER = Path(__file__).parent / "medical"


def medical(seed: int, *, unseen: bool) -> Iterator[Sentence]:
    """Fill the lines of one half, those that name anybody five times."""
    people = People(random.Random(seed), plain=True)
    for line in (FOLDER / f"{'unseen' if unseen else 'build'}.txt").read_text().splitlines():
        for _ in range(5 if "{" in line else 1):
            yield fill(line, {"person": people.draw})
