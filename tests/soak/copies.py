"""Copies of a market, each for one trial, with its database."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

from tests.common import postgres
from tests.soak.crash import Runner


@contextmanager
def copies(runner: Runner) -> Iterator[Callable[[], Runner]]:
    """Give what makes a copy; the one before goes when the next is made, the last at the end of the block."""
    numbers, made = count(), list[Runner]()

    def remove() -> None:
        for copy in made:
            shutil.rmtree(copy.market.folder)
            if copy.market.database_url is not None:
                postgres.drop(copy.market.database_url)
        made.clear()

    def copy() -> Runner:
        remove()
        market = runner.market
        folder = market.folder.with_name(f"{market.folder.name}-copy{next(numbers)}")
        shutil.copytree(market.folder, folder)
        url = market.database_url and postgres.copy_of(market.database_url)
        made.append(replace(runner, market=replace(market, folder=folder, database_url=url)))
        return made[0]

    yield copy
    remove()
