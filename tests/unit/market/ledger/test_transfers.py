"""Amounts are reserved, then posted or released; no account gives what it does not hold."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from catalog.ids import MemberId
from market.ledger import transfers
from market.ledger.models import Kind, TransferState, Unit
from market.ledger.transfers import TRANSFERS, InsufficientBalance, LedgerError, Move, StaleTransfer
from tests.common.clock import BEGIN
from tests.unit.market.ledger.moving import Ledger
from tests.unit.market.ledger.spender import spend


def test_what_is_reserved_is_set_aside_and_what_is_posted_is_gone(ledger):
    ids = ledger.pay(30)
    assert ledger.row() == (100, 30)
    ledger.post(ids)
    assert ledger.row() == (70, 0)
    with ledger.database.reading() as session:
        assert transfers.left(session, ledger.credit) == 70


def test_what_is_voided_is_free_again(ledger):
    ids = ledger.pay(30)
    ledger.void(ids)
    assert ledger.row() == (100, 0)
    assert ledger.states() == [TransferState.VOID]


def test_a_part_is_posted_and_the_rest_is_free_again(ledger):
    ids = ledger.pay(30)
    ledger.post(ids, amounts={ids[0]: 12})
    assert ledger.row() == (88, 0)
    ids = ledger.pay(30)
    ledger.post(ids, amounts={ids[0]: 0})
    assert ledger.row() == (88, 0)


@pytest.mark.parametrize("part", [31, -1])
def test_no_part_is_larger_than_the_whole_or_below_nothing(ledger, part):
    ids = ledger.pay(30)
    with pytest.raises(IntegrityError):
        ledger.post(ids, amounts={ids[0]: part})
    assert ledger.row() == (100, 30)


def test_an_account_gives_what_it_holds_to_the_last_unit_and_no_more(ledger):
    ledger.pay(60)
    with pytest.raises(InsufficientBalance) as refusal:
        ledger.pay(41)
    assert (refusal.value.kind, refusal.value.unit) == (Kind.CREDIT, Unit.FEN)
    assert ledger.row() == (100, 60)
    ledger.pay(40)
    assert ledger.row() == (100, 100)


def test_a_move_that_fails_takes_those_before_it_along(ledger):
    other = ledger.account(owner="another firm", amount=5)
    with pytest.raises(InsufficientBalance):
        ledger.reserve(Move(ledger.credit, ledger.income, 10), Move(other, ledger.income, 6))
    assert ledger.row() == (100, 0)
    assert ledger.row(other) == (5, 0)
    assert ledger.states() == []


def test_a_move_of_nothing_makes_no_transfer(ledger):
    assert ledger.pay(0) == []
    ledger.post([])
    ledger.void([])
    assert ledger.states() == []


def test_a_move_of_less_than_nothing_is_refused(ledger):
    with pytest.raises(IntegrityError):
        ledger.pay(-1)
    assert ledger.row() == (100, 0)


def test_a_transfer_is_resolved_once(ledger):
    posted, voided = ledger.pay(10), ledger.pay(10)
    ledger.post(posted)
    ledger.void(voided)
    for again in (ledger.post, ledger.void):
        for ids in (posted, voided, ["unknown"]):
            with pytest.raises(StaleTransfer):
                again(ids)
    assert ledger.row() == (90, 0)


def test_a_stale_process_changes_nothing(ledger):
    ids = ledger.pay(10)
    for step in (ledger.post, ledger.void):
        with pytest.raises(StaleTransfer, match="belongs to another process"):
            step(ids, epoch="another-process")
    assert ledger.row() == (100, 10)
    assert ledger.states() == [TransferState.PENDING]


def test_one_stale_transfer_stops_all_of_its_transaction(ledger):
    mine, theirs = ledger.pay(10), ledger.pay(10, epoch="another-process")
    with pytest.raises(StaleTransfer):
        ledger.post([*mine, *theirs])
    assert ledger.row() == (100, 20)


def test_what_was_posted_is_given_back_by_a_transfer_the_other_way(ledger):
    ledger.post(ledger.pay(30))
    (back,) = ledger.reverse()
    assert ledger.row() == (100, 0)
    assert ledger.states() == [TransferState.POSTED, TransferState.POSTED]
    with ledger.database.reading() as session:
        row = session.connection().execute(select(TRANSFERS).where(TRANSFERS.c.id == back)).mappings().one()
    assert (row["debit"], row["credit"], row["posted_amount"]) == (ledger.income, ledger.credit, 30)


def test_what_was_given_back_is_not_given_back_again(ledger):
    ids = ledger.pay(30)
    ledger.post(ids, amounts={ids[0]: 20})
    ledger.reverse()
    assert ledger.reverse() == []
    assert ledger.row() == (100, 0)
    ledger.post(ledger.pay(5))
    ledger.reverse()
    assert ledger.row() == (100, 0)


def test_only_what_was_posted_for_that_cause_is_given_back(ledger):
    ledger.post(ledger.pay(30, cause="other"))
    ledger.void(ledger.pay(10))
    ledger.pay(10)
    assert ledger.reverse() == []
    assert ledger.row() == (70, 10)


def test_a_grant_is_issued_against_its_source_and_logged(ledger):
    account = ledger.account(owner="another firm", amount=7)
    assert ledger.row(account) == (7, 0)
    assert ledger.account(owner="another firm", amount=3) == account
    assert ledger.row(account) == (10, 0)


@pytest.mark.parametrize("amount", [0, -5])
def test_a_grant_is_above_nothing(ledger, amount):
    with pytest.raises(LedgerError, match="not above zero"), ledger.database.writing() as session:
        transfers.grant(session, ledger.credit, amount, unit=Unit.FEN, cause="c", by=MemberId("m"), at=BEGIN)


def test_the_pending_transfers_of_a_cause_are_named(ledger):
    first = ledger.pay(1)
    ledger.post(ledger.pay(1))
    ledger.pay(1, cause="other")
    second = ledger.pay(1)
    with ledger.database.reading() as session:
        assert [row.id for row in transfers.pending_of(session, "c")] == sorted(first + second)


def test_eight_processes_are_served_exactly_the_balance(database):
    """400 tries for 100 units: 100 are served, whoever is first."""
    ledger = Ledger(database)
    command = [sys.executable, "-m", "tests.unit.market.ledger.spender", database.url, str(database.queue)]
    words = [*command, ledger.credit, ledger.income, "50"]
    running = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    served = [int(process.communicate()[0]) for process in running]
    assert [process.returncode for process in running] == [0] * 8
    assert sum(served) == 100
    assert ledger.row() == (0, 0)
    assert ledger.faults() == []


def test_threads_are_served_exactly_the_balance(any_database):
    ledger = Ledger(any_database)
    with ThreadPoolExecutor(8) as pool:
        tasks = [
            pool.submit(spend, any_database, ledger.credit, ledger.income, tries=25, epoch=f"t{number}")
            for number in range(8)
        ]
        assert sum(task.result() for task in tasks) == 100
    assert ledger.row() == (0, 0)
    assert ledger.faults() == []


def test_transactions_over_the_same_accounts_in_any_order_do_not_wait_in_a_ring(any_database):
    """On PostgreSQL a ring ends in a deadlock error: accounts are touched in the order of their ids."""
    ledger = Ledger(any_database)
    accounts = [ledger.account(owner=f"firm {number}", amount=100_000) for number in range(3)]
    orders = list(permutations(accounts))

    def work(number):
        for turn in range(12):
            moves = [Move(account, ledger.income, 1) for account in orders[(number + turn) % len(orders)]]
            ids = ledger.reserve(*moves, cause=f"{number}-{turn}")
            (ledger.post if turn % 3 else ledger.void)(ids[::-1])

    with ThreadPoolExecutor(6) as pool:
        for task in [pool.submit(work, number) for number in range(6)]:
            task.result()
    assert [ledger.row(account) for account in accounts] == [(100_000 - 6 * 8, 0)] * 3
    assert ledger.faults() == []
