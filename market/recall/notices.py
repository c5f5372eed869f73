"""Open a recall: find every licensee who took, or could have taken, what is called back, and tell each of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from catalog.errors import CatalogError, NotFound, WrongState
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from catalog.lifecycle import State
from catalog.models import Edition, Release
from market.ledger.models import Account, Kind, Transfer, TransferState, Unit
from market.licensing.models import Agreement, AgreementState
from market.recall.models import Notice, Recall

DUE_IN_DAYS = 14
"""How long a licensee has where nobody says otherwise."""

LONGEST_DAYS = 3650


def open_recall(
    session: Session, release_id: str, *, reason: str, by: MemberId, at: datetime, due_in_days: int = DUE_IN_DAYS
) -> Recall:
    """Call back a release, in the transaction that withdraws it; every agreement ever signed on it gets a notice.

    Raises:
        WrongState: the release is not withdrawn, or was called back already.
    """
    release = session.get(Release, release_id, with_for_update=True, populate_existing=True)
    if release is None:
        raise NotFound(f"release {release_id!r}", "there is none", fix="List the releases with: sluice release list.")
    if release.state != State.WITHDRAWN:
        fix = "Withdraw it first: sluice release withdraw."
        raise WrongState(f"release {release_id}", f"is {release.state}", fix=fix)
    affected = _licensed(session, release_id)
    return _open(session, release_id, release_id, affected, reason=reason, by=by, at=at, due_in_days=due_in_days)


def recall_agreement(
    session: Session, agreement_id: str, *, reason: str, by: MemberId, at: datetime, due_in_days: int = DUE_IN_DAYS
) -> Recall:
    """Call back what one firm took under an agreement that was revoked; the release itself stays.

    Raises:
        WrongState: the agreement is not revoked, was never signed, or was called back already.
    """
    agreement = session.get(Agreement, agreement_id, with_for_update={"key_share": True}, populate_existing=True)
    place = f"agreement {agreement_id!r}"
    if agreement is None:
        raise NotFound(place, "there is none", fix="Check the identifier.")
    if agreement.state != AgreementState.REVOKED or agreement.signed_at is None:
        found = "was never signed" if agreement.signed_at is None else f"is {agreement.state}"
        raise WrongState(place, found, fix="Revoke a signed agreement first: sluice agreement revoke.")
    release_id = session.get_one(Edition, agreement.edition_id).release_id
    return _open(session, agreement_id, release_id, [agreement], reason=reason, by=by, at=at, due_in_days=due_in_days)


def _open(
    session: Session,
    subject_id: str,
    release_id: str,
    affected: Sequence[Agreement],
    *,
    reason: str,
    by: MemberId,
    at: datetime,
    due_in_days: int,
) -> Recall:
    if not 0 <= due_in_days <= LONGEST_DAYS:
        raise CatalogError("due date", f"{due_in_days} days from now", fix=f"Give 0 to {LONGEST_DAYS} days.")
    if not reason.strip():
        raise CatalogError("recall", "no reason is given", fix="Say why: licensees will read it.")
    if session.exec(select(Recall).where(Recall.subject_id == subject_id)).first() is not None:
        raise WrongState(f"recall of {subject_id}", "is open or closed already", fix="Look it up: sluice recall list.")
    due_at = at + timedelta(days=due_in_days)
    recall = Recall(
        id=new_id(at),
        subject_id=subject_id,
        release_id=release_id,
        reason=reason,
        opened_by=by,
        opened_at=at,
        due_at=due_at,
    )
    session.add(recall)
    session.flush()
    details = {"release": release_id, "of": subject_id, "licensees": len(affected), "due": due_at}
    note(session, Event(action="recall:opened", subject=recall.id, by=by, at=at, details=details))
    took = taken(session, [agreement.id for agreement in affected])
    for agreement in affected:
        _send(session, recall, agreement, took[agreement.id], by=by, at=at)
    if not affected:
        close(session, recall, by=by, at=at)
    return recall


def _send(
    session: Session, recall: Recall, agreement: Agreement, took: Mapping[Unit, int], *, by: MemberId, at: datetime
) -> None:
    notice = Notice(
        id=new_id(at),
        recall_id=recall.id,
        agreement_id=agreement.id,
        firm_id=agreement.firm_id,
        rows=took[Unit.ROWS],
        size_bytes=took[Unit.BYTES],
        answers=took[Unit.QUERIES],
        sent_at=at,
        due_at=recall.due_at,
    )
    session.add(notice)
    details = {
        "recall": recall.id,
        "agreement": agreement.id,
        "firm": agreement.firm_id,
        "rows": notice.rows,
        "bytes": notice.size_bytes,
        "answers": notice.answers,
        "due": recall.due_at,
    }
    note(session, Event(action="notice:sent", subject=notice.id, by=by, at=at, details=details))


def close(session: Session, recall: Recall, *, by: MemberId, at: datetime) -> None:
    """End a recall that nobody owes an attestation for any more."""
    recall.closed_at = at
    details = {"release": recall.release_id, "late": at > recall.due_at}
    note(session, Event(action="recall:closed", subject=recall.id, by=by, at=at, details=details))


def _licensed(session: Session, release_id: str) -> list[Agreement]:
    """List the agreements ever signed on an edition or a cut of a release: active, expired and revoked ones.

    One on a cut names the cut's edition as well. All are locked, unsigned ones too: one that is being signed at this
    moment is waited for, and not missed.
    """
    found = (
        select(Agreement)
        .join(Edition, col(Edition.id) == Agreement.edition_id)
        .where(Edition.release_id == release_id)
        .order_by(Agreement.id)
        .with_for_update(key_share=True, of=Agreement)
        .execution_options(populate_existing=True)
    )
    return [agreement for agreement in session.exec(found) if agreement.signed_at is not None]


def taken(session: Session, agreements: Sequence[str]) -> dict[str, dict[Unit, int]]:
    """Count what each agreement ever took by the ledger: rows, bytes, answers. What was given back counts as taken."""
    out = {agreement: dict.fromkeys((Unit.ROWS, Unit.BYTES, Unit.QUERIES), 0) for agreement in agreements}
    used = (
        select(Account.owner, Account.unit, func.sum(Transfer.posted_amount))
        .join(Transfer, col(Transfer.credit) == Account.id)
        .where(Account.kind == Kind.USED, Transfer.state == TransferState.POSTED, col(Account.owner).in_(agreements))
        .group_by(Account.owner, Account.unit)
    )
    for owner, unit, amount in session.exec(used):
        out[owner][Unit(unit)] = int(amount or 0)
    return out
