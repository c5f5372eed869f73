"""Receipts: derived from the log and the ledger after the commit, and the same again at any later time.

A receipt carries the entries that charged and delivered an answer, the proof that they are in the log, and the log's
signed note for that size. It convinces a stranger who knows a public key of the log alone. Upgraded, it stands under a
checkpoint that a witness has cosigned, with the proof that this log extends the one of the earlier note.
"""

import base64
import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from catalog.errors import CatalogError, NotFound, WrongState
from market.audit import checkpoint, keys, log, merkle
from market.audit.keys import Rotation
from market.audit.notary import Notary, rotations_of
from market.audit.notes import Checkpoint, Key, Note, decoded, parse

ACTIONS = ("query:answered", "query:delivered", "query:refunded", "query:delivery-unknown")
PROOF = ("entries", "checkpoint", "rotations", "earlier")
"""What proves the rest."""


def receipt(session: Session, run_id: str, notary: Notary) -> dict[str, Any]:
    """Derive the receipt of a run from the log: what it cost, what was delivered, and the proof of both."""
    size = log.size(session)
    return _drawn_up(session, run_id, notary, size, checkpoint.note_at(session, notary, size))


def upgrade(session: Session, document: dict[str, Any], notary: Notary) -> dict[str, Any]:
    """Derive a receipt again under the newest checkpoint that a witness has cosigned.

    Raises:
        CatalogError: it is no receipt.
        WrongState: it is not of this log as it is now, or no witness has cosigned the log since.
    """
    try:
        earlier = document.get("earlier", document)["checkpoint"]
        before, run_id = parse(Note.read(earlier).text), document["query"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CatalogError("receipt", f"it is none: {type(error).__name__}", fix="Give the file as it was.") from error
    size = log.size(session)
    if before.origin != notary.origin or before.size > size or log.root(session, before.size) != before.root:
        fix = "Keep it, and show it to an auditor: if the log's key signed it, the log was shown in two ways."
        raise WrongState("receipt", "its checkpoint is not one of this log", fix=fix)
    witnessed = checkpoint.newest_witnessed(session)
    if witnessed is None or witnessed.size < before.size:
        found = f"no witness has cosigned the log of {before.size} entries or more yet"
        raise WrongState("receipt", found, fix="Try again after the next checkpoint.")
    made = _drawn_up(session, run_id, notary, witnessed.size, checkpoint.note_of(session, witnessed))
    proof = log.consistency(session, before.size, witnessed.size)
    return {**made, "earlier": {"checkpoint": earlier, "proof": _texts(proof)}}


def check(document: dict[str, Any], *trusted: str, witnesses: Collection[Key] = ()) -> list[str]:
    """List what does not hold in a receipt for somebody who trusts keys of the log, and perhaps of witnesses.

    Each of *witnesses* must have cosigned its checkpoint.
    """
    try:
        rotations = [Rotation.read(said) for said in document.get("rotations", ())]
        stated = keys.read(document["checkpoint"], rotations, trusted)
        cosigned = Note.read(document["checkpoint"]).verified(witnesses)
        faults = [f"the witness {key.name} has not cosigned it" for key in witnesses if key not in cosigned]
        if "earlier" in document:
            before = keys.read(document["earlier"]["checkpoint"], rotations, trusted)
            faults += _growth(before, stated, _hashes(document["earlier"]["proof"]))
    except ValueError as error:
        return [str(error)]
    except (KeyError, TypeError, AttributeError) as error:
        return [f"it is no receipt: {type(error).__name__}"]
    try:
        return [*faults, *_entries(document, stated)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return [*faults, f"it is no receipt: {type(error).__name__}"]


def _drawn_up(session: Session, run_id: str, notary: Notary, size: int, note: str) -> dict[str, Any]:
    found = _said(session, [run_id], size)
    if not found:
        raise NotFound(f"query {run_id!r}", "has no receipt", fix="Check its number: only charged queries have one.")
    parts = _joined([json.loads(body) for _, body in found])
    if parts:
        found = _said(session, [run_id, *parts], size)
    prove = log.prover(session, size)
    entries = [{"index": seq, "body": body.decode(), "proof": _texts(prove(seq).hashes)} for seq, body in found]
    made = {**_facts([json.loads(body) for _, body in found]), "entries": entries, "checkpoint": note}
    rotations = [rotation.to_dict() for rotation in rotations_of(session, notary.origin)]
    return {**made, "rotations": rotations} if rotations else made


def _said(session: Session, runs: Sequence[str], size: int) -> list[tuple[int, bytes]]:
    """Read what a log of *size* entries says of runs: of one after the other, each in its order."""
    columns = log.ENTRIES.c
    where = (columns.subject.in_(runs), columns.action.in_(ACTIONS), columns.seq < size)
    wanted = select(columns.seq, columns.body, columns.subject).where(*where).order_by(columns.seq)
    found = session.connection().execute(wanted).all()
    return [(row.seq, row.body) for run in runs for row in found if row.subject == run]


def _joined(bodies: Sequence[dict[str, Any]]) -> list[str]:
    """Name the runs under other agreements that the newest charge of a question speaks of."""
    named: list[str] = []
    for body in bodies:
        if body["action"] == "query:answered":
            named = [str(part["query"]) for part in body["details"].get("joined", ())]
    return named


def _growth(before: Checkpoint, stated: Checkpoint, proof: Sequence[bytes]) -> list[str]:
    extends = merkle.verify_consistency(before.size, stated.size, before.root, stated.root, proof)
    if before.origin == stated.origin and extends:
        return []
    return [f"the log of {stated.size} entries does not extend the earlier one of {before.size}"]


def _entries(document: dict[str, Any], stated: Checkpoint) -> list[str]:
    bodies = [json.loads(entry["body"]) for entry in document["entries"]]
    if not bodies:
        return ["the receipt holds no entry"]
    faults = []
    for entry in document["entries"]:
        leaf = merkle.leaf_hash(entry["body"].encode())
        if not merkle.verify_inclusion(leaf, entry["index"], stated.size, _hashes(entry["proof"]), stated.root):
            faults.append(f"entry {entry['index']} is not in the log that was signed")
    own = [body for body in bodies if body["subject"] == bodies[0]["subject"]]
    if {body["subject"] for body in bodies} != {bodies[0]["subject"], *_joined(own)}:
        faults.append("its entries are about different queries")
    told = {name: value for name, value in document.items() if name not in PROOF}
    if told != _facts(bodies):
        faults.append("it says other things than its entries")
    return faults


def _texts(digests: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(digest).decode() for digest in digests]


def _hashes(texts: Sequence[str]) -> list[bytes]:
    return [decoded(text) for text in texts]


def _facts(bodies: list[dict[str, Any]]) -> dict[str, Any]:
    """Read off entries what a licensee wants to know; of a question under several agreements, of each of them."""
    by_run: dict[str, list[dict[str, Any]]] = {}
    for body in bodies:
        by_run.setdefault(body["subject"], []).append(body)
    facts, *parts = [_facts_of(said) for said in by_run.values()]
    if not parts:
        return facts
    shown = ("query", "agreement", "columns", "billed_bytes", "amount_fen", "bill")
    joined = [{name: part[name] for name in shown} for part in parts]
    return {**facts, "joined": joined, "total_fen": sum(one["amount_fen"] or 0 for one in (facts, *parts))}


def _facts_of(bodies: list[dict[str, Any]]) -> dict[str, Any]:
    """Read off the entries of one run; what no entry says is none."""
    details = {body["action"]: body["details"] for body in bodies}
    charged, delivered = details.get("query:answered", {}), details.get("query:delivered", {})
    last = bodies[-1]["action"]
    return {
        "query": bodies[0]["subject"],
        "agreement": charged.get("agreement"),
        "columns": charged.get("columns"),
        "billed_bytes": charged.get("billed_bytes"),
        "amount_fen": 0 if last == "query:refunded" else charged.get("amount_fen"),
        "bill": None if last == "query:refunded" else charged.get("bill"),
        "rows": delivered.get("rows"),
        "sha256": delivered.get("sha256"),
        "status": delivered.get("status", last.removeprefix("query:")),
    }
