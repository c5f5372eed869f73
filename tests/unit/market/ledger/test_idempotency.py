"""A key stands for one act, for its tenant and route, for 30 days; of many who use it at once one acts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from market.ledger import idempotency
from market.ledger.idempotency import KEPT, KeyReused
from tests.common.clock import BEGIN

ASKED = {"tenant": "firm", "route": "agreements/a/queries", "key": "k", "body_hash": "h"}


def claim(database, subject, *, at=BEGIN, **changes):
    with database.writing() as session:
        return idempotency.claim(session, **{**ASKED, **changes}, subject=subject, at=at)


def test_a_key_stands_for_what_it_was_first_used_for(any_database):
    assert claim(any_database, "first") is None
    assert claim(any_database, "second") == "first"
    assert claim(any_database, "third", at=BEGIN + KEPT - timedelta(seconds=1)) == "first"


def test_a_key_is_its_tenants_and_its_routes(any_database):
    claim(any_database, "first")
    assert claim(any_database, "second", tenant="another firm") is None
    assert claim(any_database, "third", route="agreements/b/queries") is None
    assert claim(any_database, "fourth", key="l") is None
    assert claim(any_database, "fifth", tenant="another firm") == "second"


def test_a_key_used_for_something_else_is_refused(any_database):
    claim(any_database, "first")
    with pytest.raises(KeyReused):
        claim(any_database, "second", body_hash="another")
    assert claim(any_database, "third") == "first"


def test_a_key_is_forgotten_after_thirty_days(any_database):
    claim(any_database, "first")
    assert claim(any_database, "second", at=BEGIN + KEPT, body_hash="another") is None
    assert claim(any_database, "third", at=BEGIN + KEPT, body_hash="another") == "second"


def test_a_key_of_what_failed_is_as_if_it_had_never_been_used(any_database):
    with any_database.writing() as session:
        idempotency.claim(session, **ASKED, subject="first", at=BEGIN)
        session.rollback()
    assert claim(any_database, "second") is None


def test_old_keys_are_removed_and_no_others(any_database):
    for number in range(25):
        claim(any_database, f"s{number}", key=f"k{number}", at=BEGIN + timedelta(hours=number))
    assert idempotency.forget_expired(any_database, at=BEGIN + KEPT - timedelta(seconds=1), batch=4) == 0
    assert idempotency.forget_expired(any_database, at=BEGIN + KEPT + timedelta(hours=9), batch=4) == 10
    assert idempotency.forget_expired(any_database, at=BEGIN + KEPT + timedelta(hours=9), batch=4) == 0
    assert claim(any_database, "again", key="k10", at=BEGIN + timedelta(days=1)) == "s10"


def test_of_fifty_who_use_a_key_at_once_one_acts_and_all_others_are_told_of_it(any_database):
    with ThreadPoolExecutor(50) as pool:
        told = list(pool.map(lambda number: claim(any_database, f"s{number}"), range(50)))
    (acted,) = {subject for subject in told if subject is not None}
    assert told.count(None) == 1
    assert told.index(None) == int(acted[1:])
