"""A watch over an answer while it streams: it ends when it may not be given any more."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from market.db import Database
from market.query.assess import check_still
from market.query.assessed import Assessed
from market.query.workers.result import Result

LOOK_S = 2.0
"""How often a streaming answer makes sure that it may still be given; a withdrawal must end it within 5 s."""


@contextmanager
def watched(database: Database, assessed: Assessed, result: Result, clock: Callable[[], datetime]) -> Iterator[None]:
    """End the run when its agreement or its release ends while it streams, within `LOOK_S` and a moment."""
    done = threading.Event()

    def look() -> None:
        while not done.wait(LOOK_S):
            try:
                with database.reading() as session:
                    check_still(session, assessed, at=clock())
            except Exception:  # refused, or unable to make sure: either way it ends
                result.cancel()
                return

    watcher = threading.Thread(target=look, name="release-watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
