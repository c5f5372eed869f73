"""A flat price is charged once for each month in which something is asked, before its first question."""

import pytest

from market.ledger.models import Kind
from market.query import reserving, runs
from market.query.verdicts import Denied
from policies.decide import Reason
from policies.pricing import Price
from tests.common.books import EPOCH, begins

FLAT = Price(per_query_fen=100, flat_monthly_fen=3000)


def test_the_first_question_of_a_month_is_preceded_by_its_flat_price(books):
    agreement = books.agree(FLAT)
    books.credit(10_000)
    books.set_clock(begins(2026, 12, 30))
    for key in ("k1", "k2"):
        books.ask(agreement, key)
    books.set_clock(begins(2027, 1))
    books.ask(agreement, "k3")
    charged = books.entries("subscription:charged")
    assert [entry["month"] for entry in charged] == ["2026-12", "2027-01"]
    assert [entry["bill"]["net_fen"] for entry in charged] == [3000, 3000]
    assert {entry["dataset"] for entry in charged} == {"road-works"}
    assert books.left(books.world.firm, Kind.CREDIT) == 10_000 - 2 * 3000 - 3 * 100
    assert books.faults() == []


def test_a_quote_tells_what_is_due_and_charges_nothing(books_here):
    books = books_here
    agreement = books.agree(FLAT)
    books.credit(10_000)
    before = books.held()
    assert books.assess(agreement, "k1").monthly_fen_due == 3000
    assert books.held() == before
    books.ask(agreement, "k1")
    assert books.assess(agreement, "k2").monthly_fen_due == 0


def test_vouchers_and_the_maximum_part_a_flat_price_like_any_other(books_here):
    books = books_here
    agreement = books.agree(Price(per_query_fen=900, flat_monthly_fen=3000, monthly_maximum_fen=3500))
    books.credit(10_000)
    books.admit(books.programme(fund_fen=5000))
    _, bill = books.ask(agreement, "k1")
    (entry,) = books.entries("subscription:charged")
    assert (entry["bill"]["vouchers"][0]["amount_fen"], entry["bill"]["net_fen"]) == (600, 2400)
    assert (bill.discount_fen, bill.vouchers_fen, bill.net_fen) == (400, 100, 400), (
        "the maximum includes the flat price"
    )
    assert books.faults() == []


def test_what_the_firm_cannot_pay_is_refused_and_nothing_is_charged(books_here):
    books = books_here
    agreement = books.agree(FLAT)
    books.credit(2999)
    with pytest.raises(Denied, match="flat price of this month needs 3000 fen") as denied:
        books.ask(agreement, "k1")
    assert denied.value.reason == Reason.CREDIT_TOO_LOW
    assert books.left(books.world.firm, Kind.CREDIT) == 2999
    assert books.entries("subscription:charged") == []


def test_asking_again_with_the_key_of_a_paid_question_charges_no_new_month(books_here):
    """Paid in December, lost in a crash, fetched in January: the second try is free."""
    books = books_here
    agreement = books.agree(FLAT)
    books.credit(10_000)
    books.set_clock(begins(2026, 12, 31))
    run, _ = books.ask(agreement, "k1", settled=False)
    world = books.world
    with world.writing() as session:
        runs.recover(session, is_alive=lambda _: False, at=world.now())
    paid = books.left(world.firm, Kind.CREDIT)
    books.set_clock(begins(2027, 1))
    assert books.reserve(books.assess(agreement, "k1")) == run
    assert books.left(world.firm, Kind.CREDIT) == paid
    assert len(books.entries("subscription:charged")) == 1
    books.settle(run)
    assert books.faults() == []


def test_who_finds_the_month_charged_charges_it_no_second_time(books):
    """Two that saw it uncharged: the later one waits for the firm's accounts, and then looks again."""
    agreement = books.agree(FLAT)
    books.credit(10_000)
    world = books.world
    assessed = books.assess(agreement, "k1")
    for _ in range(2):
        with world.writing() as session:
            at = world.now()
            accounts = reserving.accounts_of(session, assessed.grant, at=at)
            (share,) = assessed.shares
            reserving.subscribe(session, share, assessed.purpose, accounts, by=books.admin, epoch=EPOCH, at=at)
    assert len(books.entries("subscription:charged")) == 1
    assert books.left(world.firm, Kind.CREDIT) == 7000
    assert books.faults() == []
