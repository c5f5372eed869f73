"""Whatever was changed behind the ledger's back is found: a figure, a side, a state, a moment, history itself."""

from datetime import timedelta

import pytest

from market.ledger.models import Kind
from market.ledger.transfers import Move
from market.ledger.verify import OVERDUE, SLACK_S, TOLD
from tests.common.clock import BEGIN
from tests.unit.market.ledger.moving import Ledger

POSTED = "WHERE posted_amount = 30"
NO_TRANSFER = "its amounts or moments are not those of one"
TAMPERINGS = [
    ("UPDATE account SET balance = balance + 1 WHERE capped", "balance 71, transfers say 70"),
    ("UPDATE account SET reserved = reserved + 1 WHERE capped", "11 reserved, pending transfers say 10"),
    ("UPDATE account SET capped = false WHERE kind = 'credit'", "a credit account is not capped"),
    ("UPDATE account SET capped = true WHERE kind = 'income'", "a income account is capped"),
    ("UPDATE account SET unit = 'rows' WHERE kind = 'income'", "moves fen into rows"),
    ("UPDATE account SET unit = 'rows' WHERE kind = 'income'", "rows: credits are 30 more than debits"),
    ("DELETE FROM account WHERE kind = 'income'", "one of its accounts is not there"),
    ("DELETE FROM account WHERE kind = 'credit'", "one of its accounts is not there"),
    (f"DELETE FROM transfer {POSTED}", "balance 70, transfers say 100"),
    (f"UPDATE transfer SET amount = 29 {POSTED}", NO_TRANSFER),
    (f"UPDATE transfer SET posted_amount = 29 {POSTED}", "balance 70, transfers say 71"),
    (f"UPDATE transfer SET posted_amount = -1 {POSTED}", NO_TRANSFER),
    (f"UPDATE transfer SET credit = debit {POSTED}", NO_TRANSFER),
    (f"UPDATE transfer SET resolved_at = NULL {POSTED}", NO_TRANSFER),
    (f"UPDATE transfer SET state = 'lost' {POSTED}", f"lost, and {NO_TRANSFER}"),
    (f"UPDATE transfer SET state = 'void', posted_amount = NULL {POSTED}", "balance 70, transfers say 100"),
    (f"UPDATE transfer SET debit = 'nobody' {POSTED}", "one of its accounts is not there"),
    ("UPDATE transfer SET amount = 9 WHERE state = 'pending'", "10 reserved, pending transfers say 9"),
]


@pytest.fixture
def moved(any_database):
    """Give a ledger in which 30 were posted and 10 are pending."""
    ledger = Ledger(any_database)
    ledger.post(ledger.pay(30))
    ledger.pay(10, until=BEGIN + timedelta(days=30))
    assert ledger.faults() == []
    return ledger


def test_whatever_was_tampered_with_is_found(moved):
    for statement, wanted in TAMPERINGS:
        found = moved.faults_after(statement)
        assert any(wanted in fault for fault in found), (statement, found)
    assert moved.faults() == []


def resolved(moved, seconds, account):
    """Move what was credited to an account to a later moment."""
    later = f"resolved_at + interval '{seconds} seconds'"
    if moved.database.writer.dialect.name == "sqlite":
        later = f"strftime('%Y-%m-%d %H:%M:%f000', resolved_at, '+{seconds} seconds')"
    return moved.faults_after(f"UPDATE transfer SET resolved_at = {later} WHERE credit = '{account}'")


def test_an_account_that_gave_before_it_had_received_is_found(moved):
    """Its balance is right at the end, and all sums are; only the order of things is not."""
    other = moved.account(owner="another firm", amount=50)
    moved.post(moved.reserve(Move(other, moved.income, 20), cause="d"))
    assert resolved(moved, 3600, other) == [f"account {other}: once held -20"]


def test_what_two_clocks_disagree_on_by_a_moment_is_no_fault(moved):
    other = moved.account(owner="another firm", amount=50)
    moved.post(moved.reserve(Move(other, moved.income, 50), cause="d"))
    assert resolved(moved, SLACK_S - 10, other) == []


def test_what_should_long_have_been_swept_is_told(moved):
    (id,) = moved.pay(1, cause="late", until=moved.now())
    at = moved.now()
    assert moved.faults(at) == []
    (told,) = moved.faults(at + OVERDUE)
    assert told.startswith(f"transfer {id}: pending since it expired")
    assert told.endswith("sluice ledger sweep")
    moved.sweep(at)
    assert moved.faults(at + OVERDUE) == []


def test_many_faults_are_told_up_to_a_limit(any_database):
    ledger = Ledger(any_database)
    for number in range(TOLD + 5):
        ledger.account(owner=f"owner {number}", kind=Kind.INCOME)
    assert len(ledger.faults_after("UPDATE account SET capped = true WHERE kind = 'income'")) == TOLD
