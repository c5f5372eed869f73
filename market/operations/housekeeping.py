"""Do a home's chores when they are due, in one process per home.

A chore that fails is told, once for each state of affairs, and tried again at its next time; it stops no other. The
nightly scrub takes long, so it goes beside the others.
"""

import json
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from catalog.errors import CatalogError
from market.faults import explained
from market.home import Home
from market.operations.chores import CHORES, Chore
from market.operations.files import Busy, only_one, replace
from market.operations.scrub import Stopped, scrub

LOOK_S = 10.0
"""How often it looks for what is due."""

PATIENCE_S = 3.0
"""How long the end of a service waits for a chore; all of them may be killed."""

SCRUB, NIGHTLY = "scrub", timedelta(hours=24)

REMEMBERED = timedelta(minutes=5)
"""A chore of this rhythm or a slower one is remembered from one process to the next."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a chore."""

    chore: str
    did: str | None
    failed: bool = False


@dataclass(slots=True)
class Housekeeper:
    """Keeps one home."""

    home: Home
    clock: Callable[[], datetime]
    tell: Callable[[str], None]
    """Told what was done and what failed, a line each."""
    chores: Sequence[Chore] = CHORES
    stop: threading.Event = field(default_factory=threading.Event)
    _last: dict[str, datetime] = field(default_factory=dict)
    _told: dict[str, str] = field(default_factory=dict)
    """What was told of each chore that fails."""
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def once(self) -> list[Outcome]:
        """Do all that is due, the nightly scrub last.

        Raises:
            Busy: another process keeps this home.
        """
        with self._alone():
            outcomes = self._round()
            if self._is_due(SCRUB, NIGHTLY):
                outcomes.append(self._scrub())
            return outcomes

    def keep(self) -> None:
        """Do what is due, on and on, until told to stop; where another process keeps this home, wait for its end."""
        while not self.stop.is_set():
            try:
                with self._alone():
                    self._keep()
            except Busy:
                pass
            except Exception as error:
                self._complain("all", error)
            self.stop.wait(LOOK_S)

    def _keep(self) -> None:
        scrubbing: threading.Thread | None = None
        while not self.stop.is_set():
            self._round()
            if (scrubbing is None or not scrubbing.is_alive()) and self._is_due(SCRUB, NIGHTLY):
                scrubbing = threading.Thread(target=self._scrub, name="scrub", daemon=True)
                scrubbing.start()
            self.stop.wait(LOOK_S)
        if scrubbing is not None:
            scrubbing.join()

    def _round(self) -> list[Outcome]:
        outcomes = []
        for chore in self.chores:
            if not self.stop.is_set() and self._is_due(chore.name, chore.every):
                at = self.clock()
                outcomes.append(self._try(chore.name, partial(chore.do, self.home, at)))
                self._note(chore.name, at, remembered=chore.every >= REMEMBERED)
        return outcomes

    def _scrub(self) -> Outcome:
        def do() -> None:
            rate = self.home.settings.scrub_mb_s * 1e6
            found = scrub(self.home, clock=self.clock, stop=self.stop, bytes_s=rate).findings
            places = [place for finding in found for place in finding.places]
            if places:
                fix = "Mend it from a backup: sluice store scrub --from."
                raise CatalogError("store", f"lacks or has damaged: {'; '.join(places)}", fix=fix)

        at = self.clock()
        outcome = self._try(SCRUB, do)
        if not self.stop.is_set():
            self._note(SCRUB, at, remembered=True)
        return outcome

    def _try(self, name: str, do: Callable[[], str | None]) -> Outcome:
        try:
            did = do()
        except Stopped:
            return Outcome(name, "stopped; it goes on from there")
        except Exception as error:
            return Outcome(name, self._complain(name, error), failed=True)
        self._told.pop(name, None)
        if did is not None:
            self.tell(f"housekeeping: {name}: {did}")
        return Outcome(name, did)

    def _complain(self, name: str, error: Exception) -> str:
        words = _words(error)
        if self._told.get(name) != words:
            self.tell(f"housekeeping: {name} failed: {words}")
            self._told[name] = words
        return words

    def _is_due(self, name: str, every: timedelta) -> bool:
        """Say whether it is time; a clock that jumped far either way makes it so."""
        last = self._last.get(name)
        return last is None or abs(self.clock() - last) >= every

    def _note(self, name: str, at: datetime, *, remembered: bool) -> None:
        self._last[name] = at
        if remembered:
            with self._guard:
                kept = _read(self._file) | {name: at}
                replace(self._file, json.dumps({name: last.isoformat() for name, last in kept.items()}).encode())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with only_one(self.home.settings.home / "run" / "housekeeper.lock", "another process keeps this home"):
            self._last = _read(self._file)
            yield

    @property
    def _file(self) -> Path:
        return self.home.settings.home / "run" / "housekeeping.json"


@contextmanager
def keeping(home: Home, clock: Callable[[], datetime], tell: Callable[[str], None]) -> Iterator[Housekeeper]:
    """Keep *home* beside whatever the block does; when it ends, what is being done is stopped or left as it is."""
    keeper = Housekeeper(home, clock, tell)
    thread = threading.Thread(target=keeper.keep, name="housekeeping", daemon=True)
    thread.start()
    try:
        yield keeper
    finally:
        keeper.stop.set()
        thread.join(PATIENCE_S)


def _read(file: Path) -> dict[str, datetime]:
    try:
        return {name: datetime.fromisoformat(at) for name, at in json.loads(file.read_text("ascii")).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _words(error: Exception) -> str:
    """Say what failed without quoting a value: in our own words, or by where in the program it was."""
    known = explained(error) or error
    if isinstance(known, CatalogError):
        return str(known)
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(where.filename).name}, line {where.lineno}"
