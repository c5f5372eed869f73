"""Many who charge the same voucher, fund, maximum and account at once spend what there is, to the fen, and no more."""

from concurrent.futures import ThreadPoolExecutor

from market.ledger.models import Kind
from policies.pricing import Price
from tests.unit.market.billing.asker import ask_at_once

THREADS, COUNT = 6, 5


def test_one_fund_and_one_maximum_are_drawn_to_their_last_fen(books):
    """Everybody begins at once, so that year, month and their accounts are opened by several at the same moment."""
    agreement = books.agree(Price(per_query_fen=101, monthly_maximum_fen=3001))
    books.credit(10_000)
    programme = books.programme(share_bp=5000, fund_fen=701)
    voucher = books.admit(programme)
    bills = ask_at_once(books, [("licensee", agreement)], threads=THREADS, count=COUNT)
    assert len(bills) == THREADS * COUNT
    assert sum(bill.charged_fen for bill in bills) == 3001
    assert sum(bill.vouchers_fen for bill in bills) == 701
    held = books.held()
    assert held[books.world.firm, Kind.CREDIT] == 10_000 - sum(bill.net_fen for bill in bills) == 10_000 - 2300
    assert held[programme, Kind.FUND] == held[_month(held, agreement)] == 0
    assert held[f"{voucher}/2026", Kind.ALLOWANCE] == 100_000_000 - 701
    assert books.faults() == []


def _month(held, agreement):
    (period,) = [key for key in held if key[0].startswith(f"{agreement}/")]
    return period


def test_firms_that_share_a_fund_and_run_out_of_money_are_served_what_there_is(books):
    books.firm("rival")
    price = Price(per_query_fen=100)
    agreements = [(name, books.agree(price, by=name)) for name in ("licensee", "rival", "licensee")]
    programme = books.programme(share_bp=2000, fund_fen=130)
    for name in books.firms:
        books.credit(500, of=name)
        books.limit(250, of=name)
        books.admit(programme, firm=name)
    bills = ask_at_once(books, agreements, threads=THREADS, count=COUNT)
    held = books.held()
    assert held[programme, Kind.FUND] == 0
    for firm in books.firms.values():
        for kind in (Kind.CREDIT, Kind.POSTPAID):
            assert 0 <= held[firm, kind] < 100, "a bill that could be paid was paid"
    spent = 2 * 750 - sum(held[firm, kind] for firm in books.firms.values() for kind in (Kind.CREDIT, Kind.POSTPAID))
    assert sum(bill.net_fen for bill in bills) == spent
    assert {bill.account for bill in bills} == {"credit", "postpaid"}
    assert books.faults() == []


def test_a_month_is_charged_once_however_many_ask_first(books):
    agreement = books.agree(Price(per_query_fen=10, flat_monthly_fen=3000))
    books.credit(10_000)
    bills = ask_at_once(books, [("licensee", agreement)], threads=THREADS, count=2)
    assert len(bills) == 2 * THREADS
    assert len(books.entries("subscription:charged")) == 1
    assert books.left(books.world.firm, Kind.CREDIT) == 10_000 - 3000 - 10 * len(bills)
    assert books.faults() == []


def test_questions_that_fail_and_are_refunded_at_once_leave_nothing_behind(books):
    agreement = books.agree(Price(per_query_fen=100, monthly_maximum_fen=10_000))
    books.credit(10_000)
    programme = books.programme(fund_fen=5000)
    books.admit(programme)
    books.ask(agreement, "first")
    before = books.held()

    def fail(thread: int) -> None:
        for number in range(3):
            assessed = books.assess(agreement, f"f{thread}-{number}")
            run = books.reserve(assessed)
            if number:
                books.post(run, assessed)
            books.give_up(run)

    with ThreadPoolExecutor(THREADS) as pool:
        for task in [pool.submit(fail, thread) for thread in range(THREADS)]:
            task.result()
    assert books.held() == before
    assert books.faults() == []
