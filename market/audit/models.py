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
    action: str = Field(index=True)
    subject: str = Field(index=True)
    by: str = Field(index=True)
    body: bytes


class LogNode(SQLModel, table=True):
    """The hash over one complete subtree."""

    __tablename__ = "log_node"

    level: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: bytes


class LogHead(SQLModel, table=True):
    """How many entries there are; one row, locked last in every transaction."""

    __tablename__ = "log_head"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    size: int


class LogCheckpoint(SQLModel, table=True):
    """A signed statement of the tree at one size."""

    __tablename__ = "log_checkpoint"

    size: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=Moment)
    note: str
