"""Random SQL from a grammar over allowed and forbidden constructs: most of it binds, some of it is hostile."""

import random
from collections.abc import Callable
from functools import cache

from market.query.statements.functions import EXPRESSION_KINDS, reviewed
from market.query.statements.parameters import Value

COLUMNS = ("id", "city", "age", "diagnosed")
SET_OPERATIONS = ("UNION ALL BY NAME", "INTERSECT", "EXCEPT", "UNION")
FORBIDDEN_COLUMNS = ("secret", "rowid", "filename", "file_row_number")
FORBIDDEN_SOURCES = (
    "read_parquet('{other}')", "'{other}'", '"{whole}"', "read_text('{text}')", "parquet_metadata('{whole}')",
    "duckdb_views()", "sqlite_master", "information_schema.tables", "query('FROM licensed')", "main.licensed",
    "query_table('licensed')", "other", "glob('{text}')", "(SUMMARIZE licensed)", "duckdb_settings()", "whole",
)  # fmt: skip
FORBIDDEN_VALUES = (
    "getenv('SLUICE_PLANTED')", "current_setting('allowed_paths')", "(SELECT content FROM read_text('{text}'))",
    "current_user", "version()", "(SELECT max(secret) FROM '{other}')", "getvariable('x')", "txid_current()",
)  # fmt: skip
FORBIDDEN_STATEMENTS = (
    "COPY ({0}) TO '{{text}}'", "CREATE TABLE t AS {0}", "EXPLAIN {0}", "SET threads = 3", "{0}; {0}", "DESCRIBE {0}",
    "PREPARE p AS {0}", "WITH d AS (DELETE FROM licensed RETURNING *) FROM d", "ATTACH '{{other}}'", "PIVOT ({0}) ON 1",
)  # fmt: skip


@cache
def function_names() -> tuple[list[str], list[str]]:
    """The names of allowed and of refused functions that read like names."""
    verdicts = [(one.name, verdict.allowed) for one, verdict in reviewed().items() if one.kind in EXPRESSION_KINDS]
    named = sorted({(name, allowed) for name, allowed in verdicts if name.isidentifier()})
    return [name for name, allowed in named if allowed], [name for name, allowed in named if not allowed]


