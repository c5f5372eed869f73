"""Open the licensee's door for one process: recover what a crash left, warm the pool, and answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from market.delivery.spool import SPOOL, Spool
from market.home import Home
from market.query.aggregates.noise import Noise
from market.query.answer import QueryService
from market.query.assess import Assessor
from market.query.sweeping import recover
from market.query.workers.pool import Limits, WorkerPool
from market.query.workers.shadow import Shadow


@contextmanager
def serving(home: Home, clock: Callable[[], datetime], *, workers: int | None = None) -> Iterator[QueryService]:
    """Give the service of *home* for as long as the block runs."""
    settings = home.settings
    with home.epoch(clock()) as epoch:
        recover(home.database, is_alive=home.is_alive, at=clock())
        limits = Limits(
            memory_mb=settings.query_memory_mb,
            threads=settings.query_threads,
            timeout_s=settings.query_timeout_s,
            max_rows=settings.query_rows,
        )
        pool = WorkerPool(limits=limits, workers=workers, allow_unsandboxed=settings.allow_unsandboxed)
        noise = Noise.open(home.settings.home / "keys" / "noise.key")
        assessor = Assessor(home.store, noise, partial(Shadow, pool))
        assessor.intact.changed = pool.end_workers
        try:
            yield QueryService(
                database=home.database,
                assessor=assessor,
                pool=pool,
                epoch=epoch,
                clock=clock,
                row_limit=settings.query_rows,
                spool=Spool(settings.home / SPOOL),
            )
        finally:
            pool.close()
