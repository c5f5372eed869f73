"""Closing a case with a signed report, and checking such a report without us.

The report carries every entry it speaks of with its proof in one signed tree: those that were attached, the case's own,
and those that entered the people who signed. A stranger who knows the log's and the auditor's key needs no more.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from anonymize import signing
from catalog.actors import Actor
from catalog.errors import WrongState
from catalog.events import Event, note
from market.audit import checkpoint, keys, log, merkle
from market.audit.keys import Rotation
from market.audit.notary import Notary, rotations_of
from market.auditing import cases
from market.auditing.cases import hash_of
from market.auditing.models import AuditCase, CaseState
from policies.canonical import canonical_json

FORMAT = "sluice-case-report/1"

OPENED = ("id", "title", "opened_by", "opened_at")
ATTACHED = ("seq", "note", "attached_by", "attached_at")
ANSWERED = ("answer", "answered_by", "answered_at", "key", "signature")
ASKED = ("id", "publisher_id", "question", "asked_by", "asked_at", *ANSWERED)


def close(session: Session, case_id: str, conclusion: str, notary: Notary, *, by: Actor, at: datetime) -> AuditCase:
    """Close a case for good, with a report that the auditor signs.

    Raises:
        WrongState: it is closed already.
    """
    cases.check_words("conclusion", conclusion)
    case = cases.locked_open(session, case_id)
    entries, questions = cases.entries_of(session, case_id), cases.questions_of(session, case_id)
    size = log.size(session)
    signers = {by.id, *(row.answered_by for row in questions if row.answered_by is not None)}
    report = {
        "format": FORMAT,
        "log": notary.origin,
        "case": {name: getattr(case, name) for name in OPENED},
        "entries": [{name: getattr(row, name) for name in ATTACHED} for row in entries],
        "questions": [{name: getattr(row, name) for name in ASKED} for row in questions],
        "conclusion": conclusion,
        "closed_by": by.id,
        "closed_at": at,
        "proofs": _proofs(session, size, [*_about(session, case_id, signers, size), *(row.seq for row in entries)]),
        "checkpoint": checkpoint.note_at(session, notary, size),
        "rotations": [rotation.to_dict() for rotation in rotations_of(session, notary.origin)],
    }
    written = canonical_json(report)
    case.state, case.closed_by, case.closed_at = CaseState.CLOSED, by.id, at
    case.report, case.report_hash = written.decode(), hashlib.sha256(written).hexdigest()
    case.key, case.signature = by.signer.public, by.signer.sign(written)
    details = {"report": case.report_hash, "key": case.key, "signature": case.signature}
    note(session, Event(action="case:closed", subject=case.id, by=by.id, at=at, details=details))
    return case


def document(case: AuditCase) -> dict[str, Any]:
    """Give the report of a closed case as the file that is handed on.

    Raises:
        WrongState: it is open.
    """
    if case.report is None:
        raise WrongState(f"case {case.id}", "is open and has no report", fix="Close it: sluice case close")
    return {"report": json.loads(case.report), "key": case.key, "signature": case.signature}


def check(given: Mapping[str, Any], *log_keys: str, auditor_key: str) -> list[str]:
    """List what does not hold in a report, for somebody who trusts keys of the log and the auditor's."""
    try:
        report = given["report"]
        if report["format"] != FORMAT:
            return [f"it is of the format {report['format']!r}, not {FORMAT!r}"]
        faults = []
        if given["key"] != auditor_key or not signing.verify(auditor_key, given["signature"], canonical_json(report)):
            faults.append("the auditor's signature does not hold")
        rotations = [Rotation.read(said) for said in report["rotations"]]
        try:
            stated = keys.read(report["checkpoint"], rotations, log_keys)
        except ValueError as error:
            return [*faults, str(error)]
        if stated.origin != report["log"]:
            faults.append("its checkpoint is of another log")
        bodies: dict[int, dict[str, Any]] = {}
        for proof in report["proofs"]:
            leaf = merkle.leaf_hash(proof["body"].encode())
            hashes = [base64.b64decode(one, validate=True) for one in proof["proof"]]
            included = merkle.verify_inclusion(leaf, proof["seq"], stated.size, hashes, stated.root)
            if included and proof["leaf"] == leaf.hex():
                bodies[proof["seq"]] = json.loads(proof["body"])
            else:
                faults.append(f"entry {proof['seq']} is not in the log that was signed")
        return [*faults, *_unproved(report, bodies), *_signatures(report, given["key"], bodies.values())]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return [f"it is no report: {type(error).__name__}"]


