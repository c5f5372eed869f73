"""The search index at rest, and the searches that members keep.

The index proper, `search_text`, has no model: it is an FTS5 table on SQLite and a `tsvector` with a GIN index on
PostgreSQL (`catalog.search.stored`). None of these tables is witnessed by the log: the index follows from witnessed
tables, and what a member looks for is nobody else's business, least of all for ever.
"""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from catalog.models import Moment


class SearchDocument(SQLModel, table=True):
    """The words of a dataset, field by field, as tokens parted by spaces."""

    __tablename__ = "search_document"

    docid: int | None = Field(default=None, primary_key=True)
    dataset_id: str = Field(foreign_key="dataset.id", unique=True)
    title: str = ""
    keywords: str = ""
    columns: str = ""
    description: str = ""


class SearchFacts(SQLModel, table=True):
    """The facets of a document, packed into one short text, so that all of them are read at once."""

    __tablename__ = "search_facts"

    docid: int = Field(primary_key=True, foreign_key="search_document.docid", sa_column_kwargs={"autoincrement": False})
    packed: str
    """`catalog.search.facts.RECORD` in base64."""


class SearchValue(SQLModel, table=True):
    """A value of a facet, and the number that stands for it in the packed facts."""

    __tablename__ = "search_value"
    __table_args__ = (UniqueConstraint("facet", "value"),)

    id: int | None = Field(default=None, primary_key=True)
    facet: str
    value: str


class SearchWord(SQLModel, table=True):
    """A word that occurs, under each spelling it has with a letter or two left out."""

    __tablename__ = "search_word"

    spelling: str = Field(primary_key=True)
    word: str = Field(primary_key=True, index=True)


class SavedSearch(SQLModel, table=True):
    """A search that a member keeps, and what it found when it was last run."""

    __tablename__ = "saved_search"
    __table_args__ = (UniqueConstraint("member_id", "name"),)

    id: str = Field(primary_key=True)
    member_id: str
    name: str
    query: str
    """`catalog.search.query.Query` as canonical JSON."""
    seen: str = "{}"
    """The datasets last found and their releases, as a JSON object."""
    created_at: datetime = Field(sa_type=Moment)
    run_at: datetime | None = Field(default=None, sa_type=Moment)
