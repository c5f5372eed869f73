"""Credit is topped up once for each key; a limit is what a firm may use before it pays."""

import pytest

from catalog.errors import NotFound
from market.billing import purses
from market.billing.errors import BillingError
from market.ledger.idempotency import KeyReused
from market.ledger.models import Kind
from policies.pricing import Price
from tests.common.books import begins


def top_up(books, fen, key=None, firm=None):
    with books.world.writing() as session:
        return purses.top_up(session, firm or books.world.firm, fen, key=key, by=books.admin, at=books.world.now())


def test_a_key_used_again_is_the_same_top_up(books):
    first = top_up(books, 500, "payment-1")
    again = top_up(books, 500, "payment-1")
    assert (first.transfer, first.left_fen) == (again.transfer, again.left_fen)
    assert top_up(books, 500, "payment-2").left_fen == 1000
    assert top_up(books, 500).left_fen == 1500
    assert top_up(books, 500).left_fen == 2000, "without a key each is another one"
    assert books.faults() == []


def test_a_key_stands_for_one_top_up_alone(books_here):
    books = books_here
    top_up(books, 500, "payment-1")
    other = books.firm("rival")
    for fen, firm in ((501, None), (500, other)):
        with pytest.raises(KeyReused):
            top_up(books, fen, "payment-1", firm)
    assert books.left(books.world.firm, Kind.CREDIT) == 500
    assert books.left(other, Kind.CREDIT) == 0


def test_a_key_is_forgotten_after_its_time(books_here):
    books = books_here
    top_up(books, 500, "payment-1")
    books.set_clock(begins(2026, 12, 31))
    assert top_up(books, 500, "payment-1").left_fen == 1000


def test_a_limit_is_raised_and_lowered_by_the_difference(books_here):
    books = books_here
    books.limit(1000)
    books.limit(1000)
    assert books.left(books.world.firm, Kind.POSTPAID) == 1000
    books.limit(1500)
    books.limit(200)
    assert books.left(books.world.firm, Kind.POSTPAID) == 200
    books.limit(0)
    assert books.left(books.world.firm, Kind.POSTPAID) == 0
    moved = [entry["amount"] for entry in books.entries("transfer:posted") if entry["cause"] == "post-paid limit"]
    assert moved == [1000, 500, -1300, -200]
    assert books.faults() == []


def test_a_limit_is_not_lowered_below_what_is_in_use(books_here):
    books = books_here
    agreement = books.agree(Price(per_query_fen=600))
    books.limit(1000)
    books.ask(agreement, "k1")
    with pytest.raises(BillingError, match="Wait until the firm has paid"):
        books.limit(500)
    books.limit(600)
    assert books.left(books.world.firm, Kind.POSTPAID) == 0
    books.limit(1000)
    assert books.left(books.world.firm, Kind.POSTPAID) == 400


def test_there_is_no_money_for_a_firm_that_is_not_there(books_here):
    with pytest.raises(NotFound):
        top_up(books_here, 5, firm="no")
    books_here.firms["nobody"] = "no"
    with pytest.raises(NotFound):
        books_here.limit(5, of="nobody")
