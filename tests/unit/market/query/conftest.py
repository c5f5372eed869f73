"""One registry and one pool for the folder; starting them for each test would cost seconds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from market.query.statements.lineage import Lineage
from market.query.workers.pool import Limits, WorkerPool
from tests.unit.market.query import world


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world.write_registry(tmp_path_factory.mktemp("registry") / "registry.parquet")


@pytest.fixture(scope="session")
def files(registry: Path) -> dict[str, tuple[Path, ...]]:
    return {"registry": (registry,)}


@pytest.fixture(scope="session")
def lineage() -> Iterator[Lineage]:
    lineage = Lineage({"registry": world.COLUMNS, "roads": (("id", "BIGINT"), ("width_m", "DOUBLE"))})
    yield lineage
    lineage.close()


@pytest.fixture(scope="session")
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(limits=Limits(timeout_s=20, memory_mb=256), workers=4)
    yield pool
    pool.close()
