"""Long questions: submitted, answered into the spool by threads of the service, asked after, and fetched for a day.

A job runs under an idempotency key of its own. What a dead process left running is taken up again under that key: paid
once, whatever happens in between.
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlmodel import Session

from catalog.errors import CatalogError, NotFound
from catalog.ids import MemberId, new_id
from market.db import Database
from market.delivery.formats import Format
from market.licensing import agreements
from market.parties.models import Member
from market.query.admission import Admission
from market.query.answer import QueryService
from market.query.asker import Asker
from market.query.errors import QueryError
from market.query.kept import KEPT
from market.query.models import JobState, QueryJob
from market.query.question import Question, Under
from market.query.statements.parameters import given_in
from market.query.verdicts import Denied
from policies.canonical import canonical_json
from policies.decide import Reason

JOBS = QueryJob.metadata.tables["query_job"]
WAITING_PER_FIRM = 20
LARGEST_BYTES = 2_000_000_000
"""The largest answer that a job keeps."""

LOOK_S = 0.5
_OPEN = JOBS.c.state.in_(bindparam("open", (JobState.QUEUED, JobState.RUNNING), expanding=True, literal_execute=True))


class _Nowhere:
    """A sink for an answer of which only the copy is wanted."""

    def write(self, data: memoryview, /) -> int:
        """Take it."""
        return data.nbytes

    def flush(self) -> None:
        """Nothing is buffered."""


def submit(session: Session, question: Question, asker: Asker, format: Format, *, at: datetime) -> QueryJob:
    """Queue a question; gives the job, or the one that its key stands for already.

    Raises:
        NotFound: there is no such agreement for this firm.
        Denied: the key stands for another question, or for another format.
        CatalogError: too many of the firm's wait.
    """
    for one in question.under:
        agreements.find(session, one.agreement_id, firm=asker.firm)
    same = JOBS.c.agreement_id == question.agreement_id, JOBS.c.key == question.key
    known = session.connection().execute(select(JOBS.c.id).where(*same)).scalar_one_or_none()
    if known is not None:
        row = session.get_one(QueryJob, known)
        if question_of(row).body_hash != question.body_hash or row.format != format:
            fix = "Use a new key for a new question."
            raise Denied("key-reused", "The key was used for another question.", fix=fix)
        return row
    waiting = session.connection().execute(select(JOBS.c.id).where(_OPEN, JOBS.c.member_id == asker.id)).all()
    if len(waiting) >= WAITING_PER_FIRM:
        raise CatalogError("job", f"{len(waiting)} of yours wait already", fix="Wait until one is done.")
    row = QueryJob(
        id=new_id(at),
        agreement_id=question.agreement_id,
        member_id=asker.id,
        purpose=question.purpose,
        sql=question.sql,
        parameters=question.given or "{}",
        under=canonical_json(question.named).decode() if question.named else None,
        key=question.key,
        format=format,
        state=JobState.QUEUED,
        submitted_at=at,
    )
    session.add(row)
    return row


def find(session: Session, job_id: str, asker: Asker) -> QueryJob:
    """Load a job of the asker's firm; another does not exist for them."""
    row = session.get(QueryJob, job_id)
    if row is None:
        raise NotFound(f"job {job_id!r}", "there is none", fix="Check its number; jobs are kept for a day.")
    try:
        agreements.find(session, row.agreement_id, firm=asker.firm)
    except NotFound:
        raise NotFound(f"job {job_id!r}", "there is none", fix="Check its number; jobs are kept for a day.") from None
    return row


def cancel(session: Session, job_id: str, asker: Asker, *, at: datetime) -> QueryJob:
    """Take a job out of the queue, or have a running one stopped; one that has ended stays as it is."""
    row = find(session, job_id, asker)
    if row.state == JobState.QUEUED:
        row.state, row.ended_at = JobState.CANCELLED, at
        session.add(row)
    return row


def forget(session: Session, *, at: datetime) -> int:
    """Remove jobs that ended longer ago than answers are kept; gives how many."""
    done = session.connection().execute(delete(JOBS).where(JOBS.c.ended_at <= at - KEPT))
    return int(done.rowcount)


