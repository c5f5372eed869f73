"""What an edition declares of its columns: which people are classed by, which are sensitive, which one links them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NUMBERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE"})
"""The engine's types that can be added up."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One table: each column's role, as in the evidence, and its type in the engine."""

    roles: Mapping[str, str]
    types: Mapping[str, str]

    @property
    def subject(self) -> str | None:
        """The column of tokens, where one is carried."""
        return next((name for name, role in self.roles.items() if role == "subject"), None)

    def named(self, name: str) -> str | None:
        """Give the column called *name*, whose case does not matter, as it is written in the edition."""
        return next((column for column in self.roles if column.lower() == name.lower()), None)

    def classes(self) -> list[str]:
        """Name the columns by which people are classed: only they can be asked for in WHERE."""
        return [name for name, role in self.roles.items() if role == "quasi_identifier"]

    def measures(self) -> list[str]:
        """Name the columns that can be added up."""
        others = ("sensitive_attribute", "insensitive")
        return [name for name, role in self.roles.items() if role in others and self.types[name] in NUMBERS]


def declared(published: Sequence[Mapping[str, Any]], columns: Sequence[tuple[str, str]]) -> Declared:
    """Read what the evidence says of a table's columns, with the engine's types of them."""
    types = dict(columns)
    roles = {str(entry["name"]): str(entry["role"]) for entry in published if entry["name"] in types}
    return Declared(roles, types)
