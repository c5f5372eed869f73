"""A long-lived service that asks its own questions, on and on, and says in a line what became of each.

It is told in one argument, a JSON object: who asks, under which agreement and for what; `again`, the keys that it asks
first; `prefix`, with which its new keys begin; `first`, the number of its first new key; `until`, a file that tells it
to ask nothing new and to end.
"""

import io
import json
import os
import sys
import threading
import time
from collections import deque
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from market.delivery.formats import Format
from market.home import Home
from market.query.answer import QueryService
from market.query.asker import Asker
from market.query.errors import QueryFailed
from market.query.question import Question
from market.query.service import serving
from market.query.verdicts import Denied
from market.settings import Settings
from tests.common.market_world import now

THREADS = 2
PAUSE_S = 0.05
SMALL = "SELECT sex, age, count(*) AS n FROM tumor GROUP BY ALL"
LARGE = "SELECT t.*, r.range AS n FROM tumor t, range(50) r"


def sql_of(key: str) -> str:
    """Give the question that a key stands for: every fifth is a large one."""
    return LARGE if key.endswith(("0", "5")) else SMALL


def main() -> None:
    """Serve, and ask in two threads until told to end and nothing is left to be asked."""
    order = json.loads(sys.argv[1])
    home = Home.open(Settings.read())
    with serving(home, now, workers=THREADS) as service:
        say(up=True)
        asking = _Asking(service, order)
        threads = [threading.Thread(target=asking.run, daemon=True) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    home.close()


def say(**what: Any) -> None:
    """Say something in one line, at once."""
    os.write(1, json.dumps(what).encode() + b"\n")


def _reason(error: Exception) -> str:
    if isinstance(error, Denied):
        return error.reason
    return str(error.code) if isinstance(error, QueryFailed) else type(error).__name__


class _Asking:
    """What the threads share: the keys that wait, and whom they ask for."""

    def __init__(self, service: QueryService, order: dict[str, Any]) -> None:
        self.service, self.until = service, Path(order["until"])
        self.asker, self.agreement, self.purpose = Asker(**order["asker"]), order["agreement"], order["purpose"]
        self.waiting = deque(order["again"])
        self.fresh = (f"{order['prefix']}{number}" for number in count(order["first"]))
        self.lock = threading.Lock()

    def run(self) -> None:
        """Ask one question after another; one that was not answered is asked again later."""
        while key := self.next():
            begun = time.monotonic()
            try:
                said = self.ask(key)
            except (Denied, QueryFailed, DBAPIError) as error:
                reason = _reason(error)
                said = {"missed": reason}
                if reason != "already-delivered":
                    self.waiting.append(key)
                    time.sleep(PAUSE_S)
            say(key=key, seconds=round(time.monotonic() - begun, 3), **said)

    def next(self) -> str | None:
        """Give the key to ask next."""
        with self.lock:
            ending = self.until.exists()
            if self.waiting and (ending or len(self.waiting) > 1 or os.urandom(1)[0] < 128):
                return self.waiting.popleft()
            if ending:
                return None
            key = next(self.fresh)
            say(begun=key)
            return key

    def ask(self, key: str) -> dict[str, Any]:
        """Ask, and say that all has arrived."""
        question = Question(agreement_id=self.agreement, purpose=self.purpose, sql=sql_of(key), key=key)
        done = self.service.answer(question, self.asker, io.BytesIO(), Format.ARROW)
        return {"run": done.run_id, "rows": done.rows, "sha256": done.sha256}
