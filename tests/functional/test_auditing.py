"""An auditor's day at the command line: search, SQL, what strikes, one question followed and replayed, and a case."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from anonymize.signing import Signer
from market.cli.main import sluice
from market.query.verdicts import Denied
from tests.common.market_world import Market, copied

SQL = "SELECT sex, count(*) AS n FROM tumor GROUP BY 1 ORDER BY 1"


@pytest.fixture
def market(tmp_path: Path) -> Market:
    return copied(tmp_path / "market")


def types(market: Market, *words: str | Path, by: str = "auditor") -> Result:
    """Type a command; what it refuses comes as the exception that `main` would put into words."""
    return CliRunner().invoke(sluice, [*map(str, words)], env=market.environment(by))


def done(market: Market, *words: str | Path, by: str = "auditor") -> Any:
    """Run a command to its end; gives the object it printed."""
    said = types(market, *words, "--json", by=by)
    assert said.exit_code == 0, (words, said.output, said.exception)
    return json.loads(said.stdout)


def lines(market: Market, *words: str | Path) -> list[dict[str, Any]]:
    """Run a command that prints a line for each."""
    said = types(market, *words, "--json")
    assert said.exit_code == 0, (words, said.output, said.exception)
    return [json.loads(line) for line in said.stdout.splitlines()]


def asked(market: Market) -> str:
    """Ask a question and two that are refused; gives the first one's number."""
    query: str = done(market, "query", *market.under(), SQL, by="licensee")["query"]
    for _ in range(2):
        refused = types(market, "query", *market.under(), "SELECT none FROM tumor", by="licensee")
        assert refused.exception is not None
    return query


def test_an_auditors_day(market: Market) -> None:
    query = asked(market)
    facts = market.facts

    (delivered,) = lines(market, "log", "search", "--firm", facts.firm, "--outcome", "delivered")
    assert (delivered["subject"], delivered["dataset"], delivered["rows"]) == (query, "tumours", 2)
    table = types(market, "log", "search", "--outcome", "refused").stdout.splitlines()
    assert (table[0].split()[:3], len(table)) == (["seq", "at", "action"], 3)
    head, *rows = csv.reader(io.StringIO(types(market, "log", "search", "--actor", delivered["actor"], "--csv").stdout))
    assert {dict(zip(head, row, strict=True))["actor"] for row in rows} == {delivered["actor"]}

    (counted,) = lines(market, "log", "sql", "SELECT count(*) AS n FROM log WHERE outcome = 'refused'")
    assert counted == {"n": 2}

    trace = done(market, "log", "trace", query)
    assert trace["ok"]
    assert [step["what"] for step in trace["steps"]][:3] == ["question", "member", "firm"]
    assert "✓ dataset tumours" in types(market, "log", "trace", query).stdout
    assert done(market, "log", "replay", query)["verdict"] == "same bytes"
    assert "same bytes" in types(market, "log", "replay", query).stdout

    case = done(market, "case", "open", "Two refusals")["case"]
    entries = [str(entry["seq"]) for entry in lines(market, "log", "search", "--outcome", "refused")]
    assert done(market, "case", "attach", case, *entries, "--note", "a slip?")["attached"] == list(map(int, entries))
    question = done(market, "case", "ask", case, "--publisher", facts.publisher, "--text", "A slip?")["question"]
    seen = done(market, "case", "list", by="steward")
    assert (seen["cases"], [one["question"] for one in seen["questions"]]) == ([], [question])
    done(market, "case", "answer", question, "--text", "A slip.", by="steward")
    report = market.folder / "report.json"
    done(market, "case", "close", case, "--conclusion", "A slip.", "-o", report)
    shown = done(market, "case", "show", case)
    assert (shown["state"], shown["questions"][0]["answer"]) == ("closed", "A slip.")
    auditor = Signer.load(market.key("auditor")).public
    keys = ("--log-key", facts.log_key, "--auditor-key", auditor)
    assert done(market, "case", "verify", report, *keys) == {"ok": True, "faults": []}
    report.write_text(report.read_text("utf-8").replace("A slip.", "A plan."), "utf-8")
    assert types(market, "case", "verify", report, *keys).exit_code == 1

    actions = {entry["action"] for entry in lines(market, "log", "search")}
    assert {"log:searched", "log:queried", "log:replayed", "case:opened", "case:closed"} <= actions
    assert market.faults() == []


def test_what_was_found_can_be_taken_away_and_verified_elsewhere(market: Market) -> None:
    asked(market)
    out = market.folder / "refusals"
    found = lines(market, "log", "search", "--outcome", "refused", "--export", out)
    program = market.folder / "verify_log.py"
    program.write_text(types(market, "log", "verifier").stdout, "utf-8")
    command = [sys.executable, "-I", str(program), str(out), "--key", market.facts.log_key]
    verified = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (verified.returncode, len(found)) == (0, 2), verified.stdout + verified.stderr
    out.write_bytes(out.read_bytes().replace(b"unknown_column", b"unknown_kolumn", 1))
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def test_what_strikes_ends_with_one_only_where_it_is_asked_to(market: Market) -> None:
    assert types(market, "log", "anomalies", "--fail").exit_code == 0
    with market.open() as home, market.service() as service:
        asker = market.asker(home)
        for _ in range(20):
            with pytest.raises(Denied):
                service.quote(market.question("SELECT none FROM tumor", ""), asker)
    (alert,) = lines(market, "log", "anomalies")
    assert (alert["rule"], alert["figures"]["denials"]) == ("denials", 20)
    assert len(alert["entries"]) == 20
    assert types(market, "log", "anomalies", "--fail").exit_code == 1
    assert types(market, "log", "anomalies", "--fail", "--to", "2026-01-01").exit_code == 0


def test_only_auditors_read_the_log_and_only_whoever_is_asked_sees_a_question(market: Market) -> None:
    query = asked(market)
    case = done(market, "case", "open", "Two refusals")["case"]
    for words in (
        ("log", "search"),
        ("log", "sql", "SELECT 1"),
        ("log", "anomalies"),
        ("log", "replay", query),
        ("log", "trace", query),
        ("case", "open", "Mine"),
        ("case", "attach", case, "1"),
        ("case", "ask", case, "--publisher", market.facts.publisher, "--text", "?"),
        ("case", "close", case, "--conclusion", "Nothing."),
    ):
        for by in ("licensee", "administrator"):
            said = types(market, *words, by=by)
            assert type(said.exception).__name__ == "NotAMember", (words, by)
    for by in ("licensee", "steward", "administrator", "approver"):
        assert type(types(market, "case", "show", case, by=by).exception).__name__ == "NotFound"
        assert done(market, "case", "list", by=by) == {"cases": [], "questions": []}


def test_a_wrong_option_is_bad_usage_and_says_what_to_give(market: Market) -> None:
    said = types(market, "log", "search", "--outcome", "eaten")
    assert (said.exit_code, "refused, answered" in said.output) == (2, True)
    said = types(market, "log", "sql", "SELECT 1", "--from", "yesterday")
    assert (said.exit_code, "2026-01-31" in said.output) == (2, True)
