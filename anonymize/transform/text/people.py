"""Invented persons, each drawn under a key for one person of one subject, and poured into the mould of a mention."""

import re

from anonymize.transform.text import names
from anonymize.transform.text.drawing import Draw
from anonymize.transform.text.names import Part
from anonymize.transform.text.persons import MASKS, TITLES, Mould, parted
from anonymize.transform.text.taken import Taken

TRIES = 200
"""Persons drawn before a text goes without: a source may hold nearly every usual name."""
_DOTS = re.compile(r"[·•・‧.]")
_HIS, _HERS = (frozenset(part.hanzi for part in parts) for parts in (names.MALE, names.FEMALE))
_ENGLISH_HIS, _ENGLISH_HERS = (frozenset(map(str.lower, given)) for given in (names.ENGLISH_MALE, names.ENGLISH_FEMALE))
_GIVEN = (names.EITHER, names.FEMALE, names.MALE)
_ENGLISH = (names.ENGLISH_EITHER, names.ENGLISH_FEMALE, names.ENGLISH_MALE)
_EITHER, _WOMAN, _MAN = range(3)


def invented(key: bytes, whose: str, mould: Mould, taken: Taken) -> str | None:
    """Write an invented person into *mould*; none where every one that was drawn stands in the source as well.

    The person is drawn for *whose* text it is and who is meant, and depends on nothing else of the mention.
    """
    for number in range(TRIES):
        person = _Person(Draw(key, "person", whose, mould.person, str(number)), mould.person)
        if any(name in taken for name in person.names()):
            continue
        written = person.poured(mould)
        as_it_was = "".join(text for _, text in mould.parts)
        return None if written is None or written == as_it_was or written in taken else written
    return None


class _Person:
    """Somebody who is nobody, in every script; of the gender that the name replaced lets one think of."""

    def __init__(self, draw: Draw, replaced: str) -> None:
        gender = _gender(replaced)
        self._surname = draw.of(names.SURNAMES)
        self._given = [draw.of(_GIVEN[gender]) for _ in range(1 if len(parted(replaced)[1]) == 1 else 2)]
        self._english = {"surname": draw.of(names.ENGLISH_SURNAMES), "given": draw.of(_ENGLISH[gender])}
        self._second = draw.of(_ENGLISH[gender])
        self._dotted = (
            draw.of(names.DOTTED_FEMALE if gender == _WOMAN else names.DOTTED_MALE),
            draw.of(names.DOTTED_MALE),
        )
        self._initial = draw.of("ABCDEGHJKLMNPRSTW")

    def names(self) -> list[str]:
        """Give the whole name as each script writes it, in either order."""
        spelled = self._surname.pinyin, _spelled(self._given, "")
        pairs = (spelled, (self._english["surname"], self._english["given"]), self._dotted)
        both = [order for one, other in pairs for order in (one + other, other + one)]
        return [self._surname.hanzi + self._hanzi, *both]

    @property
    def _hanzi(self) -> str:
        return "".join(part.hanzi for part in self._given)

    def poured(self, mould: Mould) -> str | None:
        """Write the person as *mould* writes theirs; none where the mould holds more than a name and its titles."""
        if not any(kind for kind, text in mould.parts if text):
            return None
        out, given = [], 0
        for kind, text in mould.parts:
            if not kind and any(char.isalnum() and char not in MASKS for char in text) and text.lower() not in TITLES:
                return None
            given += kind == "given"
            out.append(self._part(kind, text, mould.script, given) if kind and text else text)
        return "".join(out)

    def _part(self, kind: str, text: str, script: str, given: int) -> str:
        if kind == "dotted":
            dot = _DOTS.search(text)
            return (dot[0] if dot else "·").join(self._dotted)
        if kind == "initial":
            return _cased(self._initial, text)
        if script == "hanzi":
            return {"surname": self._surname.hanzi, "given": self._hanzi, "tail": self._hanzi[-1:]}[kind]
        if script == "pinyin":
            return _cased(self._surname.pinyin if kind == "surname" else _spelled(self._given, text), text)
        return _cased(self._second if kind == "given" and given > 1 else self._english[kind], text)


def _spelled(given: list[Part], like: str) -> str:
    joint = "-" if "-" in like else ""
    first, *rest = (part.pinyin for part in given)
    return joint.join([first, *(part if joint else part.lower() for part in rest)])


def _cased(word: str, like: str) -> str:
    if like.isupper() and len(like) > 1:
        return word.upper()
    return word.lower() if like.islower() else word


def _gender(name: str) -> int:
    """Guess by the name alone: a word beside one mention would make two persons of one."""
    given, words = set(parted(name)[1]), set(name.split())
    hers = len(given & _HERS) + len(words & _ENGLISH_HERS)
    his = len(given & _HIS) + len(words & _ENGLISH_HIS)
    return _EITHER if hers == his else _WOMAN if hers > his else _MAN
