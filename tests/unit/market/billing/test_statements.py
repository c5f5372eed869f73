"""A statement opens with what was there, tells each movement and why, and closes with what is there."""

from market.billing import invoices, statements
from market.ledger.models import Kind
from policies.calendar import Month, day_of
from policies.pricing import Price
from tests.common.books import begins

NOVEMBER, DECEMBER = Month(2026, 11), Month(2026, 12)


def told(books, owner, kind, month):
    with books.world.reading() as session:
        return statements.statement(session, owner, kind, month)


def words(statement):
    return [(line.amount_fen, line.words.partition(" 01")[0]) for line in statement.lines]


def test_each_movement_is_told_with_its_cause_and_its_entry(books):
    world = books.world
    agreement = books.agree(Price(per_query_fen=1000, flat_monthly_fen=500))
    books.credit(5000)
    programme = books.programme(fund_fen=300)
    books.admit(programme)
    books.ask(agreement, "k1")
    late, _ = books.ask(agreement, "k2", settled=False)
    books.set_clock(begins(2026, 12, 2))
    books.give_up(late)
    firm = told(books, world.firm, Kind.CREDIT, NOVEMBER)
    assert (firm.opening_fen, firm.closing_fen) == (0, 5000 - 400 - 800 - 1000)
    assert words(firm) == [
        (5000, "topped up"),
        (-400, "flat price of 2026-11, agreement"),
        (-800, "query"),
        (-1000, "query"),
    ]
    assert all(line.index is not None for line in firm.lines)
    later = told(books, world.firm, Kind.CREDIT, DECEMBER)
    assert later.opening_fen == firm.closing_fen
    assert words(later) == [(1000, "refund of query")]
    assert later.closing_fen == books.left(world.firm, Kind.CREDIT)
    assert words(told(books, programme, Kind.FUND, NOVEMBER)) == [
        (300, "funded"),
        (-100, "flat price of 2026-11, agreement"),
        (-200, "query"),
    ]
    income = told(books, world.publisher, Kind.INCOME, NOVEMBER)
    assert income.closing_fen - income.opening_fen == 500 + 1000 + 1000
    assert len(income.lines) == 5, "what a firm pays and what its vouchers pay apart"


def test_limits_and_paid_invoices_are_told_on_account(books_here):
    books = books_here
    agreement = books.agree(Price(per_query_fen=300))
    books.limit(1000)
    books.limit(900)
    books.ask(agreement, "k1")
    books.set_clock(begins(2026, 12, 2))
    with books.world.writing() as session:
        at = books.world.now()
        (row,) = invoices.issue(session, NOVEMBER, due_on=day_of(at), by=books.admin, at=at)
        invoices.pay(session, row.id, by=books.admin, at=at)
    firm = books.world.firm
    assert words(told(books, firm, Kind.POSTPAID, NOVEMBER)) == [
        (1000, "limit raised"),
        (-100, "limit lowered"),
        (-300, "query"),
    ]
    later = told(books, firm, Kind.POSTPAID, DECEMBER)
    assert (later.opening_fen, words(later), later.closing_fen) == (600, [(300, "invoice")], 900)


def test_a_month_without_movement_opens_as_it_closes(books_here):
    books_here.credit(700)
    quiet = told(books_here, books_here.world.firm, Kind.CREDIT, DECEMBER)
    assert (quiet.opening_fen, quiet.lines, quiet.closing_fen) == (700, (), 700)
