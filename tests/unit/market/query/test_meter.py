"""The engine reads no more than is billed, and the whole of it where columns are read from end to end.

Now and then the engine counts a chunk twice; such a question is asked again, and how often is printed.
"""

import random
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from market.query.statements.lineage import Binder
from market.query.workers.pool import Limits, WorkerPool
from tests.unit.market.query.metered import asked, assert_bound

QUESTIONS = 200


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(limits=Limits(threads=1, timeout_s=20), workers=1)
    yield pool
    pool.close()


def test_engine_bytes_keep_to_the_estimate(
    pool: WorkerPool, lineage: Binder, files: dict[str, tuple[Path, ...]]
) -> None:
    hold(pool, lineage, files, QUESTIONS)


def hold(pool: WorkerPool, lineage: Binder, files: dict[str, tuple[Path, ...]], count: int) -> None:
    """Hold *count* fresh random questions to the bound; the seed is printed."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    draw = random.Random(seed)
    beyond = sum(assert_bound(pool, lineage, files, asked(draw)) for _ in range(count))
    print(f"{count} questions, {beyond} readings beyond the bound")
