"""The raw vault: bytes sealed before their row, each reading in the log before a byte is read, gone once published."""

import hashlib
import json
import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from anonymize.errors import SourceError
from anonymize.signing import KeyFileError
from anonymize.vault import opened
from catalog import raw_sources
from catalog.errors import CatalogError, NotFound, WrongState
from catalog.events import Event, note
from catalog.models import Dataset, RawSource, Release
from catalog.raw_sources import Vault
from market.audit import log
from market.audit.verify import verify as verify_log
from tests.common import editions
from tests.common.clock import BEGIN

PLANTED = b"CANARY-PERSON-IN-A-RAW-FILE"
CONTENT = b'"worker","sex"\n' + b'"%s","1"\n' % PLANTED * 3
FILE_NAME = "secret-hospital-name.csv"


@pytest.fixture
def vault(tmp_path):
    return Vault.of(tmp_path / "home")


@pytest.fixture
def source(tmp_path):
    path = tmp_path / FILE_NAME
    path.write_bytes(CONTENT)
    return path


def added(world, vault, source, dataset=editions.DATASET):
    upload = raw_sources.store(vault, source, at=world.now())
    with world.writing() as session:
        by = world.people["steward"].id
        return raw_sources.add(session, vault, upload, dataset_id=dataset, by=by, at=world.now()).id


def read(world, vault, raw_id, why="build"):
    with world.writing() as session:
        by = world.people["steward"].id
        return raw_sources.reading(session, vault, raw_id, by=by, why=why, at=world.now())


def row(world, raw_id):
    with world.reading() as session:
        return session.get_one(RawSource, raw_id)


def swept(world, vault, *, later=timedelta()):
    with world.writing() as session:
        return raw_sources.sweep(session, vault, at=world.now() + later)


def entries(world, action):
    with world.reading() as session:
        bodies = [log.entry_body(session, seq) for seq in range(log.size(session))]
    return [body for body in bodies if body["action"] == action]


def original(seed=1):
    """Give the file that an edition of the world's dataset was built from."""
    return editions.built(seed)[0].parent / "source.csv"


