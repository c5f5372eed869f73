"""The main steps on PostgreSQL, by the command alone: an empty database becomes a home, a raw table a paid answer."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.csv as arrow_csv
import pytest

from market.cli.main import main
from tests.common import postgres
from tests.common.market_world import PLAN, PURPOSE, ROWS, registry

SQL = "SELECT sex, count(*) AS n FROM tumor GROUP BY sex ORDER BY sex"
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def url() -> Iterator[str]:
    url = postgres.fresh_url(migrated=False)
    yield url
    postgres.drop(url)


@pytest.fixture
def run(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Give the command, run in this process as its entry point runs it."""
    monkeypatch.setenv("SLUICE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SLUICE_DATABASE_URL", url)

    def run(*words: str | Path, by: str | None = None, code: int = 0) -> dict[str, Any]:
        if by is None:
            monkeypatch.delenv("SLUICE_KEY", raising=False)
        else:
            monkeypatch.setenv("SLUICE_KEY", str(tmp_path / f"{by}.key"))
        monkeypatch.setattr(sys, "argv", ["sluice", *map(str, words), "--json"])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        assert (ended.value.code or 0) == code, said.err
        value: dict[str, Any] = json.loads(said.out)
        return value

    return run


def test_an_empty_database_becomes_a_home_and_a_raw_table_a_paid_answer(run: Run, tmp_path: Path) -> None:
    log_key = run("init", "--key", tmp_path / "admin.key")["log_key"]
    city = run("publisher", "add", "--zh", "示范市", "--en", "Example City", by="admin")["publisher"]
    run("publisher", "mandate", city, "--theme", "health", "--profile", "controlled", by="admin")
    firm = run("firm", "add", "Example Firm", by="admin")["firm"]
    for name, role, of in (
        ("steward", "steward", city),
        ("approver", "approver", city),
        ("licensee", "licensee", firm),
    ):
        public = run("member", "key", tmp_path / f"{name}.key")["public"]
        words = ("--name", name, "--role", role, "--public", public, "--organisation", of)
        run("member", "add", *words, by="admin")
    run("ledger", "credit", firm, "100000", by="admin")

    arrow_csv.write_csv(registry(ROWS, "plain"), tmp_path / "raw.csv")
    (tmp_path / "plan.toml").write_text(PLAN.format(dataset="tumours"), "utf-8")
    run("build", tmp_path / "plan.toml", tmp_path / "raw.csv", "-o", tmp_path / "built", by="steward")
    titles = ("--title-zh", "肿瘤", "--title-en", "Tumours")
    described = ("--description-zh", "示例", "--description-en", "An example")
    named = ("--source", "generated", "--theme", "health", "--legal-basis", "a test", "--contact", "the department")
    run("dataset", "add", "tumours", *titles, *described, *named, by="steward")
    run("dataset", "register", "tumours", "--number", "TEST-1", by="steward")
    proposed = run("release", "propose", tmp_path / "built", by="steward")
    assert "approved first" in run("release", "publish", proposed["release"], by="steward", code=1)["error"]["message"]
    run("release", "approve", proposed["release"], by="approver")
    run("release", "publish", proposed["release"], by="steward")

    quota = ("--queries", "100", "--bytes", "1000000000", "--rows", "1000000", "--per-query-fen", "10")
    edition = proposed["editions"]["controlled"]
    words = ("offer", "make", edition, "--table", "tumor", "--purpose", PURPOSE.value)
    offer = run(*words, *quota, by="steward")["offer"]
    asked = run("agreement", "request", offer, "--purpose", PURPOSE.value, "--statement", "Tests", by="licensee")
    drawn = run("agreement", "approve", asked["request"], by="steward")
    run("agreement", "sign", drawn["agreement"], by="licensee")
    under = ("--agreement", drawn["agreement"], "--purpose", PURPOSE.value)
    price = run("quote", *under, SQL, by="licensee")["amount_fen"]
    answer = run("query", *under, "--receipt", tmp_path / "receipt.json", SQL, by="licensee")
    assert sum(row["n"] for row in answer["rows"]) <= ROWS
    assert answer["bill"]["net_fen"] == price
    assert run("receipt", "verify", tmp_path / "receipt.json", "--log-key", log_key)["ok"]

    assert run("ledger", "verify")["ok"]
    assert run("log", "verify")["ok"]
    assert run("housekeep", "--once")["ok"]
    assert run("search", "肿瘤")["total"] == 1
    run("backup", tmp_path / "backup")
    assert run("release", "withdraw", proposed["release"], "--reason", "A test", by="steward")["erased"]
    assert run("query", *under, SQL, by="licensee", code=1)["error"]["reason"] == "release-not-available"
    assert run("log", "verify")["ok"]
