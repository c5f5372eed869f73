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


def request(market: Market, offered: str, *words: str):  # type: ignore[no-untyped-def]
    """Ask for an offer, or for a part of it."""
    asked = ("--purpose", PURPOSE.value, "--statement", "A test")
    return market.sluice("agreement", "request", offered, *asked, *words, "--json", by="licensee")


def test_a_part_that_a_licensee_asks_for_is_made_when_the_publisher_approves(market: Market) -> None:
    whole = output_of(offer(market, "--bytes", "100000000", "--rows", "10000"))["offer"]
    part = ("--columns", "sex,stage", "--where", "stage in II,III")
    first, second = (output_of(request(market, whole, *part))["request"] for _ in range(2))
    assert market.entries("cut:made") == []
    drawn = [output_of(market.sluice("agreement", "approve", one, "--json", by="steward")) for one in (first, second)]
    (made,) = market.entries("cut:made")
    for agreement in (one["agreement"] for one in drawn):
        shown = market.sluice("agreement", "show", agreement, by="licensee").stdout
        assert made["subject"] in shown
        assert market.sluice("agreement", "sign", agreement, by="licensee").returncode == 0
    asked = ("--agreement", drawn[0]["agreement"], "--purpose", PURPOSE.value)
    done = market.sluice("query", *asked, "SELECT DISTINCT stage FROM tumor ORDER BY 1", by="licensee")
    assert done.stdout.replace('"', "").split() == ["stage", "II", "III"]
    refused = market.sluice("query", *asked, "SELECT age FROM tumor", by="licensee")
    assert refused.returncode == 1


def test_a_part_that_fails_its_gate_leaves_the_request_open_and_says_which_column_to_drop(market: Market) -> None:
    whole = output_of(offer(market))["offer"]
    asked = output_of(request(market, whole, "--columns", "age,stage", "--where", "size between 0 and 6"))["request"]
    done = market.sluice("agreement", "approve", asked, "--json", by="steward")
    assert done.returncode == 1
    error = output_of(done)["error"]
    assert (error["rule"], error["column"]) == ("minimum_class_size", "age")
    assert market.entries("agreement:approved", request=asked) == []


def test_a_part_of_a_part_and_a_filter_without_columns_are_refused(market: Market) -> None:
    part = output_of(offer(market, "--columns", "sex,stage"))["offer"]
    assert request(market, part, "--columns", "sex").returncode == 1
    assert request(market, part, "--where", "sex in 1").returncode == 2
