"""The log's keys one after another: each old key signs the next, and each new one the key it takes over from.

A checkpoint is signed by the key in force at its size: what an old key signs for the tree beyond its rotation counts
for nothing. Whoever trusts one key of the chain can follow it to all others, forwards and backwards.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from anonymize import signing
from market.audit import notes
from market.audit.notes import Checkpoint
from policies.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class Rotation:
    """One key handed over to the next."""

    size: int
    """How many entries the old key answers for; the rotation is the entry of this number."""
    old: str
    new: str
    old_signature: str
    """By the old key over the new one."""
    new_signature: str
    """By the new key: it is held, and takes over."""

    @classmethod
    def sign(cls, origin: str, size: int, old: signing.Signer, new: signing.Signer) -> Self:
        """Hand the log *origin* over from *old* to *new*."""
        message = _message(origin, size, old.public, new.public)
        return cls(size, old.public, new.public, old.sign(message), new.sign(message))

    @classmethod
    def read(cls, details: Mapping[str, Any]) -> Self:
        """Read what an entry or a receipt says.

        Raises:
            ValueError: it is no rotation.
        """
        try:
            rotation = cls(**{name: details[name] for name in cls.__slots__})
        except (KeyError, TypeError) as error:
            raise ValueError("a rotation of the log's key lacks something") from error
        kinds = {"size": int}
        if any(type(value) is not kinds.get(name, str) for name, value in rotation.to_dict().items()):
            raise ValueError("a rotation of the log's key is malformed")
        return rotation

    def to_dict(self) -> dict[str, Any]:
        """Give what the entry of the rotation says."""
        return asdict(self)

    def holds(self, origin: str) -> bool:
        """Say whether both keys signed it, for the log *origin*."""
        message = _message(origin, self.size, self.old, self.new)
        return signing.verify(self.old, self.old_signature, message) and signing.verify(
            self.new, self.new_signature, message
        )


@dataclass(frozen=True, slots=True)
class Chain:
    """Which keys may sign the log at which size."""

    trusted: tuple[str, ...]
    """Those that may sign while no rotation is known."""
    rotations: tuple[Rotation, ...]

    @classmethod
    def follow(cls, origin: str, rotations: Sequence[Rotation], trusted: Collection[str]) -> Self:
        """Follow the rotations of the log *origin*, in their order.

        Raises:
            ValueError: one of them does not hold or does not follow on, or none of the keys is *trusted*.
        """
        for number, rotation in enumerate(rotations):
            if not rotation.holds(origin):
                raise ValueError(f"the log's key was rotated at entry {rotation.size} without valid signatures")
            before = rotations[number - 1] if number else None
            if before is not None and (rotation.old != before.new or rotation.size <= before.size):
                raise ValueError(f"the rotation at entry {rotation.size} does not follow on the one before")
        keys = {key for rotation in rotations for key in (rotation.old, rotation.new)}
        if keys and not keys & set(trusted):
            raise ValueError("none of the log's keys is a trusted one")
        return cls(tuple(trusted), tuple(rotations))

    def at(self, size: int) -> tuple[str, ...]:
        """Give the keys that may sign the tree of *size* entries."""
        if not self.rotations:
            return self.trusted
        passed = [rotation.new for rotation in self.rotations if rotation.size < size]
        return (passed[-1] if passed else self.rotations[0].old,)


def read(note: str, rotations: Sequence[Rotation], trusted: Collection[str]) -> Checkpoint:
    """Read a checkpoint that is signed by the key in force at its size, in a chain with a *trusted* key.

    Raises:
        ValueError: it is malformed, or not signed so.
    """
    stated = notes.parse(notes.Note.read(note).text)
    return notes.read(note, *Chain.follow(stated.origin, rotations, trusted).at(stated.size))


def _message(origin: str, size: int, old: str, new: str) -> bytes:
    return canonical_json({"rotate": origin, "size": size, "old": old, "new": new})
