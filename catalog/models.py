"""Facts at rest: publishers, datasets, releases, editions and the tombstones of what was withdrawn.

Members are known here by their identifier alone, and keys by their public half.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, TypeDecorator, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlmodel import Field, SQLModel


class Moment(TypeDecorator[datetime]):
    """An aware moment, always UTC: SQLite keeps no time zone, so one is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a time zone, and store the rest in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the moment back as UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Publisher(SQLModel, table=True):
    """A department that answers for datasets."""

    id: str = Field(primary_key=True)
    name_zh: str
    name_en: str
    created_at: datetime = Field(sa_type=Moment)


class Dataset(SQLModel, table=True):
    """What is offered, in Chinese and English, whatever its release."""

    id: str = Field(primary_key=True)
    publisher_id: str = Field(foreign_key="publisher.id")
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    source: str
    """Where the records come from, and under which licence."""
    created_at: datetime = Field(sa_type=Moment)


class Release(SQLModel, table=True):
    """One immutable version of a dataset: its state, its evidence, and the two people who vouch for it."""

    __table_args__ = (UniqueConstraint("dataset_id", "number"),)

    id: str = Field(primary_key=True)
    dataset_id: str = Field(foreign_key="dataset.id")
    number: int
    state: str
    evidence: str
    """The signed evidence as canonical JSON."""
    evidence_hash: str
    author_id: str
    author_key: str
    approver_id: str | None = None
    approver_key: str | None = None
    approval: str | None = None
    """The approver's signature over the approval message."""
    created_at: datetime = Field(sa_type=Moment)
    approved_at: datetime | None = Field(default=None, sa_type=Moment)
    published_at: datetime | None = Field(default=None, sa_type=Moment)


class Edition(SQLModel, table=True):
    """One physical Parquet rendering of a release under one profile."""

    __table_args__ = (UniqueConstraint("release_id", "profile"),)

    id: str = Field(primary_key=True)
    release_id: str = Field(foreign_key="release.id")
    profile: str
    rows: int
    manifest: str
    """SHA-256 of the manifest blob."""


class EditionFile(SQLModel, table=True):
    """One file of an edition, by its content."""

    __tablename__ = "edition_file"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id")
    position: int = Field(primary_key=True)
    sha256: str = Field(index=True)
    size_bytes: int = Field(sa_type=BigInteger)
    rows: int


class Tombstone(SQLModel, table=True):
    """What stays of a withdrawn release: why it went, and the hashes that prove what it was."""

    release_id: str = Field(primary_key=True, foreign_key="release.id")
    reason: str
    withdrawn_by: str
    withdrawn_at: datetime = Field(sa_type=Moment)
    evidence_hash: str
    legal_hold: str | None = None
    erased_at: datetime | None = Field(default=None, sa_type=Moment)
