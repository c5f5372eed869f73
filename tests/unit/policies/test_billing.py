"""A bill parts its list price to the fen, in whatever order of maximum, vouchers and accounts."""

import json
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.billing import BASIS_POINTS, Bill, CannotPay, Purse, Share, VoucherPart, split
from policies.canonical import canonical_json
from policies.errors import PolicyError, TermsError

BILLS = 100_000
ENOUGH = Purse(kind="credit", left_fen=10**18)


def share(share_bp=2000, left_fen=10**18, voucher="v"):
    return Share(voucher=voucher, programme=f"of-{voucher}", share_bp=share_bp, left_fen=left_fen)


def plain_model(price, maximum, shares, purses):
    """Part a price by fractions, as the help page tells it in words; gives discount, voucher parts, net and account."""
    rest = Fraction(price)
    discount = max(Fraction(0), rest - maximum) if maximum is not None else Fraction(0)
    rest -= discount
    parts = []
    for name, percent, left in shares:
        exact = rest * percent / 100
        paid = min(exact - exact % 1, Fraction(left))
        rest -= paid
        parts.append((name, paid))
    paying = [kind for kind, left in purses if left >= rest]
    return discount, [(name, paid) for name, paid in parts if paid], rest, paying[0] if paying else None


def draw(chance):
    """Draw a price and what is there to pay it: small and large, round and odd, empty and full."""

    def fen():
        return chance.choice([0, 1, chance.randrange(100), chance.randrange(10**6), chance.randrange(10**12)])

    maximum = chance.choice([None, fen(), fen()])
    shares = [
        (f"v{number}", chance.choice([1, 333, 2000, 2500, 9999, 10_000]), fen())
        for number in range(chance.randrange(4))
    ]
    purses = [(kind, fen()) for kind in ("credit", "postpaid")[: chance.randrange(1, 3)]]
    return fen(), maximum, shares, purses


def test_a_hundred_thousand_random_bills_agree_with_a_plain_model_to_the_fen():
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance, paid = random.Random(seed), 0
    for _ in range(BILLS):
        price, maximum, shares, purses = draw(chance)
        given = {
            "maximum_left_fen": maximum,
            "shares": [share(bp, left, name) for name, bp, left in shares],
            "purses": [Purse(kind=kind, left_fen=left) for kind, left in purses],
        }
        percents = [(name, Fraction(bp, 100), left) for name, bp, left in shares]
        discount, parts, net, account = plain_model(price, maximum, percents, purses)
        if account is None:
            with pytest.raises(CannotPay) as refusal:
                split(price, **given)
            assert refusal.value.net_fen == net, seed
            continue
        bill = split(price, **given)
        found = [(part.voucher, part.amount_fen) for part in bill.vouchers]
        assert (bill.discount_fen, found, bill.net_fen, bill.account) == (discount, parts, net, account), seed
        paid += 1
    assert paid > BILLS // 3


@given(st.integers(0, 10**15), st.none() | st.integers(0, 10**15), st.lists(st.integers(1, BASIS_POINTS), max_size=5))
def test_the_parts_are_the_whole_and_none_is_more_than_it_may_be(price, maximum, rates):
    shares = [share(bp, left_fen=price // 3, voucher=str(number)) for number, bp in enumerate(rates)]
    bill = split(price, maximum_left_fen=maximum, shares=shares, purses=[ENOUGH])
    assert bill.list_fen == price == bill.discount_fen + bill.vouchers_fen + bill.net_fen
    assert bill.charged_fen == min(price, price if maximum is None else maximum)
    assert all(0 < part.amount_fen <= price // 3 for part in bill.vouchers)
    assert all(type(part.amount_fen) is int for part in bill.vouchers)


@given(st.integers(0, 10**12), st.lists(st.tuples(st.integers(0, 10**12), st.integers(1, BASIS_POINTS)), max_size=4))
def test_a_bill_survives_being_stored_and_read(price, given_shares):
    shares = [share(bp, left, str(number)) for number, (left, bp) in enumerate(given_shares)]
    bill = split(price, shares=shares, purses=[ENOUGH])
    assert Bill.from_dict(json.loads(canonical_json(bill))) == bill


EXAMPLES = [
    # price, maximum left, (share, left) of each voucher; discount, what vouchers pay, net
    (1000, None, [], (0, [], 1000)),
    (1000, None, [(2000, 10**9)], (0, [200], 800)),
    (1000, None, [(2000, 150)], (0, [150], 850)),
    (1000, 600, [(2000, 10**9)], (400, [120], 480)),
    (1000, 0, [(2000, 10**9)], (1000, [], 0)),
    (1000, None, [(5000, 10**9), (2000, 10**9)], (0, [500, 100], 400)),
    (1000, None, [(10_000, 10**9), (2000, 10**9)], (0, [1000], 0)),
    (4, None, [(2000, 10**9)], (0, [], 4)),
    (5, None, [(2000, 10**9)], (0, [1], 4)),
]


@pytest.mark.parametrize(("price", "maximum", "rates", "wanted"), EXAMPLES)
def test_examples_by_hand(price, maximum, rates, wanted):
    shares = [share(bp, left, str(number)) for number, (bp, left) in enumerate(rates)]
    bill = split(price, maximum_left_fen=maximum, shares=shares, purses=[ENOUGH])
    assert (bill.discount_fen, [part.amount_fen for part in bill.vouchers], bill.net_fen) == wanted


def test_the_first_account_that_holds_the_whole_pays_the_whole():
    def purses(credit, postpaid):
        return [Purse(kind="credit", left_fen=credit), Purse(kind="postpaid", left_fen=postpaid)]

    assert split(10, purses=purses(10, 99)).account == "credit"
    assert split(10, purses=purses(9, 10)).account == "postpaid"
    with pytest.raises(CannotPay, match="no account of the firm holds 10 fen"):
        split(10, purses=purses(9, 9))
    assert split(0, purses=purses(0, 0)).account == "credit", "what is free needs no money"


@pytest.mark.parametrize(
    "wrong", [{"share_bp": -1}, {"share_bp": 1.5}, {"share_bp": 10_001}, {"left_fen": -1}, {"left_fen": True}]
)
def test_a_share_is_a_part_in_whole_basis_points_of_what_is_left(wrong):
    with pytest.raises(PolicyError):
        share(**wrong)


@pytest.mark.parametrize("wrong", [-1, 0.5, True])
def test_a_price_is_whole_fen(wrong):
    with pytest.raises(TermsError):
        split(wrong, purses=[ENOUGH])


def test_a_bill_whose_parts_are_not_its_whole_is_refused():
    part = VoucherPart(voucher="v", programme="p", amount_fen=2)
    with pytest.raises(ValueError, match="come to 9 fen, its list price is 10"):
        Bill(list_fen=10, discount_fen=3, vouchers=(part,), net_fen=4, account="credit")
