"""Receipts: derived from the log and the ledger after the commit, and the same again at any later time.

A receipt carries the entries that charged and delivered an answer, the proof that they are in the log, and the log's
signed note for that size. It convinces a stranger who knows the log's public key alone.
"""

import base64
import json
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from anonymize.signing import Signer
from catalog.errors import NotFound
from market.audit import log, merkle, notes
from market.audit.notes import Checkpoint

ACTIONS = ("query:answered", "query:delivered", "query:refunded", "query:delivery-unknown")


def receipt(session: Session, run_id: str, signer: Signer, *, origin: str) -> dict[str, Any]:
    """Derive the receipt of a run from the log: what it cost, what was delivered, and the proof of both."""
    size = log.size(session)
    columns = log.ENTRIES.c
    where = (columns.subject == run_id, columns.action.in_(ACTIONS), columns.seq < size)
    found = session.connection().execute(select(columns.seq, columns.body).where(*where).order_by(columns.seq)).all()
    if not found:
        raise NotFound(f"query {run_id!r}", "has no receipt", fix="Check its number: only charged queries have one.")
    entries = []
    for seq, body in found:
        proof = log.prove(session, seq, size)
        hashes = [base64.b64encode(digest).decode() for digest in proof.hashes]
        entries.append({"index": seq, "body": body.decode(), "proof": hashes})
    note = notes.sign(Checkpoint(origin, size, log.root(session, size)), signer)
    return {**_facts([json.loads(body) for _, body in found]), "entries": entries, "checkpoint": note}


def check(document: dict[str, Any], public: str) -> list[str]:
    """List what does not hold in a receipt for somebody who trusts the log's key *public* and nothing else."""
    try:
        stated = notes.read(document["checkpoint"], public)
        bodies = [json.loads(entry["body"]) for entry in document["entries"]]
        if not bodies:
            return ["the receipt holds no entry"]
        faults = []
        for entry in document["entries"]:
            leaf = merkle.leaf_hash(entry["body"].encode())
            proof = [base64.b64decode(digest, validate=True) for digest in entry["proof"]]
            if not merkle.verify_inclusion(leaf, entry["index"], stated.size, proof, stated.root):
                faults.append(f"entry {entry['index']} is not in the log that was signed")
        if len({body["subject"] for body in bodies}) > 1:
            faults.append("its entries are about different queries")
        told = {name: value for name, value in document.items() if name not in ("entries", "checkpoint")}
        if told != _facts(bodies):
            faults.append("it says other things than its entries")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return [f"it is no receipt: {type(error).__name__}"]
    return faults


def _facts(bodies: list[dict[str, Any]]) -> dict[str, Any]:
    """Read off entries what a licensee wants to know; what no entry says is none."""
    details = {body["action"]: body["details"] for body in bodies}
    charged, delivered = details.get("query:answered", {}), details.get("query:delivered", {})
    last = bodies[-1]["action"]
    return {
        "query": bodies[0]["subject"],
        "agreement": charged.get("agreement"),
        "columns": charged.get("columns"),
        "billed_bytes": charged.get("billed_bytes"),
        "amount_fen": 0 if last == "query:refunded" else charged.get("amount_fen"),
        "rows": delivered.get("rows"),
        "sha256": delivered.get("sha256"),
        "status": delivered.get("status", last.removeprefix("query:")),
    }
