"""A home comes back whole and proved, or not at all; it forgets nothing that is known without being told how much."""

import json
import shutil
import sqlite3

import pytest

from catalog import publishing, releases, tombstones, withdrawal
from catalog.events import Event, note
from catalog.holdings import due
from catalog.ids import OPERATOR
from catalog.lifecycle import State
from catalog.models import Release, Tombstone
from market.audit import checkpoint, reached
from market.home import HomeError
from market.operations import garbage
from market.operations.manifest import BackupError
from market.query import receipts
from tests.common.backups import backed_up, elsewhere, restored
from tests.common.damage import files_of
from tests.common.market_world import now, output_of

SQL = "SELECT sex, age, count(*) AS n FROM tumor GROUP BY ALL"


@pytest.fixture
def target(tmp_path):
    return tmp_path / "backup"


def withdrawn(market, release, hold=None):
    with market.open() as home:
        steward = market.asker(home, "steward")
        with home.database.writing() as session:
            withdrawal.withdraw(session, release, reason="A test", legal_hold=hold, by=steward.id, at=now())
        garbage.erase_withdrawn(home, at=now())
        with home.database.reading() as session:
            tombstones.keep(session, market.root / "tombstones")


def grown(market, entries):
    with market.open() as home:
        for _ in range(entries):
            with home.database.writing() as session:
                note(session, Event(action="test:grown", subject="x", by=OPERATOR, at=now()))


def note_of(market):
    """Take the newest note of the log, as somebody else may keep it."""
    with market.open() as home, home.database.writing() as session:
        return checkpoint.take(session, home.notary.signer(session), origin=home.origin, at=now()).note


def test_the_drill(any_market, target, tmp_path):
    """What was asked before the backup is still proved, what is asked next is answered, nothing was lost."""
    asked = any_market.ask(SQL, "--json")
    assert asked.returncode == 0, asked.stderr
    receipt = output_of(asked)["receipt"]
    made = backed_up(any_market, target)
    with elsewhere(any_market, tmp_path / "second") as second:
        done = restored(second, target, replaces=any_market.root, witnesses=())
        assert (done.lost, list(done.replayed), done.absent) == (0, [], {})
        assert second.faults() == []
        assert receipts.check(receipt, any_market.facts.log_key) == []
        again = second.sluice("receipt", "show", output_of(asked)["query"], by="licensee")
        assert receipts.check(json.loads(again.stdout), any_market.facts.log_key) == []
        assert second.balance() == any_market.balance()
        assert second.ask(SQL, "--json").returncode == 0
        (entry,) = second.entries("home:restored")
        assert (entry["by"], entry["details"]["log_size"]) == ("operator", made.manifest.log_size)
        assert second.root.stat().st_mode & 0o777 == 0o700
        with second.open() as home, home.database.reading() as session:
            for sha256 in due(session):
                home.store.check(sha256)
        assert output_of(second.sluice("search", "tumours", "--json"))["total"] == 1


def test_what_was_withdrawn_since_stays_withdrawn_and_its_bytes_do_not_come_back(market, target, tmp_path):
    backed_up(market, target)
    with market.open() as home:
        files = files_of(market, home)
    withdrawn(market, market.facts.release)
    shutil.copy(market.root / "tombstones", tmp_path / "tombstones")
    withdrawn(market, market.facts.rival_release, "A court asks")
    with elsewhere(market, tmp_path / "second") as second:
        with pytest.raises(BackupError, match="would be lost") as refused:
            restored(second, target, replaces=market.root)
        lost = refused.value.fix.rpartition(" ")[2].rstrip(".")
        done = second.sluice("restore", target, "--replaces", market.root, "--accept-loss-of-entries", lost, "--json")
        assert done.returncode == 0, done.stderr
        facts = market.facts
        assert output_of(done)["withdrawn"] == sorted([facts.release, facts.rival_release])
        assert second.faults() == []
        with second.open() as home, home.database.reading() as session:
            assert not any(home.store.path(file).exists() for file in files)
            held = releases.editions_of(session, facts.rival_release)[0]
            home.store.check(releases.files_of(session, held.id)[0].sha256)
            stone = session.get_one(Tombstone, facts.release)
            assert (stone.reason, stone.erased_at is not None) == ("A test", True)
            assert session.get_one(Tombstone, facts.rival_release).legal_hold == "A court asks"
        assert "release-not-available" in output_of(second.ask(SQL, "--json"))["error"]["reason"]
        assert len(second.entries("recall:opened")) == 2
        assert tombstones.read(second.root / "tombstones") == tombstones.read(market.root / "tombstones")
    with elsewhere(market, tmp_path / "third") as third:
        done = restored(third, target, keys=packed(market, tmp_path), stones=tmp_path / "tombstones")
        assert list(done.replayed) == [facts.release]


