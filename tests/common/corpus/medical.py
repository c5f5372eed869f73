"""Lines of clinical notes in which hardly anybody is named, but much that is written like a name.

Eponyms, drugs by brand and by substance, herbs, tests, microbes, devices: what is masked of them is lost to whoever
reads the notes for medicine. Each half of `medical/` was written with terms of its own; the unseen one was never read
for rules. Some lines name a patient, a relative or a physician beside such words. `charts_*.txt` are by another author:
leaflets, reports of laboratories and of pathology, charts of anaesthesia and intensive care, prescriptions, regimens
and images, where whoever is named is mostly introduced by nothing.
"""

import random
from collections.abc import Iterator
from pathlib import Path

from tests.common.corpus.people import People
from tests.common.corpus.sentences import Sentence, fill

FOLDER = Path(__file__).parent / "medical"


def medical(seed: int, *, unseen: bool, charts: bool = False) -> Iterator[Sentence]:
    """Fill the lines of one half, of notes or of *charts*, those that name anybody five times."""
    people = People(random.Random(seed), plain=True)
    name = f"{'charts_' if charts else ''}{'unseen' if unseen else 'build'}.txt"
    for line in (FOLDER / name).read_text().splitlines():
        for _ in range(5 if "{" in line else 1):
            yield fill(line, {"person": people.draw})
