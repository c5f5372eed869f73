"""Persons in other kinds of text than those that rules began with, both halves, beside the plain tagger."""

from collections.abc import Callable, Iterator, Sequence

from tests.accuracy.measure import Span, Tally
from tests.bench.figures import Figure
from tests.common.corpus.genres import GENRES, sentences

GOALS = {"resumes": (99, 75), "posts": (93, 45), "encyclopaedia": (96, 75), "newswire": (96, 75)}
Engine = Callable[[Sequence[str]], list[list[Span]]]


def by_genre(genre: str, engine: Engine, *, unseen: bool, each: int = 40) -> Tally:
    """Count persons in *each* sentences of every template of one half of a genre."""
    made, count = list(sentences(genre, each, 7, unseen=unseen)), Tally()
    for sentence, found in zip(made, engine([sentence.text for sentence in made]), strict=True):
        count.add(sentence.text, sentence.spans, found, {"PERSON"})
    return count


def in_genres(ours: Engine, plain: Engine) -> Iterator[Figure]:
    """Persons wholly masked, and the precision at which they are, by genre."""
    for genre in GENRES:
        for unseen, half in ((False, "half that rules were built on"), (True, "unseen half")):
            count, beside = (by_genre(genre, engine, unseen=unseen) for engine in (ours, plain))
            recall, precision = GOALS[genre]
            yield Figure(
                bench="PERSON wholly masked / precision, beside plain LAC",
                measured_on=f"{genre}, {half}",
                found=f"{told(count)}; plain {told(beside)}",
                goal=f"≥ {recall} % at ≥ {precision} %, above plain LAC",
                held=count.recall >= max(recall, beside.recall) and count.precision >= precision,
            )


def told(count: Tally) -> str:
    """Say recall, and precision by any labelled type and by its own."""
    return f"{count.recall:.1f} % / {count.precision:.1f} % (own type {count.own_precision:.1f} %)"
