"""Check the log: every leaf, node and checkpoint, who signed each publication and attestation, the releases' states.

Nothing that is found here is taken on trust: roots are folded from the entries' own bytes, and an entry that cannot
be read is a fault to tell of, not one to stumble over.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anonymize import signing
from catalog.errors import NotPermitted
from catalog.lifecycle import State
from catalog.models import Release
from catalog.publishing import approval_message, check_approval
from market.audit import log, merkle, notes
from market.audit.models import LogCheckpoint
from policies.canonical import canonical_json, plain

BATCH = 10_000

STATES = {
    "release:proposed": State.ASSESSED,
    "release:approved": State.APPROVED,
    "release:published": State.PUBLISHED,
    "release:superseded": State.SUPERSEDED,
    "release:withdrawn": State.WITHDRAWN,
}
"""What an entry makes of a release."""

Nodes = dict[tuple[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold, and where: an entry's or a checkpoint's number."""

    seq: int
    found: str


def verify(session: Session, public: str) -> list[Fault]:
    """List what does not hold in the log whose checkpoints are signed by *public*; an empty list is a proof."""
    computed: Nodes = {}
    faults = [*_tree(session, computed), *_checkpoints(session, public, computed)]
    return [*faults, *_publications(session), *_attestations(session), *_releases(session)]


def _tree(session: Session, computed: Nodes) -> Iterator[Fault]:
    """Hash every entry into *computed*, and compare with the nodes at rest."""
    connection = session.connection()
    stored: Nodes = {}
    for level, position, digest in connection.execute(
        select(log.NODES.c.level, log.NODES.c.position, log.NODES.c.hash)
    ):
        stored[level, position] = digest
    seq, columns = 0, log.ENTRIES.c
    entries = connection.execute(
        select(columns.seq, columns.body, columns.at, columns.action, columns.subject, columns.by).order_by(columns.seq)
    )
    for number, body, *found_by in entries.yield_per(BATCH):
        if number != seq:
            yield Fault(seq, "the entry is missing")
            return
        made = merkle.completed(seq, merkle.leaf_hash(body), lambda level, position: computed[level, position])
        for level, position, digest in made:
            computed[level, position] = digest
            if stored.pop((level, position), None) != digest:
                yield Fault(seq, f"the entry does not hash to node {level}/{position}")
        if not _same(body, found_by):
            yield Fault(seq, "the columns by which the entry is found are not what it says")
        seq += 1
    size = log.size(session)
    if seq != size:
        yield Fault(seq, f"the log has {seq} entries, its head says {size}")
    for level, position in sorted(stored):
        yield Fault(position << level, f"node {level}/{position} belongs to no entry")


def _same(body: bytes, found_by: Sequence[Any]) -> bool:
    try:
        said = json.loads(body)
        told: list[Any] = [said[name] for name in ("at", "action", "subject", "by")]
    except (ValueError, KeyError, TypeError):
        return False
    return bool(told == plain(found_by))


def _checkpoints(session: Session, public: str, computed: Nodes) -> Iterator[Fault]:
    size = sum(level == 0 for level, _ in computed)
    for kept_as, note in session.connection().execute(
        select(LogCheckpoint.size, LogCheckpoint.note).order_by(LogCheckpoint.size)  # type: ignore[call-overload]
    ):
        try:
            stated = notes.read(note, public)
        except ValueError as error:
            yield Fault(kept_as, f"checkpoint: {error}")
            continue
        if stated.size != kept_as:
            yield Fault(kept_as, f"the checkpoint kept for this size speaks of {stated.size}")
        if stated.size > size:
            yield Fault(kept_as, "a checkpoint is ahead of the log: entries were cut off")
        elif stated.root != merkle.root(stated.size, lambda level, position: computed[level, position]):
            yield Fault(kept_as, "the log's root is not the one that was signed")


def _publications(session: Session) -> Iterator[Fault]:
    """Each `release:published` needs a valid approval over the same evidence by another member than its author.

    Both sign with the key that was logged when they were entered: a key of nobody's approves nothing.
    """
    keys: dict[str, Any] = {}
    proposed: dict[str, dict[str, Any]] = {}
    approved: dict[str, dict[str, Any]] = {}
    for seq, body in _told(session):
        subject = body["subject"]
        match body["action"]:
            case "member:added":
                keys[subject] = body["details"].get("key")
            case "release:proposed":
                proposed[subject] = body
            case "release:approved":
                approved[subject] = body
            case "release:published":
                author, approval = proposed.get(subject), approved.get(subject)
                if author is None or approval is None:
                    yield Fault(seq, "a release was published without a proposal and an approval")
                elif not _second(subject, body["details"], author, approval, keys):
                    yield Fault(seq, "a release was published without a valid signature by a second key")


def _attestations(session: Session) -> Iterator[Fault]:
    """Each `deletion:attested` carries a signature over what it says, by the key that its member was entered with."""
    keys: dict[str, Any] = {}
    for seq, body in _told(session):
        if body["action"] == "member:added":
            keys[body["subject"]] = body["details"].get("key")
        elif body["action"] == "deletion:attested" and not _attested(body, keys):
            yield Fault(seq, "a deletion was attested without a valid signature by the member who is said to attest it")


def _attested(body: dict[str, Any], keys: dict[str, Any]) -> bool:
    try:
        details = body["details"]
        said = {name: details[name] for name in ("release", "evidence", "statement")}
        message = canonical_json({"attest": body["subject"], **said, "at": body["at"]})
        key, signature = details["key"], details["signature"]
        return bool(key == keys[body["by"]]) and signing.verify(key, signature, message)
    except (KeyError, TypeError):
        return False


def _releases(session: Session) -> Iterator[Fault]:
    """Each release is in the state that the log tells last, and shows the approval that was logged."""
    last: dict[str, tuple[int, State]] = {}
    for seq, body in _told(session):
        if body["action"] in STATES:
            last[body["subject"]] = (seq, STATES[body["action"]])
    for release in session.execute(select(Release).order_by(Release.id)).scalars():
        seq, state = last.get(release.id, (log.size(session), State.DRAFT))
        if release.state != state:
            yield Fault(seq, f"release {release.id} is {release.state}, the log says {state}")
        if release.state in (State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN):
            try:
                check_approval(release)
            except NotPermitted as error:
                yield Fault(seq, str(error))


def _second(
    release: str,
    published: dict[str, Any],
    author: dict[str, Any],
    approval: dict[str, Any],
    keys: dict[str, Any],
) -> bool:
    try:
        given, message = approval["details"], approval_message(release, published["evidence"], published.get("joined"))
        return (
            author["details"]["evidence"] == given["evidence"] == published["evidence"]
            and author["details"].get("joined") == given.get("joined") == published.get("joined")
            and author["details"]["key"] == keys.get(author["by"]) != given["key"] == keys.get(approval["by"])
            and author["by"] != approval["by"]
            and signing.verify(given["key"], given["signature"], message)
        )
    except KeyError:
        return False


def _told(session: Session) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give the entries about releases, members and attestations that can be read; `_tree` tells of the others."""
    columns = log.ENTRIES.c
    wanted = columns.action.startswith("release:") | columns.action.in_(("member:added", "deletion:attested"))
    found = select(columns.seq, columns.body).where(wanted).order_by(columns.seq)
    for seq, raw in session.connection().execute(found).all():
        try:
            body = json.loads(raw)
            _ = body["action"], body["subject"], dict(body["details"])
        except (ValueError, KeyError, TypeError):
            continue
        yield seq, body
