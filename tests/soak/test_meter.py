"""A thousand random questions against the bound of their bytes."""

from pathlib import Path

import pytest

from market.query.statements.lineage import Binder
from market.query.workers.pool import WorkerPool
from tests.unit.market.query.conftest import files, lineage, registry
from tests.unit.market.query.test_meter import hold, pool

__all__ = ["files", "lineage", "pool", "registry"]
QUESTIONS = 1_000


@pytest.mark.soak
def test_engine_bytes_keep_to_the_estimate(
    pool: WorkerPool, lineage: Binder, files: dict[str, tuple[Path, ...]]
) -> None:
    hold(pool, lineage, files, QUESTIONS)
