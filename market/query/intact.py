"""The bytes of what is asked: hashed when a process opens them first, and again as soon as anything touched the file.

Size and time of a file can be put back by whoever changed it; the moment of its last change and its number on the disk
cannot. What the disk itself loses without a trace, the nightly scrub finds, and takes the file away.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from catalog.errors import DamagedBlob, NotFound
from catalog.store import BlobStore
from market.query.verdicts import Denied

Identity = tuple[int, int, int, int]


@dataclass(slots=True)
class Intact:
    """Knows which files this process has hashed, and what they looked like."""

    store: BlobStore
    changed: Callable[[Path], object] = lambda path: None
    """Told of a file that is not what it was: workers may still read what it was."""
    _seen: dict[str, Identity] = field(default_factory=dict)

    def check(self, paths: Iterable[Path]) -> None:
        """Insist that blobs found before are still intact; raises as `path` does."""
        for path in paths:
            self.path(path.name)

    def path(self, sha256: str) -> Path:
        """Say where a blob rests that is known to be intact.

        Raises:
            Denied: it is damaged or missing.
        """
        path = self.store.path(sha256)
        found, known = _identity(path), self._seen.get(sha256)
        if found is None or found != known:
            if known is not None:
                self._seen.pop(sha256, None)
                self.changed(path)
            try:
                self.store.check(sha256)
            except (NotFound, DamagedBlob) as error:
                raise _damaged() from error
            if found is None or _identity(path) != found:
                raise _damaged()
            self._seen[sha256] = found
        return path


def _identity(path: Path) -> Identity | None:
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


def _damaged() -> Denied:
    fix = "Nothing is charged. Tell the operator, who mends them from a backup, then ask again."
    return Denied("bytes-damaged", "The bytes of this release are damaged or missing here.", fix=fix)
