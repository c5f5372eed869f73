"""Put the rows of a backup into a database of either kind, and bring it to this program's schema."""

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine, create_engine, inspect, literal, select, table

from anonymize.edition import sync_folder
from catalog.search import index
from market import home as homes
from market.db import Database
from market.home import HomeError
from market.operations import portable
from market.operations.manifest import BackupError, Manifest

USED = ("member", "log_entry", "dataset")
"""Tables of which at least one has rows where somebody uses the database."""


def fill(manifest: Manifest, backup: Path, url: str) -> None:
    """Fill the database at *url*: a SQLite file that is not there, or an empty PostgreSQL.

    Raises:
        HomeError: the PostgreSQL is not empty.
        BackupError: the backup is of a newer schema, or holds other rows than it says.
    """
    if manifest.revision > homes.newest_revision():
        found = f"has the schema {manifest.revision}, this program knows {homes.newest_revision()}"
        raise BackupError(str(backup), found, fix="Restore it with a newer program.")
    if not url.startswith("sqlite"):
        _fill(manifest, backup, url)
        return
    target = Path(url.removeprefix("sqlite:///"))
    # an upgrade locks the folder of its database, and a folder in the making is locked already
    with tempfile.TemporaryDirectory(dir=target.parent) as room:
        filled = Path(room) / target.name
        _fill(manifest, backup, f"sqlite:///{filled}")
        filled.rename(target)
        sync_folder(target.parent)


def _fill(manifest: Manifest, backup: Path, url: str) -> None:
    source = manifest.database(backup)
    if manifest.form == "sqlite" and url.startswith("sqlite"):
        _copy(source / "sluice.db", Path(url.removeprefix("sqlite:///")))
        homes.upgrade(url)
        return
    _begin(url, manifest.revision)
    engine = create_engine(url)
    try:
        if manifest.form == "portable":
            _load(engine, source, manifest, backup)
        else:
            with tempfile.TemporaryDirectory(prefix="sluice-move-") as room:
                _load(engine, Path(room), _converted(manifest, source, Path(room)), backup)
    finally:
        engine.dispose()
    homes.upgrade(url)
    database = Database(url, None)
    try:
        with database.writing() as session:
            index.reindex(session)
    finally:
        database.close()


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o600)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    sync_folder(target.parent)


def _begin(url: str, revision: str) -> None:
    """Make the schema of the backup in a database that nobody uses; what a restore left that was killed goes."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            there = set(inspect(connection).get_table_names())
            rows = [select(literal(1)).select_from(table(name)).limit(1) for name in USED if name in there]
            used = [connection.execute(row).first() for row in rows]
    finally:
        engine.dispose()
    if any(used) or (there and "alembic_version" not in there):
        raise HomeError("database", "is not empty", fix="Make a new one (createdb), and name that.")
    if there:
        homes.downgrade(url, "base")
    homes.upgrade(url, revision)


def _converted(manifest: Manifest, source: Path, room: Path) -> Manifest:
    """Write a copy of SQLite's file in the portable form."""
    engine = create_engine(f"sqlite:///{source / 'sluice.db'}")
    try:
        with engine.connect() as connection:
            return replace(manifest, tables=portable.dump(connection, room))
    finally:
        engine.dispose()


def _load(engine: Engine, folder: Path, manifest: Manifest, backup: Path) -> None:
    with engine.begin() as connection:
        portable.load(connection, folder, manifest.tables)
        if portable.count(connection) != dict(manifest.counts):
            raise BackupError(str(backup), "has other rows than it says", fix="Take another backup.")
