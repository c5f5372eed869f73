"""Can the service do its work? Its database answers, its log is whole, its clock is right, its disk has room.

Who asks gets an answer within two seconds, whatever the database does.
"""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from market.audit import checkpoint, log, reached
from market.home import Home

PATIENCE_S = 1.5
SLACK = timedelta(minutes=1)
"""How far the clock may be before the newest checkpoint: the clocks of two machines differ."""
SHARE = 0.05


@dataclass(slots=True)
class Readiness:
    """Examines one home, for one process."""

    home: Home
    _looking: threading.Thread | None = None
    _file: int | None = None
    """The number of SQLite's file on the disk, as first seen: one that takes its place is not the one we write to."""
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def faults(self, at: datetime) -> dict[str, str]:
        """Say what is wrong, by what it is wrong with; nothing where all is well."""
        found = {"database": self._within(lambda: self._database(at)), "disk": self._disk()}
        return {name: told for name, told in found.items() if told is not None}

    def _within(self, look: Callable[[], str | None]) -> str | None:
        """Look, but not for too long; while an earlier look still waits, there is no need to look again."""
        told: list[str | None] = ["does not answer"]

        def run() -> None:
            try:
                told[0] = look()
            except Exception:
                told[0] = "cannot be read"

        with self._guard:
            if self._looking is not None and self._looking.is_alive():
                return "does not answer"
            self._looking = looking = threading.Thread(target=run, name="readiness", daemon=True)
            looking.start()
        looking.join(PATIENCE_S)
        return told[0]

    def _database(self, at: datetime) -> str | None:
        if self.home.settings.database_url is None:
            number = (self.home.settings.home / "sluice.db").stat().st_ino
            self._file = self._file or number
            if number != self._file:
                return "was replaced while the service ran: start it again"
        known = reached.read(self.home.settings.home) or 0
        with self.home.database.reading() as session:
            size, newest = log.size(session), checkpoint.newest(session)
        if size < known:
            return f"has lost entries of the log: {size} are there, and {known} have been"
        if newest is not None and at < newest.at - SLACK:
            return "has a checkpoint from the future: the clock is wrong, or was"
        return None

    def _disk(self) -> str | None:
        try:
            for folder in (self.home.settings.home / "run", self.home.store.root):
                with tempfile.TemporaryFile(dir=folder) as file:
                    file.write(b"0")
                    file.flush()
                    os.fsync(file.fileno())
                free = shutil.disk_usage(folder)
                if free.free < self.home.settings.disk_free_mb * 1_000_000 and free.free < SHARE * free.total:
                    return "is nearly full"
        except OSError:
            return "cannot be written to"
        return None
