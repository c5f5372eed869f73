"""`sluice offer make` with columns and conditions offers that cut, or names the rule and the column at fault."""

from pathlib import Path

import pytest

from tests.common.market_world import PURPOSE, Market, copied, output_of


@pytest.fixture
def market(tmp_path: Path) -> Market:
    return copied(tmp_path / "market")


def offer(market: Market, *words: str):  # type: ignore[no-untyped-def]
    """Offer the edition of tumours, or a part of it."""
    terms = ("--table", "tumor", "--purpose", PURPOSE.value, "--queries", "9", "--bytes", "9", "--rows", "9")
    return market.sluice("offer", "make", market.facts.edition, *terms, *words, "--json", by="steward")


def test_a_part_is_cut_once_offered_listed_and_shown(market: Market) -> None:
    asked = ("--columns", "sex, stage", "--where", "stage in II,III")
    first = output_of(offer(market, *asked))
    assert output_of(offer(market, *asked))["cut"] == first["cut"]
    (listed,) = output_of(market.sluice("cut", "list", "--edition", market.facts.edition, "--json"))["cuts"]
    assert (listed["cut"], listed["columns"], listed["filtered_by"]) == (first["cut"], ["sex", "stage"], ["stage"])
    shown = output_of(market.sluice("cut", "show", first["cut"], "--json"))
    assert shown["verified"]["ok"] is True
    assert shown["inherited"] == ["stage"]
    assert shown["rows"] == listed["rows"] > 0
    assert len(market.entries("cut:made")) == 1
    words = market.sluice("cut", "show", first["cut"])
    assert "What was signed is what is there." in words.stdout


def test_a_part_that_fails_its_gate_is_refused_and_nothing_is_entered(market: Market) -> None:
    done = offer(market, "--columns", "age,stage", "--where", "size between 0 and 6")
    assert done.returncode == 1
    error = output_of(done)["error"]
    assert error["kind"] == "CutRefused"
    assert error["rule"] == "minimum_class_size"
    assert error["column"] == "age"
    assert "Drop 'age' from the cut" in error["fix"]
    assert output_of(market.sluice("cut", "list", "--json"))["cuts"] == []
    assert market.entries("cut:made") == []
    assert len(market.entries("offer:made")) == 2, "those of the template"
    wrong = offer(market, "--where", "stage = II")
    assert wrong.returncode == 1
    assert output_of(wrong)["error"]["place"] == "where"


@pytest.mark.parametrize("words", [("--days", "99999999"), ("--bytes", str(2**63)), ("--per-query-fen", str(2**40))])
def test_what_no_ledger_or_calendar_holds_is_bad_usage(market: Market, words: tuple[str, str]) -> None:
    done = offer(market, *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
