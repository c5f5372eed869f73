"""Append to the log and read it: entries, nodes, root and proofs, all in the caller's transaction."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from catalog.events import Event
from market.audit import merkle
from market.audit.commitments import SALT_BYTES, commit
from market.audit.models import LogEntry, LogHead, LogNode, LogSecret
from market.prepared import Prepared
from policies.canonical import canonical_json

_MODELS = (LogEntry, LogNode, LogHead, LogSecret)
ENTRIES, NODES, HEAD, SECRETS = (model.metadata.tables[model.__tablename__] for model in _MODELS)

# Statements are built once: every commit that changes anything runs them.
_READ_SIZE = select(HEAD.c.size).where(HEAD.c.id == 1)
_LOCK_HEAD = Prepared(
    select(HEAD.c.size, HEAD.c.checkpoint_size, HEAD.c.checkpoint_at).where(HEAD.c.id == 1).with_for_update()
)
_READ_NODE = Prepared(
    select(NODES.c.hash).where(NODES.c.level == bindparam("level"), NODES.c.position == bindparam("position"))
)
_ADD_ENTRIES, _ADD_NODES, _ADD_SECRETS = Prepared(insert(ENTRIES)), Prepared(insert(NODES)), Prepared(insert(SECRETS))
_GROW = Prepared(update(HEAD).where(HEAD.c.id == 1).values(size=bindparam("grown")))


@dataclass(frozen=True, slots=True)
class Head:
    """How far the log has come, and how far its newest checkpoint reaches."""

    size: int
    checkpoint_size: int
    checkpoint_at: datetime | None
    """What the clock said then."""


def body_of(event: Event, commitments: Mapping[str, str]) -> bytes:
    """Give the bytes of *event* that become a leaf: personal words enter as *commitments* to them."""
    said = {"action": event.action, "subject": event.subject, "by": event.by, "at": event.at, "details": event.details}
    return canonical_json({**said, "personal": commitments} if commitments else said)


def lock(session: Session) -> Head:
    """Take the log's lock, after which nothing else may be locked, and read its head."""
    return Head(*_LOCK_HEAD.first(session))


def append(session: Session, events: Sequence[Event]) -> Head:
    """Append *events*, with what they say of people kept apart; gives the new head. Takes the log's lock."""
    bodies, kept = [], []
    for place, event in enumerate(events):
        commitments = {}
        for name, words in event.personal.items():
            salt = secrets.token_bytes(SALT_BYTES)
            commitments[name] = commit(words, salt)
            kept.append((place, {"name": name, "text": words, "salt": salt.hex()}))
        bodies.append(body_of(event, commitments))
    head = lock(session)
    nodes: dict[tuple[int, int], bytes] = {}

    def node(level: int, position: int) -> bytes:
        fresh = nodes.get((level, position))
        return fresh if fresh is not None else _node(session, level, position)

    entries = []
    for seq, (event, body) in enumerate(zip(events, bodies, strict=True), head.size):
        for level, position, digest in merkle.completed(seq, merkle.leaf_hash(body), node):
            nodes[level, position] = digest
        entries.append(
            {"seq": seq, "at": event.at, "action": event.action, "subject": event.subject, "by": event.by, "body": body}
        )
    _ADD_ENTRIES.change(session, *entries)
    made = [{"level": level, "position": position, "hash": digest} for (level, position), digest in nodes.items()]
    _ADD_NODES.change(session, *made)
    if kept:
        _ADD_SECRETS.change(session, *({"seq": head.size + place, **secret} for place, secret in kept))
    grown = head.size + len(entries)
    _GROW.change(session, {"grown": grown})
    return replace(head, size=grown)


def size(session: Session) -> int:
    """Count the entries."""
    count: int = session.connection().execute(_READ_SIZE).scalar_one()
    return count


def root(session: Session, at_size: int) -> bytes:
    """Give the tree's root when it had *at_size* entries."""
    return merkle.root(at_size, lambda level, position: _node(session, level, position))


def leaf(session: Session, seq: int) -> bytes:
    """Give the leaf of entry *seq*."""
    return _node(session, 0, seq)


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That an entry is in the tree of `size` entries: hashes from the leaf's sibling up (RFC 6962 §2.1.1)."""

    index: int
    size: int
    hashes: tuple[bytes, ...]


def prove(session: Session, index: int, at_size: int) -> InclusionProof:
    """Prove that entry *index* is in the tree of *at_size* entries."""
    return prover(session, at_size)(index)


def prover(session: Session, at_size: int) -> Callable[[int], InclusionProof]:
    """Prove many entries in one tree: what several proofs need is read once."""
    node = cache(lambda level, position: _node(session, level, position))

    def prove(index: int) -> InclusionProof:
        return InclusionProof(index, at_size, tuple(merkle.inclusion_proof(index, at_size, node)))

    return prove


def consistency(session: Session, old: int, new: int) -> tuple[bytes, ...]:
    """Prove that the tree of *new* entries extends that of *old*."""
    return tuple(merkle.consistency_proof(old, new, lambda level, position: _node(session, level, position)))


def entry_body(session: Session, seq: int) -> dict[str, Any]:
    """Read one entry's body."""
    body = session.connection().execute(select(ENTRIES.c.body).where(ENTRIES.c.seq == seq)).scalar_one()
    value: dict[str, Any] = json.loads(body)
    return value


def _node(session: Session, level: int, position: int) -> bytes:
    return bytes(_READ_NODE.first(session, level=level, position=position).hash)
