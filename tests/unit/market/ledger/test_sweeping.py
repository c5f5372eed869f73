"""What is pending past its time is resolved once, by whoever comes first: money is free again, budget is spent."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from market.audit import log
from market.ledger import sweeping, transfers
from market.ledger.models import TransferState
from market.ledger.sweeping import Swept
from market.ledger.transfers import TRANSFERS, Move, StaleTransfer
from tests.unit.market.ledger.moving import EPOCH, happened


@pytest.fixture
def soon(ledger):
    """Give the moment at which what the tests reserve expires."""
    return ledger.now() + timedelta(hours=1)


def expired(database):
    """Give the details of the entries that tell of expired transfers, by their causes."""
    with database.reading() as session:
        bodies = [log.entry_body(session, seq) for seq in range(log.size(session))]
    return {body["subject"]: body["details"] for body in bodies if body["action"] == "transfer:expired"}


def test_money_past_its_time_is_free_again(ledger, soon):
    (id,) = ledger.pay(30, until=soon)
    assert ledger.sweep(soon - timedelta(seconds=1)) == Swept()
    assert ledger.row() == (100, 30)
    assert ledger.sweep(soon) == Swept(voided=1)
    assert ledger.row() == (100, 0)
    assert expired(ledger.database) == {"c": {"voided": [id], "transfers": []}}
    assert ledger.sweep(soon) == Swept()


def test_privacy_budget_past_its_time_is_posted_in_full(ledger, soon):
    budget, used = ledger.budget(1000)
    money, spent = ledger.reserve(Move(ledger.credit, ledger.income, 30), Move(budget, used, 400), until=soon)
    assert ledger.sweep(soon) == Swept(voided=1, posted=1)
    assert ledger.row(budget) == (600, 0)
    assert ledger.row() == (100, 0)
    assert expired(ledger.database) == {"c": {"voided": [money], "transfers": [spent]}}


def test_what_was_swept_cannot_be_posted_or_void_any_more(ledger, soon):
    ids = ledger.pay(30, until=soon)
    ledger.sweep(soon)
    for step in (ledger.post, ledger.void):
        with pytest.raises(StaleTransfer):
            step(ids)
    with pytest.raises(StaleTransfer):
        ledger.post_of()
    assert ledger.row() == (100, 0)


def test_what_was_posted_in_time_is_not_swept(ledger, soon):
    ledger.post(ledger.pay(30, until=soon))
    assert ledger.sweep(soon) == Swept()
    assert ledger.row() == (70, 0)


def test_the_causes_of_somebody_else_are_spared(ledger, soon):
    ledger.pay(10, cause="theirs", until=soon)
    ledger.pay(20, cause="ours", until=soon)
    spared = select(TRANSFERS.c.cause).where(TRANSFERS.c.cause == "theirs")
    assert ledger.sweep(soon, spared=spared) == Swept(voided=1)
    assert ledger.row() == (100, 10)
    assert list(expired(ledger.database)) == ["ours"]


def test_many_are_swept_in_batches_with_an_entry_for_each_cause(ledger, soon, monkeypatch):
    monkeypatch.setattr(sweeping, "BATCH", 7)
    for number in range(20):
        ledger.pay(1, cause=f"cause {number % 5}", until=soon)
    assert ledger.sweep(soon) == Swept(voided=20)
    assert set(expired(ledger.database)) == {f"cause {number}" for number in range(5)}


def test_a_post_under_way_is_not_waited_for_and_stands(ledger, soon):
    """On PostgreSQL the sweep passes it by; on SQLite it waits for its turn, and finds it posted."""
    (held,) = ledger.pay(30, until=soon)
    ledger.pay(5, cause="other", until=soon)
    swept = []
    sweeper = threading.Thread(target=lambda: swept.append(ledger.sweep(soon)))
    with ledger.database.writing() as session:
        happened(session)
        transfers.post(session, [held], epoch=EPOCH, at=ledger.now())
        sweeper.start()
        time.sleep(0.3)
    sweeper.join()
    assert swept[0].voided + ledger.sweep(soon).voided == 1
    assert ledger.row() == (70, 0)


def test_sweepers_and_those_who_post_at_once_resolve_each_transfer_once(ledger, soon):
    ids = [ledger.pay(1, cause=f"cause {number}", until=soon)[0] for number in range(60)]
    posted = []

    def post():
        for id in ids[::2]:
            try:
                ledger.post([id])
                posted.append(id)
            except StaleTransfer:
                continue

    with ThreadPoolExecutor(4) as pool:
        tasks = [pool.submit(post), *(pool.submit(ledger.sweep, soon) for _ in range(3))]
        voided = sum(task.result().voided for task in tasks[1:])
    voided += ledger.sweep(soon).voided
    assert voided + len(posted) == 60
    assert ledger.row() == (100 - len(posted), 0)
    assert ledger.states().count(TransferState.VOID) == voided
