"""Pull all files of an edition or cut: priced as reading every column of every row, resumable, each file by its hash.

A pull is a question for everything, under an idempotency key that is kept in the folder. Stopped anywhere and asked
again it pays nothing more: files that are there and whole are not fetched twice.
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
from catalog.models import CutFile, EditionFile
from market.delivery.formats import Format, Outlet
from market.query.answer import QueryService
from market.query.asker import Asker
from market.query.assess import check_still
from market.query.assessed import Assessed
from market.query.licensed import served
from market.query.question import Question
from market.query.verdicts import Denied
from market.query.watching import LOOK_S
from policies.billing import Bill
from policies.profile import Mode
from policies.terms import Terms

CHUNK_BYTES = 1 << 20
STATE = ".sluice-pull.json"

File = EditionFile | CutFile


@dataclass(frozen=True, slots=True)
class Pulled:
    """What was pulled, and what it cost."""

    run_id: str
    bill: Bill
    files: tuple[Path, ...]
    rows: int
    size_bytes: int


class Nowhere:
    """Where bytes go that are counted and hashed alone."""

    def write(self, data: memoryview, /) -> int:
        """Take them."""
        return data.nbytes

    def flush(self) -> None:
        """Nothing is buffered."""


def statement(table: str) -> str:
    """Write the question for all of a table."""
    quoted = table.replace('"', '""')
    return f'FROM "{quoted}"'


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
    assessed = service.assess(question, asker)
    check_whole(assessed)
    files = files_of(service, assessed.grant.terms)
    rows = sum(file.rows for file in files)
    run_id, granted = service.steps.reserve(assessed, asker, rows=rows)
    with service.steps.undertaken(run_id, asker):
        check_whole(assessed, rows, granted)
        bill = service.steps.post(run_id, assessed, asker)
        outlet = Outlet(Nowhere())
        names = tuple(_fetch(service, assessed, file, folder, outlet, progress, _size(files)) for file in files)
        outlet.rows = rows
        service.steps.settle(run_id, asker, outlet, Format.PARQUET, "complete")
    return Pulled(run_id, bill, names, rows, outlet.size_bytes)


def check_whole(assessed: Assessed, rows: int = 0, granted: int = 0) -> None:
    """Insist that an agreement gives its files, and that all of their *rows* were *granted*.

    Raises:
        Denied: it does not.
    """
    if assessed.grant.terms.mode is not Mode.RECORDS:
        raise Denied("mode-not-served", "Its files never leave.", fix="Ask for aggregates with sluice query.")
    if granted < rows:
        message = f"The files hold {rows} rows; {granted} are left."
        raise Denied("quota-exhausted", message, fix="Query a part, or ask for a new agreement.")


def name_of(table: str, file: File) -> str:
    """Name a file as it is pulled: by its table, its place and its hash."""
    return f"{table}-{file.position:05}-{file.sha256[:16]}.parquet"


def files_of(service: QueryService, terms: Terms) -> list[File]:
    """List the files that *terms* give access to."""
    with service.database.reading() as session:
        found = list(served(session, terms))
        session.expunge_all()
    return found


def _size(files: list[File]) -> int:
    return sum(file.size_bytes for file in files)


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
