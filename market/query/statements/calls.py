"""The calls and casts of a statement: only functions and types that our lists name, and no size without a bound."""

from collections.abc import Mapping
from typing import Any

from market.query.errors import Code
from market.query.statements import grammar
from market.query.statements.bounds import Bounds
from market.query.statements.functions import judge
from market.query.statements.sizes import MAX_SIZE, SIZED


def check_call(node: Mapping[str, Any], bounds: Bounds, *, makes_rows: bool) -> None:
    """Insist that a function is offered, by its plain name, for that many arguments, and for a size within bounds."""
    name = str(node["function_name"])
    bounds.keys(node["qualified_name"], grammar.PARTS["qualified_name"], "function", node)
    if node["qualified_name"]["path"] != [name] or "schema" in node or "catalog" in node or node.get("export_state"):
        bounds.refuse(
            Code.FUNCTION_REFUSED,
            "A function is named with a schema, or asked for its raw state.",
            "Call it by its plain name.",
            node,
        )
    arguments = [argument["expression"] for argument in node.get("arguments", [])]
    if not (name.lower() in grammar.BOUND_BY_SYNTAX and not makes_rows):
        verdict = judge(name, len(arguments), makes_rows=makes_rows)
        what = "table function" if makes_rows else "function"
        if verdict is None:
            bounds.refuse(
                Code.FUNCTION_UNKNOWN,
                f"This {what} is not in the list of known functions.",
                "Check the spelling; the help page lists the functions offered.",
                node,
            )
        if not verdict.allowed:
            bounds.refuse(
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
            bounds.refuse(
                Code.SIZE_REFUSED,
                f"{name}() needs its size as a literal of at most {MAX_SIZE}.",
                "Write the number itself, and ask for less; widths in a format may be at most 10000.",
                node,
            )


def check_type(node: Mapping[str, Any], bounds: Bounds) -> None:
    """Insist that a cast names a plain type."""
    if node["type_name"].lower() not in grammar.TYPES or len(node["qualified_name"]["path"]) != 1:
        bounds.refuse(
            Code.TYPE_REFUSED,
            "A cast names a type that is not offered.",
            "Use a plain type such as VARCHAR, INTEGER, DECIMAL(p, s), DATE or TIMESTAMP.",
            node,
        )
