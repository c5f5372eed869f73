"""One column in a setting of its own: what the tests of the transforms share."""

from typing import Any

import pyarrow as pa

from anonymize.transform.keys import ReleaseSecret
from anonymize.transform.outcome import Generalised, Setting
from anonymize.transform.registry import transform
from policies import profile
from policies.plan import Column, Plan

SECRET = ReleaseSecret(bytes(range(32)))


def setting(
    column: dict[str, Any],
    source: dict[str, list[str | None]],
    *,
    under: str = "enclave",
    population: dict[str, int] | None = None,
    secret: ReleaseSecret = SECRET,
) -> tuple[Column, Setting]:
    """Put *column* into a plan over *source*; other columns are dropped, `id` is the subject."""
    rows = len(next(iter(source.values())))
    source = {"id": [f"P{row}" for row in range(rows)], **source}
    named = {"role": "quasi_identifier", **column}
    others = [
        {"name": n, "role": "direct_identifier", "treatment": "drop"} for n in source if n not in ("id", named["name"])
    ]
    subject = {"name": "id", "role": "subject", "treatment": "token"}
    raw: dict[str, Any] = {"dataset": "d", "profile": under, "column": [subject, named, *others]}
    if named["name"] == "id":
        raw["column"] = [named, *others]
    if population is not None:
        raw["population"] = {"source": "a test", "figures": population}
    plan = Plan.from_dict(raw)
    table = pa.table({name: pa.array(values, pa.string()) for name, values in source.items()})
    chosen = next(c for c in plan.columns if c.name == named["name"])
    return chosen, Setting(plan=plan, profile=profile.load(under), source=table, secret=secret)


def levels(column: dict[str, Any], source: dict[str, list[str | None]], **more: Any) -> list[list[Any]]:
    """Give, per row, what is published at each level from the finest allowed to the root."""
    done = transform(*setting(column, source, **more))
    assert isinstance(done, Generalised)
    by_level = [done.at(level).to_pylist() for level in range(done.lowest, done.hierarchy.levels)]
    return [list(row) for row in zip(*by_level, strict=True)]
