"""The log at rest. No foreign keys: it outlives the things it speaks of."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from catalog.models import Moment


class LogEntry(SQLModel, table=True):
    """One entry: its place in the tree and its canonical body."""

    __tablename__ = "log_entry"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """Counts from 0 without a gap."""
    at: datetime = Field(sa_type=Moment)
    action: str
    subject: str = Field(index=True)
    by: str
    body: bytes


class LogNode(SQLModel, table=True):
    """The hash over one complete subtree."""

    __tablename__ = "log_node"
    __table_args__ = ({"sqlite_with_rowid": False},)

    level: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: bytes


class LogHead(SQLModel, table=True):
    """How many entries there are; one row, locked last in every transaction."""

    __tablename__ = "log_head"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    size: int
    checkpoint_size: int = 0
    """The size at the newest checkpoint."""
    checkpoint_at: datetime | None = Field(default=None, sa_type=Moment)


class LogCheckpoint(SQLModel, table=True):
    """A signed statement of the tree at one size."""

    __tablename__ = "log_checkpoint"

    size: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Moment)
    note: str


class LogSecret(SQLModel, table=True):
    """A personal field of one entry, which the entry itself only commits to; deleting the row erases it for good."""

    __tablename__ = "log_secret"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str = Field(primary_key=True)
    text: str
    salt: str
    """32 random bytes, as hex."""


class LogWitness(SQLModel, table=True):
    """A witness whose cosignatures are asked for: somebody else, with a key and a memory of their own."""

    __tablename__ = "log_witness"

    name: str = Field(primary_key=True)
    key: str
    """Its public Ed25519 key, base64."""
    url: str
    added_by: str
    added_at: datetime = Field(sa_type=Moment)
    removed_at: datetime | None = Field(default=None, sa_type=Moment)


class LogCosignature(SQLModel, table=True):
    """A witness's signature under the checkpoint of one size (C2SP tlog-cosignature)."""

    __tablename__ = "log_cosignature"

    size: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    witness: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Moment)
    line: str
    """The signature line of the note."""


class RefusalTally(SQLModel, table=True):
    """Refusals of one actor in one minute that are not entries yet: they become one together."""

    __tablename__ = "refusal_tally"

    by: str = Field(primary_key=True)
    minute: datetime = Field(primary_key=True, sa_type=Moment)
    reason: str = Field(primary_key=True)
    count: int
