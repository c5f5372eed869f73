"""The parts of the table beyond newswire: identifiers by type, addresses, English, and peers on the same texts."""

import json
from collections.abc import Iterator, Sequence

from anonymize.detect.analyzer import find_all
from anonymize.detect.findings import Finding
from anonymize.detect.recall import LEVELS
from tests.accuracy import sets
from tests.accuracy.identifiers import by_type
from tests.accuracy.measure import Span, Tally, percent
from tests.accuracy.peers import PEERS
from tests.bench.figures import Figure
from tests.common.corpus.addressed import Parts, addressed, templates
from tests.common.corpus.english_clinical import clinical
from tests.common.corpus.english_letters import letters
from tests.common.corpus.english_sentences import english
from tests.common.corpus.identifiers import numbered
from tests.common.corpus.known import KNOWN, Known
from tests.common.corpus.sentences import sentences

ENGLISH = "presidio_research_synth_first750.json"
PERSON = frozenset({"PERSON"})
_UNSEEN = {False: "half that rules were built on", True: "unseen half"}


def identifiers() -> Iterator[Figure]:
    """Recall and precision of identifiers by type, on both halves of each family of templates."""
    for family, what in (
        ("", "templates"),
        ("registers_", "forms, tables, records, logs and chats"),
        ("told_", "messages, letters, calls, notes and work orders"),
    ):
        for unseen, half in _UNSEEN.items():
            counts = by_type(each=40, seed=3, unseen=unseen, family=family)
            entities, found = (sum(getattr(count, name) for count in counts.values()) for name in ("entities", "found"))
            findings, right = (sum(getattr(count, name) for count in counts.values()) for name in ("findings", "right"))
            recall, precision = percent(found, entities), percent(right, findings)
            yield Figure(
                bench="identifiers, recall / precision",
                measured_on=f"{what}, {half}: {entities:,}",
                found=f"{recall:.2f} % / {precision:.2f} %",
                goal="≥ 99.5 % / ≥ 99.5 %",
                held=min(recall, precision) >= 99.5,
            )
            if unseen:
                for kind, count in counts.items():
                    yield Figure(
                        bench=f"{kind}, recall / precision",
                        measured_on=f"{what}, {half}: {count.entities:,}",
                        found=f"{count.recall:.2f} % / {count.precision:.2f} %",
                        goal="",
                    )


def addresses() -> Iterator[Figure]:
    """Addresses with a house number, on every frame with every form, of names drawn and of names from lists."""
    for family, kind, each, what in (
        ("", Parts, 2, "templates of addresses"),
        (KNOWN, Known, 1, "templates of addresses of known names"),
    ):
        for unseen, half in _UNSEEN.items():
            made = list(addressed(each, 5, unseen=unseen, family=family, kind=kind))
            count = _tally([(s.text, s.spans) for s in made], _zh([s.text for s in made]), frozenset({"ADDRESS"}))
            exact = percent(count.exact, count.entities)
            yield Figure(
                bench="ADDRESS, whole span",
                measured_on=f"{len(templates(unseen=unseen, family=family))} {what}, {half}",
                found=f"{count.recall:.1f} % masked, {exact:.1f} % exactly",
                goal="≥ 97 % exactly",
                held=exact >= 97,
            )


def in_english() -> Iterator[Figure]:
    """Persons in English text; of the public set the half that no rule was made on."""
    labelled = {f"our English sentences, {half}": _made(unseen) for unseen, half in _UNSEEN.items()}
    for unseen, half in _UNSEEN.items():
        made = letters(4, 4, unseen=unseen)
        labelled[f"English letters, forms and chats, {half}"] = [(s.text, s.spans) for s in made]
    if (sets.DATA / "pii" / ENGLISH).is_file():
        labelled["presidio-research, unseen half"] = _english_set()
    else:
        yield Figure(bench="English PERSON", measured_on=ENGLISH, found="the set is not here", goal="")
    for name, pairs in labelled.items():
        for level in LEVELS:
            found = find_all([text for text, _ in pairs], language="en", recall=LEVELS[level])
            count = _tally(pairs, _spans(found), PERSON)
            held = count.recall >= 98 and count.precision >= 90
            yield Figure(
                bench=f"English PERSON wholly masked / precision, {level}",
                measured_on=name,
                found=_pair(count),
                goal="≥ 98 % at ≥ 90 %" if level == "balanced" else "",
                held=held if level == "balanced" else None,
            )
    yield from in_clinical_english()


