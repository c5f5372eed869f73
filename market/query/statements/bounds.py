"""What every look at a statement keeps to: its depth, its parts, no key that is not known; and how it is refused."""

from collections.abc import Mapping
from typing import Any, Final, NoReturn

from market.query.errors import Code, QueryRefused
from market.query.statements.parser import character

MAX_DEPTH: Final = 120
MAX_NODES: Final = 20_000
PLACES: Final = frozenset({"query_location", "query_location_length"})
"""Where in the text a node stands."""
FIX_SELECT: Final = "Use plain SELECT, FROM, JOIN, WHERE, GROUP BY, ORDER BY, WITH and set operations."
_NO_PLACE: Final = 2**63


class Bounds:
    """The bounds of one statement."""

    def __init__(self, sql: str) -> None:
        self._text = sql.encode()
        self._nodes = 0

    def enter(self, node: Mapping[str, Any], allowed: frozenset[str], kind: str, depth: int) -> None:
        """Count a node in, and insist that it holds nothing but what is *allowed*."""
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            self.refuse(
                Code.TOO_COMPLEX,
                "The statement is nested too deeply or has too many parts.",
                "Name the inner parts with WITH, or ask in several statements.",
                node,
            )
        self.keys(node, allowed, kind, node)

    def keys(
        self, node: Mapping[str, Any], allowed: frozenset[str], kind: str, place: Mapping[str, Any] | None
    ) -> None:
        """Insist that a node holds nothing but what is *allowed*."""
        if not node.keys() <= allowed:
            extra = min(node.keys() - allowed)
            self.refuse(Code.CONSTRUCT_REFUSED, f"{plain(extra)} is not offered with {plain(kind)}.", FIX_SELECT, place)

    def refuse(self, code: Code, message: str, fix: str, node: Mapping[str, Any] | None = None) -> NoReturn:
        """Refuse the statement, at the place in its text where *node* stands."""
        place = int((node or {}).get("query_location", _NO_PLACE))
        position = character(self._text, place) if place <= len(self._text) else None
        raise QueryRefused(code, message, fix=fix, position=position)


def plain(kind: str) -> str:
    """Name a kind of node as its author would."""
    return kind.removesuffix("_NODE").removesuffix("_REF").replace("_", " ").upper()
