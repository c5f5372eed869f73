"""A key stands for one act on both databases: asked again, it gives that act."""

import pytest

from market.ledger import idempotency
from market.ledger.idempotency import KEPT, KeyReused
from tests.common.clock import BEGIN

ASKED = {"tenant": "firm", "route": "route", "key": "key", "body_hash": "hash"}


def claim(database, subject, *, at=BEGIN, **changes):
    with database.writing() as session:
        return idempotency.claim(session, **{**ASKED, **changes}, subject=subject, at=at)


def test_a_key_gives_what_it_was_first_claimed_for(any_database):
    assert claim(any_database, "first") is None
    assert claim(any_database, "second") == "first"
    assert claim(any_database, "third") == "first"
    assert claim(any_database, "other", key="another") is None
    assert claim(any_database, "other", route="another") is None
    assert claim(any_database, "other", tenant="another") is None


def test_a_key_is_refused_for_another_request(any_database):
    claim(any_database, "first")
    with pytest.raises(KeyReused):
        claim(any_database, "second", body_hash="another")


def test_a_key_whose_time_is_over_is_new(any_database):
    claim(any_database, "first")
    assert claim(any_database, "second", at=BEGIN + KEPT) is None
    assert claim(any_database, "third", at=BEGIN + KEPT) == "second"