@dataclass(slots=True)
class Runner:
    """Answers the queue of one service, in a few threads."""

    service: QueryService
    admission: Admission
    threads: int = 2
    _stop: threading.Event = field(default_factory=threading.Event)
    _wake: threading.Event = field(default_factory=threading.Event)
    _running: dict[str, str] = field(default_factory=dict)
    """Job → run, of those that this service is answering."""
    _started: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Take up what a dead service left running, and begin to answer."""
        with self.service.database.writing() as session:
            left = update(JOBS).where(JOBS.c.state == JobState.RUNNING).values(state=JobState.QUEUED)
            session.connection().execute(left)
        for number in range(self.threads):
            thread = threading.Thread(target=self._work, name=f"job-{number}", daemon=True)
            thread.start()
            self._started.append(thread)

    def close(self) -> None:
        """Begin no more; what is running ends with its worker, and is taken up by the next service."""
        self._stop.set()
        self._wake.set()
        for thread in self._started:
            thread.join(timeout=5)

    def wake(self) -> None:
        """Look at the queue now."""
        self._wake.set()

    def stop(self, job_id: str, asker: Asker) -> None:
        """Stop a running job."""
        run_id = self._running.get(job_id)
        if run_id is not None:
            self.service.cancel(run_id, asker)

    def _work(self) -> None:
        while not self._stop.is_set():
            job = self._take()
            if job is None:
                self._wake.wait(LOOK_S)
                self._wake.clear()
                continue
            self._answer(job)

    def _take(self) -> QueryJob | None:
        """Take the oldest job of whoever has the fewest running."""
        with self.service.database.reading() as session:
            if session.connection().execute(select(JOBS.c.id).where(_OPEN).limit(1)).first() is None:
                return None
        with self.service.database.writing() as session:
            rows = session.connection().execute(
                select(JOBS.c.id, JOBS.c.member_id, JOBS.c.state).where(_OPEN).order_by(JOBS.c.id).with_for_update()
            )
            chosen = fairest([(row.id, row.member_id, row.state) for row in rows])
            if chosen is None:
                return None
            session.connection().execute(update(JOBS).where(JOBS.c.id == chosen).values(state=JobState.RUNNING))
            return session.get_one(QueryJob, chosen)

    def _answer(self, job: QueryJob) -> None:
        state, failure, run_id = JobState.DONE, None, None
        question = question_of(job)
        asker = asker_of(self.service.database, MemberId(job.member_id))
        try:
            with self.admission.place(asker.party):
                delivery = self.service.answer(
                    question,
                    asker,
                    _Nowhere(),
                    Format(job.format),
                    keep_bytes=LARGEST_BYTES,
                    charged=lambda run, *_: self._running.update({job.id: run}),
                )
            run_id = delivery.run_id
        except (Denied, QueryError, CatalogError) as error:
            if isinstance(error, Denied) and error.reason == Reason.TOO_MANY_AT_ONCE:
                self._put_back(job)
                return
            code = error.reason if isinstance(error, Denied) else getattr(error, "code", type(error).__name__)
            state, failure = JobState.CANCELLED if str(code) == "cancelled" else JobState.FAILED, str(code)
        except Exception:  # its code is all that may be told; the service's log has it
            state, failure = JobState.FAILED, "internal"
        finally:
            run_id = run_id or self._running.pop(job.id, None)
            self._running.pop(job.id, None)
        values = {"state": state, "failure": failure, "run_id": run_id, "ended_at": self.service.clock()}
        with self.service.database.writing() as session:
            session.connection().execute(update(JOBS).where(JOBS.c.id == job.id).values(**values))

    def _put_back(self, job: QueryJob) -> None:
        """Let a job wait for one of its agreement's to end."""
        with self.service.database.writing() as session:
            session.connection().execute(update(JOBS).where(JOBS.c.id == job.id).values(state=JobState.QUEUED))
        self._stop.wait(LOOK_S)


def question_of(job: QueryJob) -> Question:
    """Give the question that a job answers."""
    named = json.loads(job.under)["under"] if job.under else [[job.agreement_id, ""]]
    return Question.of(
        [Under(agreement, alias or None) for agreement, alias in named],
        purpose=job.purpose,
        sql=job.sql,
        key=job.key,
        parameters=given_in(job.parameters),
    )


def fairest(waiting: Sequence[tuple[str, str, str]]) -> str | None:
    """Choose among (job, member, state), oldest first: the first queued one of whoever has the fewest running."""
    running: dict[str, int] = {}
    for _, member, state in waiting:
        running[member] = running.get(member, 0) + (state == JobState.RUNNING)
    queued = [(job, member) for job, member, state in waiting if state == JobState.QUEUED]
    return min(queued, key=lambda one: running[one[1]])[0] if queued else None


def asker_of(database: Database, member: MemberId) -> Asker:
    """Find the firm for which a member asks."""
    with database.reading() as session:
        return Asker(member, session.get_one(Member, member).organisation)
