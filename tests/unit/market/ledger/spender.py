"""One of many processes that spend from the same account: `python -m …spender URL QUEUE ACCOUNT CREDIT TRIES`.

Prints how many of its tries were served.
"""

import sys
from datetime import timedelta
from pathlib import Path

from catalog.events import Event, note
from catalog.ids import MemberId
from market.db import Database
from market.ledger import transfers
from market.ledger.transfers import InsufficientBalance, Move
from tests.common.clock import BEGIN


def spend(database: Database, debit: str, credit: str, *, tries: int, epoch: str) -> int:
    """Try to spend one unit *tries* times, in two transactions each, as a query does; gives how often it was served."""
    served = 0
    for number in range(tries):
        try:
            with database.writing() as session:
                ids = transfers.reserve(
                    session,
                    [Move(debit, credit, 1)],
                    cause=f"{epoch}-{number}",
                    epoch=epoch,
                    at=BEGIN,
                    expires_at=BEGIN + timedelta(minutes=1),
                )
        except InsufficientBalance:
            continue
        with database.writing() as session:
            transfers.post(session, ids, epoch=epoch, at=BEGIN)
            note(session, Event(action="test:spent", subject=ids[0], by=MemberId("m"), at=BEGIN))
        served += 1
    return served


if __name__ == "__main__":
    url, queue, debit, credit, tries = sys.argv[1:]
    print(spend(Database(url, Path(queue)), debit, credit, tries=int(tries), epoch=f"process-{id(object())}-{queue}"))
