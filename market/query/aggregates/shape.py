"""The one shape of a guarded question, read from the parser's tree; everything else is refused.

    SELECT keys, COUNT(*) | COUNT(DISTINCT subject) | COUNT(x) | SUM(x) | AVG(x), …
    FROM table [JOIN table USING (subject)] [WHERE conditions on classes] [GROUP BY keys] [ORDER BY …] [LIMIT n]

The rule behind it: **an answer is about whole classes of people and one column besides**. WHERE takes the columns alone
by which people are classed, of which every combination stands for at least k of them; and a question uses at most one
other column in each statistic: as a key, counting, or as a measure. Whatever is asked, and however often, can then tell
no more than how one column is distributed in a class, which the release was measured for (l and t).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from market.query.aggregates.conditions import Condition, Resolver, read
from market.query.aggregates.declared import Declared
from market.query.aggregates.refusing import refusal
from market.query.errors import Code, QueryRefused
from market.query.statements.gate import Statement

MAX_KEYS = 8
MAX_STATISTICS = 16
MAX_TABLES = 4
FIX = "Write: SELECT keys, COUNT(*) FROM table WHERE … GROUP BY keys; SUM, AVG and COUNT(DISTINCT …) are offered too."


class Kind(StrEnum):
    """What is counted or added up."""

    ROWS = "rows"
    SUBJECTS = "subjects"
    VALUES = "values"
    SUM = "sum"
    AVERAGE = "average"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of one of the tables, by the name under which the question calls the table."""

    table: str
    name: str


@dataclass(frozen=True, slots=True)
class Statistic:
    """A figure to give for each cell."""

    kind: Kind
    column: Column | None
    """None: it is about rows or people."""


