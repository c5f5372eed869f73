"""What differs between two releases of a dataset: schema, counts, distributions, risk and plan.

It is read from the two evidence bodies and from what is published of their open editions; no file is opened. Each
entry says whether it asks for a steward's attention: `concern` where something became finer, weaker or riskier.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from anonymize.previews import distance, thresholds
from anonymize.previews.statistics import OPEN, by_fineness
from anonymize.previews.trees import Tree

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """One release: its evidence body, and its statistics where a preview was made and is still there."""

    body: Mapping[str, Any]
    statistics: Mapping[str, Any] | None = None


def differences(old: Version, new: Version) -> dict[str, Any]:
    """Compare two releases; sections without a difference are empty, and `same` says whether all are."""
    shared = [name for name in by_fineness(new.body) if name in old.body["editions"]]
    pairs = [(name, old.body["editions"][name], new.body["editions"][name]) for name in shared]
    moved, why, uncompared = _distributions(old, new)
    out: dict[str, Any] = {
        "schema": [*_editions(old, new), *(entry for pair in pairs for entry in _schema(*pair))],
        "counts": [*_source(old, new), *(entry for pair in pairs for entry in _counts(*pair))],
        "risk": [entry for name, before, after in pairs for entry in thresholds.risk(name, before, after)],
        "plan": [
            *(entry for name, before, after in pairs for entry in thresholds.profile(name, before, after)),
            *thresholds.plan(old.body["plan"], new.body["plan"]),
        ],
        "distributions": moved,
        "uncompared": uncompared,
        "why_no_distributions": why,
    }
    out["same"] = not any(out[section] for section in ("schema", "counts", "risk", "plan", "distributions"))
    return out


def change(where: str, what: str, old: Any, new: Any, *, concern: bool) -> Entry:
    """Make an entry."""
    return {"where": where, "what": what, "old": old, "new": new, "concern": concern}


def _editions(old: Version, new: Version) -> Iterator[Entry]:
    before, after = set(old.body["editions"]), set(new.body["editions"])
    for name in sorted(after - before):
        yield change(name, "edition", None, "added", concern=True)
    for name in sorted(before - after):
        yield change(name, "edition", "there", "removed", concern=True)


def _schema(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Entry]:
    before = {column["name"]: column for column in old["published"]}
    after = {column["name"]: column for column in new["published"]}
    for column in (column for column in after if column not in before):
        yield change(name, f"column {column}", None, "added", concern=True)
    for column in (column for column in before if column not in after):
        yield change(name, f"column {column}", "there", "removed", concern=True)
    for column in (column for column in after if column in before):
        for key in ("role", "treatment", "level", "levels"):
            was, now = before[column][key], after[column][key]
            if was != now:
                finer = key != "level" or was is None or now is None or now < was
                yield change(name, f"column {column}: {key}", was, now, concern=finer)


def _source(old: Version, new: Version) -> Iterator[Entry]:
    if old.body["source"]["rows"] != new.body["source"]["rows"]:
        yield change("source", "rows", old.body["source"]["rows"], new.body["source"]["rows"], concern=False)


def _counts(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Entry]:
    before, after = (sum(file["rows"] for file in edition["files"]) for edition in (old, new))
    if before != after:
        yield change(name, "rows", before, after, concern=after < before)
    for key, word in (("rows", "suppressed rows"), ("classes", "suppressed classes"), ("classes_kept", "classes")):
        was, now = old["suppression"].get(key), new["suppression"].get(key)
        if was != now:
            yield change(name, word, was, now, concern=False)


def _distributions(old: Version, new: Version) -> tuple[list[Entry], str | None, list[str]]:
    """Compare each column that both open editions carry; the biggest movement first."""
    before, after = (_shown(version) for version in (old, new))
    if before is None or after is None:
        which = "Neither" if before is after else "The old" if before is None else "The new"
        return [], f"{which} release shows {'' if which == 'Neither' else 'no '}statistics of an open edition.", []
    moved, uncompared = [], []
    for name in (name for name in after if name in before):
        if before[name]["kind"] == after[name]["kind"] == "hidden":
            continue
        found = distance.compared(before[name], after[name], _lift(name, old, new))
        if found is None:
            uncompared.append(name)
        elif found["distance"] > 0:
            moved.append({"column": name, **found})
    return sorted(moved, key=lambda entry: (-entry["distance"], entry["column"])), None, uncompared


def _shown(version: Version) -> dict[str, Any] | None:
    found = version.statistics["open"] if version.statistics else None
    return {column["name"]: column for column in found["columns"]} if found else None


def _lift(name: str, old: Version, new: Version) -> distance.Lift | None:
    """Say how the finer side is brought to the level of the coarser one, by the tree of its own evidence."""
    was, now = (_level(version, name) for version in (old, new))
    if was is None or now is None or was == now:
        return None
    finer = old if was < now else new
    if name not in finer.body["trees"]:
        return None
    step = (Tree.of(finer.body["trees"][name]), min(was, now), max(was, now))
    return (step, None) if finer is old else (None, step)


def _level(version: Version, name: str) -> int | None:
    found: int | None = next(
        column["level"] for column in version.body["editions"][OPEN]["published"] if column["name"] == name
    )
    return found
