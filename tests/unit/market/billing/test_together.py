"""Two bills of one question are drawn up together: each from what the one before it leaves."""

import pytest

from market.billing.charging import draw_up_all
from market.query import reserving
from policies import billing
from policies.billing import Bill, CannotPay, VoucherPart
from policies.pricing import Price

FREE = Price()


def drawn(books, *asked):
    """Draw up list prices under agreements."""
    world, at = books.world, books.world.now()
    with world.writing() as session:
        contracts = []
        for fen, agreement in asked:
            grant = books.assess(agreement, f"k{fen}").grant
            contracts.append((fen, reserving.contract_of(grant, reserving.accounts_of(session, grant, at=at))))
        return [one.bill for one in draw_up_all(session, contracts, by=books.admin, at=at)]


def test_a_voucher_pays_no_more_for_both_than_its_year_allows(books):
    books.admit(books.programme(fund_fen=1_000, firm_year_cap_fen=25))
    books.credit(10_000)
    first, second = drawn(books, (100, books.agree(FREE)), (100, books.agree(FREE)))
    assert (first.vouchers_fen, first.net_fen) == (20, 80)
    assert (second.vouchers_fen, second.net_fen) == (5, 95)


def test_each_agreement_has_its_own_monthly_maximum(books):
    books.credit(10_000)
    first, second = drawn(books, (100, books.agree(Price(monthly_maximum_fen=30))), (100, books.agree(FREE)))
    assert (first.discount_fen, first.net_fen) == (70, 30)
    assert (second.discount_fen, second.net_fen) == (0, 100)


def test_what_the_credit_does_not_hold_after_the_first_goes_on_account(books):
    books.credit(150)
    books.limit(1_000)
    first, second = drawn(books, (100, books.agree(FREE)), (100, books.agree(FREE)))
    assert (first.account, second.account) == ("credit", "postpaid")


def test_credit_for_one_is_not_credit_for_both(books):
    books.credit(150)
    agreements = books.agree(FREE), books.agree(FREE)
    with pytest.raises(CannotPay):
        drawn(books, *((100, agreement) for agreement in agreements))


def test_bills_are_shown_as_their_sum():
    part = VoucherPart(voucher="v", programme="p", amount_fen=20)
    one = Bill(list_fen=100, discount_fen=0, vouchers=(part,), net_fen=80, account="credit")
    other = Bill(list_fen=60, discount_fen=10, vouchers=(part,), net_fen=30, account="postpaid")
    both = billing.together([one, other])
    assert (both.list_fen, both.discount_fen, both.vouchers_fen, both.net_fen) == (160, 10, 40, 110)
    assert (len(both.vouchers), both.account) == (1, "credit, postpaid")
    assert billing.together([one]) is one
