"""Processes that charge one voucher, fund, maximum and account at once, many times, on both databases."""

import json
import subprocess
import sys

import pytest

from market.ledger.models import Kind
from policies.billing import Bill
from policies.pricing import Price
from tests.common.books import Books
from tests.common.fixtures import any_database, any_world, database, postgres_database, world

__all__ = ["any_database", "any_world", "database", "postgres_database", "world"]

PROCESSES, COUNT = 8, 100
MAXIMUM_FEN, FUND_FEN = 60_007, 20_011


@pytest.mark.soak
def test_processes_spend_what_there_is_to_the_fen_and_no_more(any_world):
    books = Books.begin(any_world)
    agreement = books.agree(Price(per_query_fen=101, monthly_maximum_fen=MAXIMUM_FEN))
    books.credit(100_000)
    programme = books.programme(share_bp=5000, fund_fen=FUND_FEN)
    books.admit(programme)
    member, queue = any_world.people["licensee"].id, any_world.database.queue
    common = [any_world.database.url, str(queue or ""), str(any_world.store.root), any_world.firm, member, agreement]
    words = [sys.executable, "-m", "tests.unit.market.billing.asker", *common]
    running = [
        subprocess.Popen([*words, f"p{number}", str(COUNT)], stdout=subprocess.PIPE, text=True)
        for number in range(PROCESSES)
    ]
    outputs = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES
    bills = [Bill.from_dict(json.loads(line)) for output in outputs for line in output.splitlines()]
    assert len(bills) == PROCESSES * COUNT
    assert sum(bill.charged_fen for bill in bills) == MAXIMUM_FEN
    assert sum(bill.vouchers_fen for bill in bills) == FUND_FEN
    assert books.left(programme, Kind.FUND) == 0
    assert books.left(any_world.firm, Kind.CREDIT) == 100_000 - sum(bill.net_fen for bill in bills)
    assert books.faults() == []
