"""Class tables: how many subjects share each tuple of quasi-identifiers, kept of an edition before it is erased.

Later releases are measured against them. They hold what was published of the quasi-identifiers, and nothing else.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlmodel import Session, col, select

from catalog.alone import alone
from catalog.errors import DamagedBlob, NotFound
from catalog.events import Event, note
from catalog.ids import MemberId
from catalog.models import ClassTable, Edition, Tombstone
from catalog.releases import files_of, find_release
from catalog.store import BlobStore


@dataclass(frozen=True, slots=True)
class Counted:
    """The class tables of editions whose bytes are about to go, at rest but in no row yet."""

    tables: Mapping[str, str]
    """By edition."""
    unreadable: frozenset[str]
    """Editions whose bytes are damaged or gone: nothing can be counted any more."""


def count(session: Session, store: BlobStore) -> Counted:
    """Count the classes of every edition that waits to be erased and whose classes are not kept yet."""
    wanted = (
        select(Edition)
        .join(Tombstone, col(Tombstone.release_id) == Edition.release_id)
        .outerjoin(ClassTable, col(ClassTable.edition_id) == Edition.id)
        .where(
            col(Tombstone.erased_at).is_(None),
            col(Tombstone.legal_hold).is_(None),
            col(ClassTable.edition_id).is_(None),
        )
        .order_by(Edition.id)
    )
    tables, unreadable = {}, set()
    for edition in session.exec(wanted).all():
        body = json.loads(find_release(session, edition.release_id).evidence)["body"]
        told = body["editions"][edition.profile] if "editions" in body else body
        try:
            paths = [store.verified(file.sha256) for file in files_of(session, edition.id)]
            tables[edition.id] = store.put_bytes(_classes(paths, told["published"])).sha256
        except (OSError, KeyError, pa.ArrowException, NotFound, DamagedBlob):
            unreadable.add(edition.id)
    return Counted(tables, frozenset(unreadable))


def keep(session: Session, store: BlobStore, counted: Counted, *, at: datetime, by: MemberId | None = None) -> None:
    """Enter class tables that were counted, for whoever withdrew the release where nobody is named in *by*.

    One that was entered or swept meanwhile is passed over.
    """
    alone(session, "dataset")  # no sweep meanwhile
    for edition_id, sha256 in sorted(counted.tables.items()):
        if session.get(ClassTable, edition_id) is not None or not store.path(sha256).is_file():
            continue
        session.add(ClassTable(edition_id=edition_id, sha256=sha256))
        tombstone = session.get_one(Tombstone, session.get_one(Edition, edition_id).release_id)
        who = by or MemberId(tombstone.withdrawn_by)
        details = {"edition": edition_id, "classes": sha256}
        note(
            session, Event(action="release:classes-kept", subject=tombstone.release_id, by=who, at=at, details=details)
        )


def _classes(paths: Sequence[Path], published: Sequence[Mapping[str, Any]]) -> bytes:
    """Give a Parquet of the tuples of quasi-identifiers and, last, of the subjects that share each."""
    quasi = [column["name"] for column in published if column["role"] == "quasi_identifier"]
    subject = [column["name"] for column in published if column["role"] == "subject"][:1]
    parts = [pq.read_table(path, columns=[*quasi, *subject], partitioning=None) for path in paths]
    measure = (subject[0], "count_distinct") if subject else ([], "count_all")
    counted = pa.concat_tables(parts).group_by(quasi, use_threads=False).aggregate([measure])
    name = "subjects"
    while name in quasi:
        name += "_"
    table = counted.select([*quasi, counted.column_names[-1]]).rename_columns([*quasi, name])
    if quasi:
        table = table.sort_by([(column, "ascending") for column in quasi])
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()
