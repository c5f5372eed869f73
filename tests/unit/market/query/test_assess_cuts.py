"""Under an agreement on a cut, a question reaches the cut's rows and columns, and nothing else of its edition."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from catalog import classes, withdrawal
from catalog.cuts import cut_files_of
from catalog.releases import files_of
from market.delivery.formats import Format
from market.licensing import parts
from market.query.answer import QueryService
from market.query.asker import Asker
from market.query.verdicts import Denied
from policies.cut import Condition
from policies.decide import Reason
from tests.common.market_world import Market, copied, now

COLUMNS, WHERE = ("id", "sex", "size", "stage"), (Condition.parse("stage in II,III"),)


class Place:
    """A market in which the licensee holds an agreement on a cut, and its service."""

    def __init__(self, market: Market, service: QueryService, asker: Asker, cut: str, agreement: str) -> None:
        self.market, self.service, self.asker, self.cut, self.agreement = market, service, asker, cut, agreement

    def ask(self, sql: str, key: str = "key", agreement: str | None = None) -> list[dict[str, Any]]:
        """Answer under the agreement on the cut."""
        sink = io.BytesIO()
        question = self.market.question(sql, key, agreement=agreement or self.agreement)
        self.service.answer(question, self.asker, sink, Format.JSON)
        return [json.loads(line) for line in sink.getvalue().splitlines()]

    def price(self, sql: str, agreement: str | None = None) -> Any:
        """Quote under the agreement on the cut, or another."""
        return self.service.quote(
            self.market.question(sql, "", agreement=agreement or self.agreement), self.asker
        ).quote


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    market = copied(tmp_path / "market")
    with market.open() as home:
        asker, steward = market.asker(home), market.actor(home, "steward")
        part = parts.prepare(
            home.database,
            home.store,
            market.facts.edition,
            columns=COLUMNS,
            where=WHERE,
            organisation=market.facts.publisher,
            by=steward,
            at=now(),
        )
        with home.database.writing() as session:
            cut = parts.enter(session, part, by=steward, at=now()).id
        agreement = market.agree(home, cut=cut)
    with market.service() as service:
        yield Place(market, service, asker, cut, agreement)


def bytes_of(place: Place) -> tuple[list[Path], list[Path]]:
    """Name the files of the cut, and those of its edition."""
    with place.market.open() as home, home.database.reading() as session:
        return (
            [home.store.path(file.sha256) for file in cut_files_of(session, place.cut)],
            [home.store.path(file.sha256) for file in files_of(session, place.market.facts.edition)],
        )


def test_the_answer_holds_the_rows_of_the_cut(place: Place) -> None:
    cut, edition = bytes_of(place)
    wanted = [row["size"] for path in cut for row in pq.read_table(path).to_pylist()]
    assert [row["size"] for row in place.ask("SELECT size FROM tumor")] == wanted
    stages = place.ask("SELECT DISTINCT stage FROM tumor ORDER BY 1", "other")
    assert stages == [{"stage": "II"}, {"stage": "III"}]
    assert len(wanted) < sum(pq.read_metadata(path).num_rows for path in edition)
    assert place.market.faults() == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT age FROM tumor",
        "SELECT tumor.remark FROM tumor",
        "SELECT * FROM tumor WHERE age IS NOT NULL",
        "SELECT count(*) FROM tumours",
        "SELECT * FROM edition",
    ],
)
def test_other_columns_and_tables_are_as_if_they_were_not_there(place: Place, sql: str) -> None:
    with pytest.raises(Denied):
        place.ask(sql)
    assert place.ask("SELECT * FROM tumor LIMIT 1", "after")[0].keys() == {"id", "sex", "size", "stage"}


def test_the_files_of_the_edition_cannot_be_read_by_name(place: Place) -> None:
    _, edition = bytes_of(place)
    for number, path in enumerate(edition):
        with pytest.raises(Denied):
            place.ask(f"SELECT * FROM read_parquet('{path}')", f"key-{number}")
        with pytest.raises(Denied):
            place.ask(f"SELECT * FROM '{path}'", f"other-{number}")


def test_a_quote_and_its_lineage_are_on_the_files_of_the_cut(place: Place) -> None:
    cut, edition = bytes_of(place)
    sql = "SELECT size FROM tumor"
    quoted = place.price(sql)
    assert quoted.columns == ("tumor.size",)
    place.ask(sql)
    (entry,) = place.market.entries("query:answered")
    assert entry["details"]["billed_bytes"] == quoted.billed_bytes
    assert entry["details"]["columns"] == ["tumor.size"]
    with place.market.open() as home, home.database.reading() as session:
        question = place.market.question(sql, "")
        assessed = place.service.assessor.assess(session, question, firm=place.asker.firm, at=now())
        of_cut = place.service.assessor.assess(
            session, place.market.question(sql, "", agreement=place.agreement), firm=place.asker.firm, at=now()
        )
    assert list(of_cut.grant.files["tumor"]) == cut
    assert list(assessed.grant.files["tumor"]) == edition


def test_the_agreement_on_the_edition_still_gives_all_of_it(place: Place) -> None:
    whole = place.ask("SELECT count(*) AS n, count(age) AS a FROM tumor", agreement=place.market.facts.agreement)
    part = place.ask("SELECT count(*) AS n FROM tumor", "part")
    assert whole[0]["n"] > part[0]["n"]


def test_a_withdrawn_release_takes_its_cuts_along(place: Place) -> None:
    place.ask("SELECT sex FROM tumor")
    cut, _ = bytes_of(place)
    with place.market.open() as home:
        steward = place.market.asker(home, "steward")
        with home.database.writing() as session:
            withdrawal.withdraw(session, place.market.facts.release, reason="A test", by=steward.id, at=now())
        with pytest.raises(Denied) as denied:
            place.ask("SELECT sex FROM tumor", "late")
        assert denied.value.reason == Reason.RELEASE_NOT_AVAILABLE
        with home.database.writing() as session:
            classes.keep(session, home.store, classes.count(session, home.store), at=now())
            withdrawal.erase_withdrawn(session, home.store, by=steward.id, at=now())
    assert not any(path.exists() for path in cut)
