"""One of many that ask under one agreement: `python -m …asker URL QUEUE BLOBS FIRM MEMBER AGREEMENT NAME COUNT`.

Prints the bill of each question that was answered, as JSON lines.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from anonymize.signing import Signer
from catalog.actors import Actor
from catalog.ids import MemberId
from catalog.store import BlobStore
from market.db import Database
from market.query.aggregates.noise import Noise
from market.query.assess import Assessor
from market.query.statements.lineage import bound_here
from market.query.verdicts import Denied
from policies.billing import Bill
from policies.canonical import canonical_json
from policies.decide import Reason
from tests.common.books import Books
from tests.common.clock import BEGIN
from tests.common.world import World


def ask_on(books: Books, agreement: str, name: str, count: int, *, by: str = "licensee") -> list[Bill]:
    """Ask *count* questions one after the other; gives the bills of those that were answered."""
    bills = []
    for number in range(count):
        try:
            bills.append(books.ask(agreement, f"{name}-{number}", by=by)[1])
        except Denied as denied:
            if denied.reason != Reason.CREDIT_TOO_LOW:
                raise
    return bills


def ask_at_once(books: Books, agreements: list[tuple[str, str]], *, threads: int, count: int) -> list[Bill]:
    """Ask from so many *threads*, under one agreement after the other, each of a licensee; gives all bills."""
    with ThreadPoolExecutor(threads) as pool:
        tasks = []
        for thread in range(threads):
            by, agreement = agreements[thread % len(agreements)]
            tasks.append(pool.submit(ask_on, books, agreement, f"t{thread}", count, by=by))
        return [bill for task in tasks for bill in task.result()]


if __name__ == "__main__":
    url, queue, blobs, firm, member, agreement, name, count = sys.argv[1:]
    database = Database(url, Path(queue) if queue else None)
    actor = Actor(MemberId(member), Signer.create(Path(blobs) / f"{name}.key"))
    world = World(database, BlobStore(Path(blobs)), Path(blobs), {"licensee": actor}, firm=firm)
    world._now = BEGIN + timedelta(hours=1)  # after all that was signed
    books = Books(world, "", Assessor(world.store, Noise(b"n" * 32), bound_here), {"licensee": firm})
    for bill in ask_on(books, agreement, name, int(count)):
        print(canonical_json(bill).decode())
