"""Clinical English sentences: who is named in them, and which medical words must stay.

Templates are those of `english/clinical_*.txt`, in which medical words stand in square brackets; one half was never
read for rules.
"""

import random
import re
from collections.abc import Iterator

from tests.common.corpus.english_sentences import FOLDER, TYPES, English
from tests.common.corpus.sentences import Sentence

_PARTS = re.compile(r"\{(?P<slot>\w+)\}|\[(?P<term>[^\]]+)\]")


def clinical(each: int, seed: int, *, unseen: bool) -> Iterator[Sentence]:
    """Fill each template of one half *each* times; `kept` says where the medical words stand."""
    ways = English(random.Random(seed))
    for template in (FOLDER / f"clinical_{'unseen' if unseen else 'build'}.txt").read_text().splitlines():
        for _ in range(each):
            yield _filled(template, ways)


def _filled(template: str, ways: English) -> Sentence:
    text, at, spans, kept = "", 0, [], []
    for part in _PARTS.finditer(template):
        text += template[at : part.start()]
        value = getattr(ways, part["slot"])() if part["slot"] else part["term"]
        span = (len(text), len(text) + len(value))
        if part["slot"]:
            spans.append((*span, TYPES[part["slot"]]))
        else:
            kept.append(span)
        text, at = text + value, part.end()
    return Sentence(text + template[at:], tuple(spans), tuple(kept))
