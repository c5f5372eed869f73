"""Who is meant by each mention of a person in one text: the same person by full name, surname and title, or mask.

A mention is read as a mould: which parts of a name it has, and what stands around them. An invented person is poured
into the same mould, so that 张先生 becomes 李先生 where 张伟民 becomes 李建国.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from anonymize.detect.fold import fold
from anonymize.detect.persons.surnames import COMPOUND
from anonymize.transform.text.names import SURNAMES, words

MASKS = frozenset("*×xX某○●□_?")
_TITLES = words(
    "先生 女士 小姐 太太 夫人 同志 阿姨 叔叔 大爷 大妈 老师 师傅 医生 医师 主任 大夫 教授 护士长 护士 某某 某 氏 姓"
)
_BEFORE = "老小阿"
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af〇]")
_DOT = re.compile(r"[·•・‧.]")
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_LEADING, _TRAILING = frozenset(words("mr mrs ms miss mx dr prof")), frozenset(words("jr sr ii iii iv md phd rn"))
_PINYIN = {part.pinyin.lower() for part in SURNAMES}
TITLES = frozenset((*_TITLES, *_BEFORE, *_LEADING, *_TRAILING))
"""What stands around a name in a mould and is no part of it."""
_SPELLED = {part.hanzi: part.pinyin.lower() for part in SURNAMES}


@dataclass(frozen=True, slots=True)
class Mould:
    """A mention taken apart: what it has of a name, and all that is no name around it.

    `parts` are pairs: `surname`, `given`, `initial`, `tail`, `dotted` or nothing, and how it stood there.
    """

    person: str
    """Who is meant: the same string for every mention of one person in the text."""
    parts: tuple[tuple[str, str], ...]
    script: str
    """`hanzi`, `dotted`, `pinyin` or `latin`."""


class Cast:
    """The persons of one text: the row's own, and whoever is named in it."""

    def __init__(self, own: Iterable[str], named: Sequence[str]) -> None:
        own = [fold(name).strip() for name in own]
        self._latin = frozenset(
            match[0].lower() for name in own if not _HAN.search(name) for match in _WORD.finditer(name)
        )
        whole = [_core(name)[1] for name in (*own, *map(fold, named)) if _HAN.search(name)]
        self._people = [name for name in dict.fromkeys(whole) if len(name) > 1 and not MASKS & set(name)]
        self._names: list[tuple[frozenset[str], str]] = []
        for name in (*own, *map(fold, named)):
            parts = [] if _HAN.search(name) else self._words(name)
            if len(parts) > 1:
                self._names.append((frozenset(parts), self._surname(name, parts)))

    def mould(self, mention: str) -> Mould:
        """Take *mention* apart, and say who is meant."""
        folded = fold(mention)
        return self._in_hanzi(folded) if _HAN.search(folded) else self._in_letters(folded)

    def _in_hanzi(self, mention: str) -> Mould:
        before, core, after = _core(mention)
        if _DOT.search(core):
            return Mould(core, (("", before), ("dotted", core), ("", after)), "dotted")
        person = next((name for name in self._people if _is_of(core, name)), core)
        surname, given = parted(person)
        if core == person:
            parts = [("surname", surname), ("given", given)]
        elif MASKS & set(core):
            head = surname if core.startswith(surname) else ""
            rest = core[len(head) :]
            hidden = len(rest) - len(rest.lstrip("".join(MASKS)))
            parts = [("surname", head), ("", rest[:hidden]), ("tail", rest[hidden:])]
        else:
            parts = [("given", core)] if core == given else [("surname", core)]
        return Mould(person, (("", before), *parts, ("", after)), "hanzi")

    def _in_letters(self, mention: str) -> Mould:
        words = self._words(mention)
        person = self._meant(words)
        surname = self._surname(mention, words)
        pinyin = bool(surname) and surname in _PINYIN and len(words) > 1
        parts: list[tuple[str, str]] = []
        at = 0
        for match in _WORD.finditer(mention):
            word = match[0].lower()
            kind = (
                "surname" if word == surname else "" if word not in words else "initial" if len(word) == 1 else "given"
            )
            parts += [("", mention[at : match.start()]), (kind, match[0])]
            at = match.end()
        if pinyin:
            same = [name for name in self._people if _SPELLED.get(parted(name)[0]) == surname]
            person = same[0] if len(same) == 1 else person
        return Mould(person, (*parts, ("", mention[at:])), "pinyin" if pinyin else "latin")

    def _words(self, mention: str) -> list[str]:
        """Give the words of a name in letters, without titles around it; what the row calls a name is none."""
        words = [match[0].lower() for match in _WORD.finditer(mention)]
        while len(words) > 1 and words[0] in _LEADING - self._latin:
            del words[0]
        while len(words) > 1 and words[-1] in _TRAILING - self._latin:
            del words[-1]
        return words

    def _meant(self, words: Sequence[str]) -> str:
        """Say who is meant by *words*: initials are left out, for a name is written with and without them."""
        told = {word for word in words if len(word) > 1} or set(words)
        if told and told <= self._latin:
            told = set(self._latin)
        else:
            told = next((set(name) for name, _ in self._names if told <= name), told)
        return " ".join(sorted(word for word in told if len(word) > 1)) or "?"

    def _surname(self, mention: str, words: Sequence[str]) -> str:
        """Guess which word is the surname: the first before a comma or if it is one in pinyin, else the last."""
        if not words:
            return ""
        if len(words) == 1:
            for name, surname in self._names:
                if words[0] in name:
                    return surname
            return words[0] if re.search(r"\b(?:mr|mrs|ms|miss|dr|prof)\b", mention, re.IGNORECASE) else ""
        first = "," in mention or (words[0] in _PINYIN and words[-1] not in _PINYIN)
        return words[0] if first else words[-1]


def parted(name: str) -> tuple[str, str]:
    """Split a name in hanzi into surname and given name."""
    size = 2 if name[:2] in COMPOUND and len(name) > 2 else 1
    return name[:size], name[size:]


def _core(mention: str) -> tuple[str, str, str]:
    """Split what stands before and behind a name in hanzi from the name."""
    mention = mention.replace(" ", "")
    after = next((title for title in _TITLES if mention.endswith(title) and len(mention) > len(title)), "")
    core = mention[: len(mention) - len(after)]
    before = core[:1] if core[:1] in _BEFORE and len(core) == 2 else ""
    return before, core[len(before) :], after


def _is_of(core: str, name: str) -> bool:
    """Say whether *core* is a way to write *name*."""
    surname, given = parted(name)
    if core in (name, surname) or (core == given and len(given) > 1):
        return True
    if not MASKS & set(core):
        return False
    shown = [char for char in core if char not in MASKS]
    return core.startswith(surname) and all(char in name for char in shown)
