"""A licensee attests, by signature, that what a notice names is deleted; the last of them closes the recall."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, func, select

from anonymize import signing
from catalog.actors import Actor
from catalog.errors import CatalogError, NotFound, WrongState
from catalog.events import Event, note
from catalog.models import Release
from market.recall.models import Attestation, Notice, Recall
from market.recall.notices import close
from policies.canonical import canonical_json

LONGEST = 10_000


def message(notice_id: str, release_id: str, evidence_hash: str, statement: str, at: datetime) -> bytes:
    """What a licensee signs: this statement by its hash, on this notice, about this release, at this moment."""
    return canonical_json(
        {
            "attest": notice_id,
            "release": release_id,
            "evidence": evidence_hash,
            "statement": hash_of(statement),
            "at": at,
        }
    )


def hash_of(statement: str) -> str:
    """Give the hash by which the log and the signature name a statement."""
    return hashlib.sha256(statement.encode()).hexdigest()


def attest(
    session: Session, notice_id: str, *, firm: str | None, statement: str, by: Actor, at: datetime
) -> Attestation:
    """Attest deletion for a firm. It is said once, and cannot be taken back.

    Raises:
        NotFound: there is no such notice, or it is another firm's.
        WrongState: it was attested already.
    """
    notice = notice_for(session, notice_id, firm=firm)
    if not statement.strip() or len(statement) > LONGEST or "\0" in statement:
        found = "is empty" if not statement.strip() else "is too long, or holds a NUL character"
        raise CatalogError("statement", found, fix=f"Say in up to {LONGEST} characters what was deleted, and how.")
    recall = session.get_one(Recall, notice.recall_id, with_for_update=True, populate_existing=True)
    if session.get(Attestation, notice_id, populate_existing=True) is not None:
        raise WrongState(f"notice {notice_id}", "was attested already", fix="Nothing is left to do.")
    release = session.get_one(Release, recall.release_id)
    signed = message(notice_id, release.id, release.evidence_hash, statement, at)
    attestation = Attestation(
        notice_id=notice_id,
        statement=statement,
        by=by.id,
        key=by.signer.public,
        signature=by.signer.sign(signed),
        at=at,
    )
    session.add(attestation)
    details = {
        "recall": recall.id,
        "release": release.id,
        "evidence": release.evidence_hash,
        "agreement": notice.agreement_id,
        "firm": notice.firm_id,
        "statement": hash_of(statement),
        "key": attestation.key,
        "signature": attestation.signature,
        "late": at > notice.due_at,
    }
    note(session, Event(action="deletion:attested", subject=notice_id, by=by.id, at=at, details=details))
    session.flush()
    if not waiting(session, recall.id):
        close(session, recall, by=by.id, at=at)
    return attestation


def holds(session: Session, attestation: Attestation) -> bool:
    """Whether an attestation carries the signature of its key over what it says."""
    notice = session.get_one(Notice, attestation.notice_id)
    release = session.get_one(Release, session.get_one(Recall, notice.recall_id).release_id)
    signed = message(notice.id, release.id, release.evidence_hash, attestation.statement, attestation.at)
    return signing.verify(attestation.key, attestation.signature, signed)


def waiting(session: Session, recall_id: str) -> int:
    """Count the notices of a recall that nobody has attested yet."""
    missing = (
        select(func.count())
        .select_from(Notice)
        .outerjoin(Attestation, col(Attestation.notice_id) == Notice.id)
        .where(Notice.recall_id == recall_id, col(Attestation.notice_id).is_(None))
    )
    return session.exec(missing).one()


def notice_for(session: Session, notice_id: str, *, firm: str | None) -> Notice:
    """Load a firm's notice; another firm's does not exist for it."""
    notice = session.get(Notice, notice_id)
    if notice is None or firm is None or notice.firm_id != firm:
        raise NotFound(f"notice {notice_id!r}", "there is none", fix="List yours with: sluice recall notices.")
    return notice


def notices_of(session: Session, *, firm: str | None) -> Sequence[Notice]:
    """List a firm's notices, oldest first."""
    if firm is None:
        return []
    return session.exec(select(Notice).where(Notice.firm_id == firm).order_by(Notice.id)).all()
