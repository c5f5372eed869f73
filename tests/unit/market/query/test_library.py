"""Questions by name and trials on mock tables: who may keep, approve and find them; nothing real is touched."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog import releases
from catalog.errors import CatalogError, NotFound, NotPermitted
from catalog.previews import enter_preview, make_preview
from market.query import library, trying
from market.query.library import ParameterType
from market.query.verdicts import Denied
from market.query.workers.pool import WorkerPool
from tests.common.market_world import Market, copied, now, output_of

SQL = "SELECT sex, count(*) AS n FROM tumours GROUP BY sex ORDER BY sex"


@pytest.fixture
def edition(any_world):
    return any_world.edition(any_world.published())


def approve(world, edition, name="by-sex", organisation=None, **parameters):
    with world.writing() as session:
        return library.approve(
            session,
            edition,
            name,
            "SELECT 1",
            parameters,
            by=world.people["steward"].id,
            organisation=organisation or world.publisher,
            at=world.now(),
        ).id


def test_an_approved_template_is_found_by_name_until_it_is_retired(any_world, edition):
    template = approve(any_world, edition, stage=ParameterType.STRING)
    with any_world.reading() as session:
        found = library.named(session, "by-sex", edition_id=edition, firm=any_world.firm)
    assert found.parameters == {"stage": ParameterType.STRING}
    with any_world.writing() as session:
        by = any_world.people["steward"].id
        library.retire(session, template, by=by, organisation=any_world.publisher, at=any_world.now())
    with any_world.reading() as session, pytest.raises(NotFound):
        library.named(session, "by-sex", edition_id=edition, firm=any_world.firm)


def test_a_template_never_changes_and_is_its_publishers_alone(any_world, edition):
    approve(any_world, edition)
    with pytest.raises(CatalogError, match="never changes"):
        approve(any_world, edition)
    with pytest.raises(NotFound):
        approve(any_world, edition, "other", organisation="somebody-else")


def test_a_firm_keeps_questions_that_no_other_sees(any_world, edition):
    by = any_world.people["licensee"].id
    with any_world.writing() as session:
        library.save(session, "mine", "SELECT 1", firm=any_world.firm, by=by, at=any_world.now())
        library.save(session, "mine", "SELECT 2", firm=any_world.firm, by=by, at=any_world.now())
    with any_world.reading() as session:
        assert library.named(session, "mine", edition_id=edition, firm=any_world.firm).sql == "SELECT 2"
        assert library.saved(session, "another") == []
        with pytest.raises(NotFound):
            library.named(session, "mine", edition_id=edition, firm="another")
    with any_world.writing() as session:
        library.remove(session, "mine", firm=any_world.firm)
        with pytest.raises(NotFound):
            library.remove(session, "mine", firm=any_world.firm)
    with any_world.writing() as session, pytest.raises(NotPermitted):
        library.save(session, "mine", "SELECT 1", firm=None, by=by, at=any_world.now())


@pytest.mark.parametrize(("name", "sql"), [("", "SELECT 1"), ("No", "SELECT 1"), ("a b", "SELECT 1"), ("a", " ")])
def test_a_bad_name_or_an_empty_question_is_refused(any_world, name, sql):
    by = any_world.people["licensee"].id
    with any_world.writing() as session, pytest.raises(CatalogError):
        library.save(session, name, sql, firm=any_world.firm, by=by, at=any_world.now())


@pytest.mark.parametrize(
    ("dataset", "table"), [("road-works", "road_works"), ("a", "a"), ("7-districts", "t_7_districts")]
)
def test_a_mock_table_is_called_as_its_dataset(dataset, table):
    assert trying.name_of(dataset) == table


@pytest.fixture
def market(tmp_path) -> Market:
    return copied(tmp_path / "market")


def test_sql_is_tried_on_a_mock_table_for_nothing(market):
    with market.open() as home:
        with home.database.reading() as session:
            body = json.loads(releases.find_release(session, market.facts.release).evidence)["body"]
            files = [home.store.open_path(file.sha256) for file in releases.files_of(session, market.facts.edition)]
        made = make_preview(home.store, body, {"controlled": files})
        by = market.asker(home, "steward").id
        with home.database.writing() as session:
            enter_preview(session, market.facts.release, made, at=now(), by=by)
    before = market.balance()
    tried = output_of(market.sluice("try", "tumours", SQL, "--json"))
    assert tried["table"] == "tumours"
    assert sum(row["n"] for row in tried["rows"]) > 0
    assert market.balance() == before
    assert market.sluice("try", "rivals", SQL, "--json").returncode == 1


def test_the_gate_is_the_same_on_a_mock_table(tmp_path):
    path = tmp_path / "mock.parquet"
    pq.write_table(pa.table({"sex": ["f", "m"]}), path)
    pool = WorkerPool(workers=1)
    try:
        mock = trying.Mock("tumours", path)
        assert trying.attempt(pool, mock, "SELECT count(*) AS n FROM tumours").to_pylist() == [{"n": 2}]
        for sql in (
            f"SELECT * FROM '{path}'",
            "SELECT * FROM elsewhere",
            "DROP TABLE tumours",
            "SELECT x FROM tumours",
        ):
            with pytest.raises(Denied):
                trying.attempt(pool, mock, sql)
    finally:
        pool.close()
