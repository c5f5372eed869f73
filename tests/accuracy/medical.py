"""Medical words in clinical notes that must stay, and persons beside them that must not."""

from collections.abc import Callable, Iterator, Sequence
from itertools import product

from tests.accuracy.measure import Span, Tally, percent
from tests.bench.figures import Figure
from tests.common.corpus.medical import medical

Engine = Callable[[Sequence[str]], list[list[Span]]]
MEANT = frozenset({"DATE", "AGE"})
"""Types that notes are full of and that no medical word is taken for."""


def in_notes(ours: Engine) -> Iterator[Figure]:
    """Characters wrongly masked, and persons wholly masked, of both halves."""
    halves = ((False, "half that rules were built on"), (True, "unseen half"))
    for charts, (unseen, half) in product((False, True), halves):
        wrong, characters, persons = count(ours, unseen=unseen, charts=charts)
        share, on = percent(wrong, characters), f"clinical {'charts' if charts else 'notes'}, {half}"
        yield Figure(
            bench="medical text wrongly masked",
            measured_on=on,
            found=f"{share:.2f} %",
            goal="≤ 0.5 %",
            held=share <= 0.5,
        )
        yield Figure(
            bench="PERSON wholly masked",
            measured_on=on,
            found=f"{persons.recall:.1f} %",
            goal="≥ 99 %",
            held=persons.recall >= 99,
        )


def count(engine: Engine, *, unseen: bool, charts: bool = False) -> tuple[int, int, Tally]:
    """Count characters masked that name nobody, all that name nobody, and persons."""
    made, persons, wrong, characters = list(medical(11, unseen=unseen, charts=charts)), Tally(), 0, 0
    for sentence, found in zip(made, engine([sentence.text for sentence in made]), strict=True):
        persons.add(sentence.text, sentence.spans, found, {"PERSON"})
        named = {at for start, end, _ in sentence.spans for at in range(start, end)}
        masked = {at for start, end, kind in found if kind not in MEANT for at in range(start, end)}
        wrong += len(masked - named)
        characters += len(sentence.text) - len(named)
    return wrong, characters, persons
