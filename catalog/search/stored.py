"""The index proper: an FTS5 table on SQLite, a `tsvector` under a GIN index on PostgreSQL.

Both are given lexemes of our own making and asked for nothing else: each lexeme is quoted, and none holds a quote, a
backslash or an operator, for tokens are letters, digits and `. _ -`. What a person typed never becomes query syntax.
PostgreSQL's own parser is not asked, since what it takes for a letter depends on the locale of the server.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlmodel import Session

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Group:
    """Lexemes of which a document must hold one."""

    lexemes: tuple[str, ...]
    starts: bool = False
    """A lexeme that begins like this will do."""

    def fts5(self) -> str:
        """Write it for SQLite."""
        return f"({' OR '.join(_quoted(lexeme, chr(34)) + ' *' * self.starts for lexeme in self.lexemes)})"

    def tsquery(self) -> str:
        """Write it for PostgreSQL."""
        return f"({' | '.join(_quoted(lexeme, chr(39)) + ':*' * self.starts for lexeme in self.lexemes)})"


def _quoted(lexeme: str, mark: str) -> str:
    if not lexeme or any(letter in "\"'\\\0" or letter.isspace() for letter in lexeme):
        raise ValueError("this is no lexeme of ours")
    return f"{mark}{lexeme}{mark}"


def matching(session: Session, groups: Sequence[Group]) -> Ids:
    """Give the documents that hold a lexeme of each group, in no order."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        asked = " AND ".join(group.fts5() for group in groups)
        given = text("SELECT group_concat(rowid) FROM search_text WHERE search_text MATCH :asked")
        joined = connection.execute(given, {"asked": asked}).scalar()
        return np.fromstring(joined or "", dtype=np.int64, sep=",")
    asked = " & ".join(group.tsquery() for group in groups)
    statement = "SELECT string_agg(int4send(docid), '') FROM search_text WHERE lexemes @@ CAST(%s AS tsquery)"
    with _by_index(session), closing(connection.connection.cursor(binary=True)) as cursor:
        cursor.execute(statement, (asked,))
        row = cursor.fetchone()
    assert row is not None  # an aggregate always gives one
    return np.frombuffer(row[0] or b"", dtype=">i4").astype(np.int64)


@contextmanager
def _by_index(session: Session) -> Iterator[None]:
    """Have PostgreSQL use the index within this block: its planner does not see what unpacking each row would cost."""
    connection = session.connection()
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    yield
    connection.exec_driver_sql("SET LOCAL enable_seqscan = on")


def put(session: Session, documents: Mapping[int, Iterable[str]]) -> None:
    """Write the lexemes of *documents*, in place of what was there."""
    sqlite = session.connection().dialect.name == "sqlite"
    key = "rowid" if sqlite else "docid"
    given = [{"docid": docid, "lexemes": " ".join(found)} for docid, found in documents.items()]
    if not given:
        return
    vector = ":lexemes" if sqlite else "array_to_tsvector(string_to_array(:lexemes, ' '))"
    session.connection().execute(text(f"DELETE FROM search_text WHERE {key} = :docid"), given)  # noqa: S608  # our names
    session.connection().execute(
        text(f"INSERT INTO search_text ({key}, lexemes) VALUES (:docid, {vector})"),  # noqa: S608  # our names
        given,
    )


def put_spellings(session: Session, rows: Sequence[tuple[str, str]]) -> None:
    """Write under which spellings words are kept; those that are there already stay."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        statement = text("INSERT INTO search_word (spelling, word) VALUES (:spelling, :word) ON CONFLICT DO NOTHING")
        connection.execute(statement, [{"spelling": spelling, "word": word} for spelling, word in rows])
        return
    statement = text(
        "INSERT INTO search_word (spelling, word) SELECT * FROM"
        " unnest(CAST(:spellings AS text[]), CAST(:words AS text[])) ON CONFLICT DO NOTHING"
    )
    connection.execute(statement, {"spellings": [row[0] for row in rows], "words": [row[1] for row in rows]})


@contextmanager
def anew(session: Session) -> Iterator[None]:
    """Empty the index for the block that fills it, and leave it merged. On PostgreSQL searches wait meanwhile."""
    connection = session.connection()
    connection.execute(text("DELETE FROM search_text"))
    if connection.dialect.name == "sqlite":
        yield
        connection.execute(text("INSERT INTO search_text (search_text) VALUES ('optimize')"))
        return
    made_by = connection.execute(text("SELECT pg_get_indexdef('ix_search_text_lexemes'::regclass)")).scalar_one()
    connection.execute(text("DROP INDEX ix_search_text_lexemes"))  # sorted in one go it is made ten times faster
    yield
    connection.exec_driver_sql(made_by)
    connection.execute(text("ANALYZE search_text"))
