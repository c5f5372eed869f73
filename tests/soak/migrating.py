"""Kill upgrades and downgrades of a database full of rows, revision by revision, and take them up again."""

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, text

from market import home
from market.audit.verify import verify as verify_log
from market.db import Database
from market.ledger.verify import verify as verify_ledger
from market.query.reconcile import reconcile
from tests.common.filled import REVISION
from tests.common.processes import kill
from tests.migrations.shape import contents, revision, schema, triggers
from tests.soak.crash import TICK_S
from tests.soak.promises import Tally
from tests.soak.warm import Forked, Warm

ALONE_S = 30.0

Shape = tuple[Any, Any, Any]


def main() -> None:
    """Bring a database to a revision, from either side; run in a process that may be killed."""
    url, target = sys.argv[1:]
    at = revision(create_engine(url))
    (home.upgrade if at < target else home.downgrade)(url, target)


def kill_migrations(url: str, folder: Path, warm: Warm, blows: int, seed: int) -> Tally:
    """Kill each step up and down in turn, on and on: it was taken wholly or not at all, and is taken when run again.

    The database at *url* is one that `tests.common.filled` filled. At each revision it must be what it was there when
    nobody killed anything: schema, triggers, and every row.
    """
    chance, tally, engine = random.Random(seed), Tally(seed), create_engine(url, poolclass=NullPool)
    up = sorted(name for name in revisions() if name >= REVISION)
    steps = list(pairwise([*up, *up[-2::-1]]))
    known, paces = _learn(engine, folder, warm, steps)
    for before, after in cycle(steps):
        if tally.blows == blows:
            break
        with _started(url, folder, warm, after) as process:
            until = time.monotonic() + chance.uniform(0, paces[before, after] * 1.05)
            while process.poll() is None and time.monotonic() < until:
                time.sleep(TICK_S)
            kill([process.pid])
            killed = process.wait() != 0
        _wait_alone(engine)
        found = revision(engine)
        assert found == after or (killed and found == before)
        assert shape(engine) == known[found], f"killed from {before} to {after}, it is not what {found} is"
        tally.blows += killed
        tally.states[f"{before} to {after}: {'taken' if found == after else 'not taken'}"] += 1
        _run(engine, folder, warm, after)
        assert shape(engine) == known[after]
    _run(engine, folder, warm, up[-1])
    assert faults(url) == []
    return tally


def revisions() -> list[str]:
    """Name all revisions."""
    return [path.name.partition("_")[0] for path in (home.MIGRATIONS / "versions").glob("[0-9]*_*.py")]


def shape(engine: Engine) -> Shape:
    """Say all that is to be the same; what SQLite finds damaged fails here."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    return schema(engine), triggers(engine), contents(engine)


def faults(url: str) -> list[str]:
    """List what ledger and log at the newest revision hold against themselves."""
    database = Database(url, None)
    try:
        with database.reading() as session:
            return [*map(str, verify_log(session, "no key")), *verify_ledger(session), *reconcile(session)]
    finally:
        database.close()


def _learn(
    engine: Engine, folder: Path, warm: Warm, steps: list[tuple[str, str]]
) -> tuple[dict[str, Shape], dict[tuple[str, str], float]]:
    """Go all the way once, unkilled: learn what each revision is like, from either side, and how long a step takes."""
    known, paces = {steps[0][0]: shape(engine)}, {}
    for before, after in steps:
        paces[before, after] = _run(engine, folder, warm, after)
        found = shape(engine)
        assert known.setdefault(after, found) == found, f"{after} is another, come from {before}"
        if after == steps[len(steps) // 2][0]:
            assert faults(engine.url.render_as_string(hide_password=False)) == []
    return known, paces


def _run(engine: Engine, folder: Path, warm: Warm, target: str) -> float:
    """Bring the database to a revision, unless it is there; gives how long that took, in seconds."""
    began = time.monotonic()
    if revision(engine) != target:
        with _started(engine.url.render_as_string(hide_password=False), folder, warm, target) as process:
            assert process.wait() == 0, (folder / "migrating.err").read_text()
    return time.monotonic() - began


@contextmanager
def _started(url: str, folder: Path, warm: Warm, target: str) -> Iterator[Forked]:
    place = folder / "migrating"
    words = ["tests.soak.migrating:main", url, target]
    process = warm.start(words, {}, folder, place.with_suffix(".out"), place.with_suffix(".err"))
    try:
        yield process
    finally:
        if process.poll() is None:
            kill([process.pid])
            process.wait()


def _wait_alone(engine: Engine) -> None:
    """Wait until PostgreSQL has ended the session of a client that was killed: it may still be committing."""
    if engine.dialect.name == "sqlite":
        return
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        " AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    end = time.monotonic() + ALONE_S
    while True:
        with engine.connect() as connection:
            if not connection.execute(text(others)).scalar_one():
                return
        assert time.monotonic() < end
        time.sleep(0.02)
