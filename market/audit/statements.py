"""Find signed notes in what people hold: a note, a JSON document that quotes some, an export of the log.

Everything is read strictly and within limits; what no known key of the log has signed states nothing, and is refused.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from catalog.errors import CatalogError
from market.audit import merkle, notes, verify_log
from market.audit.comparing import Statement, Tree
from market.audit.notes import Key, Note

MAX_FILE_BYTES = 4 * 1024 * 1024
"""Of a note or a document; an export is read line by line and may be of any length."""
_SIGNATURES = "\n\n— "
_ENTRY, _CHECKPOINT, _HASH_CHARACTERS = b'{"action":', b'{"checkpoint":', 65


class NoStatement(CatalogError):
    """Something holds no note, or one that no known key of its log has signed."""


def notes_in(place: str, content: bytes) -> list[str]:
    """List the notes in *content*: itself, or every text in a JSON document that is one.

    Raises:
        NoStatement: there is none.
    """
    try:
        text = content.decode()
        found = list(_quoted(json.loads(text))) if text.lstrip()[:1] in ("{", "[") else [text]
    except (ValueError, RecursionError) as error:
        raise NoStatement(place, "is neither text nor JSON", fix="Give a note, a receipt or an export.") from error
    if not found:
        raise NoStatement(place, "holds no signed note", fix="Give a note, a receipt or an export.")
    return found


def read(place: str, note: str, publics: Collection[str], witnesses: Collection[Key]) -> Statement:
    """Read a checkpoint that its log signed by one of the keys *publics*; tells who else did, or claims to.

    Raises:
        NoStatement: it is malformed, a signature does not hold, or none is by the log.
    """
    try:
        signed = Note.read(note)
        stated = notes.parse(signed.text)
        logs = signed.verified(Key(stated.origin, public) for public in publics)
        seen = signed.verified(witnesses)
    except ValueError as error:
        raise NoStatement(place, f"holds no valid note: {error}", fix="Ask whoever gave it to you again.") from error
    if not logs:
        fix = "Name the log's key: --public-key."
        raise NoStatement(place, f"is not signed by a known key of the log {stated.origin}", fix=fix)
    others = {line.name for line in signed.lines if not any(line.by(key) for key in (*logs, *seen))}
    names = [*(f"{key.name} {key.public}" for key in logs), *(f"{key.name} {key.public}" for key in seen)]
    unknown = [f"{name} (key not known here)" for name in sorted(others)]
    return Statement(place, note, stated.origin, stated.size, stated.root, (*names, *unknown))


def is_export(path: Path) -> bool:
    """Say whether *path* begins as an export does."""
    with path.open("rb") as file:
        start = file.read(_HASH_CHARACTERS + 1)
    return len(start) > _HASH_CHARACTERS and start[64:] == b" {" and set(start[:64]) <= set(b"0123456789abcdef")


def newest_in_export(path: Path, publics: Collection[str]) -> tuple[str, set[str]]:
    """Verify an export by the log's keys *publics*; gives its last note, and all keys that they lead to.

    Raises:
        NoStatement: it does not hold.
    """
    note, keys = "", set(publics)
    try:
        with path.open("rb") as file:
            verify_log.verify(file, list(publics), [])
    except verify_log.Bad as error:
        fix = "Check it with the verifier, and ask for it again."
        raise NoStatement(str(path), str(error), fix=fix) from error
    with path.open("rb") as file:
        head = json.loads(next(file)[_HASH_CHARACTERS:])
        keys |= {rotation[side] for rotation in head["rotations"] for side in ("old", "new")}
        for line in file:
            if line.startswith(_CHECKPOINT, _HASH_CHARACTERS):
                note = json.loads(line[_HASH_CHARACTERS:])["checkpoint"]
    return note, keys


def tree_of_export(path: Path, sizes: Collection[int]) -> Tree | None:
    """Hash the entries of a verified export again: the roots at *sizes*; nothing where it is but a selection."""
    peaks: list[bytes] = []
    size, roots = 0, {0: merkle.EMPTY_ROOT}
    with path.open("rb") as file:
        head = json.loads(next(file)[_HASH_CHARACTERS:])
        if head["selection"]:
            return None
        for line in file:
            if line.startswith(_ENTRY, _HASH_CHARACTERS):
                digest, bits = merkle.leaf_hash(line[_HASH_CHARACTERS:-1]), size
                while bits & 1:
                    digest, bits = merkle.node_hash(peaks.pop(), digest), bits >> 1
                peaks.append(digest)
                size += 1
                if size in sizes:
                    roots[size] = _folded(peaks)
    return Tree(str(path), head["log"], size, roots)


def _folded(peaks: Sequence[bytes]) -> bytes:
    """Fold the complete subtrees of a tree, largest first, into its root."""
    *rest, root = peaks
    for peak in reversed(rest):
        root = merkle.node_hash(peak, root)
    return root


def _quoted(value: Any) -> Iterator[str]:
    match value:
        case str() if _SIGNATURES in value:
            yield value
        case dict():
            for held in value.values():
                yield from _quoted(held)
        case list():
            for held in value:
                yield from _quoted(held)
