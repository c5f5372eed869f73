"""A witness's folder keeps what was seen, names who it is, and does not forget by halves."""

import json
import os
import stat

import pytest

from anonymize.signing import KeyFileError, Signer
from market.audit.notes import COSIGNATURE, Key
from market.witness.cosigning import Witness
from market.witness.folder import MAX_REFUSED, Folder, WitnessError, hash_of
from market.witness.trusting import distrust, trust


def test_a_new_witness_has_a_key_of_its_own_that_nobody_else_reads(tmp_path):
    one, two = (Folder.create(tmp_path / name, f"witness.example/{name}") for name in "ab")
    assert one.key.public != two.key.public
    assert one.key.kind == COSIGNATURE
    assert stat.S_IMODE((tmp_path / "a" / "witness.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert Folder.open(tmp_path / "a").key == one.key == Key.read((tmp_path / "a" / "witness.pub").read_text().strip())


def test_a_witness_is_not_made_twice(folder):
    with pytest.raises(WitnessError, match="is a witness already"):
        Folder.create(folder.path, "witness.example/w2")


def test_what_a_crash_left_of_making_one_is_made_whole(folder):
    (folder.path / "witness.pub").unlink()
    assert Folder.create(folder.path, folder.key.name).key == folder.key


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\x07b"])
def test_a_name_that_no_note_can_carry_is_refused(tmp_path, name):
    with pytest.raises(WitnessError, match="name"):
        Folder.create(tmp_path / "witness", name)


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(WitnessError, match="is no witness's folder"):
        Folder.open(tmp_path)


def test_one_process_alone_may_write(folder):
    with folder.alone(), pytest.raises(WitnessError, match="in use"), Folder.open(folder.path).alone():
        pass
    with folder.alone():
        pass


def test_what_was_seen_is_there_after_opening_it_again(folder, witness, log, clock):
    witness.add_checkpoint(log.submission(0, 3))
    witness.add_checkpoint(log.submission(3))
    (again,) = Folder.open(folder.path).logs()
    assert again.checkpoint == log.checkpoint()
    assert again.seen_s == int(clock.at.timestamp())
    assert Witness(Folder.open(folder.path), clock).latest(hash_of(log.origin)) == again.note


def place(folder, log):
    return folder.path / "logs" / f"{hash_of(log.origin)}.json"


def damages(log, witness_signed):
    value = json.loads(witness_signed)
    older = value["note"].replace("\n7\n", "\n6\n")
    yield ""
    yield witness_signed[:-20]
    yield witness_signed.replace("log.example/grown", "log.example/other")
    yield json.dumps({**value, "note": older})
    yield json.dumps({**value, "note": log.note()})
    yield json.dumps({**value, "note": ""})
    yield json.dumps({**value, "note": 7})
    yield json.dumps({**value, "keys": "x"})
    yield json.dumps({**value, "keys": [7]})
    yield json.dumps({name: held for name, held in value.items() if name != "note"})
    yield json.dumps([value])
    yield "\x00" * len(witness_signed)


def test_damage_is_never_taken_for_a_log_that_is_new(folder, witness, log, clock):
    """Least of all damage that would let the witness begin again from nothing, or go back."""
    witness.add_checkpoint(log.submission(0))
    whole = place(folder, log).read_text()
    for damaged in damages(log, whole):
        place(folder, log).write_text(damaged)
        with pytest.raises(WitnessError, match="is damaged"):
            Witness(folder, clock)
    place(folder, log).write_text(whole)
    Witness(folder, clock)


def test_a_file_under_another_logs_name_is_damage(folder, witness, log, clock):
    witness.add_checkpoint(log.submission(0))
    place(folder, log).rename(folder.path / "logs" / f"{hash_of('log.example/other')}.json")
    with pytest.raises(WitnessError, match="is damaged"):
        Witness(folder, clock)


def test_another_private_key_than_the_one_handed_out_is_damage(folder, clock):
    (folder.path / "witness.key").unlink()
    with pytest.raises(KeyFileError):
        Witness(folder, clock)
    Signer.create(folder.path / "witness.key")
    with pytest.raises(WitnessError, match="is damaged"):
        Witness(folder, clock)


def test_what_a_crash_left_half_written_is_removed_and_not_read(folder, witness, log):
    witness.add_checkpoint(log.submission(0, 3))
    left = place(folder, log).with_name("x.json.temporary")
    left.write_text('{"origin": "half')
    assert [known.checkpoint.size for known in folder.logs()] == [3]
    with folder.alone():
        assert not left.exists()


def test_what_was_seen_is_replaced_by_a_new_file_and_never_written_over(folder, witness, log):
    """A reader that has opened the old file goes on reading it whole."""
    witness.add_checkpoint(log.submission(0, 3))
    with place(folder, log).open() as old:
        before = os.fstat(old.fileno()).st_ino
        witness.add_checkpoint(log.submission(3))
        assert json.loads(old.read())["note"].split("\n")[1] == "3"
    assert place(folder, log).stat().st_ino != before


def test_refused_checkpoints_are_kept_up_to_a_number(folder, log):
    for size in range(MAX_REFUSED + 5):
        log.grow(1)
        folder.keep_refused(log.checkpoint(), log.note())
        folder.keep_refused(log.checkpoint(), log.note())
        assert len(folder.refused()) == min(size + 1, MAX_REFUSED)


def test_a_log_is_known_by_a_second_key_until_the_first_is_taken(folder, witness, log, log_key, other_key):
    witness.add_checkpoint(log.submission(0))
    assert len(trust(folder, log.origin, other_key.public).keys) == 2
    assert len(trust(folder, log.origin, other_key.public).keys) == 2
    left = distrust(folder, log.origin, log_key.public)
    assert [key.public for key in left.keys] == [other_key.public]
    assert left.checkpoint.size == 7
    with pytest.raises(WitnessError, match="not known by this key"):
        distrust(folder, log.origin, log_key.public)


def test_a_log_may_sign_under_another_name_than_its_own(folder, clock, log, other_key):
    key = Key("signer.example/log", other_key.public)
    assert trust(folder, "log.example/b", str(key)).keys == (key,)


@pytest.mark.parametrize("public", ["", "x", "AAAA", "A" * 42 + "B=", "a+00000000+AAAA"])
def test_what_is_no_key_is_refused(folder, public):
    with pytest.raises(WitnessError, match="key"):
        trust(folder, "log.example/b", public)


@pytest.mark.parametrize("origin", ["", "a\nb", "a\x00b", "x" * 256])
def test_what_is_no_origin_is_refused(folder, origin, other_key):
    with pytest.raises(WitnessError, match="origin"):
        trust(folder, origin, other_key.public)
