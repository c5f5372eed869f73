"""An export convinces whoever has the verifier and a key of the log; any change of it is found, and named."""

import hashlib
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys

import pytest

from anonymize.signing import Signer
from catalog.errors import NotFound, WrongState
from market.audit import export, merkle, notes, verify_log
from market.audit.models import LogCosignature
from market.audit.notes import COSIGNATURE, Checkpoint, Key
from tests.common.fixtures import sqlite_database
from tests.common.signed_log import SignedLog


def verified(data, *keys, witnesses=()):
    """Verify in this process; gives the words, or what is bad."""
    try:
        return f"OK: {verify_log.verify(io.BytesIO(data), list(keys), list(witnesses))}"
    except (verify_log.Bad, ValueError) as error:
        return f"BAD: {error}"


def verify_elsewhere(data, folder, *options):
    """Verify as a stranger does: in a folder of their own, by the one file, without site packages."""
    shutil.copyfile(verify_log.__file__, folder / "verify_log.py")
    (folder / "export").write_bytes(data)
    command = [sys.executable, "-I", "-S", "verify_log.py", "export", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={})
    assert done.stderr == ""
    return done.returncode, done.stdout


def grown(made):
    """Let a log grow to 40 entries over several checkpoints, one key after another."""
    made.tell(20, seconds=15, personal={"name": "李雷"})
    made.rotate()
    made.tell(19, seconds=15)
    made.sign()
    return made


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Give a grown log that no test changes."""
    folder = tmp_path_factory.mktemp("told")
    made = grown(SignedLog.on(sqlite_database(folder), folder / "keys"))
    yield made
    made.database.close()


def test_it_convinces_a_stranger_who_trusts_any_key_of_the_log(signed_log, tmp_path):
    grown(signed_log)
    root = notes.parse(notes.Note.read(signed_log.sign()).text).root.hex()
    whole, part = signed_log.exported(), signed_log.exported([0, 20, 21, 39])
    said = f"entries of {signed_log.notary.origin}, in the tree of 40 with the root {root}"
    for key in signed_log.keys:
        assert verified(whole, key) == f"OK: 40 {said}"
        assert verified(part, key) == f"OK: 4 {said}"
    stranger = Signer.create(tmp_path / "stranger.key").public
    for data in (whole, part):
        assert verify_elsewhere(data, tmp_path, "--key", signed_log.keys[0])[0] == 0
        status, words = verify_elsewhere(data, tmp_path, "--key", stranger)
        assert (status, words) == (1, "BAD: line 1: the log's keys lead to none of those given\n")
    assert "李雷" not in whole.decode()


def test_a_log_with_one_key_is_verified_by_that_key_alone(signed_log, tmp_path):
    signed_log.tell(3)
    signed_log.sign()
    stranger = Signer.create(tmp_path / "stranger.key").public
    for data in (signed_log.exported(), signed_log.exported([1])):
        assert verified(data, signed_log.keys[0]).startswith("OK: ")
        assert verified(data, stranger, signed_log.keys[0]).startswith("OK: ")
        assert "is not signed by the log's key" in verified(data, stranger)


def test_an_empty_log_can_be_taken_away(signed_log):
    with pytest.raises(WrongState, match="was never signed"):
        signed_log.exported()
    signed_log.sign()
    assert verified(signed_log.exported(), signed_log.keys[0]).startswith("OK: 0 entries")
    assert verified(signed_log.exported([]), signed_log.keys[0]).startswith("OK: 0 entries")


def test_it_ends_with_the_newest_checkpoint(sqlite_log):
    sqlite_log.tell(5)
    assert verified(sqlite_log.exported(), sqlite_log.keys[0]).startswith("OK: 1 entries")
    with pytest.raises(WrongState, match="entry 1: is newer than the newest checkpoint"):
        sqlite_log.exported([0, 1])


def test_a_selection_names_only_entries_that_there_are(told):
    with pytest.raises(NotFound, match="entry -1"):
        told.exported([-1])
    assert verified(told.exported([5, 3, 5]), told.keys[0]).startswith("OK: 2 entries")


def test_it_says_how_long_the_log_is_kept(told):
    head = json.loads(told.exported().splitlines()[0][65:])
    assert head["retention"] == "Entries are kept for 30 years at least; the program deletes none."


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Give small exports, whole and of a part, and the log's key."""
    folder = tmp_path_factory.mktemp("small")
    made = SignedLog.on(sqlite_database(folder), folder / "keys")
    made.tell(5, seconds=61)
    exports = made.exported(), made.exported([1, 4])
    made.database.close()
    return exports, made.keys[0]


