"""Gather what is held of a log, from files, witnesses' folders, addresses and the home itself, and compare it."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from market.audit import checkpoint, log, statements, submitting, witnesses
from market.audit.comparing import Comparison, Statement, Tree, compare
from market.audit.notary import rotations_of
from market.audit.notes import COSIGNATURE, Key
from market.audit.statements import MAX_FILE_BYTES, NoStatement
from market.home import Home
from market.witness.folder import Folder

FETCH_S = 10.0


def compare_held(held: Sequence[str], *, publics: Collection[str], home: Home | None) -> Comparison:
    """Compare the notes in *held* with each other, and with the log of *home* where there is one.

    Each of *held* is a path or an address. Keys of the log are *publics*, those of the home, and those that a valid
    export shows to have followed on them.

    Raises:
        NoStatement: one of them holds no note that a known key of its log has signed.
    """
    known, signers = set(publics), [] if home is None else _witnesses(home)
    if home is not None:
        known |= _keys(home)
    notes: list[tuple[str, str]] = [] if home is None else list(_newest(home))
    exports = []
    for place in held:
        path = Path(place)
        if path.is_file() and statements.is_export(path):
            note, keys = statements.newest_in_export(path, known)
            known |= keys
            exports.append(path)
            notes.append((place, note))
        elif path.is_dir():
            folder = Folder.open(path)
            signers.append(folder.key)
            notes += _remembered(folder)
        else:
            notes += [(place, note) for note in statements.notes_in(place, _content(place))]
    stated = [statements.read(place, note, known, signers) for place, note in notes]
    sizes = {statement.size for statement in stated}
    trees = [tree for tree in (statements.tree_of_export(path, sizes) for path in exports) if tree is not None]
    if home is not None:
        trees.append(_tree(home, stated))
    return compare(stated, trees)


def _keys(home: Home) -> set[str]:
    with home.database.reading() as session:
        rotations = rotations_of(session, home.origin)
    return {home.log_key.public, *(key for rotation in rotations for key in (rotation.old, rotation.new))}


def _witnesses(home: Home) -> list[Key]:
    with home.database.reading() as session:
        return [Key(witness.name, witness.key, COSIGNATURE) for witness in witnesses.entered(session)]


def _newest(home: Home) -> Iterator[tuple[str, str]]:
    with home.database.reading() as session:
        newest = checkpoint.newest(session)
        if newest is not None:
            yield str(home.settings.home), checkpoint.note_of(session, newest)


def _tree(home: Home, stated: Sequence[Statement]) -> Tree:
    with home.database.reading() as session:
        size = log.size(session)
        sizes = {one.size for one in stated if one.origin == home.origin and one.size <= size}
        return Tree(str(home.settings.home), home.origin, size, {at: log.root(session, at) for at in sizes})


def _remembered(folder: Folder) -> Iterator[tuple[str, str]]:
    """Give what a witness has signed last of each log, and what it was shown and refused."""
    for log_ in folder.logs():
        if log_.note is not None:
            yield str(folder.path), log_.note
    for path, note in folder.refused():
        yield str(path), note


def _content(place: str) -> bytes:
    """Read a file, or what an address answers."""
    if place.startswith(("http://", "https://")):
        reply = submitting.fetch(place, FETCH_S)
        if reply is None or reply.status != 200:
            found = "did not answer" if reply is None else f"answered {reply.status}"
            raise NoStatement(place, found, fix="Look whether it serves a note there.")
        return reply.text.encode()
    path = Path(place)
    if path.stat().st_size > MAX_FILE_BYTES:
        raise NoStatement(place, f"is longer than {MAX_FILE_BYTES} bytes", fix="Give a note, a receipt or an export.")
    return path.read_bytes()
