"""What an attacker may hold: a rendering, its columns, and the trees that make labels of two levels comparable."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anonymize.errors import AnonymizeError

ROOT = "*"
Parents = dict[str, dict[str, str]]
"""Level, as text → label → label of its parent one level up."""


class LinkageError(AnonymizeError):
    """Renderings cannot be compared, so the risk of holding them together cannot be measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """One edition, cut, or table of classes, as it was published.

    A table of classes stands in for an edition whose bytes are erased: it carries the quasi-identifiers alone.
    """

    name: str
    files: tuple[Path, ...]
    published: Sequence[Mapping[str, Any]]
    """As in the evidence: name, role and level of each column carried."""
    trees: Mapping[str, Any] = field(default_factory=dict)
    """As in the evidence: the parents of published labels, per column and level."""
    minimum_class_size: int = 0
    """The k its profile asks for."""

    def levels(self) -> dict[str, int | None]:
        """Give the level of each column but the token; None for a column that is kept as it is."""
        return {entry["name"]: entry.get("level") for entry in self.published if entry["role"] != "subject"}

    def quasi_identifiers(self) -> list[str]:
        """Name the quasi-identifiers it carries."""
        return [entry["name"] for entry in self.published if entry["role"] == "quasi_identifier"]

    @property
    def token(self) -> str | None:
        """The column of tokens, where one is published."""
        return next((entry["name"] for entry in self.published if entry["role"] == "subject"), None)


def finest(renderings: Sequence[Rendering]) -> Rendering:
    """Choose the viewpoint: the smallest k asked for, then the finest levels, then the first given.

    Levels are added up, a quasi-identifier that is not carried counting as its root: what is finer in every column
    then always comes first.
    """
    tops: dict[str, int] = {}
    for rendering in renderings:
        for name in rendering.quasi_identifiers():
            tops[name] = max(tops.get(name, 0), top_of(rendering.trees, name), rendering.levels()[name] or 0)

    def coarseness(rendering: Rendering) -> tuple[int, int]:
        levels = {name: rendering.levels()[name] or 0 for name in rendering.quasi_identifiers()}
        return rendering.minimum_class_size, sum(levels.get(name, top) for name, top in tops.items())

    return min(renderings, key=coarseness)


def top_of(trees: Mapping[str, Any], name: str) -> int:
    """Give the level of the root of a column's tree; 0 where there is no tree."""
    return int(trees[name]["levels"]) - 1 if name in trees else 0


@dataclass(frozen=True, slots=True)
class Forest:
    """The trees of several renderings, merged."""

    tops: Mapping[str, int]
    parents: Mapping[str, Parents]

    @classmethod
    def merge(cls, renderings: Iterable[Rendering]) -> "Forest":
        """Join what each rendering says of a column into one tree.

        Raises:
            LinkageError: two renderings give a label another parent, or a column another number of levels.
        """
        tops: dict[str, int] = {}
        parents: dict[str, Parents] = {}
        torn = set()
        for rendering in renderings:
            for name, tree in rendering.trees.items():
                if tops.setdefault(name, int(tree["levels"]) - 1) != int(tree["levels"]) - 1:
                    torn.add(name)
                for level, above in tree["parents"].items():
                    known = parents.setdefault(name, {}).setdefault(level, {})
                    if any(known.setdefault(label, parent) != parent for label, parent in above.items()):
                        torn.add(name)
        if torn:
            raise LinkageError(
                f"columns {', '.join(map(repr, sorted(torn)))}",
                "have other hierarchies than in what is published",
                fix="Build with the hierarchy of the published releases, or withdraw those that have another.",
            )
        return cls(tops, parents)

    def lift(self, name: str, level: int, to: int) -> dict[str, str] | None:
        """Map the labels of *level* to those of level *to*; None where everything becomes the root."""
        if to > level and to >= self.tops.get(name, to + 1):
            return None
        steps = [self.parents.get(name, {}).get(str(step), {}) for step in range(level, to)]
        lifted = {}
        for label in steps[0] if steps else ():
            above: str | None = label
            for step in steps:
                above = None if above is None else step.get(above)
            if above is not None:
                lifted[label] = above
        return lifted