class Grammar:
    """Writes statements; *forbidden* is the chance, at each place, of something that must not be."""

    def __init__(self, draw: random.Random, forbidden: float = 0.02) -> None:
        self._draw, self._forbidden = draw, forbidden
        self.parameters: dict[str, Value] = {}

    def statement(self) -> str:
        """Write one statement; its parameters stand in `parameters`."""
        self.parameters = {}
        sql = self._query(self._draw.randint(1, 3))
        if self._draw.random() < self._forbidden:
            sql = self._draw.choice(FORBIDDEN_STATEMENTS).format(sql)
        return sql

    def _bad(self) -> bool:
        return self._draw.random() < self._forbidden

    def _any(self, *ways: Callable[[], str]) -> str:
        return self._draw.choice(ways)()

    def _query(self, depth: int) -> str:
        return self._any(
            lambda: self._select(depth),
            lambda: self._select(depth),
            lambda: self._select(depth),
            lambda: f"WITH c AS ({self._select(depth - 1)}) SELECT * FROM c",
            lambda: f"WITH licensed2 AS {self._draw.choice(('', 'MATERIALIZED '))}(FROM licensed) {self._select(0)}",
            lambda: f"{self._select(0)} {self._draw.choice(SET_OPERATIONS)} {self._select(0)}",
            lambda: f"FROM ({self._select(depth - 1)})",
        )

    def _select(self, depth: int) -> str:
        parts = [f"SELECT {self._draw.choice(('', '', 'DISTINCT '))}{self._items(depth)} FROM {self._source(depth)}"]
        chance = self._draw.random
        if chance() < 0.5:
            parts.append(f"WHERE {self._condition(depth)}")
        if chance() < 0.15:
            parts.append(f"GROUP BY {self._draw.choice(('ALL', 'city', 'ROLLUP (city, age)', '1'))}")
        if chance() < 0.1:
            parts.append(f"QUALIFY row_number() OVER (PARTITION BY city ORDER BY {self._value(0)}) = 1")
        if chance() < 0.2:
            parts.append(f"ORDER BY {self._draw.choice(('1', 'ALL', self._value(0)))}")
        if chance() < 0.4:
            parts.append(f"LIMIT {self._draw.randint(0, 20)}")
        return " ".join(parts)

    def _items(self, depth: int) -> str:
        stars = (
            "*",
            "licensed",
            "* EXCLUDE (age)",
            "COLUMNS('^[ac]')",
            "licensed.*",
            "* REPLACE (1 AS age)",
            "COLUMNS(*)::VARCHAR",
        )
        if self._draw.random() < 0.25:
            return self._draw.choice(stars)
        return ", ".join(self._value(depth) for _ in range(self._draw.randint(1, 3)))

    def _source(self, depth: int) -> str:
        if self._bad():
            return self._draw.choice(FORBIDDEN_SOURCES)
        joined = self._draw.choice(
            ("JOIN", "LEFT JOIN", "SEMI JOIN", "POSITIONAL JOIN", "NATURAL JOIN", "ASOF JOIN", "CROSS JOIN")
        )
        on = "" if joined.startswith(("POS", "NAT", "CROSS")) else " USING (id)"
        return self._any(
            *[lambda: "licensed"] * 6,
            lambda: f"licensed {joined} (FROM licensed LIMIT 50) b{on}",
            lambda: f"({self._select(depth - 1)}) s" if depth > 0 else "licensed",
            lambda: "(VALUES (1, 'a', 2, DATE '2020-01-01')) licensed(id, city, age, diagnosed)",
            lambda: "licensed, LATERAL (SELECT licensed.age + 1 AS next)",
            lambda: "licensed TABLESAMPLE 10%",
            lambda: "licensed, unnest([1, 2]) u(x)",
        )

    def _condition(self, depth: int) -> str:
        column, operator = self._column(), self._draw.choice(("=", "<", ">=", "<>", "IS DISTINCT FROM"))
        return self._any(
            lambda: f"{column} {operator} {self._value(0)}",
            lambda: f"id BETWEEN {self._draw.randint(0, 9999)} AND {self._draw.randint(0, 9999)}",
            lambda: f"{column} IN ({self._value(0)}, {self._value(0)})",
            lambda: f"id IN ({self._select(0)})" if depth > 0 else "true",
            lambda: f"EXISTS ({self._query(0)})" if depth > 0 else "city LIKE 'c%'",
            lambda: f"NOT ({self._condition(depth - 1)})" if depth > 0 else "age IS NOT NULL",
            lambda: f"({self._condition(0)} {self._draw.choice(('AND', 'OR'))} {self._condition(0)})",
        )

    def _column(self) -> str:
        if self._bad():
            return self._draw.choice(FORBIDDEN_COLUMNS)
        name = self._draw.choice(COLUMNS)
        return self._draw.choice((name, name, name, f'"{name.upper()}"', f"licensed.{name}"))

    def _value(self, depth: int) -> str:
        if self._bad():
            return self._draw.choice(FORBIDDEN_VALUES)
        return self._any(
            self._column,
            self._column,
            self._literal,
            self._parameter,
            lambda: self._call(depth),
            lambda: f"CASE WHEN {self._condition(0)} THEN {self._column()} END",
            lambda: f"{self._column()}::{self._draw.choice(('VARCHAR', 'BIGINT', 'DOUBLE', 'DATE', 'BLOB', 'ENUM'))}",
            lambda: f"({self._select(0)} LIMIT 1)" if depth > 0 else "NULL",
            lambda: (
                f"{self._draw.choice(('count', 'max', 'list', 'first', 'mode'))}({self._column()})"
                f"{self._draw.choice(('', '', ' OVER ()', f' FILTER ({self._column()} IS NULL)'))}"
            ),
            lambda: f"list_transform([1, 2], lambda x: x + {self._column()})",
            lambda: f"{{{{'a': {self._column()}}}}}",
        )

    def _literal(self) -> str:
        return self._draw.choice(
            ("1", "-2.5", "'city-1'", "DATE '2020-02-03'", "NULL", "true", "[1, 2]", "$$x$$", "INTERVAL 1 DAY", "''")
        )

    def _parameter(self) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = self._draw.choice((1, "city-3", None, True, "{other}", "'; FROM secret --"))
        return f"${name}"

    def _call(self, depth: int) -> str:
        allowed, refused = function_names()
        name = self._draw.choice(refused if self._bad() else allowed)
        arguments = ", ".join(
            self._value(depth - 1) if depth > 0 else self._column() for _ in range(self._draw.randint(0, 3))
        )
        return f"{name}({arguments})"
