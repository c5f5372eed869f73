"""What differs in risk, in the thresholds of profiles and in the plan, and whether it became weaker."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from policies.plan import DATE_LEVELS

Entry = dict[str, Any]

_LOWER_IS_WEAKER = frozenset({"minimum_class_size", "minimum_l", "population_floor", "k", "l"})


def risk(edition: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Entry]:
    """List what was measured otherwise: k, l, t and prosecutor risk after the treatment."""
    before, after = (_measured(side["risk"]["after"]) for side in (old, new))
    for what in dict.fromkeys([*before, *after]):
        was, now = before.get(what), after.get(what)
        if not _alike(was, now):
            yield _entry(edition, what, was, now, concern=_weaker(what.split()[0], was, now))


def profile(edition: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Entry]:
    """List the thresholds that changed, but for the words on where they come from."""
    before, after = _flat(old["profile"]), _flat(new["profile"])
    for what in sorted({*before, *after} - {"source"}):
        was, now = before.get(what), after.get(what)
        if not _alike(was, now):
            yield _entry(edition, f"threshold {what}", was, now, concern=_weaker(what, was, now))


def _flat(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Give the ceilings of what an audit of texts may find beside the other thresholds, one for each type."""
    ceilings = profile.get("maximum_residual", {})
    plain = {what: value for what, value in profile.items() if what != "maximum_residual"}
    return plain | {f"maximum_residual of {kind}": ceiling for kind, ceiling in ceilings.items()}


def plan(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Entry]:
    """List what the two plans say otherwise; of tables of values only how many entries changed."""
    for what in sorted({*old, *new} - {"column"}):
        # a later release has another source: that is its point
        yield from _said("plan", what, old.get(what), new.get(what), concern=what != "source")
    before = {column["name"]: column for column in old["column"]}
    after = {column["name"]: column for column in new["column"]}
    for name in dict.fromkeys([*after, *before]):
        if name not in before or name not in after:
            word = "added" if name in after else "removed"
            yield _entry("plan", f"column {name}", None if word == "added" else "there", word, concern=True)
            continue
        for what in sorted({*before[name], *after[name]}):
            yield from _said("plan", f"column {name}: {what}", before[name].get(what), after[name].get(what))


def _measured(found: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {"k": found["k"], "prosecutor risk": found["prosecutor_risk"]}
    out |= {f"l of {name}": value["distinct"] for name, value in found["l"].items()}
    for name, value in found["t"].items():
        out[f"t of {name}"] = value["equal"] if value["ordered"] is None else value["ordered"]
    return out


def _said(where: str, what: str, was: Any, now: Any, *, concern: bool = True) -> Iterator[Entry]:
    if was == now:
        return
    if isinstance(was, Mapping) or isinstance(now, Mapping):
        before, after = (value if isinstance(value, Mapping) else {} for value in (was, now))
        changed = sum(before.get(key) != after.get(key) for key in {*before, *after})
        yield _entry(where, what, f"{len(before)} entries", f"{len(after)} entries, {changed} changed", concern=concern)
        return
    yield _entry(where, what, was, now, concern=concern)


def _weaker(what: str, was: Any, now: Any) -> bool:
    """Whether a figure moved to the side of more risk; what appears or goes asks for a look as well."""
    if was is None or now is None:
        return True
    if what == "finest_date":
        return DATE_LEVELS.index(now) < DATE_LEVELS.index(was)
    if isinstance(was, str | list | tuple):
        return True
    return bool(now < was) if what in _LOWER_IS_WEAKER else bool(now > was)


def _alike(was: Any, now: Any) -> bool:
    if isinstance(was, float | int) and isinstance(now, float | int):
        return math.isclose(was, now, rel_tol=1e-9, abs_tol=1e-12)
    return bool(was == now)


def _entry(where: str, what: str, old: Any, new: Any, *, concern: bool) -> Entry:
    return {"where": where, "what": what, "old": old, "new": new, "concern": concern}
