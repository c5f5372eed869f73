"""What somebody asks of the catalogue: words, columns that must be there, and values of facets."""

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from catalog.errors import CatalogError
from catalog.search.lexemes import COLUMN, Reach, name_of, pairs
from catalog.search.stored import Group
from catalog.search.tokens import STOP_WORDS, bigrams, pieces, singular

LONGEST = 200
_COLUMN = re.compile(r"(?<!\S)column:(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Words that must all be there; of each facet that is named, one of the values given."""

    text: str = ""
    columns: tuple[str, ...] = ()
    theme: tuple[str, ...] = ()
    publisher: tuple[str, ...] = ()
    """Identifiers; each stands for all below it too."""
    spatial: tuple[str, ...] = ()
    """Codes of GB/T 2260, each for all that lies in it, or names."""
    profile: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    rhythm: tuple[str, ...] = ()
    year: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if len(self.text) + sum(map(len, self.columns)) > LONGEST:
            raise CatalogError("search", f"is longer than {LONGEST} characters", fix="Ask with fewer words.")
        if any(not name_of(name) for name in self.columns):
            raise CatalogError("search", "a column is named by no letter or digit", fix="Write column:NAME.")

    @classmethod
    def parse(cls, words: str, **facets: Any) -> Self:
        """Read what a person typed: words, and `column:NAME` for columns that must be there."""
        return cls(text=" ".join(_COLUMN.sub(" ", words).split()), columns=tuple(_COLUMN.findall(words)), **facets)

    def to_json(self) -> str:
        """Write down what is asked, and nothing that is not."""
        return json.dumps({name: value for name, value in asdict(self).items() if value}, ensure_ascii=False)

    @classmethod
    def from_json(cls, written: str) -> Self:
        """Read what `to_json` wrote."""
        given = json.loads(written)
        facets: dict[str, Any] = {name: tuple(value) for name, value in given.items() if name != "text"}
        return cls(text=given.get("text", ""), **facets)

    @property
    def terms(self) -> tuple["Term", ...]:
        """List the words and pairs of characters that are asked for."""
        return terms_of(self.text)

    @property
    def column_groups(self) -> tuple[Group, ...]:
        """Ask for each column by its name or a part of it."""
        names = (name_of(name) for name in self.columns)
        return tuple(Group(tuple(dict.fromkeys((f"{COLUMN}{name}", f"{COLUMN}{singular(name)}")))) for name in names)

    @property
    def phrase(self) -> tuple[Group, ...]:
        """Ask for the words one after the other in a title; empty for a single one."""
        return tuple(Group((pair,)) for pair in pairs(self.text))


@dataclass(frozen=True, slots=True)
class Term:
    """A word that must be there, in one of the forms it is kept in."""

    tokens: tuple[str, ...]
    starts: bool = False
    """Any token that begins with it will do: a single Chinese character."""
    word: str = field(default="", compare=False)
    """As it was spelt, where it may hold a slip; else empty."""

    def group(self, reach: Reach = Reach.ANYWHERE) -> Group:
        """Ask for it within *reach*."""
        return Group(tuple(f"{reach}{token}" for token in self.tokens), self.starts)


def terms_of(text: str) -> tuple[Term, ...]:
    """Cut a question into its terms, each once."""
    found: list[Term] = []
    for piece in pieces(text):
        if piece.chinese and len(piece.text) == 1:
            found.append(Term((piece.text,), starts=True))
        elif piece.chinese:
            found += [Term((pair,)) for pair in bigrams(piece.text)]
        elif piece.code:
            found.append(Term((piece.text,)))
        else:
            found += [Term((singular(part),), word=part) for part in piece.parts if part not in STOP_WORDS]
    return tuple(dict.fromkeys(found))
