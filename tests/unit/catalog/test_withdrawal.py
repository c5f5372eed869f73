"""A release is withdrawn for good: its bytes and all that was made of them go, and the proofs stay."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from catalog import classes, withdrawal
from catalog.errors import CatalogError, WrongState
from catalog.ids import MemberId
from catalog.lifecycle import State
from catalog.models import ClassTable, Preview, Tombstone
from market.audit import log
from tests.common import beside, words


def swept(world, later, **how):
    """Sweep as if it were so much later than now; the disk has no other clock than the true one."""
    with world.writing() as session:
        return withdrawal.sweep(session, world.store, at=datetime.now(UTC) + later, **how)


def last_entry(world):
    with world.reading() as session:
        return log.entry_body(session, log.size(session) - 1)


def test_a_withdrawn_release_leaves_a_tombstone_and_its_bytes_are_erased(any_world):
    release = any_world.published()
    files = any_world.files(release)
    any_world.withdraw(release)
    assert any_world.release(release).state == State.WITHDRAWN
    assert all(any_world.store.path(file).exists() for file in files)
    assert any_world.erase() == [release]
    assert not any(any_world.store.path(file).exists() for file in files)
    with any_world.reading() as session:
        stone = session.get_one(Tombstone, release)
        assert (stone.reason, stone.evidence_hash) == ("a worker objected", any_world.release(release).evidence_hash)
        assert stone.erased_at is not None
    assert last_entry(any_world)["details"] == {"files": files}
    assert any_world.erase() == []


def test_a_superseded_release_can_be_withdrawn_and_the_current_one_stays(world):
    first, second = world.published(1), world.published(2)
    world.withdraw(first)
    world.erase()
    assert world.release(second).state == State.PUBLISHED
    world.store.check(world.files(second)[0])


def test_withdrawing_needs_a_published_release_and_a_reason(world):
    release = world.propose()
    with pytest.raises(WrongState):
        world.withdraw(release)
    world.approve(release)
    world.publish(release)
    with pytest.raises(CatalogError, match="no reason is given"), world.writing() as session:
        withdrawal.withdraw(session, release, reason="  ", by=MemberId("m"), at=world.now())
    world.withdraw(release)
    with pytest.raises(WrongState, match="is withdrawn"):
        world.withdraw(release)
    with pytest.raises(WrongState):
        world.publish(release)


def test_bytes_under_a_legal_hold_stay(world):
    release = world.published()
    world.withdraw(release, legal_hold="a court asked for them")
    assert world.erase() == []
    world.store.check(world.files(release)[0])


def test_bytes_that_a_living_release_shares_stay_until_it_goes(world):
    first, second = world.published(1), world.published(1)
    (shared,) = set(world.files(first)) & set(world.files(second))
    world.withdraw(first)
    world.erase()
    world.store.check(shared)
    world.withdraw(second)
    world.erase()
    assert not world.store.path(shared).exists()


def test_bytes_that_a_held_release_shares_stay(world):
    held, other = world.published(1), world.published(1)
    world.withdraw(held, legal_hold="a court asked for them")
    world.withdraw(other)
    assert world.erase() == [other]
    for file in world.files(held):
        world.store.check(file)


def test_erasing_is_finished_after_a_crash(world):
    """The bytes went before the commit was lost: the tombstone has no date, and the next call gives it one."""
    release = world.published()
    world.withdraw(release)
    with world.writing() as session:
        classes.keep(session, world.store, classes.count(session, world.store), at=world.now())
    with world.writing() as session:
        assert withdrawal.erase_withdrawn(session, world.store, by=MemberId("m"), at=world.now()) == [release]
        session.rollback()
    with world.reading() as session:
        assert session.get_one(Tombstone, release).erased_at is None
    assert world.erase() == [release]


def test_sweeping_removes_what_no_row_speaks_of_and_nothing_else(world):
    release = world.published()
    orphan = world.store.put_bytes(b"of a proposal that never became rows")
    assert swept(world, timedelta(minutes=59)) == 0
    assert swept(world, timedelta(hours=1)) == 1
    assert not world.store.path(orphan.sha256).exists()
    for file in world.files(release):
        world.store.check(file)
    assert swept(world, timedelta(hours=2)) == 0


def test_a_blob_whose_age_cannot_be_is_kept(world):
    """Its time was written by a clock that was wrong, or the clock is wrong now."""
    orphan = world.store.put_bytes(b"of a proposal that never became rows")
    for later in (timedelta(hours=-1), timedelta(days=-400), timedelta(days=20_000)):
        assert swept(world, later) == 0
    world.store.check(orphan.sha256)


def test_a_sweep_may_be_told_that_nobody_proposes(world):
    world.store.put_bytes(b"of a proposal that never became rows")
    assert swept(world, timedelta(0), older_than=timedelta(0)) == 1


def test_what_was_made_of_a_withdrawn_release_is_erased_and_its_class_table_stays(any_world):
    release = any_world.published()
    blobs = beside.enter(any_world, release)
    any_world.withdraw(release)
    assert any_world.erase() == [release]
    assert set(last_entry(any_world)["details"]["files"]) == {*any_world.files(release), blobs.cut, blobs.mock}
    for erased in (blobs.cut, blobs.mock):
        assert not any_world.store.path(erased).exists()
    for kept in (blobs.classes, blobs.cut_manifest):
        any_world.store.check(kept)
    with any_world.reading() as session:
        assert session.get(Preview, release) is None


def test_the_first_rows_and_the_cuts_of_a_held_release_stay(world):
    release = world.published()
    blobs = beside.enter(world, release)
    world.withdraw(release, legal_hold="a court asked for them")
    assert world.erase() == []
    for kept in (blobs.cut, blobs.mock, blobs.classes):
        world.store.check(kept)
    with world.reading() as session:
        assert session.get(Preview, release) is not None


def test_a_cut_or_a_mock_that_a_living_release_shares_stays(world):
    """The same bytes are one blob, whatever they are the bytes of."""
    first, second = world.published(1), world.published(2)
    gone, living = beside.enter(world, first), words.published(world, {"controlled": "cut", "open": "mock"})
    world.withdraw(first)
    world.erase()
    world.store.check(gone.cut)
    world.store.check(gone.mock)
    world.withdraw(living)
    world.erase()
    assert not world.store.path(gone.cut).exists()
    assert world.release(second).state == State.SUPERSEDED


def test_sweeping_keeps_every_blob_that_a_row_speaks_of(any_world):
    release = any_world.published()
    blobs = beside.enter(any_world, release)
    assert swept(any_world, timedelta(hours=2)) == 0
    for kept in (blobs.classes, blobs.cut, blobs.cut_manifest, blobs.mock):
        any_world.store.check(kept)


def test_bytes_are_not_erased_before_their_classes_are_kept(any_world):
    release = any_world.published()
    any_world.withdraw(release)
    with any_world.writing() as session:
        assert withdrawal.erase_withdrawn(session, any_world.store, at=any_world.now()) == []
    any_world.store.check(any_world.files(release)[0])
    assert any_world.erase() == [release]


def test_the_class_table_counts_the_subjects_of_each_tuple_and_holds_nothing_else(any_world):
    release = any_world.published()
    file = pq.read_table(any_world.store.open_path(any_world.files(release)[0]))
    any_world.withdraw(release)
    any_world.erase()
    with any_world.reading() as session:
        kept = session.get_one(ClassTable, any_world.edition(release))
    table = pq.read_table(any_world.store.open_path(kept.sha256))
    assert table.column_names == ["sex", "years", "subjects"]
    expected = Counter(zip(*(file[name].to_pylist() for name in ("sex", "years")), strict=True))
    assert {(row["sex"], row["years"]): row["subjects"] for row in table.to_pylist()} == expected
    assert min(expected.values()) >= 11


def test_a_release_whose_bytes_are_damaged_is_erased_all_the_same(world):
    """Nothing can be counted of it; the duty to erase does not wait for that."""
    release = world.published()
    world.withdraw(release)
    path = world.store.path(world.files(release)[0])
    path.chmod(0o644)
    path.write_bytes(b"damaged")
    assert world.erase() == [release]
    assert not path.exists()
    with world.reading() as session:
        assert session.get(ClassTable, world.edition(release)) is None


def test_a_later_release_is_measured_against_the_classes_of_one_that_is_erased(world):
    old = world.published(1)
    world.withdraw(old)
    world.erase()
    later = world.propose(1)
    joined = json.loads(world.release(later).joined)
    assert joined["unmeasured"] == []
    assert [entry["edition"] for entry in joined["against"]] == [world.edition(old)]
