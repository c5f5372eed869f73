"""Cases: what an auditor looks into. Entries are attached, and stewards are asked and answer with their signature.

Auditors see every case. A steward sees the questions to their own publisher and nothing else; for everybody else there
is no case at all. The log holds hashes of what was written, not the words.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as rows

from catalog.actors import Actor
from catalog.errors import CatalogError, NotFound, WrongState
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from catalog.models import Publisher
from market.audit.log import ENTRIES
from market.auditing.models import AuditCase, CaseEntry, CaseQuestion, CaseState
from market.parties.models import Member, Role
from policies.canonical import canonical_json

LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Sight:
    """What of the cases exists for a member."""

    id: MemberId
    all: bool
    publisher: str | None
    """The publisher whose questions they see as its steward."""

    @classmethod
    def of(cls, member: Member) -> "Sight":
        """Say what *member* sees."""
        role = Role(member.role)
        return cls(MemberId(member.id), role is Role.AUDITOR, member.organisation if role is Role.STEWARD else None)


def hash_of(words: str) -> str:
    """Give the hash by which the log names what was written."""
    return hashlib.sha256(words.encode()).hexdigest()


def answer_message(case_id: str, question: Mapping[str, Any]) -> bytes:
    """What a steward signs: this answer by its hash, to this question of this case, at this moment."""
    hashes = {"answer": hash_of(question["answer"]), "question": hash_of(question["question"])}
    return canonical_json({**hashes, "at": question["answered_at"], "case": case_id, "id": question["id"]})


def open_case(session: Session, title: str, *, by: MemberId, at: datetime) -> AuditCase:
    """Open a case."""
    check_words("title", title, most=200)
    row = AuditCase(id=new_id(at), title=title, state=CaseState.OPEN, opened_by=by, opened_at=at)
    session.add(row)
    note(session, Event(action="case:opened", subject=row.id, by=by, at=at, details={"title": hash_of(title)}))
    return row


def attach(
    session: Session, case_id: str, entries: Collection[int], *, words: str, by: MemberId, at: datetime
) -> list[int]:
    """Attach entries of the log to a case, and say why; one that is attached stays as it is. Gives the new ones.

    Raises:
        NotFound: the log has no such entry.
    """
    if words:
        check_words("note", words)
    locked_open(session, case_id)
    there = session.connection().execute(select(ENTRIES.c.seq).where(ENTRIES.c.seq.in_(entries)))
    missing = sorted(set(entries) - set(there.scalars()))
    if missing:
        raise NotFound(f"entry {missing[0]}", "is not in the log", fix="Find entries with: sluice log search")
    known = {row.seq for row in entries_of(session, case_id)}
    fresh = sorted(set(entries) - known)
    for seq in fresh:
        session.add(CaseEntry(case_id=case_id, seq=seq, note=words, attached_by=by, attached_at=at))
    if fresh:
        details = {"entries": fresh, "note": hash_of(words)}
        note(session, Event(action="case:attached", subject=case_id, by=by, at=at, details=details))
    return fresh


def ask(
    session: Session, case_id: str, *, publisher_id: str, question: str, by: MemberId, at: datetime
) -> CaseQuestion:
    """Ask the stewards of a publisher; any of them may answer."""
    check_words("question", question)
    locked_open(session, case_id)
    if session.get(Publisher, publisher_id) is None:
        raise NotFound(f"publisher {publisher_id!r}", "there is none", fix="List them with: sluice publisher list.")
    row = CaseQuestion(
        id=new_id(at), case_id=case_id, publisher_id=publisher_id, question=question, asked_by=by, asked_at=at
    )
    session.add(row)
    details = {"question": row.id, "publisher": publisher_id, "text": hash_of(question)}
    note(session, Event(action="case:asked", subject=case_id, by=by, at=at, details=details))
    return row


def answer(session: Session, question_id: str, answer: str, *, sight: Sight, by: Actor, at: datetime) -> CaseQuestion:
    """Answer a question for its publisher, with one's signature. It is answered once.

    Raises:
        NotFound: there is no such question to the steward's publisher.
        WrongState: it was answered, or its case is closed.
    """
    check_words("answer", answer)
    row = session.get(CaseQuestion, question_id)
    if row is None or sight.publisher != row.publisher_id:
        raise NotFound(f"question {question_id!r}", "there is none", fix="List yours with: sluice case list")
    locked_open(session, row.case_id)
    session.refresh(row)
    if row.answered_at is not None:
        raise WrongState(f"question {question_id}", "was answered already", fix="Nothing is left to do.")
    row.answer, row.answered_by, row.answered_at = answer, by.id, at
    row.key, row.signature = by.signer.public, by.signer.sign(answer_message(row.case_id, row.model_dump()))
    details = {"question": row.id, "text": hash_of(answer), "key": row.key, "signature": row.signature}
    note(session, Event(action="case:answered", subject=row.case_id, by=by.id, at=at, details=details))
    return row


def locked_open(session: Session, case_id: str) -> AuditCase:
    """Load a case that is open, and stays so until this transaction ends."""
    row = session.get(AuditCase, case_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise _no_case(case_id)
    if row.state != CaseState.OPEN:
        raise WrongState(f"case {case_id}", "is closed, and closed for good", fix="Open another: sluice case open")
    return row


def find(session: Session, case_id: str, sight: Sight) -> AuditCase:
    """Load a case for an auditor; for everybody else there is none."""
    row = session.get(AuditCase, case_id)
    if row is None or not sight.all:
        raise _no_case(case_id)
    return row


def cases(session: Session, sight: Sight) -> Sequence[AuditCase]:
    """List the cases that exist for somebody, oldest first."""
    return session.exec(rows(AuditCase).order_by(AuditCase.id)).all() if sight.all else []


def entries_of(session: Session, case_id: str) -> Sequence[CaseEntry]:
    """List what is attached to a case, in the order of the log."""
    return session.exec(rows(CaseEntry).where(CaseEntry.case_id == case_id).order_by(col(CaseEntry.seq))).all()


def questions_of(session: Session, case_id: str) -> Sequence[CaseQuestion]:
    """List the questions of a case, oldest first."""
    return session.exec(rows(CaseQuestion).where(CaseQuestion.case_id == case_id).order_by(CaseQuestion.id)).all()


def questions_for(session: Session, sight: Sight) -> Sequence[CaseQuestion]:
    """List the questions to a steward's publisher, oldest first."""
    if sight.publisher is None:
        return []
    wanted = rows(CaseQuestion).where(CaseQuestion.publisher_id == sight.publisher).order_by(CaseQuestion.id)
    return session.exec(wanted).all()


def check_words(place: str, words: str, *, most: int = LONGEST) -> None:
    """Refuse what is empty or too long."""
    if not words.strip() or len(words) > most or "\0" in words:
        found = "is empty" if not words.strip() else "is too long, or holds a NUL character"
        raise CatalogError(place, found, fix=f"Give up to {most} characters.")


def _no_case(case_id: str) -> NotFound:
    return NotFound(f"case {case_id!r}", "there is none", fix="List them with: sluice case list")
