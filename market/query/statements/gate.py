"""The gate: may this statement be asked at all? DuckDB's parser reads it, our allow-lists judge its tree.

It knows table names only. Which columns exist, and what a ``*`` means, is for the binder in `lineage`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn, cast

from market.query.errors import Code, QueryRefused
from market.query.statements import grammar
from market.query.statements.functions import judge
from market.query.statements.parameters import NONE, Parameters, literal
from market.query.statements.parser import character, parse
from market.query.statements.predicates import Predicate, predicates
from market.query.statements.sizes import MAX_SIZE, SIZED

MAX_DEPTH: Final = 120
MAX_NODES: Final = 20_000
MAX_SOURCES: Final = 256
_NO_PLACE: Final = 2**63
_PLACES: Final = frozenset({"query_location", "query_location_length"})
_NODE_KEYS: Final = {kind: keys | _PLACES | {"type"} for kind, keys in grammar.NODES.items()}
_EXPRESSION_KEYS: Final = {
    kind: keys | _PLACES | {"class", "type", "alias"} for kind, keys in grammar.EXPRESSIONS.items()
}
_PARAMETER_KEYS: Final = _PLACES | {"class", "type", "alias", "identifier"}
_FIX_SELECT: Final = "Use plain SELECT, FROM, JOIN, WHERE, GROUP BY, ORDER BY, WITH and set operations."


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that passed: its text, the licensed tables it names, its simple conditions and its tree.

    In the tree its parameters have become the literals that they stand for.
    """

    sql: str
    tables: tuple[str, ...]
    predicates: tuple[Predicate, ...]
    tree: Mapping[str, Any] = field(repr=False, compare=False)


def check(sql: str, tables: frozenset[str], parameters: Parameters = NONE) -> Statement:
    """Return what later steps need of *sql*, or raise `QueryRefused` naming the construct and what to write instead.

    *tables* are the names the agreement gives; DuckDB does not mind their case, so neither does the gate. A parameter
    is allowed where *parameters* has its value, and judged as that value.
    """
    tree = parse(sql)
    licensed = frozenset(name.lower() for name in tables)
    walk = _Walk(sql, licensed, parameters)
    walk.query(tree, {}, 0)
    walk.check_taken()
    return Statement(sql, tuple(sorted(walk.used)), predicates(tree, licensed), tree)


