"""A price is parted as its plan and the firm's vouchers say; each part is reserved, posted, and given back."""

from datetime import date

import pytest

from market.billing import programmes
from market.billing.models import Level
from market.ledger.models import Kind
from market.query.verdicts import Denied
from policies.decide import Reason
from policies.pricing import Price
from policies.terms import Purpose
from tests.common.books import begins

PRICE = Price(per_query_fen=1000)


def test_a_voucher_pays_its_share_out_of_the_fund_and_the_firm_the_rest(books):
    agreement = books.agree(PRICE)
    books.credit(10_000)
    programme = books.programme(fund_fen=5000)
    voucher = books.admit(programme)
    _, bill = books.ask(agreement, "k1")
    assert (bill.list_fen, bill.discount_fen, bill.vouchers_fen, bill.net_fen) == (1000, 0, 200, 800)
    assert (bill.vouchers[0].voucher, bill.vouchers[0].programme) == (voucher, programme)
    held = books.held()
    assert held[books.world.firm, Kind.CREDIT] == 9200
    assert held[programme, Kind.FUND] == 4800
    assert held[f"{voucher}/2026", Kind.ALLOWANCE] == 100_000_000 - 200
    assert books.faults() == []


def test_a_quote_is_the_list_price_whatever_pays_it(books_here):
    books = books_here
    agreement = books.agree(Price(per_query_fen=1000, monthly_maximum_fen=1500))
    books.credit(10_000)
    books.admit(books.programme(fund_fen=5000))
    for key in ("k1", "k2", "k3"):
        assessed = books.assess(agreement, key)
        run = books.reserve(assessed)
        bill = books.post(run, assessed)
        assert bill.list_fen == assessed.quote.amount_fen == 1000
    assert [entry["bill"]["list_fen"] for entry in books.entries("query:answered")] == [1000] * 3
    assert books.faults() == []


def test_the_log_alone_tells_the_whole_bill(books_here):
    books = books_here
    agreement = books.agree(PRICE)
    books.credit(10_000)
    programme = books.programme(fund_fen=5000)
    voucher = books.admit(programme)
    books.ask(agreement, "k1")
    (entry,) = books.entries("query:answered")
    assert entry["bill"] == {
        "list_fen": 1000,
        "discount_fen": 0,
        "vouchers": [{"voucher": voucher, "programme": programme, "amount_fen": 200}],
        "net_fen": 800,
        "account": "credit",
    }
    named = {name: entry[name] for name in ("agreement", "firm", "release", "dataset")}
    wanted = {"firm": books.world.firm, "release": books.release, "dataset": "road-works"}
    assert named == {"agreement": agreement, **wanted}
    assert len(entry["transfers"]) == 5, "bytes, one query, net, fund, allowance"


def test_levels_pay_in_their_order_each_of_what_is_left(books_here):
    """40 % of 1,000 is 400; 50 % of the rest 300; 20 % of the rest 60: the firm pays 240."""
    books = books_here
    agreement = books.agree(PRICE)
    books.credit(10_000)
    shares = [(Level.PARTNER, 1, 2000), (Level.DISTRICT, 1, 5000), (Level.CITY, 2, 0), (Level.CITY, 1, 4000)]
    for level, position, share_bp in shares:
        if share_bp:
            books.admit(books.programme(level=level, position=position, share_bp=share_bp, fund_fen=10_000))
    _, bill = books.ask(agreement, "k1")
    assert [part.amount_fen for part in bill.vouchers] == [400, 300, 60]
    assert bill.net_fen == 240
    assert books.faults() == []


def test_a_monthly_maximum_takes_off_first_and_begins_anew_each_month(books_here):
    books = books_here
    agreement = books.agree(Price(per_query_fen=1000, monthly_maximum_fen=1500))
    books.credit(10_000)
    books.admit(books.programme(fund_fen=5000))
    books.set_clock(begins(2026, 11, 30))
    bills = [books.ask(agreement, f"k{number}")[1] for number in range(3)]
    assert [(bill.discount_fen, bill.vouchers_fen, bill.net_fen) for bill in bills] == [
        (0, 200, 800),
        (500, 100, 400),
        (1000, 0, 0),
    ]
    books.set_clock(begins(2026, 12))
    _, bill = books.ask(agreement, "k9")
    assert (bill.discount_fen, bill.net_fen) == (0, 800)
    assert books.faults() == []


def test_a_fund_that_runs_dry_pays_what_is_left_and_then_nothing(books_here):
    books = books_here
    agreement = books.agree(PRICE)
    books.credit(10_000)
    programme = books.programme(fund_fen=250)
    books.admit(programme)
    assert [books.ask(agreement, f"k{number}")[1].vouchers_fen for number in range(3)] == [200, 50, 0]
    assert books.left(programme, Kind.FUND) == 0
    assert books.faults() == []


def test_a_firm_draws_no_more_than_the_cap_of_a_year_and_the_next_year_again(books_here):
    books = books_here
    agreement = books.agree(PRICE)
    books.credit(10_000)
    voucher = books.admit(books.programme(fund_fen=5000, firm_year_cap_fen=300))
    books.set_clock(begins(2026, 12, 31))
    assert [books.ask(agreement, f"k{number}")[1].vouchers_fen for number in range(3)] == [200, 100, 0]
    books.set_clock(begins(2027, 1))
    assert books.ask(agreement, "k9")[1].vouchers_fen == 200
    assert books.held()[f"{voucher}/2027", Kind.ALLOWANCE] == 100
    assert books.faults() == []


