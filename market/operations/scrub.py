"""Read every blob that rows speak of, and compare its hash: at a bounded rate, and taken up again where it stopped.

A blob that is damaged is set aside at once, so that no process serves it any more; a copy from a backup mends it.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from catalog.alone import alone
from catalog.errors import DamagedBlob, NotFound
from catalog.events import Event, note
from catalog.holdings import Holding, due
from catalog.ids import OPERATOR
from market.home import Home
from market.operations.files import only_one, replace

KEEP_S = 5.0
"""How often the position is kept."""

Progress = Callable[[str], None]


class Stopped(Exception):
    """Somebody asked to stop; the position is kept."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A blob that is not as it was stored."""

    sha256: str
    found: Literal["damaged", "missing"]
    places: Sequence[str]
    """What it is: the file of which edition of which release."""
    mended: bool = False


@dataclass(slots=True)
class Position:
    """How far one round through all blobs has got."""

    began: str
    after: str = ""
    """The hash of the blob read last; they are read in the order of their hashes."""
    blobs: int = 0
    size_bytes: int = 0
    findings: list[Finding] = field(default_factory=list)

    @classmethod
    def read(cls, file: Path, at: datetime) -> "Position":
        """Take up the round in *file*, or begin a new one."""
        try:
            kept = json.loads(file.read_text("utf-8"))
            return cls(**{**kept, "findings": [Finding(**finding) for finding in kept["findings"]]})
        except (OSError, ValueError, KeyError, TypeError):
            return cls(at.isoformat())

    def keep(self, file: Path) -> None:
        """Write it down."""
        replace(file, json.dumps(asdict(self)).encode())


@dataclass(slots=True)
class Pace:
    """Read no faster than told, and stop when told to."""

    bytes_s: float
    stop: threading.Event
    began: float = field(default_factory=time.monotonic)
    read: int = 0

    def __call__(self, size: int) -> None:
        """Wait after *size* bytes for as long as it takes.

        Raises:
            Stopped: the scrub is to end.
        """
        self.read += size
        ahead = self.read / self.bytes_s - (time.monotonic() - self.began)
        if self.stop.wait(ahead) if ahead > 0 else self.stop.is_set():
            raise Stopped


def scrub(
    home: Home,
    *,
    clock: Callable[[], datetime],
    stop: threading.Event,
    bytes_s: float,
    progress: Progress = lambda told: None,
    copies: Path | None = None,
    again: bool = False,
) -> Position:
    """Read all blobs, or those that an interrupted round has left; *again* begins anew.

    Where *copies* is a backup's folder of blobs, what is damaged or missing is mended from there.

    Raises:
        Stopped: *stop* was set; the next call goes on from there.
        Busy: another process is at it.
    """
    run = home.settings.home / "run"
    with only_one(run / "scrub.lock", "another scrub is under way"):
        if again:
            (run / "scrub.json").unlink(missing_ok=True)
        position = Position.read(run / "scrub.json", clock())
        with home.database.reading() as session:
            expected = due(session)
        with _kept(position, run / "scrub.json") as keep:
            pace = Pace(bytes_s, stop)
            for number, (sha256, holdings) in enumerate(expected.items(), 1):
                if sha256 <= position.after:
                    continue
                finding = _look(home, sha256, holdings, pace, position)
                if finding is not None:
                    position.findings.append(_mended(home, finding, copies))
                position.after, position.blobs = sha256, position.blobs + 1
                if keep():
                    progress(f"{number:,} of {len(expected):,} blobs, {position.size_bytes / 1e9:,.1f} GB")
        with home.database.writing() as session:
            note(session, _event(position, clock()))
        (run / "scrub.json").unlink()
    return position


def _look(home: Home, sha256: str, holdings: Sequence[Holding], pace: Pace, position: Position) -> Finding | None:
    """Read one blob; a damaged one is read twice before it is believed, and set aside."""
    found: Literal["damaged", "missing"] = "missing"
    for _ in range(2):
        try:
            path = home.store.verified(sha256, pause=pace)
            position.size_bytes += path.stat().st_size
            return None
        except NotFound:
            found = "damaged" if home.store.is_aside(sha256) else "missing"
        except DamagedBlob:
            found = "damaged"
    with home.database.writing() as session:
        alone(session, "dataset")  # nobody enters or erases it meanwhile
        if sha256 not in due(session):
            return None  # it was erased since the round began
        if found == "damaged" and home.store.path(sha256).exists():
            home.store.set_aside(sha256)
    return Finding(sha256, found, [holding.place for holding in holdings])


def _mended(home: Home, finding: Finding, copies: Path | None) -> Finding:
    copy = None if copies is None else copies / finding.sha256[:2] / finding.sha256
    if copy is None or not copy.is_file():
        return finding
    try:
        home.store.take(finding.sha256, copy)
    except DamagedBlob:
        return finding
    return Finding(finding.sha256, finding.found, finding.places, mended=True)


@contextmanager
def _kept(position: Position, file: Path) -> Iterator[Callable[[], bool]]:
    """Keep the position from time to time and, whatever ends the block, at its end."""
    last = time.monotonic()

    def keep() -> bool:
        nonlocal last
        if time.monotonic() - last < KEEP_S:
            return False
        position.keep(file)
        last = time.monotonic()
        return True

    try:
        yield keep
    finally:
        position.keep(file)


def _event(position: Position, at: datetime) -> Event:
    details = {
        "blobs": position.blobs,
        "bytes": position.size_bytes,
        "began": position.began,
        **{
            kind: [finding.sha256 for finding in position.findings if finding.found == kind and not finding.mended]
            for kind in ("damaged", "missing")
        },
        "mended": [finding.sha256 for finding in position.findings if finding.mended],
    }
    return Event(action="store:scrubbed", subject="store", by=OPERATOR, at=at, details=details)
