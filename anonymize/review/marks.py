"""A file of sampled texts with what was found in them, for a steward to correct: raw text, in a private folder.

In TOML, one `[[text]]` per text. `spans` is what would be removed: a line taken out there lets that string stay, a line
put in has it removed, in the whole column. `found` keeps what stood there at first. Both lists become part of the plan.
"""

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from anonymize.errors import AnonymizeError
from anonymize.review.texts import Reviewed
from policies.texts import is_type

FORMAT = 1
WARNING = (
    "RAW TEXT: this file holds cells of the source with the personal data in them.",
    "Keep it in a folder that only you may open, and delete it once its marks are in the plan.",
    "",
    "`spans` is what would be removed from each text. Take a line out: that string stays, in the whole column.",
    "Put a line in, with a string of the text and a type: it is removed, in the whole column.",
    "`found` says what stood there at first, `doubtful` what only the second detector finds; leave both as they are.",
    "Then: sluice plan review PLAN FILE",
)


class ReviewError(AnonymizeError):
    """A review file cannot be written where it was asked for, or cannot be read."""


@dataclass(slots=True)
class Marks:
    """What a steward marked in one column."""

    always: dict[str, str] = field(default_factory=dict)
    """String → type: removed wherever it stands."""
    never: set[str] = field(default_factory=set)
    """Strings that stay."""


def write_review(path: Path, columns: Mapping[str, Sequence[Reviewed]], *, sha256: str, seed: int) -> None:
    """Write the sampled texts of *columns* into the new file *path*, which only its owner may read.

    Raises:
        ReviewError: the folder is open to others, or the file is there already.
    """
    check_new(path)
    document = tomlkit.document()
    for line in WARNING:
        document.add(tomlkit.comment(line) if line else tomlkit.nl())
    document.update({"format": FORMAT, "source_sha256": sha256, "seed": seed})
    texts = tomlkit.aot()
    for column, reviewed in columns.items():
        for each in reviewed:
            spans = [(each.text[f.start : f.end], f.type) for f in each.found]
            entry = tomlkit.table()
            entry.update({"column": column, "text": each.text, "spans": _lines(spans), "found": _lines(spans)})
            entry["doubtful"] = _lines([(each.text[left.start : left.end], left.type) for left in each.left])
            texts.append(entry)
    document["text"] = texts
    try:
        data = tomlkit.dumps(document).encode("utf-8")
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ReviewError(path.name, "is there already", fix="Name a new file; yours may hold marks.") from None
    except UnicodeEncodeError:
        raise ReviewError(path.name, "would hold broken characters", fix="Mend the encoding of the source.") from None
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def check_new(path: Path) -> None:
    """Refuse a review file before the source is read.

    Raises:
        ReviewError: the folder is open to others, or the file is there already.
    """
    _check_folder(path.absolute().parent)
    if path.exists():
        raise ReviewError(path.name, "is there already", fix="Name a new file; yours may hold marks.")


def read_marks(path: Path) -> dict[str, Marks]:
    """Read what was marked in the review file *path*, by column.

    Raises:
        ReviewError: it is no review file, or its marks contradict each other; no string of it is told.
    """
    try:
        raw = tomlkit.parse(path.read_bytes().decode("utf-8")).unwrap()
    except (UnicodeDecodeError, TOMLKitError) as error:
        line = getattr(error, "line", None)
        place = path.name if line is None else f"{path.name}, line {line}"
        raise ReviewError(place, "is no TOML in UTF-8", fix="Mend it there, or write the file anew.") from None
    if raw.get("format") != FORMAT or not isinstance(raw.get("text", []), list):
        raise ReviewError(path.name, "is no review file", fix="Make one: sluice inspect SOURCE --review FILE.")
    marks: dict[str, Marks] = {}
    for number, entry in enumerate(raw.get("text", []), start=1):
        column, spans, found = _read_entry(f"{path.name}, text {number}", entry)
        of = marks.setdefault(column, Marks())
        of.always |= {text: kind for text, kind in spans.items() if text not in found}
        of.never |= {text for text in found if text not in spans}
    for column, of in marks.items():
        if of.never & (set(of.always) | _spanned(raw["text"], column)):
            told = f"a string is let stay in one text of {column} and removed in another"
            raise ReviewError(path.name, told, fix="A mark holds for the whole column: decide for one of both.")
    return marks


def _read_entry(place: str, entry: Any) -> tuple[str, dict[str, str], dict[str, str]]:
    if not isinstance(entry, Mapping) or not all(isinstance(entry.get(key), str) for key in ("column", "text")):
        raise ReviewError(place, "has no column or no text", fix="Leave both as they were written.")
    lists = []
    for key in ("spans", "found"):
        spans = entry.get(key, [])
        if not isinstance(spans, list) or not all(
            isinstance(span, Mapping) and isinstance(span.get("text"), str) and is_type(span.get("type"))
            for span in spans
        ):
            fix = 'Write each as { text = "…", type = "PERSON" }.'
            raise ReviewError(place, f"{key} is no list of strings with their types", fix=fix)
        lists.append({span["text"]: span["type"] for span in spans})
    if not all(text and text in entry["text"] for text in lists[0]):
        raise ReviewError(place, "marks a string that does not stand in the text", fix="Copy it from the text.")
    return entry["column"], lists[0], lists[1]


def _spanned(entries: Sequence[Mapping[str, Any]], column: str) -> set[str]:
    return {span["text"] for entry in entries if entry["column"] == column for span in entry.get("spans", [])}


def _lines(spans: Sequence[tuple[str, str]]) -> Any:
    """Give an array with a line for each span, once each."""
    array = tomlkit.array().multiline(len(spans) > 0)
    for text, kind in dict.fromkeys(spans):
        line = tomlkit.inline_table()
        line.update({"text": text, "type": kind})
        array.append(line)
    return array


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ReviewError(folder.name, "is no folder", fix="Make it first, for you alone: mkdir -m 700.")
    mode = folder.stat()
    if stat.S_IMODE(mode.st_mode) & 0o077 or mode.st_uid != os.geteuid():
        found = "others may read it, and the file would hold raw text"
        raise ReviewError(folder.name or str(folder), found, fix="Use a folder of your own: mkdir -m 700.")
