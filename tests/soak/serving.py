"""Kill a service while it answers, its workers and the zygote under it, one of several, and the database server."""

import random
import time
from collections.abc import Sequence
from pathlib import Path

from tests.common.market_world import Market
from tests.common.postgres import Server
from tests.common.processes import descendants, kill
from tests.soak.clients import Client, check, clients
from tests.soak.crash import Runner
from tests.soak.promises import Tally
from tests.soak.questions import COST_FEN

MOMENTS = (("while it started", 0.8), ("at its first questions", 0.8), ("in the midst", 0.2))
"""When a service is killed, and within how many seconds from then."""

PAUSE_S = 0.5


def kill_services(runners: Sequence[Runner], blows: int, seed: int) -> Tally:
    """Kill one of as many services as there are *runners*, on and on, at each of the `MOMENTS` in turn."""
    market, chance, tally = runners[0].market, random.Random(seed), Tally(seed)
    before = market.balance()
    with clients(runners) as asking:
        for number in range(blows):
            struck = chance.choice(asking)
            for client in asking:
                if client.running is None:
                    client.start()
            moment, length_s = MOMENTS[number % len(MOMENTS)]
            if moment != "while it started":
                struck.wait_until_up()
            if moment == "in the midst":
                struck.wait_for_an_answer()
            time.sleep(chance.uniform(0, length_s))
            struck.kill(everyone=number % 2 == 0)
            tally.blows += 1
            tally.states[moment] += 1
            _check(market, asking)
        _finish(market, asking, before, tally)
    return tally


def kill_workers(runner: Runner, blows: int, seed: int) -> Tally:
    """Kill workers and the zygote of a service that lives on: it answers again after each blow."""
    market, chance, tally = runner.market, random.Random(seed), Tally(seed)
    before = market.balance()
    with clients([runner]) as (client,):
        client.start()
        client.wait_for_an_answer()
        for _ in range(blows):
            time.sleep(chance.uniform(0, PAUSE_S))
            assert client.running is not None
            family = _engine_room(client.running.process.pid)
            role = chance.choice([role for role, pids in family.items() if pids])
            kill([chance.choice(family[role])] if role != "all of them" else family[role])
            tally.blows += 1
            tally.states[role] += 1
            client.wait_for_an_answer()
            _check(market, [client])
        _finish(market, [client], before, tally)
    return tally


def kill_the_database(runners: Sequence[Runner], server: Server, blows: int, seed: int) -> Tally:
    """Kill the database server under services, and bring it back: nothing it acknowledged is lost, and they go on."""
    market, chance, tally = runners[0].market, random.Random(seed), Tally(seed)
    before = market.balance()
    with clients(runners) as asking:
        for client in asking:
            client.start()
            client.wait_for_an_answer()
        for _ in range(blows):
            time.sleep(chance.uniform(0, PAUSE_S))
            server.kill()
            time.sleep(chance.uniform(0, PAUSE_S))
            server.start()
            tally.blows += 1
            for client in asking:
                client.wait_for_an_answer()
            _check(market, asking)
        _finish(market, asking, before, tally)
    return tally


def _check(market: Market, asking: Sequence[Client]) -> None:
    """Hear what each has been told until now, and hold the market to it."""
    for client in asking:
        if client.running is not None:
            client.listen()
    check(market, asking)


def _finish(market: Market, asking: Sequence[Client], before: int, tally: Tally) -> None:
    """Let all that was begun be answered, and insist that each question was paid once and delivered once."""
    for client in asking:
        client.finish()
    check(market, asking)
    asked = sum(len(client.begun) for client in asking)
    assert market.balance() == before - COST_FEN * asked
    assert len(market.entries("query:delivered", status="complete")) == asked
    charged, refunded = (len(market.entries(f"query:{what}")) for what in ("answered", "refunded"))
    assert charged - refunded == asked
    tally.states["(questions)"] = asked
    tally.states["(acknowledgements lost)"] = sum(len(client.lost) for client in asking)
    tally.states["(refunded)"] = refunded
    tally.states["(killed while reserved)"] = len(market.entries("query:failed", reason="process died"))
    tally.states["(killed while paid)"] = len(market.entries("query:delivery-unknown"))
    for reason in {reason for client in asking for reason in client.missed}:
        tally.states[f"(missed: {reason})"] = sum(client.missed.count(reason) for client in asking)


def _engine_room(service: int) -> dict[str, list[int]]:
    """Find the processes under a service, by what they do: zygote, outer and inner halves of workers."""
    everyone = descendants(service)
    parents = {pid: _parent(pid) for pid in everyone}
    zygote = [pid for pid, parent in parents.items() if parent == service]
    outer = [pid for pid, parent in parents.items() if parent in zygote]
    inner = [pid for pid, parent in parents.items() if parent in outer]
    return {"zygote": zygote, "worker's outer half": outer, "worker's inner half": inner, "all of them": everyone}


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
