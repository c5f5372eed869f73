"""The simple conditions of a statement: those from which a reader can tell that a row group holds no match.

Only ``column op literal``, BETWEEN and IN, joined by AND, directly over one licensed table. Anything else yields
no condition, and then nothing is pruned: the bill may be too careful, never too small.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class Op(StrEnum):
    """How a column meets its literals."""

    EQ = "="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    IN = "in"


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal as written: the parser's kind (INTEGER, NUMERIC, STRING) or the type a cast names, and the text."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Predicate:
    """Rows pass only if *column* of *table* stands in *op* to the literals (several for IN)."""

    table: str
    column: str
    op: Op
    literals: tuple[Literal, ...]


_COMPARISONS: Final = {
    "COMPARE_EQUAL": (Op.EQ, Op.EQ),
    "COMPARE_LESSTHAN": (Op.LT, Op.GT),
    "COMPARE_LESSTHANOREQUALTO": (Op.LE, Op.GE),
    "COMPARE_GREATERTHAN": (Op.GT, Op.LT),
    "COMPARE_GREATERTHANOREQUALTO": (Op.GE, Op.LE),
}
_LITERAL_CASTS: Final = frozenset({"DATE", "TIMESTAMP"})


def predicates(node: Mapping[str, Any], tables: frozenset[str]) -> tuple[Predicate, ...]:
    """The simple conditions in the WHERE of *node*; *tables* are licensed names, so a CTE yields none."""
    source = node.get("from_table", {})
    if node["type"] != "SELECT_NODE" or source.get("type") != "BASE_TABLE" or "sample" in source or "sample" in node:
        return ()
    name = source["table_name"].lower()
    scope = {entry["key"].lower() for entry in node.get("cte_map", {}).get("map", [])}
    if _sources(node) != 1:  # a second source may read the same table without the condition
        return ()
    if name in scope or name not in tables or source.get("column_name_alias") or "where_clause" not in node:
        return ()
    # A select-list alias may be used in WHERE; a condition on such a name might not be about the stored column.
    aliases = {item["alias"].lower() for item in node["select_list"] if item.get("alias")}
    called = str(source.get("alias") or name).lower()
    return tuple(p for p in _conditions(node["where_clause"], name, called) if p.column not in aliases)


def _sources(value: Any) -> int:
    if isinstance(value, list):
        return sum(map(_sources, value))
    if not isinstance(value, dict):
        return 0
    return int(value.get("type") == "BASE_TABLE") + sum(map(_sources, value.values()))


def _conditions(node: Mapping[str, Any], table: str, called: str) -> Iterator[Predicate]:
    kind = node["type"]
    if kind == "CONJUNCTION_AND":
        for child in node["children"]:
            yield from _conditions(child, table, called)
    elif kind in _COMPARISONS:
        forward, backward = _COMPARISONS[kind]
        for one, other, op in ((node["left"], node["right"], forward), (node["right"], node["left"], backward)):
            column, literal = _column(one, called), _literal(other)
            if column is not None and literal is not None:
                yield Predicate(table, column, op, (literal,))
    elif kind == "COMPARE_BETWEEN":
        column = _column(node["input"], called)
        for bound, op in ((node["lower"], Op.GE), (node["upper"], Op.LE)):
            literal = _literal(bound)
            if column is not None and literal is not None:
                yield Predicate(table, column, op, (literal,))
    elif kind == "COMPARE_IN":
        column = _column(node["children"][0], called)
        found = [_literal(child) for child in node["children"][1:]]
        known = tuple(literal for literal in found if literal is not None)
        if column is not None and known and len(known) == len(found):
            yield Predicate(table, column, Op.IN, known)


def _column(node: Mapping[str, Any], called: str) -> str | None:
    if node["class"] != "COLUMN_REF":
        return None
    names = [name.lower() for name in node["column_names"]]
    if len(names) == 2 and names[0] == called:
        return str(names[1])
    return str(names[0]) if len(names) == 1 else None


def _literal(node: Mapping[str, Any]) -> Literal | None:
    if (
        node["class"] == "CAST"
        and not node.get("try_cast")
        and node["type_expr"]["type_name"].upper() in _LITERAL_CASTS
    ):
        inner = _literal(node["child"])
        return Literal(node["type_expr"]["type_name"].upper(), inner.text) if inner and inner.kind == "STRING" else None
    if node["class"] == "CONSTANT" and node["literal"]["kind"] in {"INTEGER", "NUMERIC", "STRING"}:
        return Literal(node["literal"]["kind"], node["literal"].get("text", ""))
    return None
