"""Facts at rest: publishers, datasets, releases, editions and the tombstones of what was withdrawn.

Members are known here by their identifier alone, and keys by their public half.
"""

from datetime import UTC, date, datetime
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
    """Who answers for datasets: a city, a district of it, or a department of either."""

    id: str = Field(primary_key=True)
    name_zh: str
    name_en: str
    parent_id: str | None = Field(default=None, foreign_key="publisher.id", index=True)
    """The publisher above; none for the root of a tree."""
    kind: str = "department"
    """`city`, `district` or `department`."""
    created_at: datetime = Field(sa_type=Moment)


class Mandate(SQLModel, table=True):
    """What a publisher, and all below it, may release: a theme, in editions of these profiles. None: nothing."""

    __table_args__ = (UniqueConstraint("publisher_id", "theme"),)

    id: str = Field(primary_key=True)
    publisher_id: str = Field(foreign_key="publisher.id")
    theme: str
    profiles: str
    """Names of profiles, joined by commas."""
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
    theme: str = "other"
    """A code of `catalog.describe.THEMES`."""
    keywords_zh: str = "[]"
    """A JSON list."""
    keywords_en: str = "[]"
    """A JSON list."""
    spatial: str = ""
    """The area covered: a GB/T 2260 code, or a name where there is none."""
    temporal_start: date | None = None
    temporal_end: date | None = None
    """The last day covered; none while it goes on."""
    legal_basis: str = ""
    level: str = "general"
    """GB/T 43697-2024: `general`, `important` or `core`."""
    contact: str = ""
    rhythm: str = "irregular"
    """How often a release is due (DCAT `accrualPeriodicity`): a code of `catalog.describe.RHYTHMS`."""
    citation: str = ""
    series: str | None = Field(default=None, index=True)
    """The series whose datasets stay linkable by their tokens."""
    created_at: datetime = Field(sa_type=Moment)


class Registration(SQLModel, table=True):
    """One act in the public register of a dataset: first, change, correction or cancellation."""

    id: str = Field(primary_key=True)
    dataset_id: str = Field(foreign_key="dataset.id", index=True)
    number: str
    """The number the register gave; all later acts carry that of the first."""
    kind: str
    reason: str = ""
    by: str
    at: datetime = Field(sa_type=Moment)


class Ceiling(SQLModel, table=True):
    """The listed ceiling of a period: what may be asked for a dataset, and what may be earned with it."""

    __table_args__ = (UniqueConstraint("dataset_id", "starts_on"),)

    id: str = Field(primary_key=True)
    dataset_id: str = Field(foreign_key="dataset.id")
    starts_on: date
    ends_on: date
    """The first day after the period."""
    revenue_fen: int = Field(sa_type=BigInteger)
    per_query_fen: int
    per_gb_fen: int
    flat_monthly_fen: int = 0
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
    embargo_until: datetime | None = Field(default=None, sa_type=Moment)
    """Published before, but neither offered nor queried until then; never inherited by the next release."""
    joined: str = "{}"
    """The risk measured together with everything published of the dataset, as canonical JSON; approval signs it too."""


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


class ClassTable(SQLModel, table=True):
    """What stays of an edition whose bytes are erased, for the risk of later releases: its classes and their sizes."""

    __tablename__ = "class_table"

    edition_id: str = Field(primary_key=True, foreign_key="edition.id")
    sha256: str
    """A Parquet blob: the quasi-identifiers as published, and `subjects`."""


class Cut(SQLModel, table=True):
    """Part of an edition, as its own gated Parquet; shared by every agreement that asks for the same part."""

    __table_args__ = (UniqueConstraint("edition_id", "spec_hash"),)

    id: str = Field(primary_key=True)
    edition_id: str = Field(foreign_key="edition.id")
    spec: str
    """Columns and row filter as canonical JSON (`policies.cut.CutSpec`)."""
    spec_hash: str
    """The hash of the spec. Of a cut that was collected it is `collected:ID`, so that the part can be made anew."""
    evidence: str
    """The signed evidence as canonical JSON."""
    evidence_hash: str
    rows: int
    manifest: str
    """SHA-256 of the manifest blob."""
    created_by: str
    created_at: datetime = Field(sa_type=Moment)
    collected_at: datetime | None = Field(default=None, sa_type=Moment)
    """When its bytes were given up, as nobody used it any more."""


class CutFile(SQLModel, table=True):
    """One file of a cut, by its content."""

    __tablename__ = "cut_file"

    cut_id: str = Field(primary_key=True, foreign_key="cut.id")
    position: int = Field(primary_key=True)
    sha256: str = Field(index=True)
    size_bytes: int = Field(sa_type=BigInteger)
    rows: int


class Preview(SQLModel, table=True):
    """What anybody may see of a release before signing anything: made from its open edition where there is one."""

    release_id: str = Field(primary_key=True, foreign_key="release.id")
    statistics: str
    """Schema, statistics and histograms per column, as canonical JSON."""
    first_rows: str
    """The first rows of the open edition, as a JSON list; empty where there is none."""
    mock: str | None = None
    """SHA-256 of the blob of the mock table: the true schema, synthetic values."""
    created_at: datetime = Field(sa_type=Moment)


class RawSource(SQLModel, table=True):
    """An upload in the raw vault: encrypted, every reading logged, erased when a release made from it is published."""

    __tablename__ = "raw_source"

    id: str = Field(primary_key=True)
    dataset_id: str = Field(foreign_key="dataset.id")
    sha256: str = Field(index=True)
    """Of the plain bytes, as the evidence names them."""
    size_bytes: int = Field(sa_type=BigInteger)
    added_by: str
    added_at: datetime = Field(sa_type=Moment)
    erased_at: datetime | None = Field(default=None, sa_type=Moment)


class Tombstone(SQLModel, table=True):
    """What stays of a withdrawn release: why it went, and the hashes that prove what it was."""

    release_id: str = Field(primary_key=True, foreign_key="release.id")
    reason: str
    withdrawn_by: str
    withdrawn_at: datetime = Field(sa_type=Moment)
    evidence_hash: str
    legal_hold: str | None = None
    erased_at: datetime | None = Field(default=None, sa_type=Moment)
