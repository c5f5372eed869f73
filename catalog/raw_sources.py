"""The raw vault's rows and bytes: uploads lie sealed, every reading is logged first, and they go once published from.

Bytes come first, rows last; when bytes go, they go before the row says so. What a crash leaves between the two,
`sweep` finishes: an upload that no row speaks of is removed after a day, a row whose bytes are gone says so.
"""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from sqlmodel import Session, col, select

from anonymize.edition import sync_folder
from anonymize.signing import KeyFileError
from anonymize.vault import seal
from catalog.errors import CatalogError, NotFound, WrongState
from catalog.events import Event, note
from catalog.ids import ALPHABET, MemberId, new_id
from catalog.models import Dataset, RawSource, Release

KEY_BYTES = 32
SUFFIX = ".sealed"
GRACE = timedelta(days=1)
"""How long an upload may lie without a row: far longer than it takes to enter one."""


@dataclass(frozen=True, slots=True)
class Vault:
    """A folder of sealed uploads, and the file of the key that opens them."""

    folder: Path
    key_file: Path

    @classmethod
    def of(cls, home: Path) -> Self:
        """Give the vault of a home."""
        return cls(home / "vault", home / "keys" / "vault.key")

    def path(self, raw_id: str) -> Path:
        """Where an upload rests, whether or not it does."""
        return self.folder / f"{raw_id}{SUFFIX}"

    def key(self) -> bytes:
        """Give the vault's key, drawing it where there is none yet.

        Raises:
            KeyFileError: others may read the file, or it holds no key.
        """
        if not self.key_file.exists():
            self._draw()
        mode = self.key_file.stat().st_mode & 0o777
        if mode & 0o077:
            raise KeyFileError(self.key_file.name, f"has mode {mode:o}: others may read it", fix="chmod 600 it.")
        try:
            key = base64.b64decode(self.key_file.read_bytes().strip(), validate=True)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise KeyFileError(self.key_file.name, "is no vault key", fix="Restore it from where you keep it.")
        return key

    def _draw(self) -> None:
        """Write a new key beside the file, whole, and give it its name unless another process was first."""
        if any(self._sealed()):
            fix = "Restore it from where you keep it: a new one opens none of them."
            raise KeyFileError(self.key_file.name, "is missing, and the vault holds uploads", fix=fix)
        self.key_file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.key_file.with_name(f".{self.key_file.name}.{os.getpid()}.{os.urandom(4).hex()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):  # another process drew it at the same moment
                self.key_file.hardlink_to(fresh)
            sync_folder(self.key_file.parent)
        finally:
            fresh.unlink()

    def _sealed(self) -> Iterator[Path]:
        return self.folder.glob(f"*{SUFFIX}")


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes that rest sealed, ready to become a row."""

    id: str
    sha256: str
    size_bytes: int


def store(vault: Vault, source: Path, *, at: datetime) -> Upload:
    """Seal a copy of the file *source* into the vault; no row is touched, and its name is kept nowhere."""
    vault.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key, id = vault.key(), new_id(at)
    try:
        sealed = seal(source, vault.path(id), key)
    except BaseException:
        vault.path(id).unlink(missing_ok=True)
        raise
    return Upload(id, sealed.sha256, sealed.size_bytes)


def add(session: Session, vault: Vault, upload: Upload, *, dataset_id: str, by: MemberId, at: datetime) -> RawSource:
    """Enter an upload that rests in the vault."""
    if session.get(Dataset, dataset_id) is None:
        raise NotFound(f"dataset {dataset_id!r}", "is not registered", fix="Register the dataset first.")
    if not vault.path(upload.id).is_file():
        raise CatalogError(f"source {upload.id}", "was swept before it was entered", fix="Add it again.")
    row = RawSource(
        id=upload.id,
        dataset_id=dataset_id,
        sha256=upload.sha256,
        size_bytes=upload.size_bytes,
        added_by=by,
        added_at=at,
    )
    session.add(row)
    details = {"dataset": dataset_id, "sha256": upload.sha256, "bytes": upload.size_bytes}
    note(session, Event(action="raw:stored", subject=row.id, by=by, at=at, details=details))
    return row


def reading(session: Session, vault: Vault, raw_id: str, *, by: MemberId, why: str, at: datetime) -> Path:
    """Note who is about to read an upload and why; gives where it rests, sealed. Decrypt it after the commit.

    Raises:
        WrongState: it was erased.
    """
    row = _locked(session, raw_id)
    if row.erased_at is not None:
        raise WrongState(f"source {raw_id}", "was erased", fix="Add the file again: sluice source add.")
    path = vault.path(raw_id)
    if not path.is_file():
        raise NotFound(f"source {raw_id}", "its bytes are not in the vault", fix="Add the file again.")
    details = {"dataset": row.dataset_id, "sha256": row.sha256, "why": why}
    note(session, Event(action="raw:read", subject=raw_id, by=by, at=at, details=details))
    return path


def erase(session: Session, vault: Vault, raw_id: str, *, by: MemberId, at: datetime) -> RawSource:
    """Erase an upload's bytes because somebody asks for it; its row and its hash stay.

    Raises:
        WrongState: it was erased before.
    """
    row = _locked(session, raw_id)
    if row.erased_at is not None:
        raise WrongState(f"source {raw_id}", "was erased already", fix="Nothing is left to do.")
    return _erased(session, vault, row, why="asked", by=by, at=at)


def erase_sealed(session: Session, vault: Vault, release: Release, *, by: MemberId, at: datetime) -> list[str]:
    """Erase the uploads of its dataset that a published release was built from; gives their ids.

    Call it in a transaction after the publishing one: bytes gone do not come back with a rollback.
    """
    if release.published_at is None:
        return []
    waiting = select(RawSource).where(
        RawSource.dataset_id == release.dataset_id,
        RawSource.sha256 == _source_of(release),
        col(RawSource.erased_at).is_(None),
    )
    rows = session.exec(waiting.order_by(RawSource.id).with_for_update()).all()
    return [_erased(session, vault, row, why="published", by=by, at=at).id for row in rows]


def sweep(session: Session, vault: Vault, *, at: datetime) -> tuple[list[str], int]:
    """Finish what crashes left; gives the uploads whose erasure is said now, and how many leftovers were removed."""
    erased = []
    waiting = select(RawSource).where(col(RawSource.erased_at).is_(None)).order_by(RawSource.id).with_for_update()
    published = select(Release).where(col(Release.published_at).is_not(None)).order_by(Release.id)
    for row in session.exec(waiting).all():
        made = session.exec(published.where(Release.dataset_id == row.dataset_id)).all()
        from_it = [release for release in made if _source_of(release) == row.sha256]
        if from_it:
            by = MemberId(from_it[0].author_id)
            erased.append(_erased(session, vault, row, why="published", by=by, at=at).id)
        elif not vault.path(row.id).exists():
            erased.append(_erased(session, vault, row, why="missing", by=MemberId(row.added_by), at=at).id)
    known = set(session.exec(select(RawSource.id).where(col(RawSource.erased_at).is_(None))).all())
    removed = 0
    for path in sorted(vault.folder.glob("*")):
        name = path.name.lstrip(".")[:26]
        if name not in known and _is_older(name, at - GRACE):
            path.unlink(missing_ok=True)
            removed += 1
    return erased, removed


def _erased(session: Session, vault: Vault, row: RawSource, *, why: str, by: MemberId, at: datetime) -> RawSource:
    vault.path(row.id).unlink(missing_ok=True)
    if vault.folder.is_dir():
        sync_folder(vault.folder)
    row.erased_at = at
    details = {"dataset": row.dataset_id, "sha256": row.sha256, "why": why}
    note(session, Event(action="raw:erased", subject=row.id, by=by, at=at, details=details))
    return row


def find(session: Session, raw_id: str) -> RawSource:
    """Load an upload's row, or say that there is none."""
    row = session.get(RawSource, raw_id)
    if row is None:
        raise NotFound(f"source {raw_id!r}", "there is none", fix="List yours with: sluice source list.")
    return row


def _locked(session: Session, raw_id: str) -> RawSource:
    find(session, raw_id)
    return session.get_one(RawSource, raw_id, with_for_update=True, populate_existing=True)


def _source_of(release: Release) -> str | None:
    """Name the hash of what a release was built from, as its evidence says."""
    sha256: str | None = json.loads(release.evidence)["body"]["source"].get("sha256")
    return sha256


def _is_older(raw_id: str, than: datetime) -> bool:
    """Whether an identifier was drawn before a moment; what is none is left alone."""
    if len(raw_id) != 26 or not set(raw_id) <= set(ALPHABET):
        return False
    milliseconds = 0
    for letter in raw_id[:10]:
        milliseconds = milliseconds * 32 + ALPHABET.index(letter)
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC) < than
    except (ValueError, OverflowError):
        return False
