"""A release is measured together with everything published of its dataset, and published only while that is all."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlmodel import select

from anonymize.errors import GateFailed
from anonymize.linkage import LinkageError
from catalog import assessment, cuts, proposing
from catalog.errors import WrongState
from catalog.events import Event, note
from catalog.models import ClassTable, Dataset, Edition
from policies.canonical import canonical_json
from policies.cut import CutSpec
from tests.common import editions
from tests.common.proposals import NESTED, PEOPLE, Shape, proposal

LATER = [{**row, "days": row["days"] + 1000} for row in PEOPLE[:50]]
INDEPENDENT = {"controlled": Shape({"qa": 3, "qb": 0, "days": None})}


def nested(people=PEOPLE):
    return {name: Shape(levels, people) for name, levels in NESTED.items()}


class Desk:
    """A steward's desk: proposals are made, measured, and taken as far as asked."""

    def __init__(self, world):
        self.world, self._count = world, 0

    def make(self, shapes, dataset=editions.DATASET, **changes):
        self._count += 1
        signer = self.world.people["steward"].signer
        folder = self.world.folder / f"made-{self._count}"
        if (before := self.world.before(dataset)) is not None:
            changes.setdefault("previous", {"evidence": before})
        return proposal(self.world.store, folder, signer, dataset, shapes, **changes)

    def assess(self, made):
        with self.world.reading() as session:
            return assessment.assess(session, self.world.store, made)

    def propose(self, made, joined):
        with self.world.writing() as session:
            return proposing.propose(
                session, made, by=self.world.people["steward"], at=self.world.now(), joined=joined
            ).id

    def publish(self, shapes, dataset=editions.DATASET, **changes):
        made = self.make(shapes, dataset, **changes)
        release = self.propose(made, self.assess(made))
        self.world.approve(release)
        self.world.publish(release)
        return release

    def still(self, release):
        with self.world.reading() as session:
            assessment.check_still(session, self.world.release(release))

    def editions(self, release):
        with self.world.reading() as session:
            return [row.id for row in session.exec(select(Edition).where(Edition.release_id == release))]


@pytest.fixture
def desk(world):
    return Desk(world)


def test_the_first_release_is_measured_against_itself(desk):
    found = desk.assess(desk.make(nested()))
    assert (found["k"], found["minimum"], found["floor"], found["refined"]) == (20, 20, 5, 0)
    assert (found["against"], found["taught_by"], found["unmeasured"], found["series"]) == ([], [], [], None)
    assert (found["finest"], found["counted"]) == ("enclave, proposed", "rows")
    assessment.check(found)
    assert json.loads(canonical_json(found)) == found, "it can be stored and signed"


def test_a_second_release_with_50_added_and_5_removed_keeps_k(desk):
    first = desk.publish(nested())
    found = desk.assess(desk.make(nested([*PEOPLE[5:], *LATER])))
    assert found["minimum"] >= found["floor"] == 5
    assert found["refined"] == 0
    assert {entry["edition"] for entry in found["against"]} == set(desk.editions(first))
    assert len(found["against"]) == 3
    assessment.check(found)


@pytest.mark.parametrize("state", ["published", "superseded", "withdrawn"])
def test_an_independent_edition_falls_below_whatever_became_of_the_first(desk, state):
    """The positive control: unique days join two nodes of which neither is the finer."""
    release = desk.publish({"controlled": Shape({"qa": 0, "qb": 3, "days": None})})
    if state == "superseded":
        desk.publish({"controlled": Shape({"qa": 0, "qb": 3, "days": None})})
    if state == "withdrawn":
        desk.world.withdraw(release)
    found = desk.assess(desk.make(INDEPENDENT))
    assert (found["k"], found["minimum"], found["floor"], found["own"]) == (10, 10, 11, 80)
    assert found["refined"] == 640
    with pytest.raises(
        GateFailed, match=r"joined k of controlled, proposed is 10, limit 11.*'qa', 'qb', 'days'"
    ) as gate:
        assessment.check(found)
    assert "controlled of road-works #1" in gate.value.fix


def test_the_walk_over_subsets_goes_on_where_all_columns_pass(desk):
    people = [{**row, "days": row["days"] % 2} for row in PEOPLE]
    desk.publish({"controlled": Shape({"qa": 0, "qb": 3, "days": None}, people)})
    found = desk.assess(desk.make({"controlled": Shape({"qa": 3, "qb": 0, "days": None}, people)}))
    assert (found["subsets"], found["minimum"]) == (7, 40)
    assert found["weakest"] == ["days"]
    assessment.check(found)


def test_what_was_measured_must_still_be_all_there_is(desk):
    waiting = desk.make(nested())
    early = desk.propose(waiting, desk.assess(waiting))
    desk.still(early)
    desk.publish(nested())
    with pytest.raises(WrongState, match="was not measured together with what is published"):
        desk.still(early)
    with pytest.raises(WrongState, match="was built without the release before it"):
        desk.propose(waiting, desk.assess(waiting))
    again = desk.make(nested())
    desk.still(desk.propose(again, desk.assess(again)))
    with pytest.raises(WrongState):
        desk.still(desk.propose(again, {}))


