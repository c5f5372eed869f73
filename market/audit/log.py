"""Append to the log and read it: entries, nodes, root and proofs, all in the caller's transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from catalog.events import Event
from market.audit import merkle
from market.audit.models import LogEntry, LogHead, LogNode
from policies.canonical import canonical_json

ENTRIES, NODES, HEAD = (model.metadata.tables[model.__tablename__] for model in (LogEntry, LogNode, LogHead))

# Statements are built once: every commit that changes anything runs them.
_READ_SIZE = select(HEAD.c.size).where(HEAD.c.id == 1)
_LOCK_SIZE = _READ_SIZE.with_for_update()
_READ_NODE = select(NODES.c.hash).where(NODES.c.level == bindparam("level"), NODES.c.position == bindparam("position"))
_ADD_ENTRIES, _ADD_NODES = insert(ENTRIES), insert(NODES)
_GROW = update(HEAD).where(HEAD.c.id == 1).values(size=bindparam("grown"))


def body_of(event: Event) -> bytes:
    """Give the bytes of *event* that become a leaf."""
    return canonical_json(event)


def append(session: Session, events: Sequence[Event]) -> range:
    """Append *events* and give their sequence numbers. Takes the log's lock, so nothing may be locked after it."""
    if not events:
        return range(0)
    connection = session.connection()
    first = connection.execute(_LOCK_SIZE).scalar_one()
    nodes: dict[tuple[int, int], bytes] = {}

    def node(level: int, position: int) -> bytes:
        fresh = nodes.get((level, position))
        return fresh if fresh is not None else _node(session, level, position)

    entries = []
    for seq, event in enumerate(events, first):
        body = body_of(event)
        for level, position, digest in merkle.completed(seq, merkle.leaf_hash(body), node):
            nodes[level, position] = digest
        entries.append(
            {"seq": seq, "at": event.at, "action": event.action, "subject": event.subject, "by": event.by, "body": body}
        )
    connection.execute(_ADD_ENTRIES, entries)
    made = [{"level": level, "position": position, "hash": digest} for (level, position), digest in nodes.items()]
    connection.execute(_ADD_NODES, made)
    connection.execute(_GROW, {"grown": first + len(entries)})
    return range(first, first + len(entries))


def size(session: Session) -> int:
    """Count the entries."""
    count: int = session.connection().execute(_READ_SIZE).scalar_one()
    return count


def root(session: Session, at_size: int) -> bytes:
    """Give the tree's root when it had *at_size* entries."""
    return merkle.root(at_size, lambda level, position: _node(session, level, position))


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That an entry is in the tree of `size` entries: hashes from the leaf's sibling up (RFC 6962 §2.1.1)."""

    index: int
    size: int
    hashes: tuple[bytes, ...]


def prove(session: Session, index: int, at_size: int) -> InclusionProof:
    """Prove that entry *index* is in the tree of *at_size* entries."""
    hashes = merkle.inclusion_proof(index, at_size, lambda level, position: _node(session, level, position))
    return InclusionProof(index, at_size, tuple(hashes))


def entry_body(session: Session, seq: int) -> dict[str, Any]:
    """Read one entry's body."""
    body = session.connection().execute(select(ENTRIES.c.body).where(ENTRIES.c.seq == seq)).scalar_one()
    value: dict[str, Any] = json.loads(body)
    return value


def _node(session: Session, level: int, position: int) -> bytes:
    found = session.connection().execute(_READ_NODE, {"level": level, "position": position})
    digest: bytes = found.scalar_one()
    return digest