def packed(market, tmp_path):
    from market.operations import keyring

    keyring.pack(market.root, tmp_path / "keys.tar")
    return tmp_path / "keys.tar"


def test_a_release_withdrawn_that_was_not_yet_published_in_the_backup_cannot_be_published(market, target, tmp_path):
    with market.open() as home:
        release, _ = market.release(home, market.following(home), publish=False)
    backed_up(market, target)
    with market.open() as home, home.database.writing() as session:
        publishing.publish(session, home.store, release, by=market.asker(home, "steward").id, at=now())
    withdrawn(market, release)
    with elsewhere(market, tmp_path / "second") as second:
        stones = market.root / "tombstones"
        assert list(restored(second, target, keys=packed(market, tmp_path), stones=stones).replayed) == [release]
        assert second.faults() == []
        assert second.sluice("release", "publish", release, by="steward").returncode == 1
        with second.open() as home, home.database.reading() as session:
            assert session.get_one(Release, release).state == State.WITHDRAWN
            assert session.get_one(Release, market.facts.release).state == State.PUBLISHED


def test_a_backup_older_than_what_is_known_needs_the_number_of_lost_entries(market, target, tmp_path):
    backed_up(market, target)
    keys = packed(market, tmp_path)
    grown(market, 2)
    (tmp_path / "note").write_text(note_of(market))
    size = int((tmp_path / "note").read_text().splitlines()[1])
    with elsewhere(market, tmp_path / "second") as second:
        assert restored(second, target, keys=keys).lost == 0  # nobody remembers more
    for number, known in enumerate(({"notes": (tmp_path / "note",)}, {"replaces": market.root})):
        with elsewhere(market, tmp_path / f"known{number}") as place:
            with pytest.raises(BackupError, match="would be lost") as refused:
                restored(place, target, keys=keys, **known)
            lost = int(refused.value.fix.rpartition(" ")[2].rstrip("."))
            for wrong in (lost - 1, lost + 1):
                with pytest.raises(BackupError, match="would be lost"):
                    restored(place, target, keys=keys, accepted_loss=wrong, **known)
            assert not place.root.exists()
            assert restored(place, target, keys=keys, accepted_loss=lost, **known).lost == lost
            (entry,) = place.entries("home:restored")
            assert entry["details"]["log_size"] + lost == size
    with elsewhere(market, tmp_path / "none") as place, pytest.raises(BackupError, match="ends at entry"):
        restored(place, target, keys=keys, accepted_loss=1)


def test_a_home_whose_database_cannot_be_read_still_says_how_far_it_had_come(market, target, tmp_path):
    backed_up(market, target)
    grown(market, 2)
    for name in ("sluice.db", "sluice.db-wal"):
        (market.root / name).write_bytes(b"torn")
    with elsewhere(market, tmp_path / "second") as second, pytest.raises(BackupError, match="would be lost"):
        restored(second, target, replaces=market.root)


def test_a_note_of_another_log_is_none_of_this_one(market, target, tmp_path):
    backed_up(market, target)
    for content in ("", "x\n1\ny\n\n", note_of(market).replace("sluice.log", "other.log")):
        (tmp_path / "note").write_text(content)
        with elsewhere(market, tmp_path / f"place{len(content)}") as place:
            with pytest.raises(BackupError, match="is no checkpoint of this log"):
                restored(place, target, replaces=market.root, notes=(tmp_path / "note",))
            assert not place.root.exists()