class _Walk:
    """One walk over one tree; *scope* maps the CTEs in sight to how many table instances they stand for."""

    def __init__(self, sql: str, licensed: frozenset[str], parameters: Parameters) -> None:
        self._sql = sql
        self._licensed = licensed
        self._parameters = parameters
        self._taken: set[str] = set()
        self._nodes = 0
        self.used: set[str] = set()

    def query(self, node: Mapping[str, Any], scope: Mapping[str, int], depth: int) -> int:
        """Check a query and return its weight: the tables and stars it multiplies out to.

        Binding expands every CTE and star; ``b AS (FROM a, a), c AS (FROM b, b)…`` doubles at each step, so the
        weight is bounded before the binder sees it.
        """
        kind = node["type"]
        if kind == "RECURSIVE_CTE_NODE":
            self._refuse(
                Code.RECURSION_REFUSED, "Recursive WITH is not offered.", "Join the table to itself as often as needed."
            )
        if kind not in grammar.QUERIES:
            self._refuse(Code.NOT_A_SELECT, f"{_plain(kind)} is not a SELECT.", "A statement may only read.")
        self._enter(node, _NODE_KEYS[kind], kind, depth)
        scope = self._with(node.get("cte_map", {}), scope, depth)
        if kind == "SET_OPERATION_NODE":
            weight = sum(self.query(child, scope, depth + 1) for child in node["children"])
        else:
            weight = self._source(node["from_table"], scope, depth + 1) if "from_table" in node else 1
            weight *= max(1, self._stars(node["select_list"]))
        if weight > MAX_SOURCES:
            self._refuse(
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
        self._keys(cte_map, grammar.PARTS["cte_map"], "WITH", None)
        inner = dict(scope)
        for entry in cte_map.get("map", []):
            self._keys(entry, grammar.PARTS["entry"], "WITH", None)
            name, value = entry["key"].lower(), entry["value"]
            if name.startswith(grammar.CATALOG_PREFIXES) or not name.replace("_", "a").isalnum():
                self._refuse(
                    Code.TABLE_REFUSED,
                    "A WITH name may hold only letters, digits and _, and may not be one of the engine's own.",
                    "Choose another name.",
                )
            self._keys(value, grammar.PARTS["value"], "WITH", None)
            inner[name] = self.query(value["query_node"], inner, depth + 1)
        return inner

    def _source(self, node: Mapping[str, Any], scope: Mapping[str, int], depth: int) -> int:
        """Check a FROM item and return its weight."""
        kind = node["type"]
        if kind not in grammar.SOURCES:
            self._refuse(
                Code.CONSTRUCT_REFUSED,
                f"{_plain(kind)} is not offered in FROM.",
                "Name a licensed table, a subquery or a WITH name; write PIVOT as sum(x) FILTER (WHERE …).",
                node,
            )
        self._enter(node, _NODE_KEYS[kind], kind, depth)
        if "sample" in node:
            self._visit(node["sample"], "sample", scope, depth + 1)
        match kind:
            case "BASE_TABLE":
                return self._table(node, scope)
            case "SUBQUERY":
                self._keys(node["subquery"], grammar.PARTS["subquery"], "sub-query", node)
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
        self._keys(node["qualified_name"], grammar.PARTS["qualified_name"], "table", node)
        if path != [node["table_name"]] or "schema_name" in node or "catalog_name" in node:
            self._refuse(
                Code.TABLE_REFUSED,
                "A table is named with a schema or database.",
                f"Write the name alone. {self._offer()}",
                node,
            )
        name = path[0].lower()
        if name in scope:
            return scope[name]
        if name not in self._licensed:
            self._refuse(Code.TABLE_REFUSED, "A table is named that is not offered here.", self._offer(), node)
        self.used.add(name)
        return 1

    def _expression(
        self, node: Mapping[str, Any], scope: Mapping[str, int], depth: int, *, makes_rows: bool = False
    ) -> None:
        self._fill(node)
        kind = node["class"]
        if kind not in _EXPRESSION_KEYS:
            self._refuse(Code.CONSTRUCT_REFUSED, f"{_plain(kind)} is not offered.", _FIX_SELECT, node)
        self._enter(node, _EXPRESSION_KEYS[kind], kind, depth)
        match kind:
            case "OPERATOR" if node["type"] not in grammar.OPERATORS:
                self._refuse(Code.CONSTRUCT_REFUSED, f"{_plain(node['type'])} is not offered.", _FIX_SELECT, node)
            case "FUNCTION" | "WINDOW":
                self._call(node, makes_rows)
            case "TYPE":
                self._type(node)
            case "COLUMN_REF" if len(node["column_names"]) == 1:
                if node["column_names"][0].lower() in grammar.MOMENT_NAMES:
                    self._refuse(
                        Code.FUNCTION_REFUSED,
                        "The moment or the session of the run is not offered.",
                        "Write the date or name as a literal; a column of that name needs its table in front.",
                        node,
                    )
            case "SUBQUERY":
                self._keys(node["subquery"], grammar.PARTS["subquery"], "sub-query", node)
                self.query(node["subquery"]["node"], scope, depth + 1)
        for key, value in node.items():
            if key != "subquery":
                self._visit(value, key, scope, depth + 1)

    def _fill(self, node: Mapping[str, Any]) -> None:
        """Put the value of a parameter in its place; the tree is ours alone."""
        if node["class"] != "PARAMETER":
            return
        name = str(node["identifier"]).lower()
        if name not in self._parameters:
            self._refuse(
                Code.PARAMETER_REFUSED,
                "A parameter (?, $1 or $name) has no value here.",
                "Give its value with the statement, or write it in its place.",
                node,
            )
        self._keys(node, _PARAMETER_KEYS, "parameter", node)
        self._taken.add(name)
        kept = {key: node[key] for key in ("alias", *_PLACES) if key in node}
        place = cast(dict[str, Any], node)
        place.clear()
        place.update(literal(self._parameters[name]), **kept)

    def check_taken(self) -> None:
        """Refuse values for which the statement has no parameter."""
        if left := sorted(self._parameters.keys() - self._taken):
            self._refuse(
                Code.PARAMETER_REFUSED,
                f"The statement has no parameter {left[0]}.",
                "Give values for the parameters it has, and no others.",
            )

    def _call(self, node: Mapping[str, Any], makes_rows: bool) -> None:
        name = str(node["function_name"])
        self._keys(node["qualified_name"], grammar.PARTS["qualified_name"], "function", node)
        if (
            node["qualified_name"]["path"] != [name]
            or "schema" in node
            or "catalog" in node
            or node.get("export_state")
        ):
            self._refuse(
                Code.FUNCTION_REFUSED,
                "A function is named with a schema, or asked for its raw state.",
                "Call it by its plain name.",
                node,
            )
        arguments = [argument["expression"] for argument in node.get("arguments", [])]
        for argument in arguments:  # a size may be a parameter
            self._fill(argument)
        if not (name.lower() in grammar.BOUND_BY_SYNTAX and not makes_rows):
            verdict = judge(name, len(arguments), makes_rows=makes_rows)
            what = "table function" if makes_rows else "function"
            if verdict is None:
                self._refuse(
                    Code.FUNCTION_UNKNOWN,
                    f"This {what} is not in the list of known functions.",
                    "Check the spelling; the help page lists the functions offered.",
                    node,
                )
            if not verdict.allowed:
                self._refuse(
                    Code.TABLE_FUNCTION_REFUSED if makes_rows else Code.FUNCTION_REFUSED,
                    f"The {what} {name}() is not offered: {verdict.reason}.",
                    "Use unnest, range or generate_series, or a licensed table."
                    if makes_rows
                    else "Leave it out, or write its value as a literal.",
                    node,
                )
        measure = SIZED.get(name.lower())
        if measure is not None:
            size = measure(arguments)
            if size is None or size > MAX_SIZE:
                self._refuse(
                    Code.SIZE_REFUSED,
                    f"{name}() needs its size as a literal of at most {MAX_SIZE}.",
                    "Write the number itself, and ask for less; widths in a format may be at most 10000.",
                    node,
                )

    def _type(self, node: Mapping[str, Any]) -> None:
        if node["type_name"].lower() not in grammar.TYPES or len(node["qualified_name"]["path"]) != 1:
            self._refuse(
                Code.TYPE_REFUSED,
                "A cast names a type that is not offered.",
                "Use a plain type such as VARCHAR, INTEGER, DECIMAL(p, s), DATE or TIMESTAMP.",
                node,
            )

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
                    self._refuse(Code.CONSTRUCT_REFUSED, f"{_plain(kind)} is not offered here.", _FIX_SELECT, value)
                self._enter(value, _NODE_KEYS[kind], kind, depth)
                for inner, item in value.items():
                    self._visit(item, inner, scope, depth + 1)
            else:
                if key not in grammar.PARTS:
                    self._refuse(Code.CONSTRUCT_REFUSED, f"{_plain(key)} is not offered.", _FIX_SELECT)
                self._enter(value, grammar.PARTS[key], key, depth)
                for inner, item in value.items():
                    self._visit(item, inner, scope, depth + 1)

    def _stars(self, value: Any) -> int:
        """How many stars a select list holds, sub-queries apart: each one repeats all columns."""
        if isinstance(value, list):
            return sum(map(self._stars, value))
        if not isinstance(value, dict) or "node" in value:
            return 0
        return int(value.get("class") == "STAR") + sum(map(self._stars, value.values()))

    def _enter(self, node: Mapping[str, Any], allowed: frozenset[str], kind: str, depth: int) -> None:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            self._refuse(
                Code.TOO_COMPLEX,
                "The statement is nested too deeply or has too many parts.",
                "Name the inner parts with WITH, or ask in several statements.",
                node,
            )
        self._keys(node, allowed, kind, node)

    def _keys(
        self, node: Mapping[str, Any], allowed: frozenset[str], kind: str, place: Mapping[str, Any] | None
    ) -> None:
        if not node.keys() <= allowed:
            extra = min(node.keys() - allowed)
            self._refuse(
                Code.CONSTRUCT_REFUSED, f"{_plain(extra)} is not offered with {_plain(kind)}.", _FIX_SELECT, place
            )

    def _offer(self) -> str:
        return f"Offered here: {', '.join(sorted(self._licensed)) or 'no table'}."

    def _refuse(self, code: Code, message: str, fix: str, node: Mapping[str, Any] | None = None) -> NoReturn:
        place = int((node or {}).get("query_location", _NO_PLACE))
        text = self._sql.encode()
        raise QueryRefused(code, message, fix=fix, position=character(text, place) if place <= len(text) else None)


def _plain(kind: str) -> str:
    return kind.removesuffix("_NODE").removesuffix("_REF").replace("_", " ").upper()
