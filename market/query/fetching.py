"""Pull over HTTP: paid and logged in one step, which hands over the list of files; then each is fetched, in parts.

What is charged and counted is what `sluice pull` charges and counts. The files of a pull may be fetched as often as a
broken connection makes it necessary, for a week, while agreement and release stand.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session

from catalog.errors import NotFound
from catalog.events import Event, note
from market.delivery.formats import Format, Outlet
from market.ledger.models import IdempotencyKey
from market.licensing import agreements
from market.query import asked
from market.query.answer import QueryService
from market.query.asker import Asker
from market.query.assess import check_still
from market.query.assessed import Assessed
from market.query.models import QueryRun, RunState
from market.query.pulling import CHUNK_BYTES, File, Nowhere, check_whole, files_of, name_of, statement
from market.query.question import Question
from market.query.watching import LOOK_S
from policies.billing import Bill

WITHIN = timedelta(days=7)
"""How long the files of a pull may be fetched after it was paid."""


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


def question_of(session: Session, agreement: str, purpose: str, key: str, *, firm: str | None) -> Question:
    """Give the question for all that an agreement gives access to.

    Raises:
        NotFound: there is no such agreement for this firm.
    """
    table = agreements.terms_of(agreements.find(session, agreement, firm=firm)).table
    return Question(agreement_id=agreement, purpose=purpose, sql=statement(table), key=key)


def begin(service: QueryService, question: Question, asker: Asker) -> Pull:
    """Pay for a pull, or find the one that its key stands for; gives the files.

    Raises:
        Denied: refused; nothing is charged. An agreement for aggregates gives no files.
    """
    assessed = service.assess(question, asker)
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


def find(service: QueryService, run_id: str, sha256: str, asker: Asker) -> tuple[Assessed, Path]:
    """Find a file of a pull of the asker's firm that may be fetched now.

    Raises:
        NotFound: there is no such pull or file, or its time is over.
        Denied: the agreement or its release stand no more.
    """
    with service.database.reading() as session:
        try:
            run = asked.find(session, run_id, firm=asker.firm)
        except NotFound:
            raise _none(run_id) from None
    if run.state != RunState.DELIVERED:
        raise _none(run_id)
    question = Question(agreement_id=run.agreement_id, purpose=run.purpose, sql=run.sql, key="")
    assessed = service.assess(question, asker)
    files = files_of(service, assessed.grant.terms)
    if not _is_pull(service, run, assessed, files) or sha256 not in {file.sha256 for file in files}:
        raise _none(run_id)
    return assessed, service.assessor.intact.path(sha256)


def chunks(service: QueryService, assessed: Assessed, path: Path, first: int, end: int) -> Iterator[bytes]:
    """Give the bytes of a file from *first* to before *end*, for as long as agreement and release stand."""
    looked = time.monotonic()
    with path.open("rb") as file:
        file.seek(first)
        while first < end and (chunk := file.read(min(CHUNK_BYTES, end - first))):
            if time.monotonic() - looked >= LOOK_S:
                with service.database.reading() as session:
                    check_still(session, assessed, at=service.clock())
                looked = time.monotonic()
            first += len(chunk)
            yield chunk


def _known(service: QueryService, assessed: Assessed, files: tuple[File, ...], asker: Asker) -> Pull | None:
    """Find the delivered pull that a key stands for; giving it again is logged."""
    question, at = assessed.question, service.clock()
    route = f"agreements/{question.agreement_id}/queries"
    with service.database.reading() as session:
        key = session.get(IdempotencyKey, (assessed.grant.firm_id, route, question.key))
        run = None if key is None or key.body_hash != question.body_hash else session.get(QueryRun, key.subject)
    if run is None or run.state != RunState.DELIVERED or not _is_pull(service, run, assessed, files):
        return None  # what is wrong with the key is told when the question is reserved
    with service.database.writing() as session:
        details = {"bytes": sum(file.size_bytes for file in files), "sha256": run.result_hash, "rows": run.rows}
        note(session, Event(action="answer:given-again", subject=run.id, by=asker.id, at=at, details=details))
    return Pull(run.id, assessed.grant.terms.table, Bill.from_dict(json.loads(run.bill)), files)


def _is_pull(service: QueryService, run: QueryRun, assessed: Assessed, files: tuple[File, ...] | list[File]) -> bool:
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


def _none(run_id: str) -> NotFound:
    fix = "Ask for it with its key; its files may be fetched for a week."
    return NotFound(f"pull {run_id!r}", "there is none, or no such file of it", fix=fix)
