"""A pull: all files of an edition or cut, priced as reading every column of every row, paid before the first is given.

A pull is a question for everything, under an idempotency key. Asked again under it within a week it is the same pull,
and costs nothing more: so whoever is stopped takes the files up where they were, and nobody keeps files unpaid.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

from catalog.errors import NotFound
from catalog.events import Event, note
from catalog.models import CutFile, EditionFile
from market.delivery.formats import Format, Outlet
from market.ledger.models import IdempotencyKey
from market.query.answer import QueryService
from market.query.asker import Asker
from market.query.assessed import Assessed
from market.query.licensed import served
from market.query.models import QueryRun, RunState
from market.query.verdicts import Denied
from policies.billing import Bill
from policies.profile import Mode
from policies.terms import Terms

CHUNK_BYTES = 1 << 20
WITHIN = timedelta(days=7)
"""How long the files of a pull may be fetched after it was paid."""

File = EditionFile | CutFile


@dataclass(frozen=True, slots=True)
class Pull:
    """A paid pull: what it cost, and the files that may be fetched."""

    run_id: str
    table: str
    bill: Bill
    files: tuple[File, ...]

    def to_dict(self) -> dict[str, object]:
        """Give it as it is sent."""
        return {
            "query": self.run_id,
            "list_fen": self.bill.list_fen,
            "net_fen": self.bill.net_fen,
            "rows": sum(file.rows for file in self.files),
            "size_bytes": sum(file.size_bytes for file in self.files),
            "files": [
                {
                    "name": name_of(self.table, file),
                    "sha256": file.sha256,
                    "size_bytes": file.size_bytes,
                    "rows": file.rows,
                }
                for file in self.files
            ],
        }


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


def begin(service: QueryService, assessed: Assessed, asker: Asker) -> Pull:
    """Pay for the pull that was *assessed*, or find the one that its key stands for; gives the files.

    Raises:
        Denied: refused; nothing is charged. An agreement for aggregates gives no files.
    """
    check_whole(assessed)
    files = tuple(files_of(service, assessed.grant.terms))
    known = _known(service, assessed, files, asker)
    if known is not None:
        return known
    rows = sum(file.rows for file in files)
    run_id, granted = service.steps.reserve(assessed, asker, rows=rows)
    with service.steps.undertaken(run_id, asker):
        check_whole(assessed, rows, granted)
        bill = service.steps.post(run_id, assessed, asker)
        outlet = _all_of(service, files)
        service.steps.settle(run_id, asker, outlet, Format.PARQUET, "complete")
    return Pull(run_id, assessed.grant.terms.table, bill, files)


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


def _known(service: QueryService, assessed: Assessed, files: tuple[File, ...], asker: Asker) -> Pull | None:
    """Find the delivered pull that a key stands for; giving it again is logged."""
    question, at = assessed.question, service.clock()
    route = f"agreements/{question.agreement_id}/queries"
    with service.database.reading() as session:
        key = session.get(IdempotencyKey, (assessed.grant.firm_id, route, question.key))
        run = None if key is None or key.body_hash != question.body_hash else session.get(QueryRun, key.subject)
    if run is None or run.state != RunState.DELIVERED or not is_pull(service, run, assessed, files):
        return None  # what is wrong with the key is told when the question is reserved
    with service.database.writing() as session:
        details = {"bytes": sum(file.size_bytes for file in files), "sha256": run.result_hash, "rows": run.rows}
        note(session, Event(action="answer:given-again", subject=run.id, by=asker.id, at=at, details=details))
    return Pull(run.id, assessed.grant.terms.table, Bill.from_dict(json.loads(run.bill)), files)


def is_pull(service: QueryService, run: QueryRun, assessed: Assessed, files: tuple[File, ...] | list[File]) -> bool:
    """Say whether a run paid for all of what its agreement gives access to, and not too long ago."""
    terms = assessed.grant.terms
    whole = run.sql == statement(terms.table) and run.rows == sum(file.rows for file in files)
    return whole and run.posted_at is not None and service.clock() - run.posted_at < WITHIN


def _all_of(service: QueryService, files: tuple[File, ...]) -> Outlet:
    """Hash all files in their order, as one who pulls them has them."""
    outlet = Outlet(Nowhere())
    outlet.rows = sum(file.rows for file in files)
    for file in files:
        path, digest = service.assessor.intact.path(file.sha256), hashlib.sha256()
        with path.open("rb") as read:
            while chunk := read.read(CHUNK_BYTES):
                outlet.write(memoryview(chunk))
                digest.update(chunk)
        if digest.hexdigest() != file.sha256:
            raise NotFound(f"blob {file.sha256[:12]}", "is damaged", fix="Tell the operator; nothing is charged.")
    return outlet
