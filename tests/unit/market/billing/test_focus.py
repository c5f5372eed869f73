"""A bill in FOCUS columns comes to what the ledger moved, to the fen, and every line of it to what the log says."""

import csv
import io
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from market.billing import focus, naming
from market.billing.charges import charges
from market.billing.models import Invoice, Subscription
from market.query.models import QueryRun
from policies.billing import Bill
from policies.calendar import Month
from policies.pricing import Price
from tests.common.books import Books, begins
from tests.common.fixtures import BACKENDS
from tests.common.world import World
from tests.unit.market.billing.turn import MONTHS, Turn, play

COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
NEVER_NULL = set(focus.MANDATORY) - {"ChargeClass", "PricingQuantity", "PricingUnit"}
NUMBER = re.compile(r"-?\d+(\.\d+)?")
PAID = text("""
    SELECT SUM(CASE WHEN mine.id = t.debit THEN t.posted_amount ELSE -t.posted_amount END)
    FROM transfer t
    JOIN account mine ON mine.id IN (t.debit, t.credit)
    JOIN account other ON other.id IN (t.debit, t.credit) AND other.id <> mine.id
    WHERE mine.owner = :owner AND mine.kind IN ('credit', 'postpaid', 'fund') AND mine.unit = 'fen'
      AND other.kind <> 'issued' AND t.state = 'posted' AND t.resolved_at >= :first AND t.resolved_at < :end
""")


@pytest.fixture(scope="module", params=BACKENDS)
def turn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Turn]:
    """Give the turn of a year, played once on each kind of database."""
    from market.db import Database
    from tests.common import postgres
    from tests.common.fixtures import sqlite_database

    folder = tmp_path_factory.mktemp("turn")
    url = postgres.fresh_url() if request.param == "postgresql" else None
    database = Database(url, None) if url else sqlite_database(folder)
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    yield play(Books.begin(World.begin(database, folder)), seed)
    database.close()
    if url:
        postgres.drop(url)


def lines(books: Books, month: Month, firm: str | None = None) -> list[dict[str, str]]:
    """Write the bill of a month, and read it as a spreadsheet would."""
    file = io.StringIO()
    with books.world.reading() as session:
        booked = charges(session, month.begins_at, month.ends_at, firm=firm)
        count = focus.write(focus.rows(booked, naming.names(session, month)), file)
    file.seek(0)
    read = list(csv.DictReader(file))
    assert len(read) == count
    return read


def fen(lines: list[dict[str, str]], column: str = "BilledCost") -> int:
    return int(sum(Decimal(line[column]) for line in lines) * 100)


def moved(books: Books, owner: str, month: Month) -> int:
    """Ask the ledger alone what an owner's accounts paid in a month for charges, less what they were given back."""
    moments = {"first": month.begins_at.astimezone(UTC), "end": month.ends_at.astimezone(UTC)}
    if books.world.database.url.startswith("sqlite"):
        moments = {name: at.strftime("%Y-%m-%d %H:%M:%S.%f") for name, at in moments.items()}
    with books.world.reading() as session:
        return int(session.connection().execute(PAID, {"owner": owner, **moments}).scalar_one() or 0)


