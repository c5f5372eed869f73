"""How many rows a statement can bring at most, where its text and the footers tell: no more of a quota is set aside.

Where they do not tell (joins, functions that may make rows, a limit that is computed), nothing is said.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from market.query.statements.footers import footer
from market.query.statements.functions import kinds
from market.query.statements.gate import Statement

_ONE_FOR_EACH: Final = frozenset({"scalar"})
_ONE_FOR_ALL: Final = frozenset({"aggregate"})


def rows_at_most(statement: Statement, files: Mapping[str, Sequence[Path]]) -> int | None:
    """Give a number of rows over *files* that *statement* cannot exceed, or None where it is not plain to see."""
    sought = {name.lower(): paths for name, paths in files.items()}
    return _Bound(statement, sought).query(statement.tree, frozenset())


class _Bound:
    """One walk over one tree; *hidden* are the tables whose names a WITH has taken."""

    def __init__(self, statement: Statement, files: Mapping[str, Sequence[Path]]) -> None:
        self._statement, self._files = statement, files

    def query(self, node: Mapping[str, Any], hidden: frozenset[str]) -> int | None:
        hidden |= {entry["key"].lower() for entry in node.get("cte_map", {}).get("map", [])}
        if node["type"] == "SET_OPERATION_NODE":
            whole = _sum([self.query(child, hidden) for child in node["children"]])
        else:
            whole = self._select(node, hidden)
        limits = [_limit(modifier) for modifier in node.get("modifiers", [])]
        return min((bound for bound in (whole, *limits) if bound is not None), default=None)

    def _select(self, node: Mapping[str, Any], hidden: frozenset[str]) -> int | None:
        made = [node["select_list"], node.get("group_expressions"), node.get("modifiers"), node.get("qualify")]
        called = {kinds(name) for name in _functions(made)}
        if len(node.get("group_sets", [])) > 1 or not called <= {_ONE_FOR_EACH, _ONE_FOR_ALL}:
            return None
        grouped = node.get("group_expressions") or node.get("aggregate_handling") != "STANDARD_HANDLING"
        if not grouped and _ONE_FOR_ALL in map(kinds, _functions(node["select_list"])):
            return 1
        bound = self._source(node["from_table"], hidden)
        return None if bound is None else max(1, bound)  # of no rows, GROUP BY () and HAVING make one

    def _source(self, node: Mapping[str, Any], hidden: frozenset[str]) -> int | None:
        match node["type"]:
            case "EMPTY":
                return 1
            case "EXPRESSION_LIST" if not list(_functions(node["values"])):
                return len(node["values"])
            case "SUBQUERY":
                return self.query(node["subquery"]["node"], hidden)
            case "BASE_TABLE" if (name := node["table_name"].lower()) not in hidden:
                conditions = [one for one in self._statement.predicates if one.table == name]
                footers = [footer(path) for path in self._files[name]]
                return sum(int(one.rows[one.kept(conditions)].sum()) for one in footers)
        return None


def _functions(value: Any) -> Iterator[str]:
    """The functions called in *value*, operators and windows apart; what a sub-query calls makes no rows outside."""
    if isinstance(value, list):
        for item in value:
            yield from _functions(item)
    elif isinstance(value, dict) and value.get("class") != "SUBQUERY":
        if value.get("class") == "FUNCTION" and not value.get("is_operator"):
            yield str(value["function_name"]).lower()
        for item in value.values():
            yield from _functions(item)


def _limit(modifier: Mapping[str, Any]) -> int | None:
    """The rows of a LIMIT that is written as a number."""
    literal = modifier.get("limit", {}).get("literal", {})
    if modifier["type"] != "LIMIT_MODIFIER" or modifier.get("limit_type") != "ROW_COUNT":
        return None
    return int(literal["text"]) if literal.get("kind") == "INTEGER" and literal["text"].isdecimal() else None


def _sum(bounds: Sequence[int | None]) -> int | None:
    known = [bound for bound in bounds if bound is not None]
    return sum(known) if len(known) == len(bounds) else None