@pytest.mark.parametrize("which", [0, 1])
def test_a_flipped_byte_anywhere_is_found_and_named(small, which):
    """Each byte in turn, by a mask of its own; the seed is printed."""
    exports, key = small
    data, seed = exports[which], int.from_bytes(os.urandom(4), "big")
    print("seed", seed)
    masks = random.Random(seed)
    assert verified(data, key).startswith("OK: ")
    line, entry = 1, 0
    contents = [content[65:] for content in data.splitlines()]
    for position in range(len(data)):
        flipped = bytearray(data)
        flipped[position] ^= masks.randrange(1, 256)
        said = verified(bytes(flipped), key)
        assert re.match(rf"BAD: (entry {entry} \()?line {line}\b", said), (position, said)
        if data[position : position + 1] == b"\n":
            entry += contents[line - 1].startswith(b'{"action"')
            line += 1


def lines_of(data):
    return data.splitlines(keepends=True)


def rehashed(content):
    return b"%s %s\n" % (merkle.leaf_hash(content).hex().encode(), content)


def resealed(lines):
    """Write the last line anew, as far as one can without the log's key."""
    body, last = b"".join(lines[:-1]), json.loads(lines[-1][65:])
    last["sha256"] = hashlib.sha256(body).hexdigest()
    return body + rehashed(json.dumps(last, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize("index", [0, 1, 9, 19, 20, 21, 39])
def test_an_entry_that_is_forged_with_all_its_hashes_is_bound_by_checkpoints(told, index):
    """No hash gives it away; the checkpoints around it do."""
    lines = lines_of(told.exported())
    at = [number for number, line in enumerate(lines) if line[65:].startswith(b'{"action"')][index]
    lines[at] = rehashed(lines[at][65:-1].replace(b'"by":"m"', b'"by":"n"'))
    said = verified(resealed(lines), told.keys[0])
    found = re.fullmatch(r"BAD: entry (\d+), or one before (\d+): is not what was signed", said)
    assert found, said
    assert int(found[1]) <= index < int(found[2])
    assert int(found[2]) - int(found[1]) <= 5


@pytest.mark.parametrize("change", ["drop", "double", "swap"])
def test_entries_that_are_left_out_doubled_or_moved_are_found(told, change):
    lines = lines_of(told.exported())
    lines[3:5] = {"drop": lines[4:5], "double": [lines[3], *lines[3:5]], "swap": lines[4:2:-1]}[change]
    assert verified(resealed(lines), told.keys[0]).startswith("BAD: entry 1, or one before 5: ")


def test_a_checkpoint_left_out_is_found_by_the_last_line_alone(told):
    lines = lines_of(told.exported())
    at = next(number for number, line in enumerate(lines) if b'{"checkpoint"' in line and number > 5)
    without = [*lines[:at], *lines[at + 1 :]]
    assert "was added, left out or moved" in verified(b"".join(without), told.keys[0])
    assert "the export is not signed by the log's key" in verified(resealed(without), told.keys[0])


def test_an_end_that_is_missing_is_found_wherever_it_was_cut(told):
    lines = lines_of(told.exported())
    for count in range(len(lines)):
        assert verified(b"".join(lines[:count]), told.keys[0]).startswith("BAD: "), count
    assert "follows on the last one" in verified(b"".join([*lines, lines[-1]]), told.keys[0])
    assert "follows on the last one" in verified(b"".join([*lines, lines[3]]), told.keys[0])


def test_entries_behind_the_last_checkpoint_are_not_taken_for_signed(told):
    """Even where the log's key signed the whole: an entry counts when a checkpoint covers it."""
    file = io.BytesIO()
    lines = lines_of(told.exported())
    with told.database.reading() as session:
        signer = told.notary.signer(session)
    made = export._Lines(file)
    for line in lines[:-1]:
        made.write(line[65:-1])
    made.write(b'{"action":"test:forged"}')
    made.sign(41, told.notary.origin, signer)
    assert "what no checkpoint covers" in verified(file.getvalue(), told.keys[0])


def test_checkpoints_by_another_key_are_found_even_when_all_is_sealed(told, tmp_path):
    """A forger with a key of their own can make a consistent file; it is not this log's."""
    (tmp_path / "forger").mkdir()
    forger = SignedLog.on(sqlite_database(tmp_path / "forger"), tmp_path / "forger" / "keys")
    forger.notary.origin = told.notary.origin
    forger.tell(2)
    data = forger.exported()
    forger.database.close()
    assert verified(data, forger.keys[0]).startswith("OK: ")
    assert verified(data, *told.keys) == "BAD: line 4: the export is not signed by the log's key"


def test_what_an_old_key_signs_after_its_rotation_counts_for_nothing(told):
    old = Signer.load(told.notary.folder / "log.key")
    lines = lines_of(told.exported())
    at = max(number for number, line in enumerate(lines) if b'{"checkpoint"' in line)
    stated = notes.parse(notes.Note.read(json.loads(lines[at][65:])["checkpoint"]).text)
    lines[at] = rehashed(json.dumps({"checkpoint": notes.sign(stated, old)}).encode())
    body = b"".join(lines[:-1])
    whole = hashlib.sha256(body).hexdigest()
    message = verify_log.canonical({"entries": 40, "export": whole, "log": told.notary.origin})
    with told.database.reading() as session:
        signature = told.notary.signer(session).sign(message)
    data = body + rehashed(json.dumps({"sha256": whole, "signature": signature}).encode())
    assert f"the checkpoint of size {stated.size} is not signed by the log's key" in verified(data, told.keys[0])


@pytest.mark.parametrize("field", ["old", "new", "size", "old_signature", "new_signature"])
def test_a_change_of_key_that_was_not_signed_so_is_found(told, field):
    head, *rest = lines_of(told.exported())
    value = json.loads(head[65:])
    said = value["rotations"][0]
    said[field] = said[field] + 1 if field == "size" else said["new" if field == "old" else "old"]
    data = resealed([rehashed(verify_log.canonical(value)), *rest])
    assert verified(data, *told.keys).startswith("BAD: line 1: ")


@pytest.mark.parametrize("head", [{"rotations": []}, {"format": "sluice-log-export/3"}, {"selection": True}])
def test_a_head_that_says_other_things_than_the_entries_is_found(told, head):
    first, *rest = lines_of(told.exported())
    value = {**json.loads(first[65:]), **head}
    assert verified(resealed([rehashed(verify_log.canonical(value)), *rest]), *told.keys).startswith("BAD: ")


NONE = [b"", b"{}", b"[]", b"5", b"null", b"{", b'{"checkpoint":5}', b'{"index":"x"}', b"\xff", b"[" * 100_000]


@pytest.mark.parametrize("content", NONE)
def test_a_line_that_is_none_of_an_export_is_named(told, content):
    lines = lines_of(told.exported())
    lines[4] = rehashed(content)
    said = verified(resealed(lines), told.keys[0])
    assert re.match(r"BAD: (entry \d+ \(line 5\)|line 5): is no line of an export", said)
    assert verified(rehashed(content) + b"".join(lines), told.keys[0]).startswith("BAD: line 1")


def test_bytes_that_are_no_export_are_refused(tmp_path):
    for data in (b"", b"\n", b"x", b"{}\n", os.urandom(1000), b"\x00" * 200):
        status, words = verify_elsewhere(data, tmp_path, "--key", "AAAA")
        assert (status, words[:5]) == (1, "BAD: ")


@pytest.mark.parametrize("keys", [["x"], ["AAAA"], ["A" * 43 + "="], []])
def test_a_key_that_is_none_verifies_nothing(small, keys):
    for data in small[0]:
        assert verified(data, *keys).startswith("BAD: ")


@pytest.fixture
def witnessed(sqlite_log, tmp_path):
    """Give a log with one checkpoint cosigned by a witness, the witness's key, and the checkpoint's size."""
    told = grown(sqlite_log)
    signer, name = Signer.create(tmp_path / "witness.key"), "witness.example/w1"
    with told.database.writing() as session:
        size = told.signed[3]
        kept = session.get_one(export.LogCheckpoint, size)
        line = notes.cosign(notes.Note.read(kept.note).text, signer, name=name, at=told.at)
        session.add(LogCosignature(size=size, witness=name, at=told.at, line=line))
    return told, Key(name, signer.public, COSIGNATURE), size


def test_cosignatures_are_checked_for_whoever_knows_the_witness(witnessed, tmp_path):
    told, witness, _ = witnessed
    key, stranger = told.keys[0], Key("witness.example/w2", Signer.create(tmp_path / "w2.key").public, COSIGNATURE)
    assert verify_elsewhere(told.exported(), tmp_path, "--key", key, "--witness", str(witness))[0] == 0
    status, words = verify_elsewhere(told.exported(), tmp_path, "--key", key, "--witness", str(stranger))
    assert (status, words) == (1, "BAD: the witness witness.example/w2 cosigned none of the checkpoints\n")
    assert verify_elsewhere(told.exported(), tmp_path, "--key", key, "--witness", "nonsense")[0] == 1


def test_a_cosignature_under_another_checkpoint_is_found(witnessed):
    told, witness, size = witnessed
    data = told.exported().decode()
    line = re.search(r"— witness\.example/w1 \S+\\n", data)[0]
    other = Checkpoint(told.notary.origin, size + 1, bytes(32))
    forged = json.dumps(notes.cosign(other.text, Signer.load(told.notary.folder / "log.key"), name="x", at=told.at))
    raw = notes.Line.read(json.loads(f'"{line}"').rstrip("\n"))
    moved = notes.Line(raw.name, raw.key_id, notes.Line.read(json.loads(forged).rstrip("\n")).signature)
    lines = lines_of(data.replace(line, str(moved).replace("\n", "\\n")).encode())
    at = next(number for number, line in enumerate(lines) if b"witness.example" in line)
    lines[at] = rehashed(lines[at][65:-1])
    public = verify_log.unbase64(witness.public)
    body = b"".join(lines[:-1])
    whole = hashlib.sha256(body).hexdigest()
    message = verify_log.canonical({"entries": 40, "export": whole, "log": told.notary.origin})
    with told.database.reading() as session:
        signature = told.notary.signer(session).sign(message)
    sealed = body + rehashed(json.dumps({"sha256": whole, "signature": signature}).encode())
    assert verified(sealed, told.keys[0]).startswith("OK: ")
    assert f"the cosignature of {witness.name} under size {size} is not valid" in verified(
        sealed, told.keys[0], witnesses=[(witness.name, public)]
    )


def test_many_checkpoints_are_sampled_and_the_newest_always_is_checked(told, monkeypatch):
    monkeypatch.setattr(verify_log, "SPREAD", 2)
    assert verified(told.exported(), told.keys[0]).startswith("OK: ")
    assert len(told.signed) > 8
