"""A backup is whole or none, is brought up to date, and says what the home itself has lost."""

import json
import os
import sqlite3

import pytest

from anonymize.held import held_folder
from catalog.errors import CatalogError
from catalog.holdings import due
from market.operations import keyring
from market.operations.files import Busy, only_one
from market.operations.manifest import BackupError, Manifest
from tests.common.backups import backed_up, blobs_in, killed_backups
from tests.common.damage import files_of, flip
from tests.common.market_world import now


@pytest.fixture
def target(tmp_path):
    return tmp_path / "backup"


def test_a_backup_holds_the_database_and_every_blob_and_nothing_secret(any_market, target):
    made = backed_up(any_market, target)
    manifest = Manifest.read(target, [any_market.facts.log_key])
    assert manifest == made.manifest
    with any_market.open() as home, home.database.reading() as session:
        wanted = due(session)
    assert set(manifest.blobs) == set(wanted) == blobs_in(target)
    assert made.copied == len(wanted)
    assert manifest.damage(target) == []
    assert manifest.counts["edition"] == 2
    assert manifest.log_size == manifest.counts["log_entry"]
    assert f"\n{manifest.log_size}\n" in manifest.note
    assert target.stat().st_mode & 0o077 == 0
    secrets = [path.read_bytes().strip() for path in (any_market.root / "keys").glob("*.key")]
    secrets += [path.read_bytes() for path in (any_market.root / "custody").rglob("subjects.key")]
    assert len(secrets) >= 3
    for path in target.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(secret in content for secret in secrets)
    assert len(any_market.entries("home:backed-up")) == 1


def test_a_later_backup_copies_what_is_new_and_drops_what_is_erased(market, target):
    first = backed_up(market, target).manifest
    with market.open() as home:
        (file,) = files_of(market, home)
    assert (
        market.sluice("release", "withdraw", market.facts.release, "--reason", "A test", by="steward").returncode == 0
    )
    made = backed_up(market, target)
    assert made.manifest.log_size > first.log_size
    assert file in first.blobs
    assert file not in made.manifest.blobs
    assert blobs_in(target) == set(made.manifest.blobs)
    assert made.copied == 1  # the class table
    assert [path.name for path in target.glob("database-*")] == [made.manifest.folder]


def test_a_backup_is_made_while_others_write(market, target):
    with market.service() as service, market.open() as home:
        asker = market.asker(home)
        with service.database.reading() as session:  # an old reader holds nobody up
            session.connection()
            service.quote(market.question("SELECT count(*) AS n FROM tumor", "k"), asker)
            made = backed_up(market, target)
    assert made.manifest.counts["log_entry"] == made.manifest.log_size


@pytest.mark.parametrize(("again", "steps"), [(False, (1, 8)), (True, (2, 3))])
def test_a_backup_killed_at_any_step_is_none_or_the_one_before(market, target, again, steps):
    """Every step that leaves something is one after which it may be killed; all of them are in `make soak`."""
    killed_backups(market, target, again=again, steps=steps)


def test_a_damaged_blob_is_named_and_an_intact_copy_of_before_is_kept(market, target):
    with market.open() as home:
        (file,) = files_of(market, home)
        flip(home, file)
    done = market.sluice("backup", target, "--json")
    assert done.returncode == 1, done.stderr
    value = json.loads(done.stdout)
    release = market.facts.release
    assert value["absent"] == {file: f"file of tumours #1 (release {release}, edition controlled)"}
    assert file not in blobs_in(target)


def test_a_later_backup_keeps_the_copy_of_what_was_damaged_since(market, target):
    backed_up(market, target)
    with market.open() as home:
        (file,) = files_of(market, home)
        flip(home, file)
    assert backed_up(market, target).manifest.absent == {}
    assert market.sluice("store", "scrub", "--from", target).returncode == 0
    with market.open() as home:
        home.store.check(file)


