"""The log answers SQL through the licensees' gate and sandbox; it is only read, and reading it is logged first."""

import hashlib
from datetime import datetime

import pyarrow.parquet as pq
import pytest

from market.auditing import table
from market.auditing.asking import LogDesk, touched
from market.auditing.entries import Reader
from market.auditing.filters import Filter
from market.query.errors import Code, QueryFailed
from market.query.statements.lineage import bound_here
from market.query.verdicts import Denied
from tests.common.market_world import PEOPLE, Market, now
from tests.unit.market.auditing.writing import append, event, read

ALL = Filter()


def ask(market: Market, sql: str, *, within: Filter = ALL, **settings: str) -> list[dict[str, object]]:
    """Ask as the auditor does."""
    with market.service(**settings) as service, market.open() as home:
        desk = LogDesk(home.database, home.store, service.pool)
        with desk.ask(sql, within=within, by=market.asker(home, "auditor").id, at=now()) as answer:
            rows = list(answer)
            assert answer.rows == len(rows)
            return rows


def left_behind(market: Market) -> list[str]:
    return [str(path) for path in (market.root / "blobs" / "tmp").rglob("*")]


def test_the_table_holds_each_entry_as_it_is(any_market):
    rows = ask(any_market, "SELECT * FROM log ORDER BY seq")
    with any_market.open() as home:
        entries = read(home.database)[: len(rows)]
    assert [row["action"] for row in rows] == [entry.action for entry in entries]
    assert list(rows[0]) == list(table.COLUMNS)
    assert rows[0]["at"] == entries[0].at.replace(tzinfo=None)
    assert left_behind(any_market) == []


def test_what_was_asked_is_logged_with_its_hash_and_rows(market):
    sql = "SELECT count(*) AS n FROM log WHERE action = 'member:added'"
    assert ask(market, sql) == [{"n": 6}]
    (entry,) = market.entries("log:queried")
    assert entry["details"] == {
        "sql": hashlib.sha256(sql.encode()).hexdigest(),
        "within": {},
        "rows": 1,
        "status": "complete",
    }


REFUSED = [
    ("DELETE FROM log", Code.NOT_A_SELECT),
    ("CREATE TABLE t AS SELECT 1", Code.NOT_A_SELECT),
    ("INSERT INTO log VALUES (1)", Code.NOT_A_SELECT),
    ("COPY log TO '/tmp/x'", Code.NOT_A_SELECT),
    ("DROP VIEW log", Code.NOT_A_SELECT),
    ("SELECT * FROM member", Code.TABLE_REFUSED),
    ("SELECT * FROM read_text('/etc/passwd')", Code.TABLE_FUNCTION_REFUSED),
    ("SELECT secret FROM log", Code.UNKNOWN_COLUMN),
    ("SELECT", Code.SYNTAX),
]


def test_what_may_not_be_asked_is_refused_as_to_a_licensee_and_logged(market):
    for number, (sql, code) in enumerate(REFUSED):
        with pytest.raises(Denied) as denied:
            ask(market, sql)
        assert denied.value.reason == code, sql
        entries = market.entries("log:queried")
        assert len(entries) == number + 1
        assert (entries[-1]["details"]["status"], entries[-1]["details"]["rows"]) == (code, 0), sql
    assert left_behind(market) == []


def test_the_limits_of_a_question_hold_and_its_failure_is_logged(market):
    with pytest.raises(QueryFailed) as failed:
        ask(market, "SELECT seq FROM log", SLUICE_QUERY_ROWS="5")
    assert failed.value.code is Code.ROW_LIMIT
    (entry,) = market.entries("log:queried")
    assert entry["details"]["status"] == Code.ROW_LIMIT
    assert left_behind(market) == []


def test_a_narrower_table_holds_only_what_the_filter_describes_and_details_can_be_looked_into(market):
    rows = ask(market, "SELECT action, details->>'$.role' AS role FROM log", within=Filter(action="member:added"))
    assert {row["action"] for row in rows} == {"member:added"}
    assert sorted(str(row["role"]) for row in rows) == sorted(map(str, PEOPLE.values()))
    assert market.entries("log:queried")[0]["details"]["within"] == {"action": "member:added"}


def test_only_touched_columns_are_written(database, tmp_path):
    append(database, *(event("query:quoted", "a", rows=number) for number in range(7)))
    with database.reading() as session:
        for sql, columns in (
            ("SELECT count(*) FROM log", ["seq"]),
            ("SELECT rows FROM log WHERE action = 'x'", ["seq", "action", "rows"]),
            ("SELECT * FROM log", list(table.COLUMNS)),
        ):
            path = tmp_path / f"{len(columns)}.parquet"
            assert table.write(Reader.begin(session).batches(batch=3), path, touched(sql, bound_here)) == 7
            written = pq.read_table(path)
            assert (written.column_names, written.num_rows) == (columns, 7)


def test_an_unreadable_entry_is_a_row_like_the_others(database, tmp_path):
    with database.reading() as session:
        entries = Reader.begin(session).flat([(0, b"nonsense")])
    table.write([entries], tmp_path / "t.parquet")
    (row,) = pq.read_table(tmp_path / "t.parquet").to_pylist()
    assert (row["seq"], row["at"], row["action"], row["details"]) == (0, None, "unreadable", "{}")


def test_moments_are_utc_whatever_zone_an_entry_was_written_in(database, tmp_path):
    body = b'{"action":"a:b","at":"2026-01-01T08:00:00+08:00","by":"m","details":{},"subject":"s"}'
    with database.reading() as session:
        entries = Reader.begin(session).flat([(0, body)])
    table.write([entries], tmp_path / "t.parquet")
    assert pq.read_table(tmp_path / "t.parquet")["at"].to_pylist() == [datetime(2026, 1, 1)]
