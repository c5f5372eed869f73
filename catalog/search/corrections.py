"""When nothing is found: words that may have been meant, out of those that can be found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlmodel import Session, col, select

from catalog.search.models import SearchWord
from catalog.search.query import Term
from catalog.search.tokens import singular
from catalog.search.typos import asked_spellings, slips, slips_allowed

MOST = 3
"""So many words are tried in place of one."""
RARE = 3
"""A word that more datasets have is meant as it is."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What was searched for in place of a word, or beside it."""

    word: str
    tried: tuple[str, ...]
    beside: bool = False
    """The word is there too, but never together with the others."""


def corrected(
    session: Session, terms: Sequence[Term], counted: Callable[[Term], int], *, beside: bool
) -> tuple[tuple[Term, ...], tuple[Correction, ...]]:
    """Give the terms with the likeliest words in place of those that find nothing, or *beside* those that hardly do.

    Only words that *counted* finds are tried: none that occurs in an unpublished dataset alone is given away.
    """
    fixed, made = [], []
    for term in terms:
        words: tuple[str, ...] = ()
        if term.word and _suspect(counted(term), beside=beside):
            words = _meant(session, term, counted)
        if words:
            kept = term.tokens if beside else ()
            fixed.append(Term(tuple(dict.fromkeys((*kept, *map(singular, words)))), word=term.word))
            made.append(Correction(term.word, words, beside))
        else:
            fixed.append(term)
    return tuple(fixed), tuple(made)


def _suspect(times: int, *, beside: bool) -> bool:
    """Say whether a word that so many datasets have may be a slip: one that none has, or *beside* those, hardly any."""
    return 0 < times <= RARE if beside else times == 0


def _meant(session: Session, term: Term, counted: Callable[[Term], int]) -> tuple[str, ...]:
    """List the words fewest slips away that can be found, the most frequent first."""
    limit = slips_allowed(term.word)
    if not limit:
        return ()
    near = select(SearchWord.word).where(col(SearchWord.spelling).in_(asked_spellings(term.word))).distinct()
    ranked = sorted(
        (slips(term.word, word), word) for word in session.exec(near) if abs(len(word) - len(term.word)) <= limit
    )
    for distance, group in groupby(ranked, key=lambda pair: pair[0]):
        if distance > limit:
            break
        others = [word for _, word in group if singular(word) not in term.tokens]
        found = sorted((-counted(Term((singular(word),))), word) for word in others[: MOST * 4])
        words = tuple(word for number, word in found if number < 0)[:MOST]
        if words:
            return words
    return ()
