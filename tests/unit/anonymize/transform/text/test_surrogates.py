"""What is invented reaches nobody, is no value of the source, and is the same for the same value of one subject."""

import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymize.detect.identifiers.checksums import is_luhn, is_resident_id, is_uscc
from anonymize.detect.identifiers.patterns import structured
from anonymize.transform.text.drawing import Draw, token
from anonymize.transform.text.places import ENGLISH_TOWNS, TOWNS
from anonymize.transform.text.surrogates import MADE, stand_in
from anonymize.transform.text.taken import Taken

KEY = bytes(32)
WHOSE = st.sampled_from("abcdefgh")


def made(kind, value, whose="a", taken=None):
    return stand_in(KEY, whose, kind, value, taken or Taken())


@pytest.mark.parametrize(
    ("kind", "value", "like"),
    [
        ("PHONE", "13800138000", "12"),
        ("PHONE", "138 0013 8000", "12"),
        ("PHONE", "+86 138-0013-8000", "+86 12"),
        ("PHONE", "(023)68681234", "(019)"),
        ("PHONE", "0755-26001234", "019"),
        ("PHONE", "68681234", "1"),
        ("PHONE", "8000", ""),
        ("SSN", "123-45-6789", "000-"),
        ("CN_ID", "500103191805109423", "90"),
        ("CN_ID", "500103 19180510 942X", "90"),
        ("CN_ID", "500103180510942", "90"),
        ("BANK_CARD", "6222 0212 3456 7890 128", "0"),
    ],
)
def test_numbers_keep_their_form_and_cannot_be_assigned(kind, value, like):
    out = made(kind, value)
    assert out.startswith(like)
    assert [char for char in out if not char.isdigit() and char != "X"] == [
        char for char in value if not char.isdigit() and char != "X"
    ]
    assert len(out) == len(value)
    digits = "".join(char for char in out if char.isalnum())
    assert not is_resident_id(digits)
    assert kind != "BANK_CARD" or not is_luhn(digits)


def test_american_numbers_are_of_fiction():
    out = "".join(filter(str.isdigit, made("PHONE", "+1 (312) 867-5309")))
    assert (out[0], out[2], out[4:9]) == ("1", "9", "55501")
    assert len(made("PHONE", "312-867-5309")) == 12


def test_codes_and_addresses_are_of_ranges_for_examples():
    assert not is_uscc(made("USCC", "91500103MA5U0ABC1D"))
    assert made("PLATE", "渝A12345")[1] == "I"
    assert made("PASSPORT", "E12345678")[:2] == "EI"
    assert made("PERMIT", "H12345678")[0] == "X"
    assert made("EMAIL", "a@b.cn").partition("@")[2].startswith("example.")
    assert made("URL", "http://a.cn/张").startswith("http://example.")
    assert made("IP", "10.2.3.4").rpartition(".")[0] in ("192.0.2", "198.51.100", "203.0.113")
    assert made("IP", "fe80::1").startswith("2001:db8:")
    assert made("MAC", "a0:b1:c2:d3:e4:f5").startswith("00:00:5E:00:53:")
    assert made("IBAN", "DE89 3704 0044 0532 0130 00").startswith("XX00")


def test_invented_places_are_no_places():
    with (files("anonymize.data") / "gbt2260.csv").open(encoding="utf-8") as file:
        names = "\n".join(cell for row in csv.reader(file) for cell in row)
    assert [town for town in TOWNS if town in names] == []
    assert made("LOCATION", "重庆市").removesuffix("市") in TOWNS
    assert made("LOCATION", "Springfield") in ENGLISH_TOWNS
    assert made("ADDRESS", "民生路210号3栋2单元501室").count("室") == 1
    assert "市" in made("ADDRESS", "重庆市渝中区民生路210号")
    assert made("ADDRESS", "12 Elm Street, Springfield").count(",") == 1


@given(st.sampled_from(sorted(MADE)), st.text(min_size=1, max_size=20))
def test_any_value_gets_a_stand_in_or_none_and_letters_never_stay(kind, value):
    out = made(kind, value)
    assert out is None or out != value or not any(map(str.isalnum, value))
    if out is not None and kind in ("PHONE", "CN_ID", "BANK_CARD", "SSN"):
        assert not any(char.isalpha() and char not in "Xx" for char in out)


@given(st.sampled_from(sorted(MADE)), st.text("0123456789", min_size=7, max_size=19), WHOSE)
def test_the_same_value_of_one_subject_gets_the_same_and_no_value_of_the_source(kind, value, whose):
    out = made(kind, value, whose)
    assert out == made(kind, f" {value}"[1:], whose)
    taken = Taken()
    taken.add([out])
    assert made(kind, value, whose, taken) != out


def test_other_subjects_and_other_keys_get_others():
    assert len({made("PHONE", "13800138000", str(who)) for who in range(200)}) > 195
    assert token(KEY, "PERSON", "a", "x") != token(KEY, "PERSON", "b", "x") != token(b"k" * 32, "PERSON", "b", "x")
    assert token(KEY, "ab", "c") != token(KEY, "a", "bc")


def test_draws_are_even():
    draw = Draw(KEY, "evenly")
    counts = [0] * 7
    for _ in range(7000):
        counts[draw.below(7)] += 1
    assert min(counts) > 850
    assert max(counts) < 1150


def test_an_invented_phone_is_no_phone_to_the_rules():
    found = {finding.type for finding in structured(f"电话{made('PHONE', '13800138000')}")}
    assert "PHONE" not in found


@given(st.lists(st.text(max_size=8), max_size=30), st.text(max_size=8))
def test_taken_misses_no_string_it_was_given(strings, other):
    taken = Taken()
    taken.add(strings)
    assert all(string in taken for string in strings)
    if strings:
        assert f" {strings[0]} " in taken
    folded = {"".join(char for char in string if char.isalnum()) for string in (*strings, other)}
    assert len(folded) <= len(strings) + 1


def test_taken_holds_many_strings_in_eight_bytes_each():
    taken = Taken()
    taken.add(str(number) for number in range(200_000))
    assert all(str(number) in taken for number in range(0, 200_000, 997))
    assert sum(f"x{number}" in taken for number in range(1000)) == 0
