"""How far a column moved from one release to the next: the total variation distance of its two safe histograms.

The distance is half the sum of the changes of all shares: the share of rows that would have to say something else.
Nulls and the pool count as one value each. A value that crosses the limit into the pool moves by less than a class.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from anonymize.previews.trees import Tree

MOVERS = 3
Shares = dict[str, float]


def compared(old: Mapping[str, Any], new: Mapping[str, Any], lift: "Lift | None" = None) -> dict[str, Any] | None:
    """Give the distance of two columns of `figures` and their biggest movers; None where they cannot be compared."""
    if "histogram" not in old or "histogram" not in new or not (_weight(old) and _weight(new)):
        return None
    binned = {"numbers", "dates"}
    if (old["kind"] in binned) != (new["kind"] in binned) or (old["kind"] in binned and old["kind"] != new["kind"]):
        return None
    if old["kind"] in binned:
        before, after = _stretches(old, new)
    else:
        named = [_labels(column, step) for column, step in zip((old, new), lift or (None, None), strict=True)]
        if named[0] is None or named[1] is None:
            return None
        before, after = named[0], named[1]
    moved = {name: after.get(name, 0.0) - before.get(name, 0.0) for name in {**before, **after}}
    largest = sorted((name for name in moved if abs(moved[name]) > 1e-9), key=lambda name: (-abs(moved[name]), name))
    return {
        "distance": round(sum(map(abs, moved.values())) / 2, 6),
        "movers": [
            {"value": name, "old": round(before.get(name, 0.0), 6), "new": round(after.get(name, 0.0), 6)}
            for name in largest[:MOVERS]
        ],
    }


Step = tuple[Tree, int, int]
Lift = tuple[Step | None, Step | None]
"""Per side the tree, the level of its labels and the level to compare at, where they are not the same."""


def _weight(column: Mapping[str, Any]) -> int:
    found = column["histogram"]
    shown: int = sum(entry["count"] for entry in found["bins"])
    return shown + (column["nulls"] or 0) + (found["other"] or 0)


def _around(column: Mapping[str, Any]) -> Shares:
    """Give the shares of what is in no cell."""
    whole = _weight(column)
    return {"(null)": (column["nulls"] or 0) / whole, "(pooled)": (column["histogram"]["other"] or 0) / whole}


def _labels(column: Mapping[str, Any], step: Step | None) -> Shares | None:
    out, whole = _around(column), _weight(column)
    for entry in column["histogram"]["bins"]:
        label = entry["label"] if step is None else step[0].lifted(entry["label"], step[1], step[2])
        if label is None:
            return None
        out[label] = out.get(label, 0.0) + entry["count"] / whole
    return out


def _stretches(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Shares, Shares]:
    """Spread both histograms over the bins of the coarser one; a bin that straddles an edge counts as evenly filled."""
    coarser = min((old, new), key=lambda column: len(column["histogram"]["bins"]) or 1_000_000)
    bins = coarser["histogram"]["bins"]
    names = [f"[{entry['from']}, {entry['to']})" for entry in bins]
    edges = [_place(entry["from"]) for entry in bins] + [_place(entry["to"]) for entry in bins[-1:]]
    return _spread(old, edges, names), _spread(new, edges, names)


def _spread(column: Mapping[str, Any], edges: Sequence[float], names: Sequence[str]) -> Shares:
    out, whole = _around(column), _weight(column)
    for entry in column["histogram"]["bins"]:
        low, high, share = _place(entry["from"]), _place(entry["to"]), entry["count"] / whole
        cuts = [low, *(edge for edge in edges if low < edge < high), high]
        for start, stop in pairwise(cuts):
            place = bisect_right(edges, start)
            name = "(below)" if place == 0 else "(above)" if place == len(edges) else names[place - 1]
            out[name] = out.get(name, 0.0) + share * (stop - start) / (high - low)
    return out


def _place(edge: Any) -> float:
    return float(date.fromisoformat(edge).toordinal()) if isinstance(edge, str) else float(edge)
