"""The trees of published columns, as far as anything published stands in them: they make levels comparable."""

from collections.abc import Iterable, Mapping
from typing import Any

from anonymize.kanonymity.hierarchies import Hierarchy


def tree(hierarchy: Hierarchy, finest: int, leaves: Iterable[int]) -> dict[str, Any]:
    """Give the parents of the labels that *leaves* have at level *finest* and above; null has none.

    What was suppressed in the finest edition is not among *leaves*, and so no part of the tree tells of it.
    """
    shown = sorted(leaves)
    parents: dict[str, Mapping[str, str | None]] = {}
    for level in range(finest, hierarchy.top):
        here, above = hierarchy.labels[level], hierarchy.labels[level + 1]
        pairs = {here[hierarchy.codes[level][leaf]]: above[hierarchy.codes[level + 1][leaf]] for leaf in shown}
        parents[str(level)] = {
            label: parent for label, parent in sorted(pairs.items(), key=_order) if label is not None
        }
    return {"levels": hierarchy.levels, "finest": finest, "parents": parents}


def _order(pair: tuple[str | None, str | None]) -> str:
    return pair[0] or ""
