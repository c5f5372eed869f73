"""Put the values of a statement's parameters in their places, where the gate judges them as what they are."""

from collections.abc import Mapping
from typing import Any, Final, cast

from market.query.errors import Code
from market.query.statements.bounds import PLACES, Bounds
from market.query.statements.parameters import Parameters, literal

_PARAMETER_KEYS: Final = PLACES | {"class", "type", "alias", "identifier"}


class Filling:
    """The values of one statement, and which of them it has taken."""

    def __init__(self, parameters: Parameters, bounds: Bounds) -> None:
        self._parameters = parameters
        self._bounds = bounds
        self._taken: set[str] = set()

    def fill(self, node: Mapping[str, Any]) -> None:
        """Put the value of a parameter in its place; the tree is ours alone."""
        if node["class"] != "PARAMETER":
            return
        name = str(node["identifier"]).lower()
        if name not in self._parameters:
            self._bounds.refuse(
                Code.PARAMETER_REFUSED,
                "A parameter (?, $1 or $name) has no value here.",
                "Give its value with the statement, or write it in its place.",
                node,
            )
        self._bounds.keys(node, _PARAMETER_KEYS, "parameter", node)
        self._taken.add(name)
        kept = {key: node[key] for key in ("alias", *PLACES) if key in node}
        place = cast(dict[str, Any], node)
        place.clear()
        place.update(literal(self._parameters[name]), **kept)

    def check_taken(self) -> None:
        """Refuse values for which the statement has no parameter."""
        if left := sorted(self._parameters.keys() - self._taken):
            self._bounds.refuse(
                Code.PARAMETER_REFUSED,
                f"The statement has no parameter {left[0]}.",
                "Give values for the parameters it has, and no others.",
            )
