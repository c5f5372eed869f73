"""Commands about money: who may give which, what they print, and what they refuse."""

import csv
import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from catalog import withdrawal
from catalog.errors import CatalogError, NotFound
from market.billing.errors import BillingError
from market.cli.main import sluice
from market.ledger.idempotency import KeyReused
from market.ledger.models import Kind
from market.parties.errors import NotAMember
from market.query.verdicts import Denied
from policies.calendar import CalendarError, Month
from policies.pricing import Price
from tests.common.market_world import CREDIT_FEN, copied

MONTH = str(Month.of(datetime.now(UTC)))
SMALL = "SELECT sex, count(*) AS n FROM tumor GROUP BY sex"
LASTING = ("--zh", "券", "--en", "Vouchers", "--from", "2020-01-01", "--to", "2100-01-01")
OF_THE_OPERATOR = [
    ("programme", "open", *LASTING),
    ("programme", "fund", "p", "5"),
    ("programme", "admit", "p", "f"),
    ("programme", "revoke", "v"),
    ("programme", "close", "p"),
    ("invoice", "issue", "--month", "2020-01"),
    ("invoice", "pay", "i"),
    ("ledger", "credit", "f", "5"),
    ("ledger", "postpaid", "f", "5"),
]


@pytest.fixture
def market(tmp_path):
    return copied(tmp_path / "market")


def invoke(market, *words, by="licensee"):
    return CliRunner().invoke(sluice, words, env={"SLUICE_HOME": str(market.root), "SLUICE_KEY": str(market.key(by))})


def run(market, *words, by="administrator"):
    """Run a command in this process; gives what it printed, or raises what it raised."""
    done = invoke(market, *words, "--json", by=by)
    if done.exit_code == 2:
        raise SystemExit(done.stderr)
    if done.exception is not None:
        raise done.exception
    return json.loads(done.stdout)


def ask(market):
    """Ask a small question as the licensee."""
    return run(market, "query", *market.under(), SMALL, by="licensee")


def vouched(market, *words):
    """Open and fund a programme, and admit the licensee's firm; gives programme and voucher."""
    programme = run(market, "programme", "open", *LASTING, *words)["programme"]
    run(market, "programme", "fund", programme, "1000")
    return programme, run(market, "programme", "admit", programme, market.facts.firm)["voucher"]


def test_programmes_credit_and_invoices_are_the_administrators(market):
    for words in OF_THE_OPERATOR:
        for by in ("licensee", "steward", "auditor"):
            with pytest.raises(NotAMember, match="This step is for: administrator"):
                run(market, *words, by=by)


def test_a_bill_is_printed_with_what_its_voucher_pays(market):
    programme, voucher = vouched(market)
    answer = ask(market)
    assert answer["bill"]["vouchers"] == [{"voucher": voucher, "programme": programme, "amount_fen": 3}]
    assert (answer["bill"]["list_fen"], answer["bill"]["net_fen"]) == (answer["quote"]["amount_fen"], 12)
    assert market.balance() == CREDIT_FEN - 12
    assert f"0.12 CNY (0.15 less 0.03 by voucher {voucher})" in invoke(market, "query", *market.under(), SMALL).stderr
    assert market.faults() == []


def test_the_city_pays_a_fifth_up_to_a_million_yuan_unless_told_otherwise(market):
    vouched(market)
    (told,) = run(market, "programme", "list")["programmes"]
    assert (told["level"], told["share_bp"], told["firm_year_cap_fen"]) == ("city", 2000, 100_000_000)
    other, _ = vouched(market, "--level", "partner", "--share-bp", "500", "--firm-year-cap-fen", "7", "--position", "3")
    told = run(market, "programme", "list")["programmes"][1]
    assert (told["programme"], told["share_bp"], told["firm_year_cap_fen"], told["position"]) == (other, 500, 7, 3)


def test_a_licensee_sees_the_vouchers_the_bill_and_the_statement_of_their_firm_alone(market):
    _, voucher = vouched(market)
    ask(market)
    (own,) = run(market, "programme", "list", by="licensee")["programmes"]
    (others,) = run(market, "programme", "list", by="rival")["programmes"]
    assert [told["voucher"] for told in own["vouchers"]] == [voucher]
    assert others["vouchers"] == []
    for by, lines in (("licensee", 2), ("rival", 0)):
        file = market.folder / f"{by}.csv"
        assert run(market, "ledger", "focus", "--month", MONTH, "-o", str(file), by=by)["lines"] == lines
        with file.open(encoding="utf-8", newline="") as written:
            assert len(list(csv.DictReader(written))) == lines
    credit, postpaid = run(market, "ledger", "statement", "--month", MONTH, by="licensee")["statements"]
    assert [line["amount_fen"] for line in credit["lines"]] == [CREDIT_FEN, -12]
    assert postpaid["lines"] == []
    for words in (("ledger", "focus", "-o", "x.csv", "--firm"), ("ledger", "statement", "--of")):
        with pytest.raises(SystemExit, match="Leave --"):
            run(market, *words, market.facts.firm, "--month", MONTH, by="rival")


