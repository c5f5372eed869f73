"""Offer → request → agreement: what was promised to whom, as text that both sides sign."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session

from anonymize import signing
from catalog.actors import Actor
from catalog.ceilings import check_price
from catalog.cuts import check_servable
from catalog.errors import CatalogError, NotFound, NotPermitted, WrongState
from catalog.events import Event, note
from catalog.ids import MemberId, new_id
from catalog.lifecycle import State
from catalog.models import Cut, Dataset, Edition, Publisher, Release
from catalog.releases import under_embargo
from market.ledger.models import Kind, Unit
from market.ledger.transfers import grant, open_account
from market.licensing import text
from market.licensing.models import AccessRequest, Agreement, AgreementState, Offer, RequestState
from market.parties.models import Firm
from policies import profile
from policies.canonical import canonical_json
from policies.cut import CutSpec
from policies.terms import Purpose, Terms

T = TypeVar("T")


def offer(session: Session, terms: Terms, *, by: MemberId, organisation: str | None, at: datetime) -> Offer:
    """Offer an edition of a published release, or the cut of it that they name, under *terms*."""
    edition = _found(session.get(Edition, terms.edition), f"edition {terms.edition!r}")
    release = _found(session.get(Release, edition.release_id), f"release {edition.release_id!r}")
    dataset = _found(session.get(Dataset, release.dataset_id), f"dataset {release.dataset_id!r}")
    if release.state != State.PUBLISHED:
        raise WrongState(f"release {release.id}", f"is {release.state}", fix="Offer editions of published releases.")
    if under_embargo(release, at):
        until = f"{release.embargo_until:%Y-%m-%d %H:%M} UTC"
        raise WrongState(f"release {release.id}", f"is under embargo until {until}", fix="Offer it from then on.")
    _act_for(dataset.publisher_id, organisation)
    if not set(terms.price.free_purposes) <= set(terms.purposes):
        raise CatalogError("free purpose", "is not offered at all", fix="Offer it: --purpose CODE.")
    check_price(session, dataset.id, terms.price, at)
    served = profile.load(edition.profile).modes
    if terms.mode not in served:
        raise CatalogError(
            "mode", f"{edition.profile} editions are not served as {terms.mode}", fix=f"Use {served[0]}."
        )
    if terms.cut is not None:
        check_servable(session, terms.cut, edition.id)
    row = Offer(
        id=new_id(at),
        edition_id=edition.id,
        cut_id=terms.cut,
        publisher_id=dataset.publisher_id,
        terms=canonical_json(terms.to_dict()).decode(),
        terms_hash=terms.digest,
        created_by=by,
        created_at=at,
    )
    session.add(row)
    details = {"edition": edition.id, "cut": terms.cut, "terms": terms.digest}
    note(session, Event(action="offer:made", subject=row.id, by=by, at=at, details=details))
    return row


def request(
    session: Session,
    offer_id: str,
    *,
    firm: str | None,
    purposes: tuple[Purpose, ...],
    statement: str,
    part: CutSpec | None = None,
    by: MemberId,
    at: datetime,
) -> AccessRequest:
    """Ask for an offer on behalf of a firm, for some of its purposes, and perhaps for a part of its edition alone."""
    offered = _found(session.get(Offer, offer_id), f"offer {offer_id!r}")
    asking = _found(session.get(Firm, firm) if firm else None, "firm")
    terms = terms_of(offered)
    beyond = [purpose for purpose in purposes if purpose not in terms.purposes]
    if beyond or not purposes:
        allowed = ", ".join(terms.purposes)
        raise CatalogError("purpose", "is not among those offered", fix=f"Ask for one or more of: {allowed}.")
    if part is not None and terms.cut is not None:
        raise CatalogError("part", "is of a part already", fix="Ask for the offer as it is, or for one of the whole.")
    if not statement.strip():
        raise CatalogError("statement", "is empty", fix="Say in a sentence what the data is for.")
    row = AccessRequest(
        id=new_id(at),
        offer_id=offered.id,
        firm_id=asking.id,
        purposes=",".join(purposes),
        statement=statement,
        state=RequestState.OPEN,
        part=None if part is None else canonical_json(part).decode(),
        created_by=by,
        created_at=at,
    )
    session.add(row)
    details = {"offer": offered.id, "firm": asking.id, "purposes": purposes}
    details |= {} if part is None else {"part": part.digest}
    words = {"statement": statement}
    note(session, Event(action="agreement:requested", subject=row.id, by=by, at=at, details=details, personal=words))
    return row


def approve(
    session: Session, request_id: str, *, by: Actor, organisation: str | None, at: datetime, cut_id: str | None = None
) -> Agreement:
    """Grant a request: draw up the agreement and sign it for the publisher.

    A request for a part is granted with the cut *cut_id* that is this part, made and gated before.
    """
    asked = _found(session.get(AccessRequest, request_id, with_for_update=True), f"request {request_id!r}")
    if asked.state != RequestState.OPEN:
        raise WrongState(f"request {request_id}", f"is {asked.state}", fix="A request is decided once.")
    offered = _found(session.get(Offer, asked.offer_id), f"offer {asked.offer_id!r}")
    _act_for(offered.publisher_id, organisation)
    publisher = _found(session.get(Publisher, offered.publisher_id), "publisher")
    edition = _found(session.get(Edition, offered.edition_id), "edition")
    release = _found(session.get(Release, edition.release_id), "release")
    firm = _found(session.get(Firm, asked.firm_id), "firm")
    _insist_served(release)
    offered_terms = terms_of(offered)
    check_price(session, release.dataset_id, offered_terms.price, at)  # a lower ceiling may have come since the offer
    purposes = tuple(Purpose(code) for code in asked.purposes.split(","))
    terms = replace(offered_terms, purposes=purposes, starts_at=max(at, offered_terms.starts_at))
    if asked.part is not None:
        terms = replace(terms, cut=_same_part(session, asked.part, cut_id))
    cut = None if terms.cut is None else check_servable(session, terms.cut, edition.id)
    uid = new_id(at)
    written = text.render(
        terms,
        uid=uid,
        publisher=publisher.name_en,
        firm=firm.name,
        dataset=release.dataset_id,
        evidence_hash=release.evidence_hash,
        cut_hash=None if cut is None else cut.evidence_hash,
    )
    text_hash = hashlib.sha256(written.encode()).hexdigest()
    row = Agreement(
        id=uid,
        request_id=asked.id,
        publisher_id=publisher.id,
        firm_id=firm.id,
        edition_id=edition.id,
        cut_id=terms.cut,
        terms=canonical_json(terms.to_dict()).decode(),
        terms_hash=terms.digest,
        text=written,
        text_hash=text_hash,
        state=AgreementState.DRAFTED,
        assigner_key=by.signer.public,
        assigner_signature=by.signer.sign(signing_message(uid, text_hash, terms.digest)),
        created_at=at,
    )
    asked.state = RequestState.APPROVED
    session.add(row)
    details = {"request": asked.id, "text": text_hash, "terms": terms.digest, "key": row.assigner_key}
    note(session, Event(action="agreement:approved", subject=uid, by=by.id, at=at, details=details))
    return row


def asked_part(session: Session, request_id: str) -> tuple[str, CutSpec] | None:
    """Give the edition and the part that a request asks for; none: what is offered."""
    asked = _found(session.get(AccessRequest, request_id), f"request {request_id!r}")
    if asked.part is None:
        return None
    offered = _found(session.get(Offer, asked.offer_id), f"offer {asked.offer_id!r}")
    return offered.edition_id, CutSpec.from_dict(json.loads(asked.part))


def _same_part(session: Session, part: str, cut_id: str | None) -> str:
    """Insist that a cut is the part that was asked for."""
    made = None if cut_id is None else session.get(Cut, cut_id)
    if made is None or made.spec_hash != CutSpec.from_dict(json.loads(part)).digest:
        raise WrongState("request", "asks for a part that is not made", fix="Approve it: sluice agreement approve.")
    return made.id


def sign(session: Session, agreement_id: str, *, by: Actor, firm: str | None, at: datetime) -> Agreement:
    """Sign for the firm; from now on the agreement is active and its quotas are open."""
    row = find(session, agreement_id, firm=firm)
    session.refresh(row, with_for_update=True)
    if row.state != AgreementState.DRAFTED:
        raise WrongState(f"agreement {agreement_id}", f"is {row.state}", fix="Only a drafted agreement can be signed.")
    # asked with the agreement locked: a recall waits for that lock, so what is signed before it gets its notice
    _insist_served(session.get_one(Release, session.get_one(Edition, row.edition_id).release_id))
    terms = terms_of(row)
    if terms.cut is not None:
        check_servable(session, terms.cut, terms.edition)
    drawn = signing_message(row.id, hashlib.sha256(row.text.encode()).hexdigest(), row.terms_hash)
    if not signing.verify(row.assigner_key, row.assigner_signature, drawn):
        found = "is not the text that the publisher signed"
        raise CatalogError(f"agreement {agreement_id}", found, fix="Ask the publisher to draw it up again.")
    row.assignee_key = by.signer.public
    row.assignee_signature = by.signer.sign(signing_message(row.id, row.text_hash, row.terms_hash))
    row.state, row.signed_at = AgreementState.ACTIVE, at
    details = {"text": row.text_hash, "terms": row.terms_hash, "key": row.assignee_key}
    note(session, Event(action="agreement:signed", subject=row.id, by=by.id, at=at, details=details))
    for unit, amount in (
        (Unit.BYTES, terms.quota.bytes),
        (Unit.ROWS, terms.quota.rows),
        (Unit.QUERIES, terms.quota.queries),
    ):
        account = open_account(session, owner=row.id, kind=Kind.QUOTA, unit=unit, at=at)
        open_account(session, owner=row.id, kind=Kind.USED, unit=unit, at=at)
        if amount:
            grant(session, account, amount, unit=unit, cause=row.id, by=by.id, at=at)
    open_account(session, owner=row.firm_id, kind=Kind.CREDIT, unit=Unit.FEN, at=at)
    open_account(session, owner=row.publisher_id, kind=Kind.INCOME, unit=Unit.FEN, at=at)
    return row


def revoke(
    session: Session, agreement_id: str, *, reason: str, by: MemberId, organisation: str | None, at: datetime
) -> Agreement:
    """End an agreement early, for the publisher, with a reason the firm will read."""
    row = _found(session.get(Agreement, agreement_id, with_for_update=True), f"agreement {agreement_id!r}")
    _act_for(row.publisher_id, organisation)
    if row.state == AgreementState.REVOKED:
        raise WrongState(f"agreement {agreement_id}", "is revoked already", fix="Nothing is left to do.")
    if not reason.strip():
        raise CatalogError(f"agreement {agreement_id}", "no reason is given", fix="Say why: the firm will read it.")
    row.state, row.revoked_at, row.revocation_reason = AgreementState.REVOKED, at, reason
    note(session, Event(action="agreement:revoked", subject=row.id, by=by, at=at, personal={"reason": reason}))
    return row


def find(session: Session, agreement_id: str, *, firm: str | None) -> Agreement:
    """Load a firm's agreement; another firm's does not exist for it."""
    row = session.get(Agreement, agreement_id)
    if row is None or firm is None or row.firm_id != firm:
        raise NotFound(f"agreement {agreement_id!r}", "there is none", fix="Check the number on your agreement.")
    return row


def terms_of(row: Offer | Agreement) -> Terms:
    """Give the terms of an offer or agreement, insisting that they are the ones that were hashed."""
    terms = Terms.from_dict(json.loads(row.terms))
    if terms.digest != row.terms_hash or (terms.edition, terms.cut) != (row.edition_id, row.cut_id):
        raise CatalogError(f"terms of {row.id}", "are not those that were signed", fix="Restore them from a backup.")
    return terms


def signing_message(agreement_id: str, text_hash: str, terms_hash: str) -> bytes:
    """What both sides sign: this text and these terms, as this agreement."""
    return canonical_json({"agreement": agreement_id, "text": text_hash, "terms": terms_hash})


def _insist_served(release: Release) -> None:
    if release.state not in (State.PUBLISHED, State.SUPERSEDED):
        raise WrongState(f"release {release.id}", f"is {release.state}", fix="Ask for an edition of a newer release.")


def _act_for(publisher_id: str, organisation: str | None) -> None:
    if organisation != publisher_id:
        raise NotPermitted("publisher", "you do not act for it", fix="Ask one of its stewards.")


def _found(row: T | None, place: str) -> T:
    if row is None:
        raise NotFound(place, "there is none", fix="Check the identifier.")
    return row
