"""A witness's folder: its key, and of each log it knows the keys and the newest checkpoint that it signed.

    witness.key       its private key
    witness.pub       its name and public key, to be handed out
    logs/HASH.json    one log: origin, keys, newest cosigned note; HASH is the SHA-256 of the origin
    refused/*.note    checkpoints that a log did sign and the witness refused
    lock              held by the one process that may write here

A log's file is replaced as a whole: temporary file → write → fsync → rename → fsync the folder. What is read back must
carry the witness's own signature; a file that does not is damage, and never taken for a log that is new.
"""

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from anonymize.signing import Signer
from catalog.errors import CatalogError
from market.audit import merkle, notes
from market.audit.notes import COSIGNATURE, Checkpoint, Key, Note

MAX_REFUSED = 64
"""Refused checkpoints kept in all; the oldest stay."""


class WitnessError(CatalogError):
    """A witness's folder is missing, damaged, in use, or does not know the log."""


@dataclass(frozen=True)
class KnownLog:
    """A log that the witness knows, and how far it has seen it grow."""

    origin: str
    keys: tuple[Key, ...]
    """Any one of them signs its checkpoints; there are two while the log changes its key."""
    note: str | None = None
    """The newest cosigned checkpoint, with the log's signatures and the witness's own; none before the first."""
    seen_s: int = 0
    """The moment that was signed with it, in seconds since 1970."""

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """What is known of the log: the empty tree, until the first checkpoint."""
        if self.note is None:
            return Checkpoint(self.origin, 0, merkle.EMPTY_ROOT)
        return notes.parse(Note.read(self.note).text)


@dataclass(frozen=True, slots=True)
class Folder:
    """An existing folder, and who the witness is."""

    path: Path
    key: Key

    @classmethod
    def create(cls, path: Path, name: str) -> Self:
        """Make the folder of the witness *name*, with a new key; what a crash left of an earlier try is made whole.

        Raises:
            WitnessError: there is a witness in it already, or the name cannot be one.
        """
        public, private = path / "witness.pub", path / "witness.key"
        if public.exists():
            raise WitnessError(str(path), "is a witness already", fix="Name another folder.")
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
        for part in ("logs", "refused"):
            (path / part).mkdir(exist_ok=True)
        signer = Signer.load(private) if private.exists() else Signer.create(private)
        try:
            if not name.isprintable():
                raise ValueError("it is no line of text")
            key = Key(name, signer.public, COSIGNATURE)
        except ValueError as error:
            fix = "Name it like an address: witness.example/name."
            raise WitnessError(f"name {name!r}", str(error), fix=fix) from error
        _replace(public, f"{key}\n")
        return cls(path, key)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the folder of a witness.

        Raises:
            WitnessError: it is none, or damaged.
        """
        try:
            return cls(path, Key.read((path / "witness.pub").read_text("utf-8").rstrip("\n")))
        except FileNotFoundError as error:
            fix = "Make one with: sluice witness init DIR --name NAME"
            raise WitnessError(str(path), "is no witness's folder", fix=fix) from error
        except ValueError as error:
            raise _damaged(path / "witness.pub") from error

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Be the one process that writes here for as long as the block runs; a kill sets the folder free.

        Raises:
            WitnessError: another process is.
        """
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise WitnessError(
                    str(self.path), "is in use by another process", fix="Stop that one first."
                ) from error
            for left in self.path.glob("**/*.temporary"):
                left.unlink(missing_ok=True)
            yield
        finally:
            os.close(handle)

    def signer(self) -> Signer:
        """Read the private key.

        Raises:
            WitnessError: it is not the one whose public half was handed out.
        """
        signer = Signer.load(self.path / "witness.key")
        if signer.public != self.key.public:
            raise _damaged(self.path / "witness.key")
        return signer

    def logs(self) -> list[KnownLog]:
        """List the logs it knows, by origin.

        Raises:
            WitnessError: what it knows of one is damaged.
        """
        return sorted(map(self._read, (self.path / "logs").glob("*.json")), key=lambda log: log.origin)

    def keep(self, log: KnownLog) -> None:
        """Keep what is known of *log* now; when this returns, it survives a crash."""
        value = {"origin": log.origin, "keys": [str(key) for key in log.keys], "note": log.note}
        _replace(self._place(log.origin), json.dumps(value, ensure_ascii=False, indent=1) + "\n")

    def keep_refused(self, checkpoint: Checkpoint, note: str) -> None:
        """Keep a checkpoint that its log did sign and that was refused: it may prove that the log shows two faces."""
        folder = self.path / "refused"
        place = folder / f"{hash_of(checkpoint.origin)[:16]}-{checkpoint.size}-{checkpoint.root.hex()[:16]}.note"
        if not place.exists() and sum(1 for _ in folder.iterdir()) < MAX_REFUSED:
            _replace(place, note)

    def refused(self) -> list[tuple[Path, str]]:
        """List the refused checkpoints that were kept."""
        return [(path, path.read_text("utf-8")) for path in sorted((self.path / "refused").glob("*.note"))]

    def _place(self, origin: str) -> Path:
        return self.path / "logs" / f"{hash_of(origin)}.json"

    def _read(self, path: Path) -> KnownLog:
        try:
            value = json.loads(path.read_text("utf-8"))
            origin, keys, note = value["origin"], tuple(map(Key.read, value["keys"])), value["note"]
            seen_s = 0 if note is None else Note.read(note).verified([self.key])[self.key]
            log = KnownLog(origin, keys, note, seen_s)
            if log.checkpoint.origin != origin or path != self._place(origin):
                raise ValueError("it speaks of another log")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _damaged(path) from error
        return log


def hash_of(origin: str) -> str:
    """Name a log in a path: the SHA-256 of its origin, in hex."""
    return hashlib.sha256(origin.encode()).hexdigest()


def _damaged(path: Path) -> WitnessError:
    fix = "An older copy would make it sign a second view: begin a new witness, with another name and key."
    return WitnessError(str(path), "is damaged", fix=fix)


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.temporary")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
