"""Say which part of a statement is refused, with its place in the text."""

from collections.abc import Mapping
from typing import Any

from market.query.errors import Code, QueryRefused
from market.query.statements.parser import character

_NO_PLACE = 2**63


def refusal(sql: str, code: Code, message: str, *, fix: str, node: Mapping[str, Any] | None = None) -> QueryRefused:
    """Give the refusal of what stands at *node* of the parser's tree."""
    place, text = int((node or {}).get("query_location", _NO_PLACE)), sql.encode()
    return QueryRefused(code, message, fix=fix, position=character(text, place) if place <= len(text) else None)
