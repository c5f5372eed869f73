"""Receipts: derived from the log and the ledger after the commit, and the same again at any later time.

A receipt carries the entries that charged and delivered an answer, the proof that they are in the log, and the log's
signed note for that size. It convinces a stranger who knows the log's public key alone.
"""

import base64
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from anonymize.signing import Signer
from catalog.errors import NotFound
from market.audit import checkpoint, log, merkle
from market.audit.checkpoint import Checkpoint
from market.query.runs import RUNS
from policies.canonical import canonical_json

ACTIONS = ("query:answered", "query:delivered", "query:refunded", "query:delivery-unknown")


def receipt(session: Session, run_id: str, signer: Signer, *, origin: str) -> dict[str, Any]:
    """Derive the receipt of a run from what is committed."""
    run = session.connection().execute(select(RUNS).where(RUNS.c.id == run_id)).mappings().one_or_none()
    if run is None:
        raise NotFound(f"query {run_id!r}", "there is none", fix="Check the number on your receipt.")
    size = log.size(session)
    columns = log.ENTRIES.c
    found = session.connection().execute(
        select(columns.seq, columns.body)
        .where(columns.subject == run_id, columns.action.in_(ACTIONS))
        .order_by(columns.seq)
    )
    proofs = []
    for seq, body in found.all():
        proof = log.prove(session, seq, size)
        hashes = [base64.b64encode(digest).decode() for digest in proof.hashes]
        proofs.append({"index": seq, "body": body.decode(), "proof": hashes})
    note = checkpoint.sign(Checkpoint(origin, size, log.root(session, size)), signer)
    return {
        "query": run_id,
        "agreement": run["agreement_id"],
        "state": run["state"],
        "rows": run["rows"],
        "sha256": run["result_hash"],
        "quote": run["quote"],
        "entries": proofs,
        "checkpoint": note,
    }


def check(document: dict[str, Any], public: str) -> list[str]:
    """List what does not hold in a receipt for somebody who trusts the log's key *public* and nothing else."""
    try:
        stated = checkpoint.read(document["checkpoint"], public)
    except ValueError as error:
        return [str(error)]
    faults = [] if document["entries"] else ["the receipt holds no entry"]
    for entry in document["entries"]:
        leaf = merkle.leaf_hash(entry["body"].encode())
        proof = [base64.b64decode(digest) for digest in entry["proof"]]
        if not merkle.verify_inclusion(leaf, entry["index"], stated.size, proof, stated.root):
            faults.append(f"entry {entry['index']} is not in the log that was signed")
        if f'"subject":{canonical_json(document["query"]).decode()}' not in entry["body"]:
            faults.append(f"entry {entry['index']} is about something else")
    return faults
