"""A cut is made once, gated before it is entered, and gone with the release it is part of."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest
from sqlmodel import select

from anonymize.cut import CutRefused, check_cut
from anonymize.errors import GateFailed
from anonymize.evidence import Evidence
from catalog import assessment, cuts, withdrawal
from catalog.actors import Actor
from catalog.errors import CatalogError, NotFound, NotPermitted, WrongState
from catalog.models import Cut, CutFile
from market.audit import log
from policies.cut import Condition, CutSpec

SPEC = CutSpec(columns=("sex", "metres", "injury"), where=(Condition.parse("metres between 1 and 60"),))


def make(world, edition, spec=SPEC, by="steward"):
    with world.reading() as session:
        source = cuts.source_of(session, world.store, edition)
    return cuts.make_cut(world.store, source, spec, signer=world.people[by].signer, at=world.now())


def enter(world, made, by="steward"):
    with world.writing() as session:
        return cuts.enter_cut(session, made, by=world.people[by], at=world.now()).id


def entries(world, action):
    with world.reading() as session:
        bodies = [log.entry_body(session, seq) for seq in range(log.size(session))]
    return [body for body in bodies if body["action"] == action]


def at_rest(world):
    return set(world.store.all())


def test_a_cut_is_entered_with_its_files_its_proof_and_its_event(any_world):
    world = any_world
    edition = world.edition(world.published())
    id = enter(world, make(world, edition))
    with world.reading() as session:
        row = cuts.find_cut(session, id)
        files = cuts.cut_files_of(session, id)
        assert cuts.same_cut(session, edition, SPEC).id == id
    document = json.loads(row.evidence)
    told = Evidence(document["body"], document["signature"]["key"], document["signature"]["value"])
    paths = [world.store.open_path(file.sha256) for file in files]
    assert check_cut(told, paths, frozenset({world.people["steward"].signer.public})).ok
    assert pq.read_schema(paths[0]).names == ["sex", "injury", "metres"]
    assert row.rows == sum(file.rows for file in files) == pq.read_metadata(paths[0]).num_rows
    assert max(pq.read_table(paths[0])["metres"].to_pylist()) <= 60
    manifest = json.loads(world.store.open_path(row.manifest).read_bytes())
    assert manifest["evidence"] == row.evidence_hash == told.hash
    assert manifest["joined"]["minimum"] >= manifest["joined"]["floor"]
    (entry,) = entries(world, "cut:made")
    assert entry["subject"] == id
    assert entry["details"] == {
        "edition": edition,
        "spec": SPEC.digest,
        "evidence": row.evidence_hash,
        "manifest": row.manifest,
        "key": world.people["steward"].signer.public,
    }


def test_the_same_part_is_the_same_cut_even_where_two_made_it(world):
    edition = world.edition(world.published())
    one, two = make(world, edition), make(world, edition)
    assert enter(world, one) == enter(world, two) == enter(world, one)
    assert len(entries(world, "cut:made")) == 1
    other = enter(world, make(world, edition, CutSpec(columns=("sex", "metres"))))
    with world.reading() as session:
        assert {row.id for row in session.exec(select(Cut))} == {enter(world, one), other}


def test_a_cut_that_fails_its_gate_leaves_nothing(world):
    edition = world.edition(world.published())
    before = at_rest(world)
    narrow = CutSpec(columns=("years", "metres"), where=(Condition.parse("metres between 1 and 5"),))
    with pytest.raises(CutRefused) as refusal:
        make(world, edition, narrow)
    assert (refusal.value.rule, refusal.value.column) == ("minimum_class_size", "years")
    assert at_rest(world) == before
    assert list((world.store.root / "tmp").iterdir()) == []


def test_a_cut_is_measured_with_everything_published(world, monkeypatch):
    """With a floor that nothing published reaches, the join refuses it although the cut itself passes."""
    edition = world.edition(world.published())
    before = at_rest(world)
    seen = []
    measure = assessment.measure

    def stricter(gathered):
        seen.append(gathered)
        return {**measure(gathered), "floor": 10_000}

    monkeypatch.setattr(assessment, "measure", stricter)
    with pytest.raises(GateFailed, match="joined k"):
        make(world, edition)
    assert [held.rendering.name for held in seen[0].own] == ["the new cut"]
    assert at_rest(world) == before


def test_only_editions_of_releases_that_are_served_are_cut(world):
    waiting = world.propose()
    with pytest.raises(WrongState, match="is assessed"):
        make(world, world.edition(waiting))
    with world.reading() as session, pytest.raises(NotFound):
        cuts.source_of(session, world.store, "x")
    with world.reading() as session, pytest.raises(NotFound):
        cuts.find_cut(session, "x")
    release = world.published()
    edition = world.edition(release)
    made = make(world, edition)
    id = enter(world, made)
    other = make(world, edition, CutSpec(columns=("sex", "metres")))
    world.withdraw(release)
    for step in (lambda: make(world, edition), lambda: enter(world, other), lambda: enter(world, made)):
        with pytest.raises(WrongState, match="is withdrawn"):
            step()
    with world.reading() as session, pytest.raises(WrongState, match="is withdrawn"):
        cuts.check_servable(session, id, edition)


def test_a_superseded_release_still_serves_its_cuts(world):
    edition = world.edition(world.published())
    id = enter(world, make(world, edition))
    world.published()
    with world.reading() as session:
        assert cuts.check_servable(session, id, edition).id == id


def test_a_cut_belongs_to_one_edition(world):
    edition = world.edition(world.published())
    other = world.edition(world.published())
    id = enter(world, make(world, edition))
    with world.reading() as session, pytest.raises(CatalogError, match="is not what was signed"):
        cuts.check_servable(session, id, other)
    enter(world, make(world, other))


def test_another_key_enters_nothing(world):
    made = make(world, world.edition(world.published()))
    steward, approver = world.people["steward"], world.people["approver"]
    world.people["other"] = Actor(steward.id, approver.signer)
    with pytest.raises(NotPermitted, match="another key"):
        enter(world, made, by="other")


def test_bytes_that_were_swept_are_missed_and_those_entered_stay(world):
    edition = world.edition(world.published())
    made = make(world, edition)
    with world.writing() as session:
        assert withdrawal.sweep(session, world.store, at=datetime.now(UTC), older_than=timedelta(0)) == 2
    with pytest.raises(CatalogError, match="was swept"):
        enter(world, made)
    id = enter(world, make(world, edition))
    with world.writing() as session:
        assert withdrawal.sweep(session, world.store, at=datetime.now(UTC), older_than=timedelta(0)) == 0
    with world.reading() as session:
        assert world.store.open_path(cuts.cut_files_of(session, id)[0].sha256)


def test_bytes_of_a_cut_are_erased_with_its_release(world):
    release = world.published()
    id = enter(world, make(world, world.edition(release)))
    with world.reading() as session:
        (file,) = session.exec(select(CutFile).where(CutFile.cut_id == id)).all()
    world.withdraw(release)
    assert world.erase() == [release]
    assert file.sha256 not in at_rest(world)


def test_what_a_killed_maker_left_is_swept(world):
    program = (
        "import os, sys; from pathlib import Path; from catalog.store import BlobStore\n"
        "with BlobStore(Path(sys.argv[1])).room() as room:\n"
        "    (room / 'part').write_text('x'); os.kill(os.getpid(), 9)"
    )
    root = world.store.root
    done = subprocess.run([sys.executable, "-c", program, str(root)], check=False, env=os.environ)
    assert done.returncode == -9
    assert len(list((root / "tmp").iterdir())) == 1
    with world.store.room() as room:
        assert world.store.sweep_temporaries() == 1
        assert list((root / "tmp").iterdir()) == [room]
    assert list((root / "tmp").iterdir()) == []


@pytest.mark.parametrize("meanwhile", ["a release", "a cut"])
def test_a_cut_is_not_entered_once_something_was_published_that_it_was_not_measured_with(any_world, meanwhile):
    world = any_world
    edition = world.edition(world.published(1))
    made = make(world, edition)
    if meanwhile == "a cut":
        enter(world, make(world, edition, CutSpec(columns=("sex", "metres"))))
    else:
        world.published(2)
    entered = len(entries(world, "cut:made"))
    with pytest.raises(WrongState, match="was not measured together with what is published"):
        enter(world, made)
    assert len(entries(world, "cut:made")) == entered
    enter(world, make(world, edition))
