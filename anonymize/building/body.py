"""The body of the evidence of a build: format 2, one part per edition."""

import platform
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any

from anonymize import evidence
from anonymize.building.loading import Loaded
from anonymize.building.nesting import Edition
from anonymize.building.treating import Treated
from policies import canonical
from policies.columns import Column, Role, Treatment
from policies.plan import Plan

KEYS = "release secret was held in memory only and is gone; operator attests deletion"
SHIFT_KEYS = "key of date shifts is kept in the dataset's custody by the steward; " + KEYS
SERIES_KEYS = (
    "keys of tokens and date shifts come from the seed of the series, which the steward holds; others are gone"
)
SERIES = {"grade": "pseudonymised", "key": "held by the steward"}
"""What a series is: whoever has the key can follow a subject through it."""


def keys_of(plan: Plan, *, kept: bool) -> str:
    """Say what became of the keys; *kept*: the dataset has a custody."""
    if plan.series is not None:
        return SERIES_KEYS
    dated = any(column.treatment is Treatment.DATE for column in plan.published)
    return SHIFT_KEYS if dated and kept else KEYS


def objections_of(subjects: int, group: int) -> str:
    """Say how many objected without saying it to the person: by whole groups of the largest class asked for."""
    first = subjects // group * group
    return f"{first} to {first + group - 1} subjects"


def body_of(
    plan: Plan,
    at: datetime,
    loaded: Loaded,
    editions: Mapping[str, Any],
    *,
    quality: Mapping[str, Any],
    standardised: Mapping[str, Any],
    trees: Mapping[str, Any],
    join: Mapping[str, Any],
    previous: Mapping[str, Any] | None = None,
    objections: str | None = None,
    keys: str,
) -> dict[str, Any]:
    """Put the body together."""
    return {
        "format": evidence.FORMAT,
        "dataset": plan.dataset,
        "created_at": at,
        "plan": plan.told(),
        "plan_hash": canonical.digest(plan.told()),
        "source": {"sha256": loaded.sha256, "rows": loaded.rows, "columns": list(loaded.columns)},
        "quality": dict(quality),
        "standardised": dict(standardised),
        "editions": dict(sorted(editions.items())),
        "trees": dict(trees),
        "join": dict(join),
        "previous": None if previous is None else dict(previous),
        "objections": objections,
        "series": None if plan.series is None else {"name": plan.series, **SERIES},
        "keys": keys,
        "attacks": "not run",
        "recomputable": list(evidence.RECOMPUTABLE),
        "attested": list(evidence.ATTESTED),
        "tools": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("cryptography", "duckdb", "numpy", "pyarrow")},
        },
    }


def describe(edition: Edition, treated: Treated, *, small: int) -> dict[str, Any]:
    """Give an edition's part of the body, but for the files and the risk; fewer removals than *small* are not told."""
    found = edition.optimum
    quasi = edition.carries(Role.QUASI_IDENTIFIER)
    texts = any(column.treatment is Treatment.REDACT for column in edition.columns)
    removed = sorted(treated.removed.items()) if texts else []
    return {
        "profile": canonical.plain(edition.profile),
        "published": [_described(column, edition, treated) for column in edition.columns],
        "node": {column.published_as: level for column, level in zip(quasi, found.node, strict=True)},
        "search": {
            "nodes": found.nodes,
            "checks": found.checks,
            "seconds": round(found.seconds, 3),
            "loss": found.loss,
        },
        "suppression": {
            "rows": edition.suppressed,
            "classes": found.suppressed_classes,
            "classes_kept": found.classes,
            "limit": edition.profile.suppression_limit,
            "waiting": edition.waiting,
        },
        "text_removals": {kind: count if count >= small else f"fewer than {small}" for kind, count in removed},
    }


def _described(column: Column, edition: Edition, treated: Treated) -> dict[str, Any]:
    done = treated.generalised.get(column.name)
    told = {
        "name": column.published_as,
        "role": column.role,
        "treatment": column.treatment,
        "level": edition.levels[column.name],
        "levels": None if done is None else done.hierarchy.levels,
    }
    return told | ({"withheld": list(column.withheld)} if column.withheld else {})
