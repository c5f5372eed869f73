"""Our check digits agree with python-stdnum, and one wrong character is always noticed."""

from datetime import date

import pytest
import stdnum.cn.ric
import stdnum.cn.uscc
import stdnum.luhn
from hypothesis import given
from hypothesis import strategies as st

from anonymize.detect.identifiers import checksums as c

days = st.dates(date(1900, 1, 1), date(2020, 12, 31))


@given(st.sampled_from(["110101", "500101", "510104", "440305"]), days, st.integers(0, 999))
def test_resident_ids_agree_with_stdnum(region, day, order):
    body = f"{region}{day:%Y%m%d}{order:03}"
    number = body + c.resident_id_check(body)
    assert c.is_resident_id(number)
    assert stdnum.cn.ric.calc_check_digit(number) == number[17]
    for wrong in set("0123456789X") - {number[17]}:
        assert not c.is_resident_id(body + wrong)


@given(st.text("0123456789", min_size=2, max_size=25))
def test_luhn_agrees_with_stdnum(number):
    assert c.is_luhn(number) == stdnum.luhn.is_valid(number)


@given(st.text(c.USCC_ALPHABET, min_size=9, max_size=9))
def test_credit_codes_agree_with_stdnum(body):
    code = "91500103" + body
    assert c.uscc_check(code) == stdnum.cn.uscc.calc_check_digit(code)
    assert c.is_uscc(code + c.uscc_check(code))


@pytest.mark.parametrize("number", ["990101199003070097", "110101199013070090", "11010119900307009", "abc"])
def test_what_has_no_region_or_day_is_no_resident_id(number):
    assert not c.is_resident_id(number)


def test_the_old_form_needs_region_and_day():
    assert c.is_old_resident_id("110101900307009")
    assert not c.is_old_resident_id("110101901307009")
    assert not c.is_old_resident_id("990101900307009")
