"""The runs that this process is answering, and those that the loss of the database took from it.

A process that dies leaves its runs to the next one. One that only loses the database for a while lives on, and so do
its runs' marks: what it could not finish then, or does not know the end of, it finishes itself before it asks anew.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import DBAPIError

from market.db import Database
from market.query import runs


@dataclass(slots=True)
class AtWork:
    """What one process, under one epoch, has begun and not ended."""

    epoch: str
    _runs: set[str] = field(default_factory=set)
    _doubt: bool = False

    @contextmanager
    def beginning(self) -> Iterator[Callable[[str], None]]:
        """Give what takes a run as one's own, before the commit that shows it to others; a lost commit leaves doubt."""
        begun: list[str] = []

        def begin(run_id: str) -> None:
            self._runs.add(run_id)
            begun.append(run_id)

        try:
            yield begin
        except DBAPIError:
            self.doubt(*begun)
            raise

    def end(self, run_id: str | None) -> None:
        """Let a run go, if one was begun."""
        self._runs.discard(str(run_id))

    def doubt(self, *run_ids: str) -> None:
        """Let runs go of which the database did not say that they are finished."""
        self._runs.difference_update(run_ids)
        self._doubt = True

    def make_good(self, database: Database, *, at: datetime) -> None:
        """Finish the runs that are in doubt: what was not charged is void, what was is kept for its key."""
        if not self._doubt:
            return
        self._doubt = False
        try:
            with database.writing() as session:
                runs.recover(session, is_alive=lambda epoch: True, is_left=self._is_left, at=at)
                self._doubt |= any(map(self._is_left, runs.unsaid(session)))  # locked by what a lost session still does
        except BaseException:
            self._doubt = True
            raise

    def _is_left(self, run: Any) -> bool:
        return run.epoch == self.epoch and run.id not in self._runs
