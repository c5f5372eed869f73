"""A source may be wide: what is looked at takes memory by the column, and must not take it for all at once."""

import duckdb

from anonymize.quality.values import looked_at


def test_a_thousand_columns_are_looked_at_in_little_memory() -> None:
    names = [f"c{number}" for number in range(1_000)]
    with duckdb.connect(config={"memory_limit": "512MB", "threads": 4}) as connection:
        connection.execute(
            f"CREATE TABLE wide AS SELECT {', '.join(f'(i % 7)::VARCHAR AS {n}' for n in names)} FROM range(1000) t(i)"
        )
        assert looked_at(connection, "wide", names) == dict.fromkeys(names, True)
