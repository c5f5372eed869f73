"""From a question to where its data came from, in one screen: each step with the entries that prove it, and its faults.

Person, firm, agreement, terms, price, release, evidence, dataset, publisher, source. What is at rest is held against
what the log says of it, and every signature on the way is checked with the key that the log knows for its signer.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as rows

from anonymize import signing
from anonymize.evidence import evidence_hash
from catalog.errors import CatalogError, NotFound
from catalog.models import Cut, Dataset, Edition, Publisher, RawSource, Release, Tombstone
from catalog.publishing import check_approval
from catalog.registration import history
from market.audit import log
from market.auditing.entries import parsed
from market.licensing import agreements
from market.licensing.models import AccessRequest, Agreement
from market.parties.models import Firm, Member
from market.query.models import QueryRun
from market.query.question import hash_of
from policies.canonical import canonical_json, plain

Said = list[tuple[int, dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stage of the way: what it is, what is known of it, the entries that say so, and what does not hold."""

    what: str
    id: str | None
    facts: Mapping[str, Any]
    entries: tuple[int, ...]
    faults: tuple[str, ...] = ()


def trace(session: Session, query_id: str) -> tuple[Step, ...]:
    """Follow question *query_id* back to its source.

    Raises:
        NotFound: there is no such question.
    """
    run = session.get(QueryRun, query_id)
    if run is None:
        fix = "Find its number with: sluice log search --action query:answered"
        raise NotFound(f"query {query_id!r}", "there is none", fix=fix)
    trail = _Trail(session)
    agreement = session.get_one(Agreement, run.agreement_id)
    edition = session.get_one(Edition, run.edition_id)
    release = session.get_one(Release, edition.release_id)
    dataset = session.get_one(Dataset, release.dataset_id)
    return (
        trail.question(run),
        trail.member(run, agreement),
        trail.firm(agreement),
        trail.agreement(agreement),
        trail.terms(agreement, run),
        trail.release(release, edition, agreement),
        trail.evidence(release),
        trail.dataset(dataset),
        *trail.publishers(dataset),
        trail.source(release),
    )


