"""What a backup is: one signed list of all that belongs to it. A folder without one is no backup, or not yet."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from anonymize import signing
from anonymize.signing import Signer
from catalog.errors import CatalogError
from market.operations.files import replace
from market.operations.portable import Kept
from policies.canonical import canonical_json, plain

NAME = "manifest.json"
FORMAT = "sluice-backup-1"


class BackupError(CatalogError):
    """A backup cannot be made or used."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a backup: its hash and size."""

    sha256: str
    size_bytes: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """Hash a file."""
        with path.open("rb") as file:
            return cls(hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All that belongs to one backup."""

    made_at: str
    revision: str
    """The schema of the database."""
    origin: str
    """The log's name."""
    note: str
    """The checkpoint that was signed before the database was read."""
    log_size: int
    """How many entries the log has in it."""
    form: Literal["sqlite", "portable"]
    folder: str
    """Where the files of the database are."""
    files: Mapping[str, Part]
    tables: Sequence[Kept]
    """In the portable form: the tables, parents first."""
    counts: Mapping[str, int]
    """How many rows each table has."""
    blobs: Mapping[str, int]
    """The size of each blob."""
    absent: Mapping[str, str]
    """Blobs that were damaged or missing in the home already, and what they are."""

    def write(self, backup: Path, signer: Signer) -> None:
        """Make what lies in *backup* a backup, by one rename."""
        body = plain(self)
        message = canonical_json({"format": FORMAT, **body})
        signed = {"format": FORMAT, "backup": body, "key": signer.public, "signature": signer.sign(message)}
        replace(backup / NAME, json.dumps(signed, indent=1, sort_keys=True, ensure_ascii=False).encode())

    @classmethod
    def read(cls, backup: Path, keys: Collection[str] | None = None) -> Self:
        """Read the manifest of *backup*; with *keys*, insist that one of them signed it.

        Raises:
            BackupError: there is none, it is malformed, or none of *keys* signed it.
        """
        path = backup / NAME
        if not path.is_file():
            found = "is no backup, or one that was interrupted: it has no manifest"
            raise BackupError(str(backup), found, fix="Make one with: sluice backup, or name another folder.")
        try:
            signed = json.loads(path.read_text("utf-8"))
            body: dict[str, Any] = signed["backup"]
            manifest = cls(
                **{
                    **body,
                    "files": {name: Part(**part) for name, part in body["files"].items()},
                    "tables": [Kept(**table) for table in body["tables"]],
                }
            )
            key, signature, format = signed["key"], signed["signature"], signed["format"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupError(str(path), "is no manifest", fix="Take another backup.") from error
        if format != FORMAT:
            raise BackupError(str(path), f"is of the format {format!r}", fix=f"This program reads {FORMAT}.")
        message = canonical_json({"format": FORMAT, **body})
        if keys is not None and (key not in keys or not signing.verify(key, signature, message)):
            fix = "Give the keys of the home it was made of: --keys or --replaces; or take another backup."
            raise BackupError(str(path), "is not signed by a key of this log", fix=fix)
        return manifest

    def database(self, backup: Path) -> Path:
        """Say where the files of the database are."""
        return backup / self.folder

    def damage(self, backup: Path) -> list[str]:
        """Hash every file of the database; lists those that are not what was written."""
        found = []
        for name, part in sorted(self.files.items()):
            path = self.database(backup) / name
            if Path(name).name != name or not path.is_file() or Part.of(path) != part:
                found.append(f"{self.folder}/{name}")
        return found
