"""An agreement for aggregates is answered through the whole way of a question: gate, price, ledger, sandbox, log."""

import io
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pytest

from anonymize.custody import Custody
from anonymize.pipeline import build
from anonymize.signing import Signer
from catalog import registration
from catalog.datasets import register_dataset
from catalog.publishers import find_publisher
from market.cli.plans import read_plan
from market.delivery.formats import Format
from market.query.answer import QueryService
from market.query.verdicts import Denied
from policies.cells import guard_of
from policies.profile import Mode
from tests.common.market_world import PLAN, Market, copied, described, now, registry, template

QUESTION = "SELECT sex, stage, COUNT(*) AS n FROM tumor GROUP BY ALL ORDER BY 1, 2"


@cache
def built(folder: Path) -> Path:
    """Build an enclave edition, once."""
    market = template()
    arrow_csv.write_csv(registry(900, "plain", seed=5), folder / "guarded.csv")
    (folder / "guarded.toml").write_text(PLAN.format(dataset="guarded").replace("controlled", "enclave"), "utf-8")
    custody = Custody.open(folder / "custody")
    build(
        read_plan(folder / "guarded.toml"),
        folder / "guarded.csv",
        folder / "guarded",
        signer=Signer.load(market.key("steward")),
        at=now(),
        custody=custody,
    )
    return folder / "guarded"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("guarded"))


@pytest.fixture
def market(tmp_path: Path) -> Market:
    return copied(tmp_path / "market")


@pytest.fixture
def agreement(market: Market, folder: Path) -> str:
    """Publish the edition and agree on aggregates of it."""
    with market.open() as home:
        by = market.asker(home, "administrator").id
        with home.database.writing() as session:
            publisher = find_publisher(session, market.facts.publisher)
            register_dataset(
                session, id="guarded", publisher=publisher, description=described("guarded"), by=by, at=now()
            )
            registration.register(session, "guarded", number="TEST-guarded", by=by, at=now())
        _, edition = market.release(home, folder, publish=True)
        return market.agree(home, edition=edition, mode=Mode.AGGREGATES)


@pytest.fixture
def service(market: Market, agreement: str) -> Iterator[QueryService]:
    with market.service() as service:
        yield service


def ask(market: Market, service: QueryService, agreement: str, sql: str, key: str) -> list[dict[str, object]]:
    with market.open() as home:
        asker = market.asker(home)
    sink = io.BytesIO()
    service.answer(market.question(sql, key, agreement=agreement), asker, sink, Format.JSON)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def test_aggregates_are_answered_charged_and_logged_as_any_question(market, agreement, service):
    before = market.balance()
    rows = ask(market, service, agreement, QUESTION, "one")
    assert {row["stage"] for row in rows} == {"I", "II", "III"}
    assert all(row["n"] >= guard_of("enclave").minimum_subjects for row in rows)
    (entry,) = market.entries("query:answered", agreement=agreement)
    assert before - market.balance() == entry["details"]["bill"]["net_fen"] > 0
    assert market.faults() == []


def test_the_same_question_is_answered_alike_by_another_process(market, agreement, service):
    first = ask(market, service, agreement, QUESTION, "one")
    with market.service() as another:
        assert ask(market, another, agreement, QUESTION, "two") == first


def test_the_figures_are_the_true_ones_moved_by_the_stated_noise(market, agreement, service, folder):
    rows = ask(market, service, agreement, "SELECT sex, COUNT(*) AS n FROM tumor GROUP BY sex", "one")
    table = pa.parquet.read_table(next((folder / "enclave").glob("*.parquet")))
    true = dict(zip(*[column.to_pylist() for column in table["sex"].value_counts().flatten()], strict=True))
    assert {row["sex"] for row in rows} == set(true)
    assert all(abs(row["n"] - true[row["sex"]]) <= guard_of("enclave").noise_maximum for row in rows)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM tumor",
        "SELECT id, COUNT(*) FROM tumor GROUP BY id",
        "SELECT COUNT(*) FROM tumor WHERE stage = 'I'",
        "SELECT MAX(size) FROM tumor",
    ],
)
def test_rows_and_other_shapes_are_refused_at_no_cost(market, agreement, service, sql):
    before = market.balance()
    with pytest.raises(Denied) as denied:
        ask(market, service, agreement, sql, "one")
    assert denied.value.reason == "shape_refused"
    assert market.balance() == before
    assert market.entries("query:answered", agreement=agreement) == []


def test_conditions_never_change_the_price(market, agreement, service):
    """A free quote priced by literals would tell what they match."""
    with market.open() as home:
        asker = market.asker(home)
    prices = {
        service.quote(market.question(sql, "", agreement=agreement), asker).quote
        for sql in (
            "SELECT COUNT(*) FROM tumor WHERE age = 'nothing'",
            "SELECT COUNT(*) FROM tumor WHERE age >= ' '",
            "SELECT COUNT(*) FROM tumor WHERE age IN ('20-29', 'x', 'y') OR age IS NULL",
        )
    }
    assert len(prices) == 1
