"""Who signed the tree: its checkpoints by the key in force, each key by the one before, and witnesses beneath."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.audit import log, notes
from market.audit.checkpoint import CHECKPOINTS, CLOCK_ACCEPTED, COSIGNATURES
from market.audit.faults import Body, Fault
from market.audit.keys import Chain, Rotation
from market.audit.merkle import Frontier
from market.audit.models import LogWitness
from market.audit.notary import ROTATED
from market.audit.notes import COSIGNATURE, Checkpoint, Key, Note

WITNESSES = LogWitness.metadata.tables["log_witness"]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A checkpoint at rest, and the root that the entries have at its size; none while they are not so many."""

    size: int
    at: datetime
    note: str
    root: bytes | None = None


@dataclass(slots=True)
class Signatures:
    """Compares what was signed with the tree that the entries make."""

    session: Session
    trusted: Collection[str]
    origins: set[str] = field(default_factory=set)
    rotations: list[Rotation] = field(default_factory=list)
    waiting: list[_Kept] = field(init=False)
    reached: list[_Kept] = field(default_factory=list)
    accepted: set[int] = field(default_factory=set)
    """Sizes at which an administrator accepted a clock that had said later before."""

    def __post_init__(self) -> None:
        columns = CHECKPOINTS.c
        found = select(columns.size, columns.at, columns.note).order_by(columns.size.desc())
        self.waiting = [_Kept(*row) for row in self.session.connection().execute(found)]

    def grown(self, tree: Frontier) -> None:
        """Note the tree's root where a checkpoint speaks of its size."""
        if self.waiting and self.waiting[-1].size == tree.size:
            kept = self.waiting.pop()
            self.reached.append(_Kept(kept.size, kept.at, kept.note, tree.root()))

    def read(self, seq: int, body: Body) -> Iterator[Fault]:
        """Follow the log's keys, and note where its clock was accepted."""
        if body["action"] == CLOCK_ACCEPTED:
            self.accepted.add(seq + 1)
        elif body["action"] == ROTATED:
            self.origins.add(body["subject"])
            try:
                rotation = Rotation.read(body["details"])
            except ValueError as error:
                yield Fault(seq, str(error))
                return
            if rotation.size != seq:
                yield Fault(seq, f"the log's key was rotated for a tree of {rotation.size} entries")
            self.rotations.append(rotation)

    def close(self) -> Iterator[Fault]:
        """Check the signatures, once all keys are known."""
        for origin in self.origins:
            try:
                Chain.follow(origin, self.rotations, self.trusted)
            except ValueError as error:
                yield Fault(self.rotations[0].size, str(error))
        yield from self._checkpoints()
        yield from self._moments()
        yield from self._cosignatures()
        head = select(log.HEAD.c.checkpoint_size).where(log.HEAD.c.id == 1)
        newest = self.session.connection().execute(head).scalar_one()
        if newest and newest not in {kept.size for kept in (*self.reached, *self.waiting)}:
            yield Fault(newest, "the newest checkpoint is gone")

    def _checkpoints(self) -> Iterator[Fault]:
        chain = Chain(tuple(self.trusted), tuple(self.rotations))
        for kept in (*self.reached, *reversed(self.waiting)):
            try:
                stated = notes.parse(Note.read(kept.note).text)
                notes.read(kept.note, *chain.at(kept.size))
            except ValueError as error:
                yield Fault(kept.size, f"checkpoint: {error}")
                continue
            yield from self._compared(kept, stated)
        if len(self.origins) > 1:
            yield Fault(0, f"the log goes by several names: {', '.join(sorted(self.origins))}")

    def _compared(self, kept: _Kept, stated: Checkpoint) -> Iterator[Fault]:
        self.origins.add(stated.origin)
        if stated.size != kept.size:
            yield Fault(kept.size, f"the checkpoint kept for this size speaks of {stated.size}")
        elif kept.root is None:
            yield Fault(kept.size, "a checkpoint is ahead of the log: entries were cut off")
        elif stated.root != kept.root:
            yield Fault(kept.size, "the log's root is not the one that was signed")

    def _moments(self) -> Iterator[Fault]:
        latest: datetime | None = None
        for kept in (*self.reached, *reversed(self.waiting)):
            if latest is not None and kept.at < latest and kept.size not in self.accepted:
                yield Fault(kept.size, "the checkpoint is said to be older than the one before it")
            latest = kept.at

    def _cosignatures(self) -> Iterator[Fault]:
        connection = self.session.connection()
        entered = connection.execute(select(WITNESSES.c.name, WITNESSES.c.key))
        witnesses: dict[str, str] = {row.name: row.key for row in entered}
        kept = {one.size: one.note for one in (*self.reached, *self.waiting)}
        columns = COSIGNATURES.c
        found = select(columns.size, columns.witness, columns.line).order_by(columns.size, columns.witness)
        for size, name, line in connection.execute(found):
            try:
                key = Key(name, witnesses[name], COSIGNATURE)
                valid = key in Note.read(f"{kept[size]}{line.rstrip()}\n").verified([key])
            except (KeyError, ValueError):
                valid = False
            if not valid:
                yield Fault(size, f"the cosignature of {name} is not one of that witness under this checkpoint")
