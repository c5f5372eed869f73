"""Rebuild `latin_names.csv`, given and family names in Latin letters, from the locales of PyPI Faker (MIT).

Needs the package (it is among the extras for tests). Run: `python -m anonymize.data.update_latin_names`.
"""

import csv
import io
import pkgutil
import re
from collections.abc import Iterable
from importlib import import_module, metadata
from pathlib import Path

TABLE = Path(__file__).with_name("latin_names.csv")
_NAME = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-Ž][A-Za-zÀ-ÖØ-öø-ÿĀ-ž'’]+")
"""One capitalised word; names of several words are taken word by word."""
_PARTS = (
    *(("first_names", "given"), ("last_names", "family")),
    *(("first_romanized_names", "given"), ("last_romanized_names", "family")),
)
"""How lists of names are called there; Chinese and Japanese names are romanised too."""


def names() -> dict[str, set[str]]:
    """Give each name in lower case with what it is: `given`, `family`, or both."""
    import faker.providers.person as locales

    found: dict[str, set[str]] = {}
    for module in pkgutil.iter_modules(locales.__path__):
        provider = import_module(f"{locales.__name__}.{module.name}").Provider
        for part, kind in _PARTS:
            for attribute in (attribute for attribute in vars(provider) if attribute.startswith(part)):
                for name in _words(getattr(provider, attribute)):
                    found.setdefault(name.lower(), set()).add(kind)
    return found


def _words(listed: Iterable[object]) -> Iterable[str]:
    for entry in listed if not isinstance(listed, property) else ():
        yield from (word for word in re.split(r"[\s\-]+", str(entry)) if _NAME.fullmatch(word))


def table(found: dict[str, set[str]]) -> str:
    """Give the whole file, comment header included."""
    out = io.StringIO()
    out.write("# Given and family names in Latin letters, in lower case.\n")
    out.write(f"# Source: PyPI Faker {metadata.version('faker')}, faker/providers/person.\n# Licence: MIT (Faker).\n")
    out.write("# Made by: anonymize/data/update_latin_names.py\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("name", "given", "family"))
    writer.writerows((name, int("given" in kinds), int("family" in kinds)) for name, kinds in sorted(found.items()))
    return out.getvalue()


if __name__ == "__main__":
    TABLE.write_text(table(names()), "utf-8")
