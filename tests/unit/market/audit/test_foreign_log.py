"""Our code reads a log that others wrote: Tessera's, with all its checkpoints, entries and roots."""

import tarfile
from pathlib import Path

import pytest

from market.audit import merkle, notes, verify_log
from market.audit.notes import Key, Note

VECTORS = Path(__file__).parents[4] / "../shared/data/vectors/tessera_log_testdata.tar.gz"
KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
"""As the script that built it says."""
SIZES = range(16)


@pytest.fixture(scope="module")
def files():
    if not VECTORS.exists():
        pytest.skip(f"the foreign log is not beside the project: {VECTORS.name}")
    with tarfile.open(VECTORS) as archive:
        opened = ((member.name, archive.extractfile(member)) for member in archive.getmembers() if member.isfile())
        return {name: file.read() for name, file in opened if file is not None}


def entries(files, size):
    """Read a bundle of entries (C2SP tlog-tiles): each behind its length in two bytes."""
    raw, found = files[f"testdata/log/tile/entries/000.p/{size}"] if size else b"", []
    while raw:
        length = int.from_bytes(raw[:2], "big")
        found.append(raw[2 : 2 + length])
        raw = raw[2 + length :]
    return found


def test_every_checkpoint_is_read_and_states_the_root_of_its_entries(files):
    key = Key.read(KEY)
    for size in SIZES:
        note = files[f"testdata/log/checkpoint.{size}"].decode()
        stated = notes.read(note, key.public)
        assert (stated.origin, stated.size) == (key.name, size)
        assert Note.read(note).verified([key]) == {key: 0}
        tree, leaves = merkle.Frontier(), entries(files, size)
        for body in leaves:
            tree.add(merkle.leaf_hash(body))
        assert len(leaves) == size
        assert tree.root() == stated.root


def test_the_verifier_for_strangers_reads_them_too(files):
    public = verify_log.unbase64(Key.read(KEY).public)
    for size in SIZES:
        stated = verify_log.Checkpoint(1, files[f"testdata/log/checkpoint.{size}"].decode())
        (signature,) = stated.by(stated.origin, public, 1)
        assert verify_log.signed(public, signature, stated.text.encode())


def test_each_tree_extends_those_before_it(files):
    roots = [notes.read(files[f"testdata/log/checkpoint.{size}"].decode(), Key.read(KEY).public).root for size in SIZES]
    nodes = {}
    for index, body in enumerate(entries(files, 15)):
        made = merkle.completed(index, merkle.leaf_hash(body), lambda level, position: nodes[level, position])
        nodes.update({(level, position): digest for level, position, digest in made})
    for new in SIZES[1:]:
        for old in range(1, new + 1):
            proof = merkle.consistency_proof(old, new, lambda level, position: nodes[level, position])
            assert merkle.verify_consistency(old, new, roots[old], roots[new], proof)


@pytest.mark.parametrize("change", [b"\x01", b"\x20", b"\x80"])
def test_a_flipped_byte_in_a_foreign_checkpoint_is_refused(files, change):
    """Each byte in turn; the note of the tree of 7."""
    note, public = files["testdata/log/checkpoint.7"], Key.read(KEY).public
    for position in range(len(note)):
        flipped = bytearray(note)
        flipped[position] ^= change[0]
        with pytest.raises(ValueError):
            notes.read(flipped.decode(errors="surrogateescape"), public)
