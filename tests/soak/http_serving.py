"""Kill `sluice serve`, with its housekeeping, while a program asks it over HTTP: whole, or one of its processes."""

import random
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from market.client import Incomplete, Refused, Unavailable, connect
from tests.common.market_world import PURPOSE, Market
from tests.common.processes import descendants, kill
from tests.common.served import token_of
from tests.soak.asker import sql_of
from tests.soak.clients import check_delivered
from tests.soak.crash import Runner, Running
from tests.soak.promises import Tally
from tests.soak.questions import COST_FEN

READY_S = 60.0
PAUSE_S = 0.05
ASKING_S = 2.0
ROUNDS = ("everyone", "the first process", "the one that answers")


@dataclass
class Program:
    """A program that asks with one key after another, and again with each that was not answered to its end."""

    market: Market
    token: str
    answered: dict[str, tuple[str, int]] = field(default_factory=dict)
    """What arrived whole: the query and its rows."""
    waiting: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def asked(self) -> int:
        """How many keys it has asked with."""
        return len(self.answered) + len(self.waiting)

    def ask_until(self, stop: threading.Event, url: str, *, fresh: bool = True) -> None:
        """Ask, until told to stop; without *fresh* keys, until none waits."""
        client = connect(url, self.token, timeout_s=10)
        while not stop.is_set() and (fresh or self.waiting):
            if not self.waiting:
                self.waiting.append(f"http{next(self._numbers)}")
            key = self.waiting[0]
            try:
                answer = client.query(
                    sql_of(key), agreement=self.market.facts.agreement, purpose=PURPOSE.value, key=key
                )
                rows = answer.to_arrow().num_rows
            except (Incomplete, Unavailable, Refused) as error:
                self.missed.append(type(error).__name__)
                time.sleep(PAUSE_S)
                continue
            self.answered[key] = answer.query, rows
            self.waiting.remove(key)


def kill_served(runner: Runner, blows: int, seed: int) -> Tally:
    """Kill the service on and on: what was answered is delivered and paid once, what broke off is answered later."""
    market, chance, tally = runner.market, random.Random(seed), Tally(seed)
    program, before = Program(market, token_of(market)), market.balance()
    for number in range(blows):
        whom = ROUNDS[number % len(ROUNDS)]
        with _served(runner) as (running, url), _asking(program, url):
            time.sleep(chance.uniform(0, ASKING_S))
            if whom == "the one that answers":
                _kill_answering(running, program)
            else:
                running.kill(everyone=whom == "everyone")
        tally.blows += 1
        tally.states[whom] += 1
        check_delivered(market, program.answered)
    with _served(runner) as (_, url):
        program.ask_until(threading.Event(), url, fresh=False)
    check_delivered(market, program.answered)
    assert market.balance() == before - COST_FEN * program.asked
    tally.states["(questions)"] = program.asked
    for reason in set(program.missed):
        tally.states[f"(missed: {reason})"] = program.missed.count(reason)
    return tally


def _kill_answering(running: Running, program: Program) -> None:
    """Kill the process that answers; the first one starts another, and the program is answered again."""
    (answering,) = (pid for pid in descendants(running.process.pid)[:1])
    kill([answering])
    before, end = len(program.answered), time.monotonic() + READY_S
    while len(program.answered) == before:
        assert time.monotonic() < end, "it answers nothing more"
        time.sleep(0.05)


@contextmanager
def _served(runner: Runner) -> Iterator[tuple[Running, str]]:
    """Serve on a free port, and wait until it is ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with runner.started(("serve", "--port", str(port))) as running:
        end = time.monotonic() + READY_S
        while not _ready(url):
            assert running.process.poll() is None, running.fate().stderr.decode()
            assert time.monotonic() < end, running.fate().stderr.decode()
            time.sleep(0.05)
        yield running, url


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@contextmanager
def _asking(program: Program, url: str) -> Iterator[None]:
    """Let the program ask beside what the block does."""
    stop = threading.Event()
    thread = threading.Thread(target=program.ask_until, args=(stop, url))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