def in_clinical_english() -> Iterator[Figure]:
    """Persons in clinical English, and the medical words beside them that are masked by any type."""
    for unseen, half in _UNSEEN.items():
        made = list(clinical(10, 7, unseen=unseen))
        found = find_all([sentence.text for sentence in made], language="en")
        count = _tally([(s.text, s.spans) for s in made], _spans(found), PERSON)
        wrong = of = 0
        for sentence, findings in zip(made, found, strict=True):
            masked = {at for f in findings for at in range(f.start, f.end)}
            wrong += sum(at in masked for start, end in sentence.kept for at in range(start, end))
            of += sum(end - start for start, end in sentence.kept)
        on = f"clinical English sentences, {half}"
        yield Figure(
            bench="English PERSON wholly masked / precision, balanced",
            measured_on=on,
            found=_pair(count),
            goal="≥ 98 % at ≥ 90 %",
            held=count.recall >= 98 and count.precision >= 90,
        )
        share = percent(wrong, of)
        found_share = f"{share:.2f} % of their characters, {percent(wrong, count.characters):.2f} % of the text"
        yield Figure(
            bench="medical words wrongly masked", measured_on=on, found=found_share, goal="≤ 0.5 %", held=share <= 0.5
        )


def peers(news: dict[str, str]) -> Iterator[Figure]:
    """The same texts, searched by other packages."""
    zh = {name: sets.public(file) for name, file in news.items() if (sets.DATA / "pii" / file).is_file()}
    zh["our corpus, unseen half"] = [(s.text, s.spans) for s in sentences(5, 3, unseen=True)]
    numbers = [(s.text, s.spans) for s in numbered(10, 3, unseen=True)]
    for peer in PEERS:
        for name, pairs in zh.items():
            yield _peer(peer.name, name, pairs, peer.find([text for text, _ in pairs]), PERSON)
        kinds = frozenset(kind for _, spans in numbers for _, _, kind in spans) - {"DATE", "AGE"}
        found = peer.find([text for text, _ in numbers])
        yield _peer(peer.name, "identifiers, unseen half", numbers, found, kinds, "identifiers")
        if (sets.DATA / "pii" / ENGLISH).is_file():
            pairs = _english_set()
            found = peer.find([text for text, _ in pairs], "en") if peer.name != "helan" else "not run: Chinese alone"
            yield _peer(peer.name, "presidio-research, unseen half", pairs, found, PERSON)


def _peer(
    peer: str,
    name: str,
    pairs: Sequence[sets.Labelled],
    found: Sequence[Sequence[Span]] | str,
    types: frozenset[str],
    what: str = "PERSON",
) -> Figure:
    said = found if isinstance(found, str) else _pair(_tally(pairs, found, types))
    return Figure(bench=f"peer {peer}: {what} wholly masked / precision", measured_on=name, found=said, goal="")


def _made(unseen: bool) -> list[sets.Labelled]:
    return [(s.text, s.spans) for s in english(20, 4, unseen=unseen)]


def _english_set() -> list[sets.Labelled]:
    """Read every second document of the public English set."""
    documents = json.loads((sets.DATA / "pii" / ENGLISH).read_text())[::2]
    return [
        (
            document["full_text"],
            tuple((s["start_position"], s["end_position"], s["entity_type"]) for s in document["spans"]),
        )
        for document in documents
    ]


def _zh(texts: Sequence[str]) -> list[list[Span]]:
    return _spans(find_all(texts))


def _spans(found: Sequence[Sequence[Finding]]) -> list[list[Span]]:
    return [[(f.start, f.end, f.type) for f in of] for of in found]


def _tally(pairs: Sequence[sets.Labelled], found: Sequence[Sequence[Span]], types: frozenset[str]) -> Tally:
    count = Tally()
    for (text, truth), spans in zip(pairs, found, strict=True):
        count.add(text, truth, spans, types)
    return count


def _pair(count: Tally) -> str:
    return f"{count.recall:.1f} % / {count.precision:.1f} % (own type {count.own_precision:.1f} %)"
