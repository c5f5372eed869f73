"""Where bytes rest: a folder of blobs named by their SHA-256.

The write order is the promise: temporary file → write → fsync → verify the hash of what was written → rename → fsync
the folder. Only then may a row speak of the blob. A crash before that leaves a temporary file or an unreferenced blob,
never a torn one. A writer holds its temporary file locked; what is unlocked was left by a killed one.
"""

import hashlib
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from anonymize.edition import sync_folder
from anonymize.held import held_folder, hold, remove_abandoned
from catalog.errors import DamagedBlob, NotFound

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes at rest: their hash and size."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class BlobStore:
    """A content-addressed folder on a local disk."""

    root: Path

    def put(self, source: Path) -> Blob:
        """Store a copy of the file *source*; storing the same bytes twice is storing them once."""
        with source.open("rb") as file:
            return self._write(iter(lambda: file.read(CHUNK_BYTES), b""))

    def put_bytes(self, content: bytes) -> Blob:
        """Store *content*."""
        return self._write(iter([content]))

    def path(self, sha256: str) -> Path:
        """Where the blob rests, whether or not it does."""
        return self.root / sha256[:2] / sha256

    def open_path(self, sha256: str) -> Path:
        """Where the blob rests.

        Raises:
            NotFound: it is not here.
        """
        path = self.path(sha256)
        if not path.is_file():
            raise NotFound(f"blob {sha256[:12]}", "its bytes are not here", fix="Restore them from a backup.")
        return path

    def verified(self, sha256: str, *, pause: Callable[[int], None] = lambda size: None) -> Path:
        """Read the whole blob and compare its hash; gives where it rests. *pause* is told of each part that was read.

        Raises:
            NotFound: it is not here.
            DamagedBlob: the bytes are not those that were stored, or the disk does not give them.
        """
        path = self.open_path(sha256)
        try:
            intact = _hash_of(path, pause) == sha256
        except OSError as error:
            found = f"its bytes cannot be read ({error.strerror})"
            raise DamagedBlob(f"blob {sha256[:12]}", found, fix="Check the disk; restore it from a backup.") from error
        if not intact:
            raise DamagedBlob(f"blob {sha256[:12]}", "its bytes have changed", fix="Restore it from a backup.")
        return path

    def check(self, sha256: str) -> None:
        """Insist that the blob is intact; raises as `verified` does."""
        self.verified(sha256)

    def written_at(self, sha256: str) -> datetime | None:
        """Say when the blob was stored last, by the clock of the disk; None where it is not here."""
        with suppress(FileNotFoundError):
            return datetime.fromtimestamp(self.path(sha256).stat().st_mtime, UTC)
        return None

    def take(self, sha256: str, source: Path) -> Blob:
        """Store a copy of a blob that rests elsewhere; what was set aside of it here goes.

        Raises:
            DamagedBlob: the copy is not it.
        """
        with source.open("rb") as file:
            blob = self._write(iter(lambda: file.read(CHUNK_BYTES), b""), sha256)
        self._unlink([self.root / "damaged" / sha256])
        return blob

    def is_aside(self, sha256: str) -> bool:
        """Say whether what is left of a damaged blob was set aside."""
        return (self.root / "damaged" / sha256).exists()

    def set_aside(self, sha256: str) -> None:
        """Take a damaged blob away from where it is served from, and keep what is left of it."""
        folder = self.root / "damaged"
        folder.mkdir(exist_ok=True)
        path = self.path(sha256)
        path.replace(folder / sha256)
        sync_folder(path.parent)
        sync_folder(folder)

    def erase(self, *blobs: str) -> None:
        """Remove blobs for good, damaged ones that were set aside as well; erasing what is gone is no fault."""
        self._unlink([place for sha256 in blobs for place in (self.path(sha256), self.root / "damaged" / sha256)])

    def all(self) -> Iterator[str]:
        """Name every blob at rest."""
        yield from (path.name for path in sorted(self.root.glob("[0-9a-f][0-9a-f]/*")))

    @contextmanager
    def room(self) -> Iterator[Path]:
        """Give an empty folder to work in; it goes when the block ends, and is swept where its process was killed."""
        folder = self.root / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        with held_folder(folder, "room-") as room:
            yield room

    def sweep_temporaries(self) -> int:
        """Remove what writers that no longer live left behind; gives how many."""
        return sum(remove_abandoned(path) for path in (self.root / "tmp").glob("*"))

    def _unlink(self, places: Collection[Path]) -> None:
        for place in places:
            place.unlink(missing_ok=True)
        for folder in {place.parent for place in places}:
            if folder.is_dir():
                sync_folder(folder)

    def _write(self, chunks: Iterator[bytes], expected: str | None = None) -> Blob:
        digest, size = hashlib.sha256(), 0
        with self._temporary() as (temporary, file):
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
            sha256 = digest.hexdigest()
            if expected is not None and expected != sha256:
                fix = "Take it from another backup."
                raise DamagedBlob(f"blob {expected[:12]}", "a copy of it is damaged", fix=fix)
            if _hash_of(temporary) != sha256:
                raise DamagedBlob(
                    "store", "what was written is not what was sent", fix="Check the disk, then try again."
                )
            target = self.path(sha256)
            fresh = not target.parent.exists()
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.chmod(0o444)
            temporary.rename(target)
            sync_folder(target.parent)
            if fresh:
                sync_folder(self.root)
        return Blob(sha256, size)

    @contextmanager
    def _temporary(self) -> Iterator[tuple[Path, BinaryIO]]:
        """Open a new file under a name of its own, held; when the block ends nothing has that name any more."""
        folder = self.root / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            path = folder / os.urandom(8).hex()
            with path.open("xb") as file:
                try:
                    if hold(file.fileno()):
                        yield path, file
                        return
                finally:
                    path.unlink(missing_ok=True)


def _hash_of(path: Path, pause: Callable[[int], None] = lambda size: None) -> str:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            pause(len(chunk))
    return digest.hexdigest()
