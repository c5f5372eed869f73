"""Pull all files into a folder on this machine: paid first, then copied, each by its hash.

Stopped, a pull is taken up where it was. The key is kept in the folder; files that are there and whole are not copied
twice.
"""

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from anonymize.edition import sync_folder
from catalog.errors import CatalogError
from market.delivery.formats import Outlet
from market.query.answer import QueryService
from market.query.asker import Asker
from market.query.assess import check_still
from market.query.assessed import Assessed
from market.query.pulls import CHUNK_BYTES, File, Nowhere, begin, name_of
from market.query.question import Question
from market.query.watching import LOOK_S
from policies.billing import Bill

STATE = ".sluice-pull.json"


@dataclass(frozen=True, slots=True)
class Pulled:
    """What was pulled, and what it cost."""

    run_id: str
    bill: Bill
    files: tuple[Path, ...]
    rows: int
    size_bytes: int


def key_in(folder: Path, agreement: str) -> str:
    """Read the key of the pull into *folder*, or begin one.

    Raises:
        CatalogError: the folder holds something else, or a pull under another agreement.
    """
    state = folder / STATE
    if state.exists():
        said = json.loads(state.read_text("utf-8"))
        if said.get("agreement") != agreement:
            raise CatalogError(str(folder), "holds a pull under another agreement", fix="Name another folder.")
        return str(said["key"])
    if folder.exists() and any(folder.iterdir()):
        raise CatalogError(str(folder), "is not empty", fix="Name a new folder, or one where a pull was begun.")
    folder.mkdir(parents=True, exist_ok=True)
    key = f"pull-{secrets.token_urlsafe(18)}"
    _written(state, json.dumps({"agreement": agreement, "key": key}).encode())
    return key


def pull(
    service: QueryService,
    question: Question,
    asker: Asker,
    folder: Path,
    *,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Pulled:
    """Pull what the agreement of *question* gives access to into *folder*.

    *progress* is called with the bytes that are there and those there are in all.

    Raises:
        Denied: refused; nothing is charged. An agreement for aggregates gives no files.
    """
    assessed, outlet = service.assess(question, asker), Outlet(Nowhere())
    paid = begin(service, assessed, asker)
    total = sum(file.size_bytes for file in paid.files)
    names = tuple(_fetch(service, assessed, file, folder, outlet, progress, total) for file in paid.files)
    return Pulled(paid.run_id, paid.bill, names, sum(file.rows for file in paid.files), outlet.size_bytes)


def _fetch(
    service: QueryService,
    assessed: Assessed,
    file: File,
    folder: Path,
    outlet: Outlet,
    progress: Callable[[int, int], None],
    total: int,
) -> Path:
    """Bring one file, unless it is there and whole; it gets its name when it is."""
    target = folder / name_of(assessed.grant.terms.table, file)
    source = service.assessor.store.open_path(file.sha256)
    there = target.exists()
    partial = target.with_suffix(".partial")
    before = Outlet(Nowhere())
    looked = time.monotonic()
    with (target if there else source).open("rb") as read, partial.open("wb") as written:
        for chunk in _chunks(read):
            if time.monotonic() - looked >= LOOK_S:
                _still_granted(service, assessed)
                looked = time.monotonic()
            if not there:
                written.write(chunk)
            before.write(memoryview(chunk))
            outlet.write(memoryview(chunk))
            progress(outlet.size_bytes, total)
        written.flush()
        os.fsync(written.fileno())
    if before.digest.hexdigest() != file.sha256:
        partial.unlink()
        target.unlink(missing_ok=True)
        raise CatalogError(target.name, "is not what was published", fix="Pull again: it is fetched anew.")
    if there:
        partial.unlink()
    else:
        partial.rename(target)
        sync_folder(folder)
    return target


def _chunks(read: IO[bytes]) -> Iterator[bytes]:
    while chunk := read.read(CHUNK_BYTES):
        yield chunk


def _still_granted(service: QueryService, assessed: Assessed) -> None:
    """Insist that agreement and release still stand, while a large file is on its way."""
    with service.database.reading() as session:
        check_still(session, assessed, at=service.clock())


def _written(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
