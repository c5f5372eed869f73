"""What the pages say: every sentence stands once per language in `texts/*.toml`, under the same key."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from catalog.describe import LEVELS, RHYTHMS, THEMES, Label

LANGUAGES = ("zh", "en")
"""The first is the one for who asks for neither."""

_TABLES: Mapping[str, Mapping[str, Label]] = {"theme": THEMES, "level": LEVELS, "rhythm": RHYTHMS}


@cache
def texts(language: str) -> Mapping[str, str]:
    """Read the sentences of *language*, by keys such as `risk.title`."""
    raw = tomllib.loads((Path(__file__).parent / "texts" / f"{language}.toml").read_text("utf-8"))
    return dict(_flat(raw))


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


@dataclass(frozen=True, slots=True)
class Words:
    """The voice of a page in one language."""

    language: str

    @property
    def other(self) -> str:
        """The other language."""
        return next(language for language in LANGUAGES if language != self.language)

    @property
    def tag(self) -> str:
        """The language as HTML names it."""
        return {"zh": "zh-CN", "en": "en"}[self.language]

    def __call__(self, key: str, **values: Any) -> str:
        """Say the sentence of *key*; where `n` is one and there is a sentence for one, that.

        Raises:
            KeyError: there is no such sentence.
        """
        known = texts(self.language)
        if values.get("n") in (1, "1") and f"{key}_one" in known:
            key = f"{key}_one"
        return known[key].format(**values)

    def code(self, family: str, value: Any) -> str:
        """Say what a code means, or the code itself where nobody wrote down what it means."""
        if family in _TABLES:
            label = _TABLES[family].get(value)
            return str(value) if label is None else str(getattr(label, self.language))
        return texts(self.language).get(f"{family}.{value}", str(value))

    def of(self, row: Any, name: str) -> str:
        """Give what *row* says in this language, such as its `title`."""
        said: str = getattr(row, f"{name}_{self.language}") or getattr(row, f"{name}_{self.other}")
        return said