def test_a_steward_sees_what_was_earned_and_overseers_what_they_name(market):
    programme, _ = vouched(market)
    ask(market)
    (income,) = run(market, "ledger", "statement", "--month", MONTH, by="steward")["statements"]
    assert (income["account"], income["closing_fen"]) == ("income", 15)
    for by in ("administrator", "auditor"):
        (fund,) = run(market, "ledger", "statement", "--month", MONTH, "--of", programme, by=by)["statements"]
        assert (fund["account"], fund["closing_fen"]) == ("fund", 997)
    with pytest.raises(SystemExit, match="Name with --of"):
        run(market, "ledger", "statement", "--month", MONTH)
    with pytest.raises(NotFound, match="no firm, publisher or programme"):
        run(market, "ledger", "statement", "--month", MONTH, "--of", "nobody")
    with pytest.raises(NotAMember):
        run(market, "ledger", "focus", "--month", MONTH, "-o", "x.csv", by="steward")
    file = market.folder / "all.csv"
    assert run(market, "ledger", "focus", "--month", MONTH, "-o", str(file))["lines"] == 2
    read = market.entries("bill:read")
    assert [(entry["subject"], entry["details"]["as"]) for entry in read] == [
        (market.facts.publisher, "statement"),
        (programme, "statement"),
        (programme, "statement"),
        ("all firms", "focus"),
    ]


def test_a_bill_is_written_to_a_new_file_or_not_at_all(market):
    file = market.folder / "bill.csv"
    file.write_text("mine")
    with pytest.raises(SystemExit, match="is there already"):
        run(market, "ledger", "focus", "--month", MONTH, "-o", str(file), by="licensee")
    assert file.read_text() == "mine"
    with pytest.raises(CalendarError):
        run(market, "ledger", "focus", "--month", "last", "-o", str(market.folder / "other.csv"), by="licensee")
    assert sorted(path.name for path in market.folder.glob("*.csv*")) == ["bill.csv", "rivals.csv", "tumours.csv"]


def test_the_same_payment_entered_twice_counts_once(market):
    words = ("ledger", "credit", market.facts.firm, "500", "--idempotency-key", "payment-1")
    first, again = run(market, *words), run(market, *words)
    assert first == again == {"transfer": first["transfer"], "balance_fen": CREDIT_FEN + 500}
    with pytest.raises(KeyReused):
        run(market, "ledger", "credit", market.facts.firm, "501", "--idempotency-key", "payment-1")
    assert market.balance() == CREDIT_FEN + 500


def test_use_on_account_has_its_limit_and_a_month_that_is_not_over_no_invoice(market):
    told = run(market, "ledger", "postpaid", market.facts.firm, "1000")
    assert (told["limit_fen"], told["balance_fen"]) == (1000, 1000)
    assert market.balance(kind=Kind.POSTPAID) == 1000
    with pytest.raises(BillingError, match="is not over"):
        run(market, "invoice", "issue", "--month", MONTH)
    assert run(market, "invoice", "issue", "--month", "2020-01") == {"invoices": []}
    assert run(market, "invoice", "list", by="licensee") == {"invoices": []}
    held = {(row["kind"], row["left"]) for row in run(market, "ledger", "balance", by="licensee")["accounts"]}
    assert {("postpaid", 1000), ("credit", CREDIT_FEN)} <= held


def test_a_price_plan_is_offered_signed_and_asked_under(market):
    terms = ("--table", "tumor", "--purpose", "DUO:0000006", "--purpose", "DUO:0000042", "--queries", "9")
    terms += ("--bytes", "9000000", "--rows", "9", "--per-query-fen", "7", "--flat-monthly-fen", "300")
    terms += ("--monthly-maximum-fen", "305", "--free-purpose", "DUO:0000042")
    offer = run(market, "offer", "make", market.facts.edition, *terms, by="steward")["offer"]
    (told,) = [item for item in run(market, "offer", "list")["offers"] if item["offer"] == offer]
    price = told["terms"]["price"]
    assert (price["flat_monthly_fen"], price["monthly_maximum_fen"], price["free_purposes"]) == (
        300,
        305,
        ["DUO:0000042"],
    )
    asked = run(market, "agreement", "request", offer, "--purpose", "DUO:0000006", "--statement", "s", by="licensee")
    drawn = run(market, "agreement", "approve", asked["request"], by="steward")["agreement"]
    run(market, "agreement", "sign", drawn, by="licensee")
    text = run(market, "agreement", "show", drawn, by="licensee")["text"]
    assert "300 fen for each calendar month in which it is used; at most 305 fen in a calendar month" in text
    assert "free of charge for DUO:0000042" in text
    under = market.under(drawn)
    assert run(market, "quote", *under, SMALL, by="licensee")["monthly_fen_due"] == 300
    bill = run(market, "query", *under, SMALL, by="licensee")["bill"]
    assert (bill["list_fen"], bill["discount_fen"], bill["net_fen"]) == (7, 2, 5)
    assert run(market, "quote", *under, SMALL, by="licensee")["monthly_fen_due"] == 0
    assert market.balance() == CREDIT_FEN - 305
    assert market.faults() == []


def test_a_free_purpose_that_is_not_offered_is_refused(market):
    terms = ("--table", "tumor", "--purpose", "DUO:0000006", "--queries", "9", "--bytes", "9", "--rows", "9")
    with pytest.raises(CatalogError, match="is not offered at all"):
        run(market, "offer", "make", market.facts.edition, *terms, "--free-purpose", "DUO:0000042", by="steward")


def test_no_flat_price_is_charged_for_what_was_withdrawn_since_it_was_quoted(market):
    with market.open() as home:
        agreement = market.agree(home, price=Price(flat_monthly_fen=300))
        asker, steward = market.asker(home), market.asker(home, "steward")
        with market.service() as service:
            assessed = service.assess(market.question(SMALL, "key", agreement=agreement), asker)
            assert assessed.monthly_fen_due == 300
            with home.database.writing() as session:
                at = datetime.now(UTC)
                withdrawal.withdraw(session, market.facts.release, reason="A test", by=steward.id, at=at)
            with pytest.raises(Denied):
                service.steps.reserve(assessed, asker)
    assert market.balance() == CREDIT_FEN
    assert market.entries("subscription:charged") == []
