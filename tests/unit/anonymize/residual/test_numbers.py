"""Identifiers are told by layout and checksum, whatever separates their groups; lists of measures are none."""

import random

import pytest
from stdnum import luhn
from stdnum.cn import ric, uscc

from anonymize.detect.identifiers.checksums import is_resident_id, is_uscc, resident_id_check, uscc_check
from anonymize.residual import search
from anonymize.residual.numbers import CODE_LETTERS, is_credit_code, is_identity_number

ID = "11010519491231002X"  # the example of the standard


def found(text: str) -> list[tuple[str, str]]:
    return [(text[left.start : left.end], left.type) for left in search(text)]


@pytest.mark.parametrize(
    "text", [ID, "110105 19491231 002X", "110105-1949-1231-002x", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_an_identity_number_is_found_however_it_is_grouped(text):
    assert found(f"证件{text}。") == [(text, "CN_ID")]


@pytest.mark.parametrize(
    "text", ["13800138000", "138 0013 8000", "138-00138000", "+86 13800138000", "0086-138-0013-8000", "८१३८"]
)
def test_a_mobile_number_is_found_however_it_is_grouped(text):
    kinds = [kind for _, kind in found(f"电话{text}转告")]
    assert kinds == (["MOBILE"] if "138" in text else [])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("023-63630000", "LANDLINE"),
        ("6222 0212 3456 7890 128", "BANK_CARD"),
        ("a.b@gov.cn", "EMAIL"),
        ("渝A·12345", "PLATE"),
        ("2020123456789", "NUMBER"),
    ],
)
def test_other_identifiers_are_found_beside_hanzi(text, kind):
    assert (text, kind) in found(f"其{text}在案")


@pytest.mark.parametrize(
    "text",
    ["2019-01-02 08:30", "20190102", "血压135 85 36 99 12 18 20 21 22", "5.6 7.8 9.0 11.2", "1234567元", "12345"],
)
def test_days_and_lists_of_measures_are_no_identifiers(text):
    assert found(text) == []


def test_checksums_agree_with_those_of_the_first_detector_and_of_a_third_hand():
    """Two tellings of each standard, and python-stdnum's, on numbers drawn anew in each run and on damaged ones."""
    seed = random.randrange(2**32)
    print("seed", seed)
    draw = random.Random(seed)
    for _ in range(2_000):
        body = f"{draw.choice(('110105', '500103', '440305'))}{draw.randrange(1930, 2020)}{draw.randrange(1, 13):02}"
        body += f"{draw.randrange(1, 29):02}{draw.randrange(1000):03}"
        number = body + (resident_id_check(body) if draw.random() < 0.5 else draw.choice("0123456789X"))
        assert is_identity_number(number) == is_resident_id(number) == (ric.calc_check_digit(number) == number[17])
        code = f"91500103{''.join(draw.choices(CODE_LETTERS, k=9))}"
        code += uscc_check(code) if draw.random() < 0.5 else draw.choice(CODE_LETTERS)
        assert is_credit_code(code) == is_uscc(code) == uscc.is_valid(code)
        card = "62" + "".join(draw.choices("0123456789", k=draw.choice((14, 17))))
        assert (("BANK_CARD") in [kind for _, kind in found(card)]) >= luhn.is_valid(card)
