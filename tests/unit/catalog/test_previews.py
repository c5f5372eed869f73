"""A preview rests beside its release: bytes first, one row, one entry in the log."""

import io
import json
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from anonymize.evidence import evidence_hash
from catalog import previews
from catalog.errors import CatalogError, DamagedBlob, NotFound
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from catalog.lifecycle import State
from catalog.models import Preview, Release
from market.audit import log
from market.cli import previews as commands
from policies.canonical import canonical_json
from tests.common import editions
from tests.common.clock import BEGIN
from tests.unit.anonymize.previews.world import make, rows

BY = MemberId("member")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make(tmp_path_factory.mktemp("release"))


def released(world, made, *, state=State.PUBLISHED, number=1, embargo_until=None):
    """Enter a release of the world's dataset whose evidence is of format 2."""
    at = world.now()
    with world.writing() as session:
        release = Release(
            id=new_id(at),
            dataset_id=editions.DATASET,
            number=number,
            state=state,
            evidence=canonical_json({"body": made.body, "signature": {}}).decode(),
            evidence_hash=evidence_hash(made.body),
            author_id="author",
            author_key="key",
            created_at=at,
            embargo_until=embargo_until,
        )
        session.add(release)
        note(session, Event(action="release:proposed", subject=release.id, by=BY, at=at))
        return release.id


def entered(world, release, made):
    """Make and enter the preview of a release."""
    ready = previews.make_preview(world.store, made.body, made.files)
    with world.writing() as session:
        previews.enter_preview(session, release, ready, at=world.now(), by=BY)
    return ready


def seen(world, at=BEGIN):
    with world.reading() as session:
        return previews.preview_of(session, editions.DATASET, at=at)


def test_a_preview_is_entered_with_its_entry_and_found_by_its_dataset(any_world, made):
    release = released(any_world, made)
    entered(any_world, release, made)
    preview = seen(any_world)
    assert preview.release_id == release
    assert json.loads(preview.statistics)["open"]["rows"] == 2_000
    assert len(json.loads(preview.first_rows)) == 20
    with any_world.reading() as session:
        told = log.entry_body(session, log.size(session) - 1)
    assert (told["action"], told["subject"]) == ("preview:made", release)
    assert told["details"] == {
        "dataset": editions.DATASET,
        "evidence": evidence_hash(made.body),
        "mock": preview.mock,
    }


def test_the_mock_of_the_finest_edition_rests_in_the_store_and_the_others_are_drawn_alike(world, made):
    release = released(world, made)
    ready = entered(world, release, made)
    assert ready.mock in set(world.store.all())
    with world.reading() as session:
        preview = session.get(Preview, release)
        for profile in ("enclave", "controlled", "open"):
            content = previews.mock_of(session, world.store, preview, profile)
            assert pq.read_schema(io.BytesIO(content)).names == made.tables[profile].column_names
            assert content == previews.mock_of(session, world.store, preview, profile)
        assert previews.mock_of(session, world.store, preview) == world.store.path(ready.mock).read_bytes()
        with pytest.raises(NotFound, match="Name one of: enclave, controlled, open"):
            previews.mock_of(session, world.store, preview, "public")


def test_a_damaged_mock_is_not_handed_out(world, made):
    release = released(world, made)
    path = world.store.path(entered(world, release, made).mock)
    path.chmod(0o600)
    path.write_bytes(b"PAR1 other bytes PAR1")
    with world.reading() as session, pytest.raises(DamagedBlob):
        previews.mock_of(session, world.store, session.get(Preview, release))


@pytest.mark.parametrize("state", [State.ASSESSED, State.APPROVED, State.SUPERSEDED, State.WITHDRAWN])
def test_what_is_not_published_has_no_preview_for_the_public(world, made, state):
    release = released(world, made)
    entered(world, release, made)
    with world.writing() as session:
        session.get_one(Release, release).state = state
        note(session, Event(action="test:moved", subject=release, by=BY, at=BEGIN))
    assert seen(world) is None


def test_a_preview_waits_for_the_end_of_the_embargo(world, made):
    until = BEGIN + timedelta(days=30)
    release = released(world, made, embargo_until=until)
    entered(world, release, made)
    assert seen(world, until - timedelta(seconds=1)) is None
    assert seen(world, until).release_id == release


