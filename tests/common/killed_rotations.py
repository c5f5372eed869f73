"""A process that changes the log's key over and over is killed at any moment; the log goes on, and holds."""

import os
import random
import signal
import time
from multiprocessing import get_context
from multiprocessing.synchronize import Event

from market.audit.notary import Notary, rotations_of
from market.db import Database
from tests.common.signed_log import SignedLog


def rotate_until_killed(database: Database, notary: Notary, ready: Event) -> None:
    """Change the key, and write a little, for ever."""
    made = SignedLog(Database(database.url, database.queue, notary=notary), notary)
    made.tell(seconds=30)
    ready.set()
    while True:
        made.rotate()
        made.tell(seconds=30)


def kill(made: SignedLog, times: int, draw: random.Random) -> tuple[int, int]:
    """Kill such a process again and again; gives how often the key was changed, and how many keys were drawn for it."""
    first = made.keys[0]
    for _ in range(times):
        notary = Notary.open(made.notary.folder)
        context = get_context("fork")
        ready = context.Event()
        process = context.Process(target=rotate_until_killed, args=(made.database, notary, ready))
        process.start()
        assert ready.wait(60)
        time.sleep(draw.uniform(0, 0.1))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert process.exitcode == -signal.SIGKILL
        made.notary = Notary.open(made.notary.folder)
        after = SignedLog(Database(made.database.url, made.database.queue, notary=made.notary), made.notary)
        after.tell(seconds=90)
        after.database.close()
        assert made.faults(first) == []
    with made.database.reading() as session:
        rotations = rotations_of(session, made.notary.origin)
        current = made.notary.signer(session).public
    assert made.faults(current) == []
    return len(rotations), len(made.notary.publics()) - 1
