"""Programmes are opened, funded, and closed once; a firm is admitted once; all of it is in the log."""

from datetime import date

import pytest

from catalog.errors import NotFound, WrongState
from market.billing import programmes
from market.billing.errors import BillingError
from market.billing.models import Level
from market.billing.overview import overview
from market.billing.vouchers import held_by
from market.ledger.models import Kind
from market.ledger.transfers import LedgerError
from policies.pricing import Price
from tests.common.books import begins


def step(books, act, *words):
    with books.world.writing() as session:
        return act(session, *words, by=books.admin, at=books.world.now())


def test_a_programme_is_told_by_the_log_with_its_terms(books):
    programme = books.programme(fund_fen=500)
    voucher = books.admit(programme)
    (opened,) = books.entries("programme:opened")
    assert opened == {
        "level": "city",
        "position": 1,
        "share_bp": 2000,
        "firm_year_cap_fen": 100_000_000,
        "from": "2026-01-01",
        "to": "2030-01-01",
    }
    assert books.entries("voucher:granted") == [{"programme": programme, "firm": books.world.firm}]
    step(books, programmes.revoke, voucher)
    step(books, programmes.close, programme)
    assert len(books.entries("voucher:revoked")) == len(books.entries("programme:closed")) == 1
    assert books.left(programme, Kind.FUND) == 500, "what is left in its fund stays"
    assert books.faults() == []


def test_vouchers_are_held_in_the_order_in_which_they_pay(books_here):
    books = books_here
    opened = [
        (Level.PARTNER, 1),
        (Level.CITY, 2),
        (Level.DISTRICT, 1),
        (Level.CITY, 1),
        (Level.CITY, 1),
    ]
    made = [books.programme(level=level, position=position) for level, position in opened]
    for programme in made:
        books.admit(programme)
    with books.world.reading() as session:
        held = [voucher.programme for voucher in held_by(session, books.world.firm, books.world.now())]
        assert [row.id for row in programmes.programmes(session)] == held
        assert held_by(session, "another firm", books.world.now()) == []
    assert held == [made[3], made[4], made[1], made[2], made[0]]


def test_a_firm_is_admitted_once_and_not_after_its_voucher_was_revoked(books_here):
    books = books_here
    programme = books.programme()
    voucher = books.admit(programme)
    with pytest.raises(BillingError, match="has its voucher"):
        books.admit(programme)
    step(books, programmes.revoke, voucher)
    with pytest.raises(BillingError, match="had its voucher revoked"):
        books.admit(programme)
    with pytest.raises(WrongState, match="is revoked already"):
        step(books, programmes.revoke, voucher)


def test_what_is_not_there_or_is_over_is_refused(books_here):
    books = books_here
    programme = books.programme(fund_fen=10)
    for act, words in (
        (programmes.fund, ("no", 5)),
        (programmes.close, ("no",)),
        (programmes.revoke, ("no",)),
        (programmes.admit, ("no", books.world.firm)),
        (programmes.admit, (programme, "no")),
    ):
        with pytest.raises(NotFound, match="there is none"):
            step(books, act, *words)
    with pytest.raises(LedgerError, match="not above zero"):
        step(books, programmes.fund, programme, 0)
    books.set_clock(begins(2030, 1))
    with pytest.raises(WrongState, match="ended on 2030-01-01"):
        books.admit(programme)
    step(books, programmes.close, programme)
    for act, words in ((programmes.close, ()), (programmes.fund, (5,)), (programmes.admit, (books.world.firm,))):
        with pytest.raises(WrongState, match="is closed"):
            step(books, act, programme, *words)


WRONG = [
    {"share_bp": 0},
    {"share_bp": 10_001},
    {"firm_year_cap_fen": 0},
    {"firm_year_cap_fen": 10**15 + 1},
    {"starts_on": date(2030, 1, 1)},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_programme_that_means_nothing_is_refused(wrong):
    whole = {
        "position": 1,
        "share_bp": 1,
        "firm_year_cap_fen": 1,
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2027, 1, 1),
    }
    with pytest.raises(BillingError):
        programmes.Subsidy(level=Level.CITY, **{**whole, "ends_on": date(2030, 1, 1), **wrong})


def test_who_looks_sees_what_was_drawn_and_a_firm_its_own_voucher_alone(books_here):
    books = books_here
    agreement = books.agree(Price(per_query_fen=1000))
    books.credit(10_000)
    books.firm("rival")
    programme = books.programme(fund_fen=5000)
    vouchers = [books.admit(programme), books.admit(programme, firm="rival")]
    books.ask(agreement, "k1")
    at = books.world.now()
    with books.world.reading() as session:
        (all_of_it,) = overview(session, firm=None, at=at)
        (own,) = overview(session, firm=books.firms["rival"], at=at)
    assert all_of_it["fund_fen"] == 4800
    assert [(told["voucher"], told["drawn_fen"]) for told in all_of_it["vouchers"]] == [
        (vouchers[0], 200),
        (vouchers[1], 0),
    ]
    assert [told["voucher"] for told in own["vouchers"]] == [vouchers[1]]
    assert "fund_fen" not in own