def _unproved(report: Mapping[str, Any], bodies: Mapping[int, Mapping[str, Any]]) -> Iterator[str]:
    """Hold what the report says against the case's own entries."""
    case = report["case"]
    own = [body for body in bodies.values() if body["subject"] == case["id"]]

    def proved(action: str, by: str, at: str, **details: Any) -> bool:
        return any(
            (body["action"], body["by"], body["at"]) == (f"case:{action}", by, at)
            and details.items() <= body["details"].items()
            for body in own
        )

    def named(action: str, name: str) -> set[Any]:
        found = (body["details"][name] for body in own if body["action"] == f"case:{action}")
        return {one for value in found for one in (value if isinstance(value, list) else [value])}

    if not proved("opened", case["opened_by"], case["opened_at"], title=hash_of(case["title"])):
        yield "the log does not say that the case was opened so"
    entries, questions = report["entries"], report["questions"]
    if named("attached", "entries") != {entry["seq"] for entry in entries}:
        yield "the log says that other entries were attached"
    for entry in entries:
        if entry["seq"] not in bodies:
            yield f"entry {entry['seq']} comes without a proof"
        if not proved("attached", entry["attached_by"], entry["attached_at"], note=hash_of(entry["note"])):
            yield f"the log does not say that entry {entry['seq']} was attached so"
    if named("asked", "question") != {question["id"] for question in questions}:
        yield "the log says that other questions were asked"
    for question in questions:
        said = {"question": question["id"], "publisher": question["publisher_id"]}
        said["text"] = hash_of(question["question"])
        if not proved("asked", question["asked_by"], question["asked_at"], **said):
            yield f"the log does not say that question {question['id']} was asked so"
        if question["id"] not in named("answered", "question"):
            if any(question[name] is not None for name in ANSWERED):
                yield f"the log does not say that question {question['id']} was answered"
            continue
        said = {"question": question["id"], "text": hash_of(str(question["answer"])), "key": question["key"]}
        if not proved("answered", question["answered_by"], question["answered_at"], **said):
            yield f"the log does not say that question {question['id']} was answered so"


def _signatures(report: Mapping[str, Any], key: str, bodies: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Check who signed, with the keys that the log knows for them."""
    known = {(body["subject"], body["details"].get("key")) for body in bodies if body["action"] == "member:added"}
    if (report["closed_by"], key) not in known:
        yield f"the log does not know that the key is the auditor's, {report['closed_by']}"
    for question in report["questions"]:
        if question["answer"] is None:
            continue
        if (question["answered_by"], question["key"]) not in known:
            yield f"the log does not know the key of {question['answered_by']}"
        message = cases.answer_message(report["case"]["id"], question)
        if not signing.verify(question["key"], question["signature"], message):
            yield f"the signature under the answer to {question['id']} does not hold"


def _about(session: Session, case_id: str, signers: set[str], size: int) -> list[int]:
    """Find the entries of the case itself, and those that entered the people who signed."""
    columns = log.ENTRIES.c
    people = columns.subject.in_(sorted(signers)) & (columns.action == "member:added")
    wanted = ((columns.subject == case_id) | people, columns.seq < size)
    return list(session.connection().execute(select(columns.seq).where(*wanted)).scalars())


def _proofs(session: Session, size: int, entries: Sequence[int]) -> list[dict[str, Any]]:
    columns, prove = log.ENTRIES.c, log.prover(session, size)
    made = []
    for seq in sorted(set(entries)):
        body = session.connection().execute(select(columns.body).where(columns.seq == seq)).scalar_one()
        hashes = [base64.b64encode(digest).decode() for digest in prove(seq).hashes]
        leaf = log.leaf(session, seq).hex()
        made.append({"seq": seq, "leaf": leaf, "body": body.decode(errors="replace"), "proof": hashes})
    return made