def test_another_history_than_the_one_that_is_known_is_refused(market, target, tmp_path):
    """Two homes from one backup go different ways; a note of one refuses a backup of the other."""
    first, keys = tmp_path / "first-backup", packed(market, tmp_path)
    backed_up(market, first)
    with elsewhere(market, tmp_path / "second") as second:
        restored(second, first, keys=keys)
        grown(second, 1)
        (tmp_path / "note").write_text(note_of(second))
    grown(market, 5)
    backed_up(market, target)
    with elsewhere(market, tmp_path / "third") as third:
        with pytest.raises(BackupError, match="another history"):
            restored(third, target, keys=keys, notes=(tmp_path / "note",))
        assert not third.root.exists()


def test_a_damaged_backup_is_refused_or_restored_without_as_many_blobs_as_is_said(market, target, tmp_path):
    made = backed_up(market, target)
    with market.open() as home:
        (file,) = files_of(market, home)
    path = target / "blobs" / file[:2] / file
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    with elsewhere(market, tmp_path / "second") as second:
        for wrong in (None, 2):
            with pytest.raises(BackupError, match="1 of its blobs"):
                restored(second, target, replaces=market.root, accepted_damage=wrong)
        done = restored(second, target, replaces=market.root, accepted_damage=1)
        assert done.absent == {file: "damaged in the backup"}
        refused = output_of(second.ask(SQL, "--json"))["error"]
        assert refused["reason"] == "bytes-damaged"
        assert second.balance() == market.balance()
    name = next(iter(made.manifest.files))
    part = target / made.manifest.folder / name
    part.write_bytes(part.read_bytes()[:-1])
    with elsewhere(market, tmp_path / "third") as third, pytest.raises(BackupError, match=name):
        restored(third, target, replaces=market.root)


def test_a_backup_whose_rows_were_changed_does_not_hold(market, target, tmp_path):
    """Somebody who can sign a manifest anew still cannot change what the log proves."""
    from anonymize.signing import Signer
    from market.operations.manifest import Manifest, Part

    backed_up(market, target)
    manifest = Manifest.read(target)
    file = manifest.database(target) / "sluice.db"
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE account SET balance = balance + 1 WHERE capped")
    connection.close()
    from dataclasses import replace

    changed = replace(manifest, files={"sluice.db": Part.of(file)})
    changed.write(target, Signer.load(market.root / "keys" / "log.key"))
    with elsewhere(market, tmp_path / "second") as second:
        with pytest.raises(BackupError, match="does not hold"):
            restored(second, target, replaces=market.root)
        assert not second.root.exists()


def test_nothing_is_overwritten(any_market, target, tmp_path):
    backed_up(any_market, target)
    with pytest.raises(HomeError, match="is there already"):
        restored(any_market, target, replaces=any_market.root)
    if any_market.database_url is not None:
        with elsewhere(any_market, tmp_path / "second", postgresql=False) as second:
            from dataclasses import replace

            busy = replace(second, database_url=any_market.database_url)
            with pytest.raises(HomeError, match="is not empty"):
                restored(busy, target, replaces=any_market.root)
    assert any_market.faults() == []


def test_without_keys_nothing_comes_back(market, target, tmp_path):
    backed_up(market, target)
    with elsewhere(market, tmp_path / "second") as second:
        with pytest.raises(BackupError, match="holds no key of the log"):
            restored(second, target)
        assert not second.root.exists()
        assert list(second.folder.iterdir()) == [second.folder / "keys"]


def test_a_restored_home_remembers_how_far_it_has_come(market, target, tmp_path):
    backed_up(market, target)
    with elsewhere(market, tmp_path / "second") as second:
        done = restored(second, target, replaces=market.root)
        assert reached.read(second.root) == done.log_size