def test_a_cut_is_among_what_is_published(desk):
    """Its edition is really built, for only such a one tells the risk that a cut inherits."""
    world = desk.world
    release = world.published()
    edition = world.edition(release)
    with world.reading() as session:
        before = assessment.gather_published(session, world.store, editions.DATASET)
        source = cuts.source_of(session, world.store, edition)
    steward = world.people["steward"]
    made = cuts.make_cut(world.store, source, CutSpec(columns=("sex", "metres")), signer=steward.signer, at=world.now())
    with world.writing() as session:
        row = cuts.enter_cut(session, made, by=steward, at=world.now())
        id, manifest = row.id, row.manifest
    with world.reading() as session:
        after = assessment.gather_published(session, world.store, editions.DATASET)
    assert [*before.against, {"cut": id, "hash": manifest}] == list(after.against)
    assert [held.whole for held in after.others] == [True, False]
    assert after.others[1].rendering.levels().keys() == {"sex", "metres"}


def keep_classes(world, edition, quasi):
    """Keep the class table of an edition, as is done before its bytes are erased."""
    path = world.folder / f"{edition}.parquet"
    pq.write_table(pa.table({**{name: ["*"] for name in quasi}, "subjects": [640]}), path)
    with world.writing() as session:
        session.add(ClassTable(edition_id=edition, sha256=world.store.put(path).sha256))
        note(session, Event(action="test:kept", subject=edition, by=world.people["steward"].id, at=world.now()))


def test_an_erased_edition_is_measured_by_its_classes_or_named_as_unmeasured(desk):
    coarse = {"controlled": Shape({"qa": 3, "qb": 3, "days": None})}
    kept, lost = desk.publish(coarse), desk.publish(coarse, editor="another")
    keep_classes(desk.world, *desk.editions(kept), ["qa", "qb"])
    for release in (kept, lost):
        desk.world.withdraw(release)
        store = desk.world.store
        for sha256 in desk.world.files(release):
            store.erase(sha256)
    found = desk.assess(desk.make(INDEPENDENT))
    assert found["unmeasured"] == desk.editions(lost)
    assert len(found["against"]) == 2
    assessment.check(found)


def test_evidence_of_the_first_format_is_read(desk):
    body = desk.make({"controlled": Shape({"qa": 1, "qb": 1, "days": None})}).document["body"]
    told = body["editions"]["controlled"]
    old = {"dataset": body["dataset"], "edition": "controlled", **told}
    made = desk.make({"controlled": Shape({"qa": 1, "qb": 1, "days": None})}, **old)
    del made.document["body"]["editions"], made.document["body"]["trees"]
    found = desk.assess(made)
    assert (found["minimum"], found["finest"]) == (40, "controlled, proposed")


def test_a_hierarchy_that_contradicts_what_is_published_is_refused_by_its_column(desk):
    desk.publish(nested())
    made = desk.make(nested())
    made.document["body"]["trees"]["qa"]["parents"]["0"]["f0"] = "h3"
    with pytest.raises(LinkageError, match="'qa'"):
        desk.assess(made)


def join_series(world, *datasets):
    with world.writing() as session:
        for dataset in datasets:
            session.get_one(Dataset, dataset).series = "people"
        note(session, Event(action="test:joined", subject="people", by=world.people["steward"].id, at=world.now()))


def test_in_a_series_tokens_join_the_editions_of_all_its_datasets(desk):
    other = desk.world.register("other-works")
    people = [{"who": f"T{n}", "qa": n % 8, "qb": n // 80} for n in range(640)]
    works = {"controlled": Shape({"who": None, "qa": 1, "qb": 3}, people, token="who")}
    others = {"controlled": Shape({"who": None, "qa": 3, "qb": 1}, people, token="who")}
    desk.publish(works)
    alone = desk.assess(desk.make(others, other))
    assert alone["series"] is None
    join_series(desk.world, editions.DATASET, other)
    found = desk.assess(desk.make(others, other))
    assert found["series"] == {"k": 40, "subjects": 640, "classes": 16, "floor": 11, "name": "people"}
    assert len(found["against"]) == 1
    assessment.check(found)
    finer = [{"who": f"T{n}", "qc": n // 8 % 8, "qd": n // 64 % 2} for n in range(640)]
    few = desk.assess(desk.make({"controlled": Shape({"who": None, "qc": 0, "qd": 0}, finer, token="who")}, other))
    assert (few["counted"], few["minimum"], few["series"]["k"]) == ("tokens", 40, 10)
    with pytest.raises(GateFailed, match="joined k of the series is 10, limit 11"):
        assessment.check(few)


def test_a_series_without_tokens_has_nothing_to_join(desk):
    join_series(desk.world, editions.DATASET)
    assert desk.assess(desk.make(nested()))["series"] is None