def test_the_newest_published_release_is_shown(world, made, tmp_path):
    other = make(tmp_path, rows(seed=5))
    first, second = released(world, made), released(world, other, number=2)
    entered(world, first, made)
    entered(world, second, other)
    assert seen(world).release_id == second


def test_a_preview_of_another_release_is_refused(world, made, tmp_path):
    release = released(world, make(tmp_path, rows(seed=5)))
    with pytest.raises(CatalogError, match="has other evidence than the preview"):
        entered(world, release, made)
    with pytest.raises(NotFound):
        entered(world, "none", made)


def test_a_preview_is_entered_once_and_not_after_withdrawal(world, made):
    release = released(world, made)
    entered(world, release, made)
    with pytest.raises(CatalogError, match="has its preview already"):
        entered(world, release, made)
    gone = released(world, made, state=State.WITHDRAWN, number=2)
    with pytest.raises(CatalogError, match="is withdrawn"):
        entered(world, gone, made)


def test_a_mock_that_was_swept_before_its_row_is_noticed(world, made):
    release = released(world, made)
    ready = previews.make_preview(world.store, made.body, made.files)
    world.store.erase(ready.mock)
    with world.writing() as session, pytest.raises(CatalogError, match="was swept"):
        previews.enter_preview(session, release, ready, at=world.now(), by=BY)


def test_releases_of_one_dataset_are_compared_with_their_previews(world, made, tmp_path):
    other = make(tmp_path, rows(seed=5), k=20)
    old, new = released(world, made), released(world, other, number=2)
    for release, what in ((old, made), (new, other)):
        entered(world, release, what)
    with world.reading() as session:
        assert previews.difference_of(session, old, old)["same"]
        found = previews.difference_of(session, old, new)
        assert {entry["what"] for entry in found["risk"]} == {"k"}
        assert found["distributions"]
        with pytest.raises(NotFound):
            previews.difference_of(session, old, "none")


@pytest.fixture
def run(world, monkeypatch):
    """Run a command in the world, at its beginning."""
    from contextlib import contextmanager

    @contextmanager
    def opened():
        yield world

    monkeypatch.setattr(commands, "opened", opened)
    monkeypatch.setattr(commands, "now", lambda: BEGIN)
    return lambda command, *words: CliRunner().invoke(command, list(words), catch_exceptions=False).output


def test_the_commands_show_statistics_rows_mock_and_diff(world, made, run, tmp_path):
    release = released(world, made)
    entered(world, release, made)
    told = run(commands.statistics, editions.DATASET)
    assert "open edition: 2,000 rows; what fewer than 20 share is pooled" in told
    assert "  remark: 0 empty; nothing else is shown of it" in told
    assert "  month  string  quasi_identifier  level 3 of 5" in told
    assert json.loads(run(commands.statistics, editions.DATASET, "--json"))["format"] == 1
    assert len(json.loads(run(commands.rows, editions.DATASET, "--json"))["rows"]) == 20
    assert len(run(commands.rows, editions.DATASET).splitlines()) == 20
    target = tmp_path / "mock.parquet"
    assert json.loads(run(commands.mock, editions.DATASET, "-o", str(target), "--edition", "open", "--json")) == {
        "edition": "open",
        "file": "mock.parquet",
        "sha256": previews_hash(target),
        "synthetic": True,
    }
    assert pq.read_table(target).num_rows == 1_000
    with pytest.raises(CatalogError, match="is there already"):
        run(commands.mock, editions.DATASET, "-o", str(target))
    assert "do not differ" in run(commands.diff, release, release)
    assert json.loads(run(commands.diff, release, release, "--json"))["same"]
    with pytest.raises(NotFound, match="has no preview"):
        run(commands.statistics, "nothing")


def previews_hash(path):
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_without_an_open_edition_the_commands_say_why(world, run, tmp_path):
    bare = make(tmp_path, with_open=False)
    entered(world, released(world, bare), bare)
    why = "This release has no open edition, so only its schema is shown."
    assert run(commands.rows, editions.DATASET).strip() == why
    told = run(commands.statistics, editions.DATASET)
    assert told.strip().endswith(why)
    assert "month  string" in told
