"""Check the whole log: every leaf, every stored node, every checkpoint, and each publication's second signer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anonymize import signing
from catalog.publishing import approval_message
from market.audit import checkpoint, log, merkle
from market.audit.models import LogCheckpoint

BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold, and where: an entry's or a checkpoint's number."""

    seq: int
    found: str


def verify(session: Session, public: str) -> list[Fault]:
    """List what does not hold in the log whose checkpoints are signed by *public*; an empty list is a proof."""
    return [*_tree(session), *_checkpoints(session, public), *_publications(session)]


def _tree(session: Session) -> Iterator[Fault]:
    connection = session.connection()
    size = log.size(session)
    stored = dict[tuple[int, int], bytes]()
    for level, position, digest in connection.execute(
        select(log.NODES.c.level, log.NODES.c.position, log.NODES.c.hash)
    ):
        stored[level, position] = digest
    computed = dict[tuple[int, int], bytes]()
    seq = 0
    entries = connection.execute(select(log.ENTRIES.c.seq, log.ENTRIES.c.body).order_by(log.ENTRIES.c.seq))
    for number, body in entries.yield_per(BATCH):
        if number != seq:
            yield Fault(seq, "the entry is missing")
            return
        made = merkle.completed(seq, merkle.leaf_hash(body), lambda level, position: computed[level, position])
        for level, position, digest in made:
            computed[level, position] = digest
            if stored.pop((level, position), None) != digest:
                yield Fault(seq, f"the entry does not hash to node {level}/{position}")
        seq += 1
    if seq != size:
        yield Fault(seq, f"the log has {seq} entries, its head says {size}")
    for level, position in sorted(stored):
        yield Fault(position << level, f"node {level}/{position} belongs to no entry")


def _checkpoints(session: Session, public: str) -> Iterator[Fault]:
    size = log.size(session)
    for size_, note in session.connection().execute(
        select(LogCheckpoint.size, LogCheckpoint.note).order_by(LogCheckpoint.size)  # type: ignore[call-overload]
    ):
        try:
            stated = checkpoint.read(note, public)
        except ValueError as error:
            yield Fault(size_, f"checkpoint: {error}")
            continue
        if stated.size > size:
            yield Fault(size_, "a checkpoint is ahead of the log: entries were cut off")
        elif stated.root != log.root(session, stated.size):
            yield Fault(size_, "the log's root is not the one that was signed")


def _publications(session: Session) -> Iterator[Fault]:
    """Each `release:published` needs a valid approval over the same evidence by a key other than the author's."""
    proposed: dict[str, dict[str, Any]] = {}
    approved: dict[str, dict[str, Any]] = {}
    for seq in _numbers(session, "release:"):
        body = log.entry_body(session, seq)
        subject, details = body["subject"], body["details"]
        match body["action"]:
            case "release:proposed":
                proposed[subject] = body
            case "release:approved":
                approved[subject] = body
            case "release:published":
                author, approval = proposed.get(subject), approved.get(subject)
                if author is None or approval is None:
                    yield Fault(seq, "a release was published without a proposal and an approval")
                elif not _second(subject, details, author, approval):
                    yield Fault(seq, "a release was published without a valid signature by a second key")


def _second(release: str, published: dict[str, Any], author: dict[str, Any], approval: dict[str, Any]) -> bool:
    given = approval["details"]
    message = approval_message(release, published["evidence"])
    return (
        author["details"]["evidence"] == given["evidence"] == published["evidence"]
        and author["details"]["key"] != given["key"]
        and author["by"] != approval["by"]
        and signing.verify(given["key"], given["signature"], message)
    )


def _numbers(session: Session, prefix: str) -> list[int]:
    entries = log.ENTRIES
    found = select(entries.c.seq).where(entries.c.action.startswith(prefix)).order_by(entries.c.seq)
    return list(session.connection().execute(found).scalars())
