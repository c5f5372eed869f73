"""Conditions of a guarded question: columns by which people are classed, against literals of the column's own type.

A condition is written anew from what was read, never passed on as text. A literal of another type is refused here: the
engine would turn each hidden value into it, and fail on some, which tells of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from market.query.aggregates.declared import NUMBERS, Declared
from market.query.aggregates.refusing import refusal
from market.query.errors import Code, QueryRefused
from market.query.statements.lineage import quoted

MAX_DEPTH = 20
MAX_PARTS = 1000
OPERATORS = {
    "COMPARE_EQUAL": "=",
    "COMPARE_NOTEQUAL": "<>",
    "COMPARE_LESSTHAN": "<",
    "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_GREATERTHAN": ">",
    "COMPARE_GREATERTHANOREQUALTO": ">=",
}
MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
FIX = "Compare a class column with literals: =, <>, <, <=, >, >=, IN, BETWEEN, IS NULL, joined by AND, OR and NOT."


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as it will be asked: SQL of our own making."""

    sql: str


@dataclass(slots=True)
class Resolver:
    """Finds columns by the names that the question gives its tables."""

    sql: str
    called: Mapping[str, tuple[str, Declared]]
    parts: int = 0

    def column(self, node: Mapping[str, Any]) -> tuple[str, str]:
        """Give the table, as it is called, and the column that *node* names."""
        names = [str(name) for name in node["column_names"]]
        if len(names) == 1:
            found = [(alias, column) for alias, (_, one) in self.called.items() if (column := one.named(names[0]))]
            if len(found) == 1 or (found and all(self.called[alias][1].subject == column for alias, column in found)):
                return found[0]  # the subject is one, in whichever table
            if found:
                raise self.refusal(f"{names[0]} is a column of several tables.", node, fix="Write: table.column.")
        elif len(names) == 2 and names[0].lower() in self.called:
            column = self.called[names[0].lower()][1].named(names[1])
            if column is not None:
                return names[0].lower(), column
        offer = "; ".join(f"{alias} has {', '.join(one.roles)}" for alias, (_, one) in self.called.items())
        raise refusal(
            self.sql, Code.UNKNOWN_COLUMN, "A column is named that no table here has.", fix=f"{offer}.", node=node
        )

    def refusal(self, message: str, node: Mapping[str, Any], *, fix: str = FIX) -> QueryRefused:
        """Give the refusal of a part of the condition."""
        return refusal(self.sql, Code.SHAPE_REFUSED, message, fix=fix, node=node)


def read(node: Mapping[str, Any], resolver: Resolver) -> Condition:
    """Read a WHERE clause."""
    return Condition(_read(node, resolver, 0))


def _read(node: Mapping[str, Any], resolver: Resolver, depth: int) -> str:
    resolver.parts += 1
    if depth > MAX_DEPTH or resolver.parts > MAX_PARTS:
        raise refusal(
            resolver.sql, Code.TOO_COMPLEX, "The condition has too many parts.", fix="Ask in parts.", node=node
        )
    kind = node["type"]
    if kind in ("CONJUNCTION_AND", "CONJUNCTION_OR"):
        word = " AND " if kind == "CONJUNCTION_AND" else " OR "
        return f"({word.join(_read(child, resolver, depth + 1) for child in node['children'])})"
    if kind == "OPERATOR_NOT":
        return f"(NOT {_read(node['children'][0], resolver, depth + 1)})"
    if kind in ("OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL"):
        written, _ = _class(node["children"][0], resolver)
        return f"({written} IS {'NOT ' if kind == 'OPERATOR_IS_NOT_NULL' else ''}NULL)"
    if kind in OPERATORS:
        operator = OPERATORS[kind]
        left, right = node["left"], node["right"]
        if left["class"] != "COLUMN_REF":
            left, right, operator = right, left, MIRRORED[operator]
        written, type_ = _class(left, resolver)
        return f"({written} {operator} {_literal(right, type_, resolver)})"
    if kind == "COMPARE_BETWEEN":
        written, type_ = _class(node["input"], resolver)
        low, high = (_literal(node[bound], type_, resolver) for bound in ("lower", "upper"))
        return f"({written} BETWEEN {low} AND {high})"
    if kind in ("COMPARE_IN", "COMPARE_NOT_IN"):
        written, type_ = _class(node["children"][0], resolver)
        listed = ", ".join(_literal(child, type_, resolver) for child in node["children"][1:])
        resolver.parts += len(node["children"])
        return f"({written} {'NOT ' if kind == 'COMPARE_NOT_IN' else ''}IN ({listed}))"
    raise resolver.refusal("This condition is not offered here.", node)


def _class(node: Mapping[str, Any], resolver: Resolver) -> tuple[str, str]:
    """Give a column by which people are classed, as SQL, and its type."""
    if node["class"] != "COLUMN_REF":
        raise resolver.refusal("A condition is on a plain column here.", node)
    table, name = resolver.column(node)
    declared = resolver.called[table][1]
    if declared.roles[name] != "quasi_identifier":
        offered = ", ".join(declared.classes()) or "none"
        message = f"{name} cannot be a condition: people are not classed by it."
        raise resolver.refusal(message, node, fix=f"Conditions may be on: {offered}.")
    return f"{quoted(table)}.{quoted(name)}", declared.types[name]


def _literal(node: Mapping[str, Any], type_: str, resolver: Resolver) -> str:
    """Write a literal that fits a column of *type_*."""
    inner = node["child"] if node["class"] == "CAST" and not node.get("try_cast") else node
    if inner["class"] != "CONSTANT":
        raise resolver.refusal("A condition compares with a literal here.", node)
    literal = inner["literal"]
    kind, text = str(literal["kind"]), str(literal.get("text", ""))
    try:
        if type_ == "VARCHAR" and kind == "STRING" and inner is node and "\0" not in text:
            return "'" + text.replace("'", "''") + "'"
        if type_ in NUMBERS and kind in ("INTEGER", "NUMERIC") and inner is node:
            number = Decimal(text)
            if number.is_finite() and abs(number.adjusted()) < 30:
                return format(number, "f")
        if type_ == "DATE" and kind == "STRING":
            return f"DATE '{date.fromisoformat(text).isoformat()}'"
        if type_ == "BOOLEAN" and kind in ("TRUE", "FALSE", "BOOLEAN"):
            return "TRUE" if (text or kind).lower() in ("true", "t") else "FALSE"
    except (ValueError, ArithmeticError):
        pass
    raise resolver.refusal(
        "A literal is not of its column's type.", node, fix=f"The column is {type_}; write such a literal."
    )
