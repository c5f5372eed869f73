"""Persons by a dictionary and the statistics of names: a class-based unigram model of the words in a run of hanzi.

A run is cut into the words that are together most probable; a person's name is a class of words, whose probability is
that of a name at all, times those of its surname, second and last character. So a name wins where no words of the
dictionary explain its characters better. Source of the method: Gao, Li, Wu and Huang, "Chinese word segmentation and
named entity recognition: a pragmatic approach", Computational Linguistics 31 (2005), section 3; the counts are those of
`data/words.csv` and `data/name_characters.csv`. In Latin script a title gives a name away.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from anonymize.data import facts

_RUN = re.compile(r"[\u4e00-\u9fff]{2,}")
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? (?P<v>[A-Z][a-z]+(?: [A-Z][a-z]+)?)")
_COMPOUND_TEXT = "欧阳 上官 司马 诸葛 司徒 东方 皇甫 尉迟 公孙 慕容 令狐 夏侯 端木 轩辕 长孙 宇文 呼延 南宫 澹台 闻人"
COMPOUND = frozenset(_COMPOUND_TEXT.split())
PLACES = frozenset("镇村乡县市州区路街巷桥湾塘坪坡坝冲港组岸苑山江河湖桌楼院厂店校")
"""How places end: what of three characters ends so is none of a person's here."""
_DRUG = re.compile(
    "西林|他汀|沙坦|普利|洛尔|替尼|单抗|沙班|法林|培南|康唑|拉唑|西平|他滨|立酮|曲林|司特|西酞|双胍|丁胺|昔芬|铂|脱石|牛黄|连花|酮|唑|啶|霉素"
)
"""Stems of names of drugs (WHO, "The use of stems", 2018) and of a few old remedies."""
_ILLNESS = re.compile("[^，。]?[病癜症瘤]|综合[征症]|淋巴|现象|反应|麻痹|氏|-")
"""What follows a name only where a disease, a sign or a test bears it."""

NAME = {2: -6.0, 3: -5.0}
"""Logarithm of the chance that a word is a name of so many characters; chosen on news."""
COMPOUND_SURNAME = -7.0
"""The same that a surname is a certain one of two characters."""
LONGEST = 4
"""Characters of the longest word."""
PIECE = 2_000
"""Characters looked at together; a run of hanzi without a stop this long is no prose."""


@dataclass(frozen=True, slots=True)
class _Model:
    """Logarithms of probabilities."""

    words: dict[str, float]
    singles: dict[str, float]
    unknown: float
    surname: dict[str, float]
    second: dict[str, float]
    last: dict[str, float]
    rare: float
    """Of a character that stands in no name of the table."""


@cache
def _model() -> _Model:
    characters = facts("name_characters.csv")
    sums = {key: sum(int(row[key]) for row in characters) for key in ("surname", "second", "last", "elsewhere")}
    total = ALONE * sums["elsewhere"] + 1

    def part(key: str, rows: float) -> dict[str, float]:
        return {
            row["character"]: math.log((int(row[key]) + SEEN) / (sums[key] + SEEN * rows))
            for row in characters
            if key != "surname" or int(row[key])
        }

    return _Model(
        words={row["word"]: math.log(int(row["count"]) / total) for row in facts("words.csv")},
        singles={row["character"]: math.log(max(int(row["elsewhere"]), 2) * SINGLE / total) for row in characters},
        unknown=math.log(1 / total),
        surname=part("surname", 500),
        second=part("second", 3000),
        last=part("last", 3000),
        rare=math.log(0.1 / sums["last"]),
    )


ALONE, SINGLE, SEEN = 0.6, 0.25, 0.5
"""Words per character of prose; the share of a character that stands alone; what an unseen part of a name counts."""


def persons(text: str) -> Iterator[tuple[int, int]]:
    """Find persons in plain *text*: start and end."""
    for run in _RUN.finditer(text):
        for at in range(run.start(), run.end(), PIECE):
            piece = text[at : min(at + PIECE, run.end())]
            named = ((at + start, at + end) for start, end in _named(piece))
            yield from ((start, end) for start, end in named if not _is_vetoed(text, start, end))
    for match in _TITLED.finditer(text):
        yield match.span("v")


def _is_vetoed(text: str, start: int, end: int) -> bool:
    """Say whether something in or about the span speaks against a person."""
    name = text[start:end]
    place = len(name) == 3 and name[2] in PLACES and name[:2] not in COMPOUND
    medical = _ILLNESS.match(text, end) or name[-1] in "病癜氏" or _DRUG.search(text, max(start - 1, 0), end + 2)
    return place or name[0] == name[1] or bool(medical)


def _named(run: str) -> Iterator[tuple[int, int]]:
    """Cut *run* into its most probable words, and give those that are names."""
    model = _model()
    words, last, second, surname, rare = model.words, model.last, model.second, model.surname, model.rare
    best = [0.0]
    back: list[tuple[int, bool]] = [(0, False)]
    for end in range(1, len(run) + 1):
        score, way = best[end - 1] + model.singles.get(run[end - 1], model.unknown), (end - 1, False)
        for size in range(2, min(end, LONGEST) + 1):
            start = end - size
            known = words.get(run[start:end])
            if known is not None and best[start] + known > score:
                score, way = best[start] + known, (start, False)
            compound = size > 2 and run[start : start + 2] in COMPOUND
            family = 2 if compound else 1
            begins = COMPOUND_SURNAME if compound else surname.get(run[start])
            if begins is None or not 1 <= size - family <= 2:
                continue
            named = best[start] + NAME[size - family + 1] + begins + last.get(run[end - 1], rare)
            if size - family == 2:
                named += second.get(run[end - 2], rare)
            if named > score:
                score, way = named, (start, True)
        best.append(score)
        back.append(way)
    end = len(run)
    found = []
    while end:
        start, name = back[end]
        if name:
            found.append((start, end))
        end = start
    yield from reversed(found)