@dataclass(frozen=True, slots=True)
class Output:
    """One column of the answer: its name, and a key or a statistic."""

    name: str
    of: Column | Statistic


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A question of the one shape."""

    tables: tuple[tuple[str, str], ...]
    """What each table is called, and which one it is; joined on their subjects."""
    keys: tuple[Column, ...]
    condition: Condition | None
    outputs: tuple[Output, ...]
    order: tuple[tuple[int, bool], ...]
    """Places in the outputs, and whether in falling order."""
    limit: int | None

    @property
    def statistics(self) -> tuple[Statistic, ...]:
        """Each statistic once."""
        return tuple(dict.fromkeys(output.of for output in self.outputs if isinstance(output.of, Statistic)))


def shape(statement: Statement, tables: Mapping[str, Declared]) -> Aggregate:
    """Read the question that *statement* asks of the declared *tables*.

    Raises:
        QueryRefused: it is of another shape; the message says which part, and what to write instead.
    """
    return _Reader(statement, {name.lower(): (name, declared) for name, declared in tables.items()}).read()


class _Reader:
    def __init__(self, statement: Statement, tables: Mapping[str, tuple[str, Declared]]) -> None:
        self._statement, self._tables = statement, tables
        self._called: dict[str, tuple[str, Declared]] = {}

    def read(self) -> Aggregate:
        tree = self._statement.tree
        if tree["type"] != "SELECT_NODE":
            raise self._refusal("A set operation is not offered here.")
        if tree.get("cte_map", {}).get("map"):
            raise self._refusal("WITH is not offered here.")
        for key, what in (("having", "HAVING"), ("qualify", "QUALIFY"), ("sample", "A sample")):
            if key in tree:
                raise self._refusal(f"{what} is not offered here: it would tell of cells that are withheld.")
        self._from(tree["from_table"])
        resolver = Resolver(self._statement.sql, self._called)
        condition = read(tree["where_clause"], resolver) if "where_clause" in tree else None
        outputs = tuple(self._output(item, resolver) for item in tree["select_list"])
        keys = self._keys(tree, outputs, resolver)
        self._check(keys, outputs)
        order, limit = self._modifiers(tree, outputs, resolver)
        called = tuple((alias, name) for alias, (name, _) in self._called.items())
        return Aggregate(called, keys, condition, outputs, order, limit)

    def _from(self, node: Mapping[str, Any]) -> None:
        """Read the tables: one, or several joined on the subject and on nothing else."""
        match node["type"]:
            case "BASE_TABLE":
                if "sample" in node or node.get("column_name_alias"):
                    raise self._refusal("A table is taken whole here, under its own column names.", node)
                name, declared = self._tables[node["table_name"].lower()]
                alias = str(node.get("alias") or name).lower()
                if alias in self._called or name in {known for known, _ in self._called.values()}:
                    raise self._refusal(
                        "A table is named twice.", node, fix="Join different tables, each under its own name."
                    )
                if declared.subject is None:
                    fix = "Ask for an offer of an edition that carries the subjects' tokens."
                    raise self._refusal("People cannot be told apart in this edition.", node, fix=fix)
                self._called[alias] = (name, declared)
            case "JOIN":
                self._from(node["left"])
                self._from(node["right"])
                subjects = {declared.subject for _, declared in self._called.values()}
                using = [str(name).lower() for name in node.get("using_columns", [])]
                plain = node["join_type"] == "INNER" and node["ref_type"] == "REGULAR" and "condition" not in node
                if not plain or len(subjects) != 1 or using != [str(name).lower() for name in subjects]:
                    fix = f"Write: JOIN table USING ({' or '.join(sorted(map(str, subjects)))})."
                    raise self._refusal("Tables are joined on their subjects alone.", node, fix=fix)
            case _:
                raise self._refusal("Only tables of the agreement stand in FROM here.", node)
        if len(self._called) > MAX_TABLES:
            raise self._refusal(f"More than {MAX_TABLES} tables are joined.", node)

    def _output(self, item: Mapping[str, Any], resolver: Resolver) -> Output:
        """Read one item of the select list."""
        if item["class"] == "COLUMN_REF":
            column = Column(*resolver.column(item))
            return Output(str(item.get("alias") or column.name), column)
        if item["class"] != "FUNCTION":
            raise self._refusal("Only keys and plain statistics stand in the select list here.", item)
        if item.get("filter") is not None or item["order_bys"].get("orders"):
            raise self._refusal("FILTER and ORDER BY inside a statistic are not offered here.", item)
        statistic = self._statistic(item, resolver)
        name = statistic.kind if statistic.column is None else f"{statistic.kind}_{statistic.column.name}"
        return Output(str(item.get("alias") or name), statistic)

    def _statistic(self, item: Mapping[str, Any], resolver: Resolver) -> Statistic:
        function, distinct = str(item["function_name"]).lower(), bool(item.get("distinct"))
        arguments = [argument["expression"] for argument in item.get("arguments", [])]
        if function == "count_star" and not arguments:
            return Statistic(Kind.ROWS, None)
        if function not in ("count", "sum", "avg", "mean") or len(arguments) != 1:
            raise self._refusal(f"{function}() is not offered here.", item)
        if arguments[0]["class"] != "COLUMN_REF":
            raise self._refusal("A statistic is of a plain column here.", item)
        column = Column(*resolver.column(arguments[0]))
        declared = self._called[column.table][1]
        if column.name == declared.subject:
            if function != "count" or not distinct:
                raise self._refusal("Subjects are only counted.", item, fix="Write: COUNT(DISTINCT …).")
            return Statistic(Kind.SUBJECTS, None)
        if distinct:
            raise self._refusal("DISTINCT is offered for subjects alone.", item, fix="Count subjects, or rows.")
        if function == "count":
            return Statistic(Kind.VALUES, column)
        if column.name not in declared.measures():
            fix = f"These can be added up: {', '.join(declared.measures()) or 'none'}."
            raise self._refusal("This column cannot be added up.", item, fix=fix)
        return Statistic(Kind.SUM if function == "sum" else Kind.AVERAGE, column)

    def _keys(self, tree: Mapping[str, Any], outputs: tuple[Output, ...], resolver: Resolver) -> tuple[Column, ...]:
        """Read GROUP BY, which must name just the columns that are selected as they are."""
        selected = tuple(dict.fromkeys(output.of for output in outputs if isinstance(output.of, Column)))
        groups = tree.get("group_expressions", [])
        sets = tree.get("group_sets", [])
        if len(sets) > 1 or (sets and len(sets[0]) != len(groups)):
            raise self._refusal(
                "ROLLUP, CUBE and GROUPING SETS are not offered here.", fix="Ask once for each grouping."
            )
        if tree.get("aggregate_handling") == "FORCE_AGGREGATES":  # GROUP BY ALL
            return selected
        found = []
        for item in groups:
            if item["class"] == "CONSTANT" and item["literal"]["kind"] == "INTEGER":
                place = int(item["literal"]["text"]) - 1
                of = outputs[place].of if 0 <= place < len(outputs) else None
            elif item["class"] == "COLUMN_REF":
                of = self._aliased(item, outputs) or Column(*resolver.column(item))
            else:
                of = None
            if not isinstance(of, Column):
                raise self._refusal("GROUP BY takes plain columns here.", item)
            found.append(of)
        if set(found) != set(selected):
            raise self._refusal(
                "The keys that are selected and those in GROUP BY differ.", fix="Name the same columns in both."
            )
        return selected

    def _check(self, keys: tuple[Column, ...], outputs: tuple[Output, ...]) -> None:
        """Hold the question to classes and one column besides."""
        statistics = [output.of for output in outputs if isinstance(output.of, Statistic)]
        if not statistics:
            raise self._refusal("Nothing is counted or added up.")
        if len(keys) > MAX_KEYS or len(statistics) > MAX_STATISTICS:
            raise self._refusal(f"A question takes at most {MAX_KEYS} keys and {MAX_STATISTICS} statistics.")
        names = [output.name.lower() for output in outputs]
        if len(set(names)) != len(names):
            raise self._refusal("Two columns of the answer have one name.", fix="Rename one with AS.")
        others = []
        for key in keys:
            role = self._called[key.table][1].roles[key.name]
            if role == "sensitive_attribute":
                others.append(key)
            elif role != "quasi_identifier":
                raise self._refusal(f"{key.name} is no key: its values are too many.", fix=self._offered())
        measured = [one.column for one in statistics if one.column is not None]
        if len(others) > 1 or (others and measured):
            fix = "Ask for each of them in a question of its own; with such a key, count rows or subjects."
            raise self._refusal("A question tells of one column besides the classes, not of two together.", fix=fix)

    def _modifiers(
        self, tree: Mapping[str, Any], outputs: tuple[Output, ...], resolver: Resolver
    ) -> tuple[tuple[tuple[int, bool], ...], int | None]:
        """Read ORDER BY and LIMIT, which are done to the protected answer."""
        order: list[tuple[int, bool]] = []
        limit: int | None = None
        for modifier in tree.get("modifiers", []):
            if modifier["type"] == "ORDER_MODIFIER":
                order = [self._ordered(item, outputs, resolver) for item in modifier["orders"]]
            elif modifier["type"] == "LIMIT_MODIFIER" and modifier.get("limit_type") == "ROW_COUNT":
                rows = modifier.get("limit", {})
                if "offset" in modifier or rows.get("class") != "CONSTANT" or rows["literal"]["kind"] != "INTEGER":
                    raise self._refusal("LIMIT takes a whole number here, and no OFFSET.")
                limit = int(rows["literal"]["text"])
            else:
                raise self._refusal("DISTINCT, OFFSET and shares of the rows are not offered here.")
        return tuple(order), limit

    def _ordered(self, item: Mapping[str, Any], outputs: tuple[Output, ...], resolver: Resolver) -> tuple[int, bool]:
        node, falling = item["expression"], item["type"] == "DESCENDING"
        if node["class"] == "CONSTANT" and node["literal"]["kind"] == "INTEGER":
            place = int(node["literal"]["text"]) - 1
            if 0 <= place < len(outputs):
                return place, falling
        elif node["class"] == "COLUMN_REF":
            wanted = self._aliased(node, outputs) or Column(*resolver.column(node))
            for place, output in enumerate(outputs):
                if output.of == wanted:
                    return place, falling
        raise self._refusal("ORDER BY takes columns of the answer here.", node, fix="Name it by its place or its name.")

    @staticmethod
    def _aliased(node: Mapping[str, Any], outputs: tuple[Output, ...]) -> Column | Statistic | None:
        """Find the output that a single name means."""
        names = [str(name).lower() for name in node["column_names"]]
        return next((output.of for output in outputs if len(names) == 1 and output.name.lower() == names[0]), None)

    def _offered(self) -> str:
        offers = [f"{alias} has the keys {', '.join(one.classes())}" for alias, (_, one) in self._called.items()]
        return f"{'; '.join(offers)}."

    def _refusal(self, message: str, node: Mapping[str, Any] | None = None, *, fix: str = FIX) -> QueryRefused:
        return refusal(self._statement.sql, Code.SHAPE_REFUSED, message, fix=fix, node=node)