def test_the_turn_of_the_year_has_everything_in_it(turn):
    assert turn.books.faults() == []
    assert turn.asked > 8
    assert turn.refunded > 3
    read = [line for month in MONTHS for line in lines(turn.books, month)]
    kinds = Counter((line["ChargeCategory"], line["ChargeClass"], line["x_PaidFrom"]) for line in read)
    assert {category for category, *_ in kinds} == {"Usage", "Purchase", "Credit"}
    assert any(kind == "Correction" for _, kind, _ in kinds)
    charged = {line["x_ChargeId"]: fen([line]) for line in read if line["ChargeCategory"] != "Credit"}
    paid = {line["x_ChargeId"]: fen([line]) for line in read if line["x_ProgrammeId"] == turn.programmes[0]}
    assert any(0 < abs(part) < abs(charged[id]) // 5 for id, part in paid.items()), "its fund ran dry"
    assert any(account == "postpaid" for *_, account in kinds)
    assert any(Decimal(line["x_MaximumDiscount"] or 0) for line in read)


def test_what_a_firm_is_billed_is_what_its_accounts_paid(turn):
    for month in MONTHS:
        for firm in turn.books.firms.values():
            assert fen(lines(turn.books, month, firm)) == moved(turn.books, firm, month)


def test_what_vouchers_pay_is_what_the_funds_paid(turn):
    for month in MONTHS:
        credited = [line for line in lines(turn.books, month) if line["ChargeCategory"] == "Credit"]
        for programme in turn.programmes:
            paid = fen([line for line in credited if line["x_ProgrammeId"] == programme])
            assert -paid == moved(turn.books, programme, month)


def test_invoices_are_the_lines_that_name_them(turn):
    with turn.books.world.reading() as session:
        issued = session.exec(select(Invoice)).all()
    assert issued
    for row in issued:
        read = lines(turn.books, Month.parse(row.month), row.firm_id)
        named = [line for line in read if line["x_PaidFrom"] == "postpaid"]
        assert {line["InvoiceId"] for line in named} == {row.id}
        assert fen(named) == row.amount_fen


def test_the_lines_of_all_firms_are_those_of_each(turn):
    for month in MONTHS:
        apart = [line for firm in turn.books.firms.values() for line in lines(turn.books, month, firm)]
        assert sorted(map(str, apart)) == sorted(map(str, lines(turn.books, month)))


def test_every_line_agrees_with_the_rows_that_the_log_knows_nothing_of(turn):
    """The bills kept with questions and subscriptions are another telling of the same."""
    books = turn.books
    with books.world.reading() as session:
        bills = {run.id: run.bill for run in session.exec(select(QueryRun))}
        bills |= {row.id: row.bill for row in session.exec(select(Subscription))}
    found: dict[str, Counter[str]] = {}
    for month in MONTHS:
        for line in lines(books, month):
            kind = line["x_VoucherId"] or "main"
            for column in COSTS:
                found.setdefault(line["x_ChargeId"], Counter())[f"{kind} {column}"] += fen([line], column)
    for id, costs in found.items():
        assert {name: fen for name, fen in costs.items() if fen} == expected(
            books, id, Bill.from_dict(json.loads(bills[id]))
        )


def expected(books: Books, id: str, bill: Bill) -> dict[str, int]:
    """Say what the lines of a charge come to: to its bill, or to nothing where it was refunded."""
    with books.world.reading() as session:
        run = session.get(QueryRun, id)
    if run is not None and run.state == "refunded":
        return {}
    costs = {
        "main BilledCost": bill.list_fen - bill.discount_fen,
        "main EffectiveCost": bill.list_fen - bill.discount_fen,
    }
    costs |= {"main ListCost": bill.list_fen, "main ContractedCost": bill.list_fen}
    costs |= {f"{part.voucher} {column}": -part.amount_fen for part in bill.vouchers for column in COSTS}
    return {name: fen for name, fen in costs.items() if fen}


def test_every_line_keeps_the_rules_of_focus(turn):
    for month in MONTHS:
        for line in lines(turn.books, month):
            check_rules(line, month)


def check_rules(line: dict[str, str], month: Month) -> None:
    """Hold a line against the rules of the columns of FOCUS 1.2."""
    assert set(focus.MANDATORY) <= set(line)
    assert [name for name in NEVER_NULL if not line[name]] == []
    for name in (*COSTS, "ListUnitPrice", "ContractedUnitPrice", "PricingQuantity", "ConsumedQuantity", "x_LogIndex"):
        assert not line[name] or NUMBER.fullmatch(line[name]), (name, line[name])
    starts, ends = (datetime.fromisoformat(line[name]) for name in ("BillingPeriodStart", "BillingPeriodEnd"))
    assert (starts, ends) == (month.begins_at, month.ends_at)
    first, end = (datetime.fromisoformat(line[name]) for name in ("ChargePeriodStart", "ChargePeriodEnd"))
    assert first < end
    assert line["ChargeClass"] == ("Correction" if first < starts else "")
    assert line["BilledCost"] == line["EffectiveCost"], "nothing here is paid ahead for later use"
    match line["ChargeCategory"]:
        case "Credit":
            assert len({line[name] for name in COSTS}) == 1
            assert not line["PricingQuantity"]
        case "Usage":
            assert (line["PricingUnit"], line["ConsumedUnit"], line["ChargeFrequency"]) == (
                "Requests",
                "B",
                "Usage-Based",
            )
            assert line["ConsumedQuantity"]
        case "Purchase":
            assert (line["PricingUnit"], line["ConsumedQuantity"], line["ChargeFrequency"]) == (
                "Months",
                "",
                "Recurring",
            )
    if line["ChargeCategory"] != "Credit":
        quantity = Decimal(line["PricingQuantity"])
        assert quantity * Decimal(line["ListUnitPrice"]) == Decimal(line["ListCost"])
        assert quantity * Decimal(line["ContractedUnitPrice"]) == Decimal(line["ContractedCost"])
        assert Decimal(line["BilledCost"]) + Decimal(line["x_MaximumDiscount"]) == Decimal(line["ContractedCost"])


def test_columns_are_named_and_ordered_as_focus_asks():
    own = [name for name in focus.COLUMNS if name.startswith("x_")]
    assert list(focus.COLUMNS) == [name for name in focus.COLUMNS if name not in own] + own
    assert len(focus.MANDATORY) == 21
    assert all(re.fullmatch(r"(x_)?([A-Z][a-z]+)+", name) for name in focus.COLUMNS)


def test_a_refund_is_a_correction_once_its_month_is_over(books_here):
    books = books_here
    agreement = books.agree(Price(per_query_fen=1000))
    books.credit(10_000)
    books.admit(books.programme(fund_fen=5000))
    books.set_clock(begins(2026, 11, 30))
    early, _ = books.ask(agreement, "k1", settled=False)
    books.give_up(early)
    late, _ = books.ask(agreement, "k2", settled=False)
    books.set_clock(begins(2026, 12))
    books.give_up(late)
    november, december = (lines(books, month) for month in (Month(2026, 11), Month(2026, 12)))
    assert [(line["ChargeCategory"], line["BilledCost"], line["ChargeClass"]) for line in november] == [
        ("Usage", "10.00", ""),
        ("Credit", "-2.00", ""),
        ("Usage", "-10.00", ""),
        ("Credit", "2.00", ""),
        ("Usage", "10.00", ""),
        ("Credit", "-2.00", ""),
    ]
    assert [(line["ChargeCategory"], line["BilledCost"], line["ChargeClass"]) for line in december] == [
        ("Usage", "-10.00", "Correction"),
        ("Credit", "2.00", "Correction"),
    ]
    assert {line["PricingQuantity"] for line in december} == {"-1", ""}
    assert december[0]["ChargePeriodStart"] == november[4]["ChargePeriodStart"]


HOSTILE = ["=1+2", "+1", "-1", "@sum", "\t=1", "\r=1", "＝1", '"quoted", with a comma', "二行\n=1"]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_a_formula_and_none_breaks_its_cell(name):
    value: Any = dict.fromkeys(focus.COLUMNS) | {
        "BillingAccountName": name,
        "BilledCost": "-1.00",
        "PricingQuantity": "-1",
    }
    file = io.StringIO()
    focus.write([value], file)
    file.seek(0)
    (read,) = csv.DictReader(file)
    assert read["BillingAccountName"][0] not in "=+-@\t\r＝"
    assert read["BillingAccountName"].removeprefix("'") == name
    assert (read["BilledCost"], read["PricingQuantity"]) == ("-1.00", "-1"), "numbers stay numbers"


def test_what_was_charged_before_entries_held_bills_is_told_as_it_was_paid(books_here):
    """Its price was paid out of the firm's credit; its entry names no release and no dataset."""
    from catalog.events import Event, note

    books = books_here
    agreement = books.agree(Price(per_query_fen=1000))
    details = {"agreement": agreement, "firm": books.world.firm, "edition": "e", "purpose": "p", "amount_fen": 70}
    with books.world.writing() as session:
        at = begins(2026, 12)
        note(session, Event(action="query:answered", subject="old", by=books.admin, at=at, details=details))
    (line,) = lines(books, Month(2026, 12))
    assert (line["BilledCost"], line["x_PaidFrom"], line["x_ReleaseId"]) == ("0.70", "credit", "")