@dataclass(frozen=True, slots=True)
class _Trail:
    session: Session

    def question(self, run: QueryRun) -> Step:
        said, faults = self._said(run.id, "query"), []
        details = {body["action"]: body["details"] for _, body in said}
        charged, delivered = details.get("query:answered"), details.get("query:delivered")
        sql, quote = hash_of(run.sql, run.parameters), json.loads(run.quote)
        if charged is None:
            faults.append("the log has no entry that it was charged")
        else:
            known = {"sql": sql, "agreement": run.agreement_id, "edition": run.edition_id, "purpose": run.purpose}
            known |= {name: quote[name] for name in ("billed_bytes", "amount_fen")}
            faults += [f"its {name} is not what was logged" for name in known if charged.get(name) != known[name]]
            faults += [] if charged.get("bill") in (None, json.loads(run.bill)) else ["its bill is not what was logged"]
        if delivered is not None and delivered["sha256"] != run.result_hash:
            faults.append("the hash of its result is not what was logged")
        facts = {
            "state": run.state,
            "asked_at": run.created_at,
            "sql": sql,
            "billed_bytes": quote["billed_bytes"],
            "bill": json.loads(run.bill),
            **({} if run.part_of is None else {"part_of": run.part_of}),
            **(
                {"joined": [part["query"] for part in (charged or {})["joined"]]} if "joined" in (charged or {}) else {}
            ),
            **{name: (delivered or {}).get(name) for name in ("rows", "bytes", "sha256", "status")},
        }
        return self._step("question", run.id, facts, said, faults)

    def member(self, run: QueryRun, agreement: Agreement) -> Step:
        row, said = self.session.get(Member, run.member_id), self._said(run.member_id, "member")
        facts = {} if row is None else {"name": row.name, "role": row.role, "key": row.public_key}
        faults = []
        if row is None or row.public_key not in self._keys(run.member_id):
            faults.append("the log does not know their key")
        if row is not None and row.organisation != agreement.firm_id:
            faults.append("they do not belong to the firm of the agreement")
        return self._step("member", run.member_id, facts, said, faults)

    def firm(self, agreement: Agreement) -> Step:
        row, said = self.session.get_one(Firm, agreement.firm_id), self._said(agreement.firm_id, "firm")
        return self._step("firm", row.id, {"name": row.name}, said, [] if said else ["the log does not know it"])

    def agreement(self, row: Agreement) -> Step:
        asked = self.session.get_one(AccessRequest, row.request_id)
        said = [
            *self._said(asked.offer_id, "offer"),
            *self._said(asked.id, "agreement"),
            *self._said(row.id, "agreement"),
        ]
        details = {body["action"]: body for _, body in said}
        message = agreements.signing_message(row.id, hashlib.sha256(row.text.encode()).hexdigest(), row.terms_hash)
        faults = []
        for side, action, key, signature in (
            ("publisher", "agreement:approved", row.assigner_key, row.assigner_signature),
            ("firm", "agreement:signed", row.assignee_key, row.assignee_signature),
        ):
            body = details.get(action)
            if body is None or body["details"].get("key") != key or key not in self._keys(body["by"]):
                faults.append(f"the log does not know that the {side} signed with this key")
            if not signing.verify(key or "", signature or "", message):
                faults.append(f"the {side}'s signature does not hold")
        facts = {
            "state": row.state,
            "statement": asked.statement,
            "text": row.text_hash,
            "signed_at": row.signed_at,
            "signed_for_publisher_by": details.get("agreement:approved", {}).get("by"),
            "signed_for_firm_by": details.get("agreement:signed", {}).get("by"),
            "revoked_at": row.revoked_at,
        }
        return self._step("agreement", row.id, facts, said, faults)

    def terms(self, row: Agreement, run: QueryRun) -> Step:
        said = [(seq, body) for seq, body in self._said(row.id, "agreement") if "terms" in body["details"]]
        faults = [] if said else ["the log does not know them"]
        if any(body["details"]["terms"] != row.terms_hash for _, body in said):
            faults.append("they are not those that were logged")
        facts: dict[str, Any] = {"hash": row.terms_hash, "purpose": run.purpose}
        try:
            terms = agreements.terms_of(row)
        except CatalogError as error:
            faults.append(error.found)
        else:
            facts |= {name: plain(getattr(terms, name)) for name in ("purposes", "mode", "quota", "price", "duties")}
            facts |= {"starts_at": terms.starts_at, "ends_at": terms.ends_at}
            if run.purpose not in terms.purposes:
                faults.append("they do not cover the purpose")
        return self._step("terms", None, facts, said, faults)

    def release(self, row: Release, edition: Edition, agreement: Agreement) -> Step:
        said, faults = self._said(row.id, "release"), []
        cut = None if agreement.cut_id is None else self.session.get_one(Cut, agreement.cut_id)
        if cut is not None:
            made = self._said(cut.id, "cut")
            said = said + made
            if [body["details"].get("evidence") for _, body in made] != [cut.evidence_hash]:
                faults.append("the log does not know this cut")
        if not any(body["action"] == "release:published" for _, body in said):
            faults.append("the log does not say that it was published")
        stone = self.session.get(Tombstone, row.id)
        facts = {
            "number": row.number,
            "state": row.state,
            "published_at": row.published_at,
            "edition": edition.id,
            "profile": edition.profile,
            "manifest": edition.manifest,
            "cut": agreement.cut_id,
            "withdrawn_at": None if stone is None else stone.withdrawn_at,
            "erased_at": None if stone is None else stone.erased_at,
        }
        return self._step("release", row.id, facts, said, faults)

    def evidence(self, row: Release) -> Step:
        said = [(seq, body) for seq, body in self._said(row.id, "release") if "evidence" in body["details"]]
        document, faults = json.loads(row.evidence), []
        signed = document["signature"]
        if not signing.verify(signed["key"], signed["value"], canonical_json(document["body"])):
            faults.append("its author's signature does not hold")
        if evidence_hash(document["body"]) != row.evidence_hash:
            faults.append("it does not hash to what was approved")
        if any(body["details"]["evidence"] != row.evidence_hash for _, body in said):
            faults.append("it is not the one that was logged")
        for who, key in ((row.author_id, row.author_key), (row.approver_id, row.approver_key)):
            if key not in self._keys(who or ""):
                faults.append(f"the log does not know the key of {who}")
        try:
            check_approval(row)
        except CatalogError as error:
            faults.append(error.found)
        facts = {"author": row.author_id, "approver": row.approver_id, "approved_at": row.approved_at}
        return self._step("evidence", row.evidence_hash, facts, said, faults)

    def dataset(self, row: Dataset) -> Step:
        acts = history(self.session, row.id)
        said = [*self._said(row.id, "dataset"), *self._said(row.id, "registration")]
        faults = [] if acts else ["it is not registered"]
        registered = [body["details"].get("number") for _, body in said if body["action"].startswith("registration:")]
        if sorted(map(str, registered)) != sorted(act.number for act in acts):
            faults.append("its registration is not what was logged")
        facts = {"title_zh": row.title_zh, "title_en": row.title_en, "registration": acts[-1].number if acts else None}
        return self._step("dataset", row.id, facts, said, faults)

    def publishers(self, dataset: Dataset) -> Iterator[Step]:
        """Give who answers for the dataset, and whoever is above them."""
        above: str | None = dataset.publisher_id
        while above is not None:
            row, said = self.session.get_one(Publisher, above), self._said(above, "publisher")
            facts = {"name_zh": row.name_zh, "name_en": row.name_en, "kind": row.kind}
            yield self._step("publisher", row.id, facts, said, [] if said else ["the log does not know it"])
            above = row.parent_id

    def source(self, row: Release) -> Step:
        """Give what the release was built from: its hash, and the uploads with this hash, where it was one."""
        told = json.loads(row.evidence)["body"].get("source", {})
        sha256 = told.get("sha256")
        uploads = self.session.exec(rows(RawSource).where(col(RawSource.sha256) == sha256)).all() if sha256 else ()
        said: Said = [entry for upload in uploads for entry in self._said(upload.id, "raw")]
        facts = {"rows": told.get("rows"), "uploads": [upload.id for upload in uploads]}
        return self._step("source", sha256, facts, said, [])

    def _said(self, subject: str, kind: str) -> Said:
        """Read what the log says of *subject* as a thing of its kind: quotes name an agreement too, and are many."""
        columns = log.ENTRIES.c
        about = (columns.subject == subject, columns.action.startswith(f"{kind}:"))
        found = select(columns.seq, columns.body).where(*about).order_by(columns.seq)
        return [(seq, parsed(body)) for seq, body in self.session.connection().execute(found)]

    def _keys(self, member: str) -> set[str]:
        """Name the keys with which a member was entered."""
        return {
            body["details"].get("key") for _, body in self._said(member, "member") if body["action"] == "member:added"
        }

    def _step(self, what: str, id: str | None, facts: Mapping[str, Any], said: Said, faults: list[str]) -> Step:
        return Step(what=what, id=id, facts=facts, entries=tuple(seq for seq, _ in said), faults=tuple(faults))
