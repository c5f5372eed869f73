"""Take the log away: a signed checkpoint, then one line per entry, enough to hash the tree again without us."""

import json
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from anonymize.signing import Signer
from market.audit import log, merkle, notes
from market.audit.notes import Checkpoint


def write(session: Session, file: IO[str], signer: Signer, *, origin: str) -> int:
    """Write the log to *file* as JSON lines; gives the number of entries."""
    size = log.size(session)
    note = notes.sign(Checkpoint(origin, size, log.root(session, size)), signer)
    file.write(json.dumps({"checkpoint": note}) + "\n")
    columns = log.ENTRIES.c
    entries = session.connection().execute(select(columns.body).where(columns.seq < size).order_by(columns.seq))
    for (body,) in entries.yield_per(1000):
        file.write(json.dumps({"body": body.decode()}, ensure_ascii=False) + "\n")
    return size


def check(file: IO[str], public: str) -> list[str]:
    """List what does not hold in an exported log, for somebody who knows the log's key alone."""
    try:
        stated = notes.read(json.loads(file.readline())["checkpoint"], public)
    except (ValueError, KeyError, TypeError) as error:
        return [f"line 1: {error}"]
    nodes: dict[tuple[int, int], bytes] = {}
    size = 0
    for size, line in enumerate(file, 1):
        try:
            leaf = merkle.leaf_hash(json.loads(line)["body"].encode())
        except (ValueError, KeyError, TypeError, AttributeError):
            return [f"line {size + 1}: is no entry"]
        for level, position, digest in merkle.completed(size - 1, leaf, lambda *at: nodes[at]):
            nodes[level, position] = digest
    if size != stated.size:
        return [f"the file holds {size} entries, the checkpoint speaks of {stated.size}"]
    if merkle.root(size, lambda *at: nodes[at]) != stated.root:
        return ["the entries do not hash to the root that was signed"]
    return []
