"""The columns of a release: their role and treatment, and how each edition carries them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from market.web.views.bodies import Body, editions_in


@dataclass(frozen=True, slots=True)
class Carried:
    """How one edition carries a column."""

    profile: str
    there: bool
    level: int | None = None
    coarsest: int | None = None
    """The last level of the hierarchy; level 0 is the finest."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the source, published or removed."""

    name: str
    role: str
    treatment: str
    type: str
    carried: tuple[Carried, ...]

    @property
    def removed(self) -> bool:
        """Say whether no edition carries it."""
        return not any(each.there for each in self.carried)


def columns(body: Body, statistics: Mapping[str, Any] | None) -> list[Column]:
    """List the columns as the finest edition orders them; those that no edition carries come last."""
    editions = editions_in(body)
    shown = {profile: {column["name"]: column for column in told["published"]} for profile, told in editions.items()}
    published = {name: column for by_name in reversed(shown.values()) for name, column in by_name.items()}
    order = dict.fromkeys(name for by_name in shown.values() for name in by_name)
    types = _types(statistics)
    out = [
        Column(
            name,
            published[name]["role"],
            published[name]["treatment"],
            types.get(name, ""),
            tuple(_carried(profile, by_name.get(name)) for profile, by_name in shown.items()),
        )
        for name in order
    ]
    nowhere = tuple(Carried(profile, there=False) for profile in shown)
    removed = (said for said in body["plan"].get("column", ()) if said.get("output", said["name"]) not in order)
    return out + [Column(said["name"], said["role"], said["treatment"], "", nowhere) for said in removed]


def _carried(profile: str, column: Mapping[str, Any] | None) -> Carried:
    if column is None:
        return Carried(profile, there=False)
    levels = column.get("levels")
    return Carried(profile, True, column.get("level"), None if levels is None else levels - 1)


def _types(statistics: Mapping[str, Any] | None) -> dict[str, str]:
    editions = reversed(statistics["editions"]) if statistics else ()
    return {column["name"]: column["type"] for edition in editions for column in edition["columns"]}
