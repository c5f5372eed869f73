"""The walk over a statement's tree: each node, key, table, function and type is one that our allow-lists name."""

from collections.abc import Mapping
from typing import Any, Final

from market.query.errors import Code
from market.query.statements import grammar
from market.query.statements.bounds import FIX_SELECT, PLACES, Bounds, plain
from market.query.statements.calls import check_call, check_type
from market.query.statements.filling import Filling

MAX_SOURCES: Final = 256
_NODE_KEYS: Final = {kind: keys | PLACES | {"type"} for kind, keys in grammar.NODES.items()}
_EXPRESSION_KEYS: Final = {
    kind: keys | PLACES | {"class", "type", "alias"} for kind, keys in grammar.EXPRESSIONS.items()
}


class Walk:
    """One walk over one tree; *scope* maps the CTEs in sight to how many table instances they stand for."""

    def __init__(self, licensed: frozenset[str], filling: Filling, bounds: Bounds) -> None:
        self._licensed = licensed
        self._filling = filling
        self._bounds = bounds
        self.used: set[str] = set()

    def query(self, node: Mapping[str, Any], scope: Mapping[str, int], depth: int) -> int:
        """Check a query and return its weight: the tables and stars it multiplies out to.

        Binding expands every CTE and star; ``b AS (FROM a, a), c AS (FROM b, b)…`` doubles at each step, so the
        weight is bounded before the binder sees it.
        """
        kind = node["type"]
        if kind == "RECURSIVE_CTE_NODE":
            self._bounds.refuse(
                Code.RECURSION_REFUSED, "Recursive WITH is not offered.", "Join the table to itself as often as needed."
            )
        if kind not in grammar.QUERIES:
            self._bounds.refuse(Code.NOT_A_SELECT, f"{plain(kind)} is not a SELECT.", "A statement may only read.")
        self._bounds.enter(node, _NODE_KEYS[kind], kind, depth)
        scope = self._with(node.get("cte_map", {}), scope, depth)
        if kind == "SET_OPERATION_NODE":
            weight = sum(self.query(child, scope, depth + 1) for child in node["children"])
        else:
            weight = self._source(node["from_table"], scope, depth + 1) if "from_table" in node else 1
            weight *= max(1, self._stars(node["select_list"]))
        if weight > MAX_SOURCES:
            self._bounds.refuse(
                Code.TOO_COMPLEX,
                f"The statement multiplies out to {weight} tables; the limit is {MAX_SOURCES}.",
                "Name the columns instead of *, and join fewer tables.",
            )
        for key, value in node.items():
            if key not in {"cte_map", "from_table", "children", "type"}:
                self._visit(value, key, scope, depth + 1)
        return weight

    def _with(self, cte_map: Mapping[str, Any], scope: Mapping[str, int], depth: int) -> Mapping[str, int]:
        """The scope inside a WITH: each CTE sees those before it, never itself."""
        self._bounds.keys(cte_map, grammar.PARTS["cte_map"], "WITH", None)
        inner = dict(scope)
        for entry in cte_map.get("map", []):
            self._bounds.keys(entry, grammar.PARTS["entry"], "WITH", None)
            name, value = entry["key"].lower(), entry["value"]
            if name.startswith(grammar.CATALOG_PREFIXES) or not name.replace("_", "a").isalnum():
                self._bounds.refuse(
                    Code.TABLE_REFUSED,
                    "A WITH name may hold only letters, digits and _, and may not be one of the engine's own.",
                    "Choose another name.",
                )
            self._bounds.keys(value, grammar.PARTS["value"], "WITH", None)
            inner[name] = self.query(value["query_node"], inner, depth + 1)
        return inner

    def _source(self, node: Mapping[str, Any], scope: Mapping[str, int], depth: int) -> int:
        """Check a FROM item and return its weight."""
        kind = node["type"]
        if kind not in grammar.SOURCES:
            self._bounds.refuse(
                Code.CONSTRUCT_REFUSED,
                f"{plain(kind)} is not offered in FROM.",
                "Name a licensed table, a subquery or a WITH name; write PIVOT as sum(x) FILTER (WHERE …).",
                node,
            )
        self._bounds.enter(node, _NODE_KEYS[kind], kind, depth)
        if "sample" in node:
            self._visit(node["sample"], "sample", scope, depth + 1)
        match kind:
            case "BASE_TABLE":
                return self._table(node, scope)
            case "SUBQUERY":
                self._bounds.keys(node["subquery"], grammar.PARTS["subquery"], "sub-query", node)
                return self.query(node["subquery"]["node"], scope, depth + 1)
            case "JOIN":
                if "condition" in node:
                    self._visit(node["condition"], "condition", scope, depth + 1)
                sides = (self._source(node[side], scope, depth + 1) for side in ("left", "right"))
                return sum(sides)
            case "TABLE_FUNCTION":
                self._expression(node["function"], scope, depth + 1, makes_rows=True)
            case "EXPRESSION_LIST":
                self._visit(node["values"], "values", scope, depth + 1)
        return 1

    def _table(self, node: Mapping[str, Any], scope: Mapping[str, int]) -> int:
        path = node["qualified_name"]["path"]
        self._bounds.keys(node["qualified_name"], grammar.PARTS["qualified_name"], "table", node)
        if path != [node["table_name"]] or "schema_name" in node or "catalog_name" in node:
            self._bounds.refuse(
                Code.TABLE_REFUSED,
                "A table is named with a schema or database.",
                f"Write the name alone. {self._offer()}",
                node,
            )
        name = path[0].lower()
        if name in scope:
            return scope[name]
        if name not in self._licensed:
            self._bounds.refuse(Code.TABLE_REFUSED, "A table is named that is not offered here.", self._offer(), node)
        self.used.add(name)
        return 1

    def _expression(
        self, node: Mapping[str, Any], scope: Mapping[str, int], depth: int, *, makes_rows: bool = False
    ) -> None:
        self._filling.fill(node)
        kind = node["class"]
        if kind not in _EXPRESSION_KEYS:
            self._bounds.refuse(Code.CONSTRUCT_REFUSED, f"{plain(kind)} is not offered.", FIX_SELECT, node)
        self._bounds.enter(node, _EXPRESSION_KEYS[kind], kind, depth)
        match kind:
            case "OPERATOR" if node["type"] not in grammar.OPERATORS:
                self._bounds.refuse(Code.CONSTRUCT_REFUSED, f"{plain(node['type'])} is not offered.", FIX_SELECT, node)
            case "FUNCTION" | "WINDOW":
                for argument in node.get("arguments", []):  # a size may be a parameter
                    self._filling.fill(argument["expression"])
                check_call(node, self._bounds, makes_rows=makes_rows)
            case "TYPE":
                check_type(node, self._bounds)
            case "COLUMN_REF" if len(node["column_names"]) == 1:
                if node["column_names"][0].lower() in grammar.MOMENT_NAMES:
                    self._bounds.refuse(
                        Code.FUNCTION_REFUSED,
                        "The moment or the session of the run is not offered.",
                        "Write the date or name as a literal; a column of that name needs its table in front.",
                        node,
                    )
            case "SUBQUERY":
                self._bounds.keys(node["subquery"], grammar.PARTS["subquery"], "sub-query", node)
                self.query(node["subquery"]["node"], scope, depth + 1)
        for key, value in node.items():
            if key != "subquery":
                self._visit(value, key, scope, depth + 1)

    def _visit(self, value: Any, key: str, scope: Mapping[str, int], depth: int) -> None:
        """Whatever stands under *key*: an expression, a node, a known part, or a plain value."""
        if isinstance(value, list):
            for item in value:
                self._visit(item, key, scope, depth)
        elif isinstance(value, dict):
            if "class" in value:
                self._expression(value, scope, depth)
            elif isinstance(value.get("type"), str):
                kind = value["type"]
                if kind in grammar.QUERIES or kind in grammar.SOURCES or kind not in _NODE_KEYS:
                    self._bounds.refuse(
                        Code.CONSTRUCT_REFUSED, f"{plain(kind)} is not offered here.", FIX_SELECT, value
                    )
                self._bounds.enter(value, _NODE_KEYS[kind], kind, depth)
                for inner, item in value.items():
                    self._visit(item, inner, scope, depth + 1)
            else:
                if key not in grammar.PARTS:
                    self._bounds.refuse(Code.CONSTRUCT_REFUSED, f"{plain(key)} is not offered.", FIX_SELECT)
                self._bounds.enter(value, grammar.PARTS[key], key, depth)
                for inner, item in value.items():
                    self._visit(item, inner, scope, depth + 1)

    def _stars(self, value: Any) -> int:
        """How many stars a select list holds, sub-queries apart: each one repeats all columns."""
        if isinstance(value, list):
            return sum(map(self._stars, value))
        if not isinstance(value, dict) or "node" in value:
            return 0
        return int(value.get("class") == "STAR") + sum(map(self._stars, value.values()))

    def _offer(self) -> str:
        return f"Offered here: {', '.join(sorted(self._licensed)) or 'no table'}."
