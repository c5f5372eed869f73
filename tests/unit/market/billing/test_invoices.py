"""What was used on account is invoiced once a month, the same whenever it is summed; once paid it may be used again."""

from datetime import timedelta

import pytest

from catalog.errors import NotFound, WrongState
from market.billing import invoices
from market.billing.errors import BillingError
from market.ledger.models import Kind
from policies.calendar import Month, day_of
from policies.pricing import Price
from tests.common.books import begins

NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)


def issue(books, month):
    with books.world.writing() as session:
        at = books.world.now()
        rows = invoices.issue(session, month, due_on=day_of(at) + timedelta(days=30), by=books.admin, at=at)
        return [(row.firm_id, row.amount_fen) for row in rows]


def pay(books, invoice):
    with books.world.writing() as session:
        return invoices.pay(session, invoice, by=books.admin, at=books.world.now())


def listed(books, **asked):
    with books.world.reading() as session:
        return list(invoices.invoices(session, **asked))


@pytest.fixture
def used(books_here):
    """Give books in which the firm has used 600 fen on account in November, and another firm nothing."""
    books = books_here
    books.firm("rival")
    books.limit(1000, of="rival")
    agreement = books.agree(Price(per_query_fen=300))
    books.limit(1000)
    runs = [books.ask(agreement, f"k{number}", settled=number > 0)[0] for number in range(2)]
    return books, agreement, runs[0]


def test_a_month_is_invoiced_once_it_is_over_and_once_alone(used):
    books, agreement, _ = used
    with pytest.raises(BillingError, match="is not over"):
        issue(books, NOVEMBER)
    books.set_clock(begins(2026, 12))
    with pytest.raises(BillingError, match="is not over"):
        issue(books, NOVEMBER)
    books.set_clock(begins(2026, 12, 2))
    assert issue(books, NOVEMBER) == [(books.world.firm, 600)]
    books.ask(agreement, "k9")
    assert issue(books, NOVEMBER) == []
    (row,) = listed(books)
    assert (row.month, row.amount_fen, row.paid_at) == ("2026-11", 600, None)
    (entry,) = books.entries("invoice:issued")
    assert (entry["amount_fen"], entry["lines"]) == (600, row.statement_hash)
    assert books.faults() == []


def test_an_invoice_is_paid_once_and_what_was_paid_may_be_used_again(used):
    books, *_ = used
    books.set_clock(begins(2026, 12, 2))
    issue(books, NOVEMBER)
    assert books.left(books.world.firm, Kind.POSTPAID) == 400
    (row,) = listed(books, firm=books.world.firm, month=NOVEMBER)
    pay(books, row.id)
    assert books.left(books.world.firm, Kind.POSTPAID) == 1000
    with pytest.raises(WrongState, match="was paid"):
        pay(books, row.id)
    assert len(books.entries("invoice:paid")) == 1
    assert books.faults() == []


def test_a_later_refund_is_on_the_invoice_of_the_month_in_which_it_happens(used):
    """It may come to less than nothing: then the firm is paid, and what it may use falls back to its limit."""
    books, _, run = used
    books.set_clock(begins(2026, 12, 2))
    issue(books, NOVEMBER)
    pay(books, listed(books)[0].id)
    books.give_up(run)
    assert books.left(books.world.firm, Kind.POSTPAID) == 1300
    books.set_clock(begins(2027, 1, 2))
    assert issue(books, DECEMBER) == [(books.world.firm, -300)]
    (row,) = listed(books, month=DECEMBER)
    pay(books, row.id)
    assert books.left(books.world.firm, Kind.POSTPAID) == 1000
    assert books.faults() == []


def test_what_was_used_again_cannot_be_paid_out(used):
    books, agreement, run = used
    books.set_clock(begins(2026, 12, 2))
    issue(books, NOVEMBER)
    pay(books, listed(books)[0].id)
    books.give_up(run)
    books.set_clock(begins(2027, 1, 2))
    issue(books, DECEMBER)
    for number in range(4):
        books.ask(agreement, f"j{number}")
    (row,) = listed(books, month=DECEMBER)
    with pytest.raises(BillingError, match="holds less than 300 fen"):
        pay(books, row.id)
    assert listed(books, month=DECEMBER)[0].paid_at is None
    assert books.faults() == []


def test_a_month_that_came_to_nothing_is_invoiced_and_paid_by_nothing(books_here):
    books = books_here
    agreement = books.agree(Price(per_query_fen=300))
    books.limit(1000)
    run, _ = books.ask(agreement, "k1", settled=False)
    books.give_up(run)
    books.set_clock(begins(2026, 12, 2))
    assert issue(books, NOVEMBER) == [(books.world.firm, 0)]
    pay(books, listed(books)[0].id)
    assert books.faults() == []


def test_what_cannot_be_is_refused(books_here):
    with pytest.raises(NotFound):
        pay(books_here, "no")
    books_here.set_clock(begins(2026, 12, 2))
    at = books_here.world.now()
    yesterday = day_of(at) - timedelta(days=1)
    with books_here.world.writing() as session, pytest.raises(BillingError, match="is past"):
        invoices.issue(session, NOVEMBER, due_on=yesterday, by=books_here.admin, at=at)
