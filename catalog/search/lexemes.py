"""Fields to lexemes: each token is stored once for every reach within which it may be asked for.

A token of a title is stored plain and marked for the title, the keywords and the columns; one of a description plain
only. So "all words in the title or keywords" is one look-up of an exact set, on either database, however many
documents match: weights inside an index would be read back document by document.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from catalog.search.tokens import pieces, sequence, tokens

MOST_TOKENS = 20_000
"""Of one field; what comes later is not found by."""
MOST_BYTES = 600_000
"""Of one document: PostgreSQL takes a megabyte with its own bookkeeping."""


class Reach(StrEnum):
    """How far into a document a word is looked for; the narrower reach ranks first. Its value marks the lexeme."""

    PHRASE = "p="
    TITLE = "t="
    KEYWORDS = "k="
    COLUMNS = "c="
    ANYWHERE = ""


COLUMN = "n="
"""Marks the name of a column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What a dataset says of itself, by how much a word in it weighs."""

    titles: tuple[str, ...]
    keywords: tuple[str, ...]
    columns: tuple[str, ...]
    descriptions: tuple[str, ...]

    def tokenised(self) -> dict[str, list[str]]:
        """Give each field's tokens, under the names of `SearchDocument`."""
        return {
            "title": _tokens(self.titles),
            "keywords": _tokens(self.keywords),
            "columns": _tokens(self.columns),
            "description": _tokens(self.descriptions),
        }

    def words(self) -> set[str]:
        """List the Latin words, as they are spelt, for corrections to choose from."""
        texts = (*self.titles, *self.keywords, *self.columns, *self.descriptions)
        found = {part for text in texts for piece in pieces(text) for part in piece.parts}
        return {word for word in found if 3 <= len(word) <= 30 and word.isalpha()}


def lexemes(fields: Fields, tokenised: dict[str, list[str]]) -> list[str]:
    """List the distinct lexemes of a document, the weightiest first."""
    title, keywords, columns, description = tokenised.values()
    names = [token for name in fields.columns for token in {name_of(name), *tokens(name)}]
    ordered = (
        *(pair for text in fields.titles for pair in pairs(text)),
        *(f"{Reach.TITLE}{token}" for token in title),
        *(f"{Reach.KEYWORDS}{token}" for token in (*title, *keywords)),
        *title,
        *keywords,
        *(f"{COLUMN}{name}" for name in names[:MOST_TOKENS]),
        *columns,
        *(f"{Reach.COLUMNS}{token}" for token in (*title, *keywords, *columns)),
        *description,
    )
    kept, size = [], 0
    for lexeme in dict.fromkeys(ordered):
        size += (len(lexeme) if lexeme.isascii() else 4 * len(lexeme)) + 1
        if size > MOST_BYTES:
            break
        kept.append(lexeme)
    return kept


def pairs(text: str) -> list[str]:
    """List the lexemes that say which tokens of a title follow each other."""
    return [f"{Reach.PHRASE}{first}+{second}" for first, second in pairwise(sequence(text))]


def name_of(column: str) -> str:
    """Give a column's name as it is looked for: folded, its pieces joined."""
    return "_".join(piece.text for piece in pieces(column))


def _tokens(texts: Iterable[str]) -> list[str]:
    found: list[str] = []
    for text in texts:
        found += tokens(text)
        if len(found) >= MOST_TOKENS:
            break
    return found[:MOST_TOKENS]