def test_a_voucher_pays_from_the_first_day_of_its_programme_to_the_day_before_the_last(books_here):
    books = books_here
    agreement = books.agree(PRICE)
    books.credit(10_000)
    books.admit(books.programme(fund_fen=5000, starts_on=date(2026, 12, 2), ends_on=date(2026, 12, 4)))
    paid = []
    for day in (1, 2, 3, 4):
        books.set_clock(begins(2026, 12, day))
        paid.append(books.ask(agreement, f"k{day}")[1].vouchers_fen)
    assert paid == [0, 200, 200, 0]


def test_a_revoked_voucher_and_a_closed_programme_pay_no_more(books_here):
    books = books_here
    world, agreement = books.world, books.agree(PRICE)
    books.credit(10_000)
    first, second = books.programme(fund_fen=5000), books.programme(fund_fen=5000, position=2)
    voucher = books.admit(first)
    books.admit(second)
    assert books.ask(agreement, "k1")[1].vouchers_fen == 200 + 160
    with world.writing() as session:
        programmes.revoke(session, voucher, by=books.admin, at=world.now())
    assert books.ask(agreement, "k2")[1].vouchers_fen == 200
    with world.writing() as session:
        programmes.close(session, second, by=books.admin, at=world.now())
    assert books.ask(agreement, "k3")[1].vouchers_fen == 0
    assert books.faults() == []


def test_use_for_a_free_purpose_costs_nothing_and_still_counts_against_the_quota(books_here):
    books = books_here
    purposes = (Purpose.HEALTH_RESEARCH, Purpose.METHODS_DEVELOPMENT)
    price = Price(per_query_fen=1000, flat_monthly_fen=500, free_purposes=(Purpose.METHODS_DEVELOPMENT,))
    agreement = books.agree(price, purposes=purposes)
    _, bill = books.ask(agreement, "k1", purpose=Purpose.METHODS_DEVELOPMENT)
    assert bill.list_fen == bill.net_fen == 0
    assert books.entries("subscription:charged") == []
    assert books.faults() == []
    assert len(books.entries("query:delivered")) == 1


def test_what_credit_does_not_hold_is_paid_on_account_and_never_from_both(books):
    agreement = books.agree(PRICE)
    books.credit(1500)
    books.limit(1500)
    accounts = [books.ask(agreement, f"k{number}")[1].account for number in range(2)]
    assert accounts == ["credit", "postpaid"]
    with pytest.raises(Denied) as denied:
        books.ask(agreement, "k9")
    assert denied.value.reason == Reason.CREDIT_TOO_LOW
    assert books.left(books.world.firm, Kind.CREDIT) == books.left(books.world.firm, Kind.POSTPAID) == 500
    assert books.faults() == []


def test_what_a_voucher_pays_the_firm_need_not_hold(books_here):
    books = books_here
    agreement = books.agree(PRICE)
    books.credit(100)
    books.admit(books.programme(fund_fen=5000, share_bp=9000))
    _, bill = books.ask(agreement, "k1")
    assert (bill.vouchers_fen, bill.net_fen) == (900, 100)
    assert books.left(books.world.firm, Kind.CREDIT) == 0


def test_a_refund_gives_back_to_where_each_part_came_from_in_the_year_it_came_from(books):
    agreement = books.agree(Price(per_query_fen=1000, monthly_maximum_fen=1500))
    books.credit(10_000)
    programme = books.programme(fund_fen=5000)
    voucher = books.admit(programme)
    books.set_clock(begins(2026, 12, 31))
    books.ask(agreement, "k1")
    before = books.held()
    run, bill = books.ask(agreement, "k2", settled=False)
    assert (bill.discount_fen, bill.vouchers_fen, bill.net_fen) == (500, 100, 400)
    books.set_clock(begins(2027, 1))
    books.give_up(run)
    after = books.held()
    assert after == before
    assert (f"{voucher}/2027", Kind.ALLOWANCE) not in after
    assert books.faults() == []


def test_a_question_that_failed_before_it_was_charged_frees_all_its_parts(books_here):
    books = books_here
    agreement = books.agree(Price(per_query_fen=1000, monthly_maximum_fen=1500))
    books.credit(1000)
    books.admit(books.programme(fund_fen=200))
    for number in range(3):
        books.give_up(books.reserve(books.assess(agreement, f"k{number}")))
    _, bill = books.ask(agreement, "k9")
    assert (bill.discount_fen, bill.vouchers_fen, bill.net_fen) == (0, 200, 800)
    assert books.faults() == []


def test_a_key_of_a_refunded_question_asks_it_again_under_a_bill_of_its_own(books_here):
    books = books_here
    agreement = books.agree(PRICE)
    books.credit(10_000)
    run, bill = books.ask(agreement, "k1", settled=False)
    books.give_up(run)
    books.admit(books.programme(fund_fen=5000))
    again, other = books.ask(agreement, "k1")
    assert again == run
    assert (bill.vouchers_fen, other.vouchers_fen) == (0, 200)
    assert books.left(books.world.firm, Kind.CREDIT) == 10_000 - 800
    assert books.faults() == []
