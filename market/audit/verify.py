"""Check the log: every leaf, node and checkpoint, who signed what by which key, and what rests beside it.

Nothing that is found here is taken on trust: roots are folded from the entries' own bytes, and an entry that cannot
be read is a fault to tell of, not one to stumble over. The entries are read once; memory does not grow with the log.
"""

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Integer, literal, select
from sqlalchemy.orm import Session

from market.audit import log
from market.audit.faults import Body, Fault, Reader
from market.audit.merkle import Frontier, leaf_hash
from market.audit.personal import Personal
from market.audit.signatures import Signatures
from market.audit.testimony import Attestations, Members, Publications, Releases
from policies.canonical import plain

BATCH = 8192

__all__ = ["Fault", "verify"]

Nodes = dict[tuple[int, int], bytes]


def verify(session: Session, *trusted: str) -> list[Fault]:
    """List what does not hold in the log, one of whose keys is among *trusted*; an empty list is a proof."""
    members, signatures = Members(), Signatures(session, trusted)
    people: list[Reader] = [members, Publications(members), Attestations(members)]
    readers = [signatures, *people, Releases(session), Personal(session)]
    faults = list(_tree(session, signatures, readers))
    return [*faults, *(fault for reader in readers for fault in reader.close())]


def _tree(session: Session, signatures: Signatures, readers: Sequence[Reader]) -> Iterator[Fault]:
    """Hash every entry, compare with the nodes at rest, and let the *readers* read it."""
    connection, tree, columns = session.connection(), Frontier(), log.ENTRIES.c
    wanted = select(columns.seq, columns.body, columns.at, columns.action, columns.subject, columns.by)
    signatures.grown(tree)
    with connection.execute(wanted.order_by(columns.seq), execution_options={"yield_per": BATCH}) as found:
        for rows in found.partitions():
            stored = _stored(connection, tree.size, tree.size + len(rows))
            for number, raw, *found_by in rows:
                if number != tree.size:
                    yield Fault(tree.size, "the entry is missing")
                    return
                for level, position, digest in tree.add(leaf_hash(raw)):
                    if stored.get((level, position)) != digest:
                        yield Fault(number, f"the entry does not hash to node {level}/{position}")
                signatures.grown(tree)
                yield from _told(number, _read(raw), plain(found_by), readers)
    if tree.size != (size := log.size(session)):
        yield Fault(tree.size, f"the log has {tree.size} entries, its head says {size}")
    yield from _strays(connection, tree.size)


def _told(seq: int, body: Body | None, found_by: list[str], readers: Sequence[Reader]) -> Iterator[Fault]:
    if body is None or [body.get(name) for name in ("at", "action", "subject", "by")] != found_by:
        yield Fault(seq, "the columns by which the entry is found are not what it says")
    if body is not None:
        for reader in readers:
            try:
                yield from reader.read(seq, body)
            except (AttributeError, KeyError, TypeError, ValueError):
                yield Fault(seq, "what the entry says cannot be read")


def _read(raw: bytes) -> Body | None:
    """Read an entry that others can be told of."""
    try:
        body = json.loads(raw)
        texts, groups = (body["action"], body["subject"]), (body["details"], body.get("personal", {}))
    except (ValueError, KeyError, TypeError):
        return None
    told = all(isinstance(text, str) for text in texts) and all(isinstance(group, dict) for group in groups)
    return body if told else None


def _stored(connection: Connection, first: int, last: int) -> Nodes:
    """Read the nodes that the entries from *first* to before *last* complete."""
    columns, level = log.NODES.c, 0
    nodes: Nodes = {}
    while last >> level:
        within = (columns.position >= first >> level, columns.position < last >> level)
        found = select(columns.position, columns.hash).where(columns.level == level, *within)
        nodes.update({(level, position): digest for position, digest in connection.execute(found)})
        level += 1
    return nodes


def _strays(connection: Connection, size: int) -> Iterator[Fault]:
    """Find nodes that no entry completes."""
    columns = log.NODES.c
    complete = literal(size, Integer).op(">>")(columns.level)
    found = select(columns.level, columns.position).where(columns.position >= complete)
    for level, position in connection.execute(found.order_by(columns.level, columns.position)):
        yield Fault(position << level, f"node {level}/{position} belongs to no entry")
