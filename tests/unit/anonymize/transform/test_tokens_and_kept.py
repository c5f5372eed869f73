"""Tokens join within one edition and nowhere else; kept values have the plan's type."""

import copy
import hmac
import pickle
from datetime import date

import pytest

from anonymize.errors import SourceError
from anonymize.transform.keys import ReleaseSecret
from anonymize.transform.tokens import pads
from policies.errors import PlanError

from .settings import SECRET, values

TOKEN = {"name": "id", "role": "subject", "treatment": "token"}


def tokens(**more):
    return [token.hex for token in values(TOKEN, {"id": ["A", "B", "A"]}, **more)]


def test_a_subject_has_one_token_of_128_bits_in_an_edition():
    one, two, again = tokens()
    assert one == again != two
    assert len(one) == 32
    assert int(one, 16) >= 0


def test_tokens_of_two_editions_or_two_releases_do_not_join():
    seen = [*tokens(), *tokens(under="open"), *tokens(secret=ReleaseSecret(bytes(32)))]
    assert len(set(seen)) == 6


def test_a_row_of_nobody_gets_no_token():
    with pytest.raises(SourceError, match=r"row 2.*names no subject"):
        values(TOKEN, {"id": ["A", None]})


def test_the_secret_is_not_shown_copied_or_written():
    assert str(SECRET) == repr(SECRET) == "ReleaseSecret()"
    for write in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="not to be written"):
            write(SECRET)
    with pytest.raises(ValueError, match="32 bytes"):
        ReleaseSecret(b"short")
    assert ReleaseSecret.draw().shift_key() != ReleaseSecret.draw().shift_key()


def test_every_purpose_has_its_own_key():
    keys = [
        SECRET.token_key("a"),
        SECRET.token_key("b"),
        SECRET.order_key("a"),
        SECRET.order_key("b"),
        SECRET.shift_key(),
    ]
    assert len(set(keys)) == 5


@pytest.mark.parametrize(
    ("kind", "cells", "kept"),
    [
        ("number", ["1.5", None, "-2"], [1.5, None, -2.0]),
        ("integer", ["7", None, "-2"], [7, None, -2]),
        ("date", ["1990-03-31", None, "19900401"], [date(1990, 3, 31), None, date(1990, 4, 1)]),
        ("text", ["x", None, "y"], ["x", None, "y"]),
    ],
)
def test_kept_values_have_the_type_of_the_plan(kind, cells, kept):
    column = {"name": "v", "role": "insensitive", "treatment": "keep", "kind": kind}
    assert values(column, {"v": cells}) == kept


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("number", "SECRET"),
        ("number", "nan"),
        ("integer", "1.5"),
        ("integer", "9" * 30),
        ("number", "1e999"),
        ("date", "2001-02-30"),
        ("date", "9999-12-31"),
        ("date", "2001-2-3"),
    ],
)
def test_a_cell_of_another_type_names_its_row_and_not_the_value(kind, bad):
    column = {"name": "v", "role": "insensitive", "treatment": "keep", "kind": kind}
    with pytest.raises(SourceError, match="column 'v', row 2") as caught:
        values(column, {"v": ["1990-01-01" if kind == "date" else "1", bad]})
    assert bad not in str(caught.value)


def test_a_kept_date_finer_than_the_profile_is_refused():
    column = {"name": "v", "role": "sensitive_attribute", "treatment": "keep", "kind": "date"}
    with pytest.raises(PlanError, match="kept dates are days"):
        values(column, {"v": ["1990-03-31"]}, under="open")


def test_a_token_is_the_hmac_of_rfc_2104_cut_to_128_bits():
    key = SECRET.token_key("enclave")
    assert tokens()[0] == hmac.new(key, b"A", "sha256").hexdigest()[:32]
    (long,) = values(TOKEN, {"id": ["甲" * 100]})
    assert long.hex == hmac.new(key, ("甲" * 100).encode(), "sha256").hexdigest()[:32]
    with pytest.raises(ValueError, match="64 bytes"):
        pads(bytes(65), "x")
