"""Text that may be packed with gzip or Zstandard, told by its first bytes; a bomb is refused before it goes off."""

from collections.abc import Iterator

import pyarrow as pa

from anonymize.errors import SourceError
from anonymize.sources.limits import BLOCK, most_unpacked, unpacked_fix
from anonymize.sources.steady import Steady
from policies.source import Source

MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
OTHERS = {b"\xfd7zXZ\x00": "xz", b"BZh": "bzip2", b"7z\xbc\xaf\x27\x1c": "7-Zip", b"Rar!": "RAR"}


def chunks(file: Steady, source: Source, *, size: int = BLOCK) -> Iterator[bytes]:
    """Give the plain bytes of *file* from its start, in pieces of about *size*.

    Raises:
        SourceError: the packed bytes are cut off or damaged, unpack to more than is allowed, or are packed otherwise.
    """
    first = file.read(size)
    for magic, kind in OTHERS.items():
        if first.startswith(magic):
            raise SourceError(file.name, f"is packed with {kind}", fix="Unpack it, or pack it with gzip or Zstandard.")
    kind = next((kind for magic, kind in MAGIC.items() if first.startswith(magic)), "")
    if kind:
        yield from _unpacked(_Ahead(first, file), kind, file, source, size)
        return
    while first:
        yield first
        first = file.read(size)


def _unpacked(packed: "_Ahead", kind: str, file: Steady, source: Source, size: int) -> Iterator[bytes]:
    limit, done = most_unpacked(source, file.size), 0
    stream = pa.CompressedInputStream(pa.PythonFile(packed, "r"), kind)
    while True:
        try:
            chunk = stream.read(size)
        except OSError:
            fix = "Pack it again, and check that it was copied whole."
            raise SourceError(file.name, f"its {kind} bytes are damaged or cut off", fix=fix) from None
        if not chunk:
            return
        done += len(chunk)
        if done > limit:
            found = f"unpacks to more than {limit:,} bytes from {file.size:,}"
            raise SourceError(file.name, found, fix=unpacked_fix(limit))
        yield chunk


class _Ahead:
    """A file whose first bytes have been read already."""

    closed = False

    def __init__(self, first: bytes, file: Steady) -> None:
        self._first, self._file = first, file

    def read(self, size: int = -1) -> bytes:
        if self._first:
            part = self._first[:size] if size >= 0 else self._first
            self._first = self._first[len(part) :]
            return part
        return self._file.read(size)

    def close(self) -> None:
        """Stay open: the file has an owner."""
