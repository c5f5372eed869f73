"""Where bytes rest: a folder of blobs named by their SHA-256.

The write order is the promise: temporary file → write → fsync → verify the hash of what was written → rename → fsync
the folder. Only then may a row speak of the blob. A crash before that leaves a temporary file or an unreferenced blob,
never a torn one.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from anonymize.edition import sync_folder
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

    def check(self, sha256: str) -> None:
        """Read the blob and compare its hash.

        Raises:
            DamagedBlob: the bytes are not those that were stored.
        """
        if _hash_of(self.open_path(sha256)) != sha256:
            raise DamagedBlob(f"blob {sha256[:12]}", "its bytes have changed", fix="Restore it from a backup.")

    def erase(self, sha256: str) -> None:
        """Remove the blob for good; erasing what is gone is no fault."""
        path = self.path(sha256)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            sync_folder(path.parent)

    def all(self) -> Iterator[str]:
        """Name every blob at rest."""
        yield from (path.name for path in sorted(self.root.glob("[0-9a-f][0-9a-f]/*")))

    @contextmanager
    def room(self) -> Iterator[Path]:
        """Give an empty folder to work in; it goes when the block ends, and is swept where its process was killed."""
        folder = self.root / "tmp" / f"{os.getpid()}.{os.urandom(8).hex()}"
        folder.mkdir(parents=True, mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def sweep_temporaries(self) -> int:
        """Remove what writers that no longer live left behind; gives how many."""
        removed = 0
        for path in (self.root / "tmp").glob("*"):
            pid = int(path.name.split(".")[0])
            if not Path(f"/proc/{pid}").exists():
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
                removed += 1
        return removed

    def _write(self, chunks: Iterator[bytes]) -> Blob:
        folder = self.root / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f"{os.getpid()}.{os.urandom(8).hex()}"
        digest, size = hashlib.sha256(), 0
        try:
            with temporary.open("xb") as file:
                for chunk in chunks:
                    file.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                file.flush()
                os.fsync(file.fileno())
            sha256 = digest.hexdigest()
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
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return Blob(sha256, size)


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
