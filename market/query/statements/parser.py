"""DuckDB's own parser, in an engine that holds nothing and can open nothing.

The statement is an argument of `json_serialize_sql`, never run. Two dangers of the parser itself are met first:
text that is too long, and brackets so deep that an unclosed one costs quadratic time (4 s at 2,000 levels).
"""

import json
import threading
from collections.abc import Mapping
from typing import Any, Final, cast

import duckdb

from market.query.errors import Code, QueryRefused

MAX_BYTES: Final = 64 * 1024
MAX_BRACKETS: Final = 200
MAX_TREE_BYTES: Final = 4_000_000

_lock = threading.Lock()
_engine: duckdb.DuckDBPyConnection | None = None


def locked_engine() -> duckdb.DuckDBPyConnection:
    """A connection without files, extensions, spill or settings left to change."""
    engine = duckdb.connect(
        ":memory:",
        config={
            "autoload_known_extensions": "false",
            "autoinstall_known_extensions": "false",
            "allow_community_extensions": "false",
            "python_enable_replacements": "false",
            "threads": "1",
        },
    )
    for setting in ("temp_directory = ''", "enable_external_access = false", "memory_limit = '512MB'"):
        engine.execute(f"SET {setting}")
    return engine


def _cursor() -> duckdb.DuckDBPyConnection:
    """A cursor of the one parsing engine: an open result owns its connection, so each call takes its own."""
    global _engine
    with _lock:
        if _engine is None:
            _engine = locked_engine()
            _engine.execute("SET lock_configuration = true")
        return _engine.cursor()


def _bracket_depth(text: bytes, sql: str) -> int:
    """The deepest nesting of brackets outside strings and comments, by DuckDB's own tokenizer."""
    tokens = duckdb.tokenize(sql)
    ends = [offset for offset, _ in tokens[1:]] + [len(text)]
    depth = deepest = 0
    for (start, kind), end in zip(tokens, ends, strict=True):
        if kind is duckdb.token_type.operator or kind == duckdb.token_type.operator:
            for byte in text[start:end]:
                if byte in b"([{":
                    depth += 1
                    deepest = max(deepest, depth)
                elif byte in b")]}":
                    depth -= 1
    return deepest


def parse(sql: str) -> Mapping[str, Any]:
    """The tree of the one SELECT statement in *sql*, as DuckDB understood it."""
    try:
        text = sql.encode("utf-8")
    except UnicodeEncodeError as error:
        raise QueryRefused(
            Code.SYNTAX,
            "The statement is not valid Unicode text.",
            fix="Remove the broken character.",
            position=error.start,
        ) from None
    if len(text) > MAX_BYTES:
        raise QueryRefused(
            Code.TOO_LONG,
            f"The statement has {len(text)} bytes; the limit is {MAX_BYTES}.",
            fix="Shorten long lists of literals: join with VALUES, or ask in parts.",
        )
    if "\0" in sql:
        raise QueryRefused(
            Code.SYNTAX, "The statement contains a NUL character.", fix="Remove it.", position=sql.index("\0")
        )
    if sum(map(text.count, (b"(", b"[", b"{"))) > MAX_BRACKETS and _bracket_depth(text, sql) > MAX_BRACKETS:
        raise QueryRefused(
            Code.TOO_COMPLEX,
            f"Brackets are nested deeper than {MAX_BRACKETS}.",
            fix="Close what is open, or name the inner parts with WITH.",
        )
    with _cursor() as cursor:
        row = cursor.execute("SELECT json_serialize_sql(?, skip_null := true, skip_empty := true)", [sql]).fetchone()
    assert row is not None
    if len(row[0]) > MAX_TREE_BYTES:
        raise QueryRefused(Code.TOO_COMPLEX, "The statement has too many parts.", fix="Ask for less in one statement.")
    try:
        answer = json.loads(row[0])
    except RecursionError:
        raise QueryRefused(
            Code.TOO_COMPLEX, "The statement is nested too deeply.", fix="Name the inner parts with WITH."
        ) from None
    if answer["error"]:
        raise _refusal(answer, text)
    if len(answer["statements"]) != 1:
        raise QueryRefused(
            Code.NOT_ONE_STATEMENT,
            f"Found {len(answer['statements'])} statements.",
            fix="Send exactly one SELECT statement at a time.",
        )
    return cast(Mapping[str, Any], answer["statements"][0]["node"])


def character(text: bytes, offset: int) -> int:
    """The engine counts bytes, people count characters."""
    return len(text[:offset].decode("utf-8", errors="ignore"))


def _refusal(answer: Mapping[str, Any], text: bytes) -> QueryRefused:
    detail = str(answer.get("error_message", ""))
    if answer.get("error_type") == "not implemented":
        return QueryRefused(
            Code.NOT_A_SELECT,
            "This is not a plain SELECT statement.",
            fix="Write one SELECT (or FROM …, VALUES …, WITH … SELECT); PIVOT becomes sum(x) FILTER (WHERE …).",
            detail=detail,
        )
    if "expression depth" in detail:
        return QueryRefused(
            Code.TOO_COMPLEX, "Expressions are nested too deeply.", fix="Name the inner parts with WITH.", detail=detail
        )
    place = str(answer.get("position", ""))
    return QueryRefused(
        Code.SYNTAX,
        "The statement cannot be read as SQL.",
        fix="Check the spelling, quotes and brackets near this place.",
        position=character(text, int(place)) if place.isdigit() else None,
        detail=detail,
    )