def test_rechecking_copies_again_what_rotted_in_the_backup(market, target):
    made = backed_up(market, target)
    rotten = sorted(made.manifest.blobs)[0]
    path = target / "blobs" / rotten[:2] / rotten
    path.chmod(0o644)
    path.write_bytes(b"rotten")
    assert backed_up(market, target).copied == 0
    assert backed_up(market, target, recheck=True).copied == 1


def test_a_torn_database_does_not_take_the_place_of_a_whole_backup(market, target):
    before = backed_up(market, target).manifest
    with sqlite3.connect(market.root / "sluice.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'notice'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with (market.root / "sluice.db").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * 64)
    with pytest.raises(BackupError, match="is damaged"):
        backed_up(market, target)
    assert Manifest.read(target) == before


def test_a_backup_does_not_go_into_the_home_nor_into_a_folder_with_other_things(market, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").touch()
    for place in (market.root / "backup", market.folder, tmp_path / "other"):
        with pytest.raises(BackupError):
            backed_up(market, place)
    assert list((tmp_path / "other").iterdir()) == [tmp_path / "other" / "letter.txt"]


def test_one_backup_at_a_time_goes_into_a_folder(market, target):
    target.mkdir()
    with only_one(target / "lock", "x"), pytest.raises(Busy):
        backed_up(market, target)
    with held_folder(target, ".making-") as making:
        backed_up(market, target)
        assert making.exists()


@pytest.mark.parametrize("change", ["note", "log_size", "counts", "blobs"])
def test_a_changed_manifest_is_not_believed(market, target, change):
    backed_up(market, target)
    signed = json.loads((target / "manifest.json").read_text())
    value = signed["backup"][change]
    signed["backup"][change] = {} if isinstance(value, dict) else value * 2
    (target / "manifest.json").write_text(json.dumps(signed))
    with pytest.raises(BackupError, match="not signed"):
        Manifest.read(target, [market.facts.log_key])


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"backup": {}, "key": "", "signature": "", "format": ""}'])
def test_what_is_no_manifest_is_told(target, content):
    target.mkdir()
    (target / "manifest.json").write_text(content)
    with pytest.raises(BackupError, match="is no manifest"):
        Manifest.read(target)


def test_the_keys_leave_only_when_asked_for_and_into_a_file_of_their_owner(market, target, tmp_path):
    done = market.sluice("backup", target, "--with-keys", target / "keys")
    assert done.returncode == 2
    done = market.sluice("backup", target, "--with-keys", tmp_path / "keys.tar", "--json")
    assert json.loads(done.stdout)["keys"] > 0
    assert (tmp_path / "keys.tar").stat().st_mode & 0o777 == 0o600
    keyring.unpack(tmp_path / "keys.tar", tmp_path / "fresh")
    for folder in ("keys", "custody"):
        for path in (market.root / folder).rglob("*"):
            copy = tmp_path / "fresh" / path.relative_to(market.root)
            if path.is_file():
                assert copy.read_bytes() == path.read_bytes()
                assert copy.stat().st_mode & 0o077 == 0
    (tmp_path / "keys.tar").chmod(0o644)
    with pytest.raises(CatalogError, match="others may read it"):
        keyring.unpack(tmp_path / "keys.tar", tmp_path / "again")


@pytest.mark.parametrize("name", ["../keys/x", "keys/../../x", "/keys/x", "run/x", "keys"])
def test_a_file_of_keys_puts_nothing_elsewhere(tmp_path, name):
    import io
    import tarfile

    with tarfile.open(tmp_path / "keys.tar", "w") as archive:
        entry = tarfile.TarInfo(name)
        entry.type = tarfile.DIRTYPE if name == "keys" else tarfile.REGTYPE
        archive.addfile(entry, io.BytesIO())
    os.chmod(tmp_path / "keys.tar", 0o600)
    with pytest.raises(CatalogError, match="which is no key"):
        keyring.unpack(tmp_path / "keys.tar", tmp_path / "home")
    assert not (tmp_path / "x").exists()


def test_the_moment_is_the_one_given(market, target):
    at = now()
    from market.operations.backup import backup

    with market.open() as home:
        assert backup(home, target, at=at).manifest.made_at == at.isoformat()