def test_an_upload_lies_sealed_and_opens_to_what_it_was(any_world, vault, source):
    raw_id = added(any_world, vault, source)
    sealed = vault.path(raw_id).read_bytes()
    assert PLANTED not in sealed
    assert vault.path(raw_id).stat().st_mode & 0o077 == 0
    assert vault.folder.stat().st_mode & 0o077 == 0
    kept = row(any_world, raw_id)
    assert (kept.sha256, kept.size_bytes) == (hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    with opened(read(any_world, vault, raw_id), vault.key()) as file:
        assert file.read() == CONTENT


def test_neither_the_database_nor_the_vault_keeps_the_files_name_or_a_byte_of_it(world, vault, source):
    added(world, vault, source)
    files = [
        path for path in world.folder.rglob("*") if path.is_file() and path != source and "blobs" not in path.parts
    ]
    assert any(path.suffix == ".sealed" for path in files)
    assert any(path.name == "sluice.db" for path in files)
    for path in files:
        assert FILE_NAME not in path.name
        content = path.read_bytes()
        assert FILE_NAME.encode() not in content
        assert PLANTED not in content
    (entry,) = entries(world, "raw:stored")
    assert set(entry["details"]) == {"dataset", "sha256", "bytes"}


def test_a_reading_is_in_the_log_before_its_path_is_known(any_world, vault, source):
    raw_id = added(any_world, vault, source)
    read(any_world, vault, raw_id, why="inspect")
    (entry,) = entries(any_world, "raw:read")
    assert (entry["subject"], entry["by"]) == (raw_id, any_world.people["steward"].id)
    assert entry["details"]["why"] == "inspect"
    with any_world.reading() as session:
        assert verify_log(session, "") == []


def test_a_reading_that_is_rolled_back_leaves_no_entry(world, vault, source):
    raw_id = added(world, vault, source)
    with world.writing() as session:
        raw_sources.reading(session, vault, raw_id, by=world.people["steward"].id, why="build", at=world.now())
        session.rollback()
    assert entries(world, "raw:read") == []


def test_what_is_erased_is_read_no_more_and_its_row_stays(any_world, vault, source):
    raw_id = added(any_world, vault, source)
    with any_world.writing() as session:
        raw_sources.erase(session, vault, raw_id, by=any_world.people["steward"].id, at=any_world.now())
    assert not vault.path(raw_id).exists()
    assert row(any_world, raw_id).erased_at is not None
    for step in (raw_sources.erase, raw_sources.reading):
        more = {"why": "build"} if step is raw_sources.reading else {}
        with pytest.raises(WrongState, match="erased"), any_world.writing() as session:
            step(session, vault, raw_id, by=any_world.people["steward"].id, at=any_world.now(), **more)
    (entry,) = entries(any_world, "raw:erased")
    assert (entry["subject"], entry["details"]["why"]) == (raw_id, "asked")


def test_a_published_release_erases_the_uploads_it_was_built_from_and_no_other(any_world, vault, source):
    world = any_world
    used, again, other = (added(world, vault, path) for path in (original(), original(), source))
    release = world.propose()
    world.approve(release)

    def erase():
        with world.writing() as session:
            return raw_sources.erase_sealed(
                session, vault, session.get_one(Release, release), by=world.people["steward"].id, at=world.now()
            )

    assert erase() == []
    world.publish(release)
    assert erase() == [used, again]
    assert erase() == []
    assert [vault.path(raw_id).exists() for raw_id in (used, again, other)] == [False, False, True]
    assert [entry["details"]["why"] for entry in entries(world, "raw:erased")] == ["published"] * 2


def test_the_same_bytes_uploaded_for_another_dataset_stay(world, vault):
    """They wait for a release of that one."""
    with world.writing() as session:
        first = session.get_one(Dataset, editions.DATASET)
        values = {**first.model_dump(), "id": "other-works"}
        session.add(Dataset(**values))
        note(session, Event(action="test:made", subject="x", by=world.people["steward"].id, at=world.now()))
    mine, theirs = added(world, vault, original()), added(world, vault, original(), "other-works")
    release = world.published()
    with world.writing() as session:
        by = world.people["steward"].id
        published = session.get_one(Release, release)
        assert raw_sources.erase_sealed(session, vault, published, by=by, at=world.now()) == [mine]
    later = added(world, vault, original())
    assert swept(world, vault)[0] == [later]
    assert vault.path(theirs).exists()


def test_a_crash_between_publishing_and_erasing_is_finished_by_the_next_sweep(any_world, vault):
    raw_id = added(any_world, vault, original())
    assert swept(any_world, vault) == ([], 0)
    any_world.published()
    assert swept(any_world, vault) == ([raw_id], 0)
    assert swept(any_world, vault) == ([], 0)
    assert not vault.path(raw_id).exists()


def test_a_crash_between_erasing_and_the_commit_is_finished_by_the_next_sweep(any_world, vault, source):
    raw_id = added(any_world, vault, source)
    with any_world.writing() as session:
        raw_sources.erase(session, vault, raw_id, by=any_world.people["steward"].id, at=any_world.now())
        session.rollback()
    assert row(any_world, raw_id).erased_at is None
    assert entries(any_world, "raw:erased") == []
    with pytest.raises(NotFound, match="not in the vault"):
        read(any_world, vault, raw_id)
    assert swept(any_world, vault) == ([raw_id], 0)
    assert row(any_world, raw_id).erased_at is not None
    assert [entry["details"]["why"] for entry in entries(any_world, "raw:erased")] == ["missing"]


def test_an_upload_that_no_row_speaks_of_is_removed_after_a_day(any_world, vault, source):
    """Not before: somebody may be entering it at this moment."""
    kept = added(any_world, vault, source)
    lost = raw_sources.store(vault, source, at=any_world.now())
    partly = vault.path(raw_sources.store(vault, source, at=any_world.now()).id)
    partly.rename(partly.with_name(f".{partly.name}.x7a9"))
    (vault.folder / "not-ours.txt").write_text("kept")
    assert swept(any_world, vault) == ([], 0)
    assert swept(any_world, vault, later=timedelta(days=2)) == ([], 2)
    assert {path.name for path in vault.folder.iterdir()} == {vault.path(kept).name, "not-ours.txt"}
    by = any_world.people["steward"].id
    with pytest.raises(CatalogError, match="swept"), any_world.writing() as session:
        raw_sources.add(session, vault, lost, dataset_id=editions.DATASET, by=by, at=any_world.now())


def test_an_upload_for_no_dataset_is_refused(world, vault, source):
    with pytest.raises(NotFound, match="not registered"):
        added(world, vault, source, "nothing")


def test_a_source_that_cannot_be_sealed_leaves_nothing(tmp_path, vault):
    with pytest.raises((SourceError, OSError)):
        raw_sources.store(vault, tmp_path / "missing.csv", at=BEGIN)
    assert list(vault.folder.iterdir()) == []


def _draw(folder: Path, begin: "multiprocessing.synchronize.Barrier", out: Path) -> None:
    begin.wait()
    out.write_bytes(Vault.of(folder).key())


def test_processes_that_draw_the_key_at_once_all_hold_the_same(tmp_path):
    context = multiprocessing.get_context("fork")
    begin = context.Barrier(6)
    outs = [tmp_path / f"key-{number}" for number in range(6)]
    processes = [context.Process(target=_draw, args=(tmp_path / "home", begin, out)) for out in outs]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    keys = {out.read_bytes() for out in outs}
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert [path.name for path in (tmp_path / "home" / "keys").iterdir()] == ["vault.key"]


def test_the_key_is_its_owners_alone_and_never_drawn_over_sealed_uploads(world, vault, source):
    raw_id = added(world, vault, source)
    key = vault.key_file.read_bytes()
    assert vault.key_file.stat().st_mode & 0o777 == 0o600
    vault.key_file.chmod(0o640)
    with pytest.raises(KeyFileError, match="others may read it"):
        vault.key()
    vault.key_file.unlink()
    with pytest.raises(KeyFileError, match="missing, and the vault holds uploads"):
        vault.key()
    vault.key_file.write_bytes(b"nonsense")
    vault.key_file.chmod(0o600)
    with pytest.raises(KeyFileError, match="no vault key"):
        vault.key()
    vault.key_file.write_bytes(key)
    with opened(read(world, vault, raw_id), vault.key()) as file:
        assert file.read() == CONTENT


def test_one_upload_erased_twice_at_once_is_erased_once(any_world, vault, source):
    raw_id = added(any_world, vault, source)
    begin = threading.Barrier(4)

    def erase(_: int) -> bool:
        begin.wait()
        try:
            with any_world.writing() as session:
                raw_sources.erase(session, vault, raw_id, by=any_world.people["steward"].id, at=any_world.now())
        except WrongState:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(erase, range(4))) == [False, False, False, True]
    assert len(entries(any_world, "raw:erased")) == 1


def test_the_evidence_names_the_hash_by_which_an_upload_is_found(world):
    """What `erase_sealed` relies on."""
    release = world.published()
    body = json.loads(world.release(release).evidence)["body"]
    assert body["source"]["sha256"] == hashlib.sha256(original().read_bytes()).hexdigest()
    with world.reading() as session:
        assert session.exec(select(RawSource)).all() == []
