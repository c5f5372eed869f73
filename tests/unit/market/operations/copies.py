"""Backups of a market, and the markets that come of them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from market.operations.backup import Made, backup
from market.operations.restore import Request, Restored, restore
from tests.common import postgres
from tests.common.market_world import Market, now


def backed_up(market: Market, to: Path, **how: Any) -> Made:
    """Back the market's home up."""
    with market.open() as home:
        return backup(home, to, at=now(), **how)


@contextmanager
def elsewhere(market: Market, folder: Path, *, postgresql: bool | None = None) -> Iterator[Market]:
    """Give the place of another market with the same people: no home yet, and an empty database of the same kind."""
    shutil.copytree(market.folder / "keys", folder / "keys")
    if postgresql is None:
        postgresql = market.database_url is not None
    url = postgres.fresh_url(migrated=False) if postgresql else None
    yield Market(folder, market.facts, url)
    if url is not None:
        postgres.drop(url)


def restored(market: Market, of: Path, **known: Any) -> Restored:
    """Make the market's home of a backup."""
    return restore(Request(backup=of, settings=market.settings(), **known), clock=now)
