"""Raw files at rest, encrypted: sealed once, then read from any place with the key.

AES-256-GCM over chunks of 1 MiB, as in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): the nonce
of a chunk is the file's random prefix, the chunk's number, and whether it is the last, so that chunks cannot be
altered, left out, put in another order or taken from another file. The header is authenticated with every chunk, and
each file has a key of its own, derived from the vault's key and 32 random bytes in the header.
"""

import hashlib
import io
import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from anonymize.edition import sync_folder
from anonymize.errors import SourceError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAGIC = b"SLUICE\x00\x01"
CHUNK = 1 << 20
_TAG, _SALT, _PREFIX = 16, 32, 7
_HEADER = len(MAGIC) + _SALT + _PREFIX


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was sealed: the hash and the size of the plain bytes."""

    sha256: str
    size_bytes: int


def seal(
    source: BinaryIO | Path, target: Path, key: bytes, *, draw: Callable[[int], bytes] = secrets.token_bytes
) -> Sealed:
    """Encrypt all of *source* into the new file *target*, readable by its owner alone; it appears whole or not at all.

    Raises:
        SourceError: *target* is there already.
        ValueError: the key is not 32 bytes.
    """
    header = MAGIC + draw(_SALT + _PREFIX)
    cipher = _cipher(key, header)
    if target.exists():
        raise SourceError(str(target), "is there already", fix="Name a file that does not exist.")
    digest, size = hashlib.sha256(), 0
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with (
            os.fdopen(handle, "wb") as out,
            source.open("rb") if isinstance(source, Path) else nullcontext(source) as plain,
        ):
            out.write(header)
            number, chunk = 0, _full(plain)
            while True:
                following = _full(plain)
                out.write(cipher.encrypt(_nonce(header, number, last=not following), chunk, header))
                digest.update(chunk)
                size += len(chunk)
                if not following:
                    break
                number, chunk = number + 1, following
            out.flush()
            os.fsync(out.fileno())
        os.link(temporary, target)  # unlike a rename, never over a file that came meanwhile
    except FileExistsError:
        raise SourceError(str(target), "is there already", fix="Name a file that does not exist.") from None
    finally:
        os.unlink(temporary)
    sync_folder(target.parent)
    return Sealed(digest.hexdigest(), size)


def opened(path: Path, key: bytes) -> io.BufferedReader:
    """Open a sealed file: the plain bytes, with seeking; each chunk is checked before any of it is given.

    Raises:
        SourceError: there is no such file, it is not sealed, cut off, altered, or sealed with another key; also
            raised when a chunk that is read turns out to be so.
    """
    return io.BufferedReader(_Plain(path, key), CHUNK)


class _Plain(io.RawIOBase):
    """The plain bytes of a sealed file."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._place = str(path)
        try:
            self._file = path.open("rb", buffering=0)
        except OSError as error:
            found = f"cannot be opened ({error.strerror})"
            raise SourceError(str(path), found, fix="Check the vault and the right to read it.") from None
        try:
            self._header = self._file.read(_HEADER)
            body = os.fstat(self._file.fileno()).st_size - _HEADER
            if len(self._header) < _HEADER or not self._header.startswith(MAGIC) or body < _TAG:
                raise SourceError(str(path), "is no sealed file", fix="Add the source to the vault again.")
            self._cipher = _cipher(key, self._header)
            self._chunks = -(-body // (CHUNK + _TAG))
            self._size = body - self._chunks * _TAG
            self._at, self._held, self._chunk = 0, -1, b""
            self._load(self._chunks - 1)  # shows that nothing is missing from the end
        except BaseException:
            self._file.close()
            raise

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file.fileno()

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("before the start of the file")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        if self._at >= self._size or not view:
            return 0
        number, start = divmod(self._at, CHUNK)
        if number != self._held:
            self._load(number)
        part = self._chunk[start : start + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()

    def _load(self, number: int) -> None:
        self._file.seek(_HEADER + number * (CHUNK + _TAG))
        raw = _full(self._file, CHUNK + _TAG)
        nonce = _nonce(self._header, number, last=number == self._chunks - 1)
        try:
            self._chunk, self._held = self._cipher.decrypt(nonce, raw, self._header), number
        except InvalidTag:
            found = f"part {number + 1} of {self._chunks} is altered or cut off, or the key is another"
            raise SourceError(self._place, found, fix="Use the vault's key, or add the source again.") from None


def _cipher(key: bytes, header: bytes) -> AESGCM:
    if len(key) != 32:
        raise ValueError("a vault's key has 32 bytes")
    salt = header[len(MAGIC) : len(MAGIC) + _SALT]
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=MAGIC).derive(key))


def _nonce(header: bytes, number: int, *, last: bool) -> bytes:
    return header[-_PREFIX:] + number.to_bytes(4, "big") + bytes([last])


def _full(file: BinaryIO | io.FileIO, size: int = CHUNK) -> bytes:
    """Read *size* bytes, fewer only at the end."""
    parts = []
    while size and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
