"""A home: the folder that holds the database, the blobs, the keys, and the marks of the processes at work."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy import inspect, text
from sqlmodel import select

from anonymize.signing import Signer
from catalog.errors import CatalogError
from catalog.ids import new_id
from catalog.store import BlobStore
from market.audit.notary import Notary
from market.db import Database
from market.parties.models import Member
from market.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config


MIGRATIONS = Path(__file__).parent / "migrations"


class HomeError(CatalogError):
    """A home is missing, there already, or of another version."""


@dataclass(frozen=True, slots=True)
class Home:
    """An open home."""

    settings: Settings
    database: Database
    store: BlobStore
    notary: Notary

    @classmethod
    def create(cls, settings: Settings) -> Self:
        """Make a home: folder, database at the newest revision, and the log's key.

        It is somebody's once it has a member; what a crash left before that is made whole.

        Raises:
            HomeError: there is a home with members already.
        """
        root = settings.home
        root.mkdir(parents=True, exist_ok=True)
        root.chmod(0o700)
        for name in ("blobs", "run"):
            (root / name).mkdir(exist_ok=True)
        upgrade(database_url(settings))
        Notary.create(root / "keys")
        home = cls.open(settings)
        with home.database.reading() as session:
            taken = session.exec(select(Member).limit(1)).first() is not None
        if taken:
            home.close()
            raise HomeError(str(root), "is a home already", fix="Use it, or set SLUICE_HOME to another folder.")
        return home

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Open an existing home.

        Raises:
            HomeError: there is none, or its database is of another version than this program.
        """
        root = settings.home
        if not Notary.rests_in(root / "keys"):
            raise HomeError(str(root), "is no home", fix="Make one with: sluice init, or set SLUICE_HOME.")
        url = database_url(settings)
        queue = root / "run" / "writer.lock" if settings.database_url is None else None
        notary = Notary.open(root / "keys")
        if url.startswith("sqlite") and not (root / "sluice.db").is_file():
            fix = "Put it back, or restore a backup: sluice restore."
            raise HomeError(str(root), "has lost its database: sluice.db is not there", fix=fix)
        database = Database(url, queue, notary=notary, folder=root)
        found, newest = _revision(database), newest_revision()
        if found != newest:
            database.close()
            fix = "Back it up, then run: sluice init --upgrade."
            raise HomeError(str(root), f"has the schema {found}, this program needs {newest}", fix=fix)
        database.schema = newest
        return cls(settings, database, BlobStore(root / "blobs"), notary)

    @property
    def origin(self) -> str:
        """The log's name in its checkpoints."""
        return self.notary.origin

    @property
    def log_key(self) -> Signer:
        """The log's key in force."""
        with self.database.reading() as session:
            return self.notary.signer(session)

    @property
    def trusted(self) -> Path:
        """The file of public keys whose evidence this home trusts, one per line."""
        return self.settings.home / "keys" / "trusted"

    def trust(self, public_key: str) -> None:
        """Add a key to those whose evidence is trusted here."""
        with self.trusted.open("a", encoding="ascii") as file:
            file.write(f"{public_key}\n")
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def epoch(self, at: datetime) -> Iterator[str]:
        """Mark this process as alive under a new name for as long as the block runs, even through `kill -9`."""
        name = new_id(at)
        path = self.settings.home / "run" / f"{name}.epoch"
        handle = _locked(path)
        try:
            yield name
        finally:
            path.unlink(missing_ok=True)
            os.close(handle)

    def is_alive(self, epoch: str) -> bool:
        """Say whether the process of *epoch* still runs: its mark is locked."""
        try:
            handle = os.open(self.settings.home / "run" / f"{epoch}.epoch", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def forget_dead(self) -> int:
        """Remove the marks of processes that were killed; gives how many."""
        removed = 0
        for path in (self.settings.home / "run").glob("*.epoch"):
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
                removed += 1
            except BlockingIOError:
                continue  # it lives
            finally:
                os.close(handle)
        return removed

    def close(self) -> None:
        """Close the database."""
        self.database.close()


def _locked(path: Path) -> int:
    """Make and lock the mark *path*, again where `forget_dead` took it before it was locked; gives its descriptor."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if path.exists():
            return handle
        os.close(handle)


def newest_revision() -> str:
    """Name the schema this program needs: revisions are numbered files, each building on the one before."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _revision(database: Database) -> str | None:
    """Say which schema the database has; asking it, not Alembic, spares each command a third of a second."""
    with database.reader.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at *url* to *revision*."""
    from alembic import command

    command.upgrade(_alembic(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database at *url* back to *revision*."""
    from alembic import command

    command.downgrade(_alembic(url), revision)


def _alembic(url: str) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def database_url(settings: Settings) -> str:
    """Say where the home's database is."""
    return settings.database_url or f"sqlite:///{settings.home / 'sluice.db'}"
