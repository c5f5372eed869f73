"""Ask witnesses to cosign the newest checkpoint, check what they answer, and keep it.

No transaction is open while the network is asked. A refusal is an event, once for each state of affairs: its entry
makes the log grow, so that telling of it each time would never end. Who cannot be reached is told to whoever asks, and
asked again with the next checkpoint.
"""

import json
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Insert, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from catalog.events import Event, note
from catalog.ids import OPERATOR, MemberId
from market.audit import checkpoint, log, submitting, witnesses
from market.audit.checkpoint import COSIGNATURES
from market.audit.notes import COSIGNATURE, Key
from market.audit.replies import Asked, Outcome, Question, judge
from market.audit.submitting import Submission
from market.db import Database

TIMEOUT_S = 5.0
ROUNDS = 3
"""The first guess of what a witness knows may be wrong, and somebody else may ask it at the same time."""
REFUSED = "witness:refused"
KEPT = (Outcome.COSIGNED, Outcome.REFUSED)

_ENTER: dict[str, Insert] = {
    "sqlite": sqlite.insert(COSIGNATURES).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(COSIGNATURES).on_conflict_do_nothing(),
}
_REACHED = select(func.max(COSIGNATURES.c.size)).where(
    COSIGNATURES.c.witness == bindparam("witness"), COSIGNATURES.c.size <= bindparam("size")
)
_LAST_REFUSED = (
    select(log.ENTRIES.c.body)
    .where(log.ENTRIES.c.subject == bindparam("witness"), log.ENTRIES.c.action == REFUSED)
    .order_by(log.ENTRIES.c.seq.desc())
    .limit(1)
)


def ask_all(database: Database, *, at: datetime, by: MemberId = OPERATOR, timeout_s: float = TIMEOUT_S) -> list[Asked]:
    """Ask each witness that has not cosigned the newest checkpoint; gives what came of it, by name."""
    with database.reading() as session:
        questions = _questions(session)
    found = {question.key: question.answered(Outcome.OVERTAKEN, 409) for question in questions}
    left = questions
    for _ in range(ROUNDS):
        with database.reading() as session:
            submissions = [_submission(session, question) for question in left]
        again = []
        for question, reply in zip(left, submitting.send_all(submissions, timeout_s), strict=True):
            told = judge(question, reply, at)
            if isinstance(told, int):
                again.append(replace(question, old=told))
            else:
                found[question.key] = told
        left = again
        if not left:
            break
    if not any(told.outcome in KEPT for told in found.values()):
        return list(found.values())
    with database.writing() as session:
        return [_keep(session, found[question.key], by, at) for question in questions]


def reached(session: Session, witness: str, size: int) -> int | None:
    """Give the largest checkpoint, up to *size*, that a witness has cosigned."""
    found: int | None = session.connection().execute(_REACHED, {"witness": witness, "size": size}).scalar_one()
    return found


def _questions(session: Session) -> list[Question]:
    newest = checkpoint.newest(session)
    if newest is None:
        return []
    found = []
    for witness in witnesses.asked(session):
        old = reached(session, witness.name, newest.size)
        if old != newest.size:
            key = Key(witness.name, witness.key, COSIGNATURE)
            found.append(Question(key, witness.url, newest.note, newest.size, newest.at, old or 0))
    return found


def _submission(session: Session, question: Question) -> Submission:
    proof = log.consistency(session, question.old, question.size)
    return Submission(question.url, question.old, proof, question.note)


def _keep(session: Session, told: Asked, by: MemberId, at: datetime) -> Asked:
    """Enter a cosignature, or a refusal that is news."""
    if told.outcome is Outcome.COSIGNED:
        row = {"size": told.size, "witness": told.witness, "at": told.at, "line": told.line}
        connection = session.connection()
        connection.execute(_ENTER[connection.dialect.name], row)
    elif told.outcome is Outcome.REFUSED:
        newest = checkpoint.newest(session)
        if told.known is not None and newest is not None and told.size < told.known <= newest.size:
            return replace(told, outcome=Outcome.OVERTAKEN)
        if _is_news(session, told):
            details = {"status": told.status, "size": told.size, "known": told.known}
            note(session, Event(action=REFUSED, subject=told.witness, by=by, at=at, details=details))
    return told


def _is_news(session: Session, told: Asked) -> bool:
    """Say whether the witness did not refuse in the same way already, since it cosigned last."""
    body = session.connection().execute(_LAST_REFUSED, {"witness": told.witness}).scalar()
    if body is None:
        return True
    before = json.loads(body)["details"]
    if (before["status"], before["known"]) != (told.status, told.known):
        return True
    since = reached(session, told.witness, told.size)
    return since is not None and since >= before["size"]
