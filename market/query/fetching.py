"""Files of a paid pull over HTTP: each is fetched in parts, as often as a broken connection makes it necessary."""

import time
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import Session

from catalog.errors import NotFound
from market.licensing import agreements
from market.query import asked
from market.query.answer import QueryService
from market.query.asker import Asker
from market.query.assess import check_still
from market.query.assessed import Assessed
from market.query.models import RunState
from market.query.pulls import CHUNK_BYTES, files_of, is_pull, statement
from market.query.question import Question
from market.query.watching import LOOK_S


def question_of(session: Session, agreement: str, purpose: str, key: str, *, firm: str | None) -> Question:
    """Give the question for all that an agreement gives access to.

    Raises:
        NotFound: there is no such agreement for this firm.
    """
    table = agreements.terms_of(agreements.find(session, agreement, firm=firm)).table
    return Question(agreement_id=agreement, purpose=purpose, sql=statement(table), key=key)


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
    if not is_pull(service, run, assessed, files) or sha256 not in {file.sha256 for file in files}:
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


def _none(run_id: str) -> NotFound:
    fix = "Ask for it with its key; its files may be fetched for a week."
    return NotFound(f"pull {run_id!r}", "there is none, or no such file of it", fix=fix)
