"""Small files that are there whole or not at all."""

import os
from pathlib import Path

from anonymize.edition import sync_folder
from anonymize.held import hold


def replace(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Put *content* in the place of whatever *path* held: temporary file → fsync → rename → fsync the folder."""
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "wb") as file:
            hold(handle)
            file.write(content)
            file.flush()
            os.fsync(handle)
            beside.replace(path)
        sync_folder(path.parent)
    finally:
        beside.unlink(missing_ok=True)
