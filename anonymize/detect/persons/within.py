"""Which characters of a clinical note are a Chinese name: each that may be one is judged, and the likeliest taken.

The tagger was made for news. In notes it gives a name what stands beside it (床王艳, 张明外周), or hardly a chance. So
every surname near what it found is tried, with one character and with two, and weighed: where words begin and end,
what stands before and after, and whether its characters are those of names, of brands or of foreign names.
"""

import math
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from anonymize.detect.findings import Finding
from anonymize.detect.persons.beside import after, before, words
from anonymize.detect.persons.medicine import is_eponym, is_taken
from anonymize.detect.persons.surnames import COMMON, COMPOUND, SINGLE, TRADITIONAL
from anonymize.detect.persons.titles import title_at
from anonymize.detect.persons.vetoes import AFTER, DRUG, NO_NAME
from anonymize.detect.persons.worth import BASE, WEIGHTS
from anonymize.detect.tagger.characters import foreign, is_everyday, odds, written
from anonymize.detect.tagger.runs import HAN

PLAIN = 3.0
"""Odds of its characters from which a sure name is not looked at again."""
_BRANDED = frozenset(
    "妥汀珂泌他乐舒必坦帕沃赛诺欣施多普瑞可比唐能达力盖凡美得特隆复内通曼沙伦迪格康博维菲斯万克丁泰塞定利洛雷素赫"
    "新和莱贝罗雅姆托善尔鲁全宁灵奇信思安福"
)
"""Characters that brands and foreign names are made of more often than given names."""
_ENDINGS = frozenset(
    "斯尔克特科勒塔弗普拉姆瓦萨卡巴格夫基尼诺洛索托莱哈里考茨策塞戈盖比蒂提图费莫佩布耶库默赫伯沃古冈顿坦扎兹贝司厄埃艾阿登"
)
"""Characters in which foreign names end, and hardly any given name."""
_RARELY = frozenset("艾斯哈沙沃巴尼贝")
"""Surnames that more words written like foreign names begin with than names."""
_ALL_HAN = re.compile(f"(?:{HAN.pattern})+")
MARGIN = 0.5
"""Odds by which a name may be less likely than the same without its last character, and is taken whole."""
HOPELESS = -3.0
"""Odds below which nothing more need speak against a name."""
KEPT, NEAR = 1 << 14, 64
"""Names whose characters are remembered, and places in a text whose signs are."""


def is_plain(name: str) -> bool:
    """Say whether *name* is written as most Chinese names are, and as few brands and foreign names."""
    if not (is_everyday(name) and len(name) <= 3 and written(name) >= PLAIN):
        return False
    return _ENDINGS.isdisjoint(name[1:]) and _BRANDED.isdisjoint(name[1:])


def likeliest(text: str, finding: Finding) -> tuple[float, int, int] | None:
    """Give the odds, as a natural logarithm, and the place of the likeliest Chinese name in or beside a finding."""
    chance, least, judged = min(max(finding.score, 1e-4), 0.98), HOPELESS, list[tuple[float, int, int]]()
    tagged = math.log(chance / (1 - chance))
    for start, end in names(text, finding):
        said = BASE + _form(text[start:end], text[end : end + 1]) + _led(text, start) + _followed(text, end)
        said += _as_tagged(start, end, finding, tagged)
        if said > least:  # the signs of a drug only speak against it
            said += _weigh(against(text, start, end))
            least = max(least, said - MARGIN)
        judged.append((said, start, end))
    if not judged:
        return None
    best, first, last = max(judged)
    whole = [end for said, start, end in judged if start == first and end > last and said > best - MARGIN]
    return best, first, max(whole, default=last)


def names(text: str, finding: Finding) -> Iterator[tuple[int, int]]:
    """Give where a Chinese name may stand that shares a character with the finding."""
    for start in range(max(0, finding.start - 2), finding.end):
        size = _surname(text[start : start + 2])
        if not size or title_at(text, start + size):
            continue
        for end in range(
            max(start + size + 1, finding.start + 1), min(start + size + 3, finding.end + 3, len(text) + 1)
        ):
            if "氏" not in text[start:end] and _ALL_HAN.fullmatch(text, start, end):
                yield start, end


def _as_tagged(start: int, end: int, finding: Finding, odds: float) -> float:
    """Weigh what the tagger says, with the *odds* of a finding, for a name that stands exactly there."""
    beyond = max(0, finding.start - start) + max(0, end - finding.end)
    said = WEIGHTS["beyond"] * beyond + (WEIGHTS["begins as tagged"] if start == finding.start else 0.0)
    if start == finding.start and end == finding.end:
        return said + WEIGHTS["same"] + WEIGHTS["tagged as this"] * odds
    return said + WEIGHTS["tagged"] * odds


def against(text: str, start: int, end: int) -> Iterator[tuple[str, float]]:
    """Give the signs of a drug, a disease or what bears a name."""
    yield "taken", is_taken(text, start, end)
    yield "eponym", is_eponym(text, start, end)
    yield "disease", AFTER.match(text, end) is not None
    yield "drug", DRUG.search(text, max(start - 1, 0), end + 2) is not None


def characters(name: str, follows: str) -> Iterator[tuple[str, float]]:
    """Weigh the characters of *name*, and whether it would rather be one shorter, or longer by what *follows*."""
    size = _surname(name)
    given, compound = name[size:], size == 2 or name[0] in TRADITIONAL
    yield "surname", 0 if compound else odds("surname").get(name[0], 0.0)
    yield "compound", compound
    yield "common", name[0] in COMMON
    yield "given, one" if len(given) == 1 else "given, two", _given(given)
    if len(given) == 2:
        yield "two, compound" if compound else "two", 1
        yield "begins with a word", name[:2] in words()
        yield "shorter", max(0.0, _given(given[0]))
        yield "foreign in it", given[0] in _ENDINGS
    elif HAN.match(follows):
        yield "longer", max(0.0, odds("last").get(follows, 0.0))
        yield "a word", name in words()
    yield "foreign, common" if name[0] in COMMON else "foreign", foreign(name) == 1
    yield "foreign at its end", name[-1] in _ENDINGS
    yield "rare", name[0] in _RARELY
    yield "branded", sum(character in _BRANDED for character in given) / len(given)
    yield "all branded", _BRANDED.issuperset(name)
    yield "no name", not NO_NAME.isdisjoint(name)


def _given(said: str) -> float:
    """Give the odds that characters are a given name; those in which foreign names end say nothing for it."""
    parts = zip(said[::-1], ("last", "second"), strict=False)
    found = [(one, odds(part).get(one, 0.0)) for one, part in parts]
    return sum(min(each, 0.0) if one in _ENDINGS else each for one, each in found)


def _surname(name: str) -> int:
    """Give how many characters of a surname *name* begins with."""
    return 2 if name[:2] in COMPOUND else int(name[0] in SINGLE or name[0] in TRADITIONAL)


def _weigh(signs: Iterable[tuple[str, float]]) -> float:
    return sum(WEIGHTS[sign] * value for sign, value in signs if value)


@lru_cache(KEPT)
def _form(name: str, follows: str) -> float:
    return _weigh(characters(name, follows))


@lru_cache(NEAR)
def _led(text: str, start: int) -> float:
    return _weigh(before(text, start))


@lru_cache(NEAR)
def _followed(text: str, end: int) -> float:
    return _weigh(after(text, end))
