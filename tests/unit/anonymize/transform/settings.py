"""One column in a source of its own, treated as a build does: what the tests of the transforms share."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from anonymize.building.loading import load
from anonymize.building.scratch import Scratch
from anonymize.building.treating import Treated, setting_of, treat
from anonymize.transform.keys import ReleaseSecret
from anonymize.transform.registry import check_kept, fixed, floor
from policies import profile
from policies.plan import Column, Plan

SECRET = ReleaseSecret(bytes(range(32)))
Source = dict[str, list[str | None]]


class Rows:
    """A source that is in memory."""

    def __init__(self, source: Source) -> None:
        self._table = pa.table({name: pa.array(values, pa.string()) for name, values in source.items()})
        self.columns, self.rows, self.sha256 = tuple(source), self._table.num_rows, "0" * 64

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        return iter(self._table.to_batches(max_chunksize=3))


@contextmanager
def treated(
    column: dict[str, Any],
    source: Source,
    *,
    under: str = "enclave",
    population: dict[str, int] | None = None,
    secret: ReleaseSecret = SECRET,
) -> Iterator[tuple[Scratch, Column, Treated]]:
    """Put *column* into a plan over *source* and treat it; other columns are dropped, `id` is the subject."""
    rows = len(next(iter(source.values())))
    source = {"id": [f"P{row}" for row in range(rows)], **source}
    named = {"role": "quasi_identifier", **column}
    others = [
        {"name": n, "role": "direct_identifier", "treatment": "drop"} for n in source if n not in ("id", named["name"])
    ]
    subject = {"name": "id", "role": "subject", "treatment": "drop"}
    raw: dict[str, Any] = {"dataset": "d", "profiles": [under], "column": [subject, named, *others]}
    if named["name"] == "id":
        raw["column"] = [named, *others]
    if population is not None:
        raw["population"] = {"source": "a test", "figures": population}
    plan = Plan.from_dict(raw)
    chosen = next(c for c in plan.columns if c.name == named["name"])
    check_kept(chosen, profile.load(under))
    with tempfile.TemporaryDirectory() as folder, Scratch(Path(folder)) as scratch:
        loaded = load(scratch, Rows(source), plan, (under,), secret)
        setting = setting_of(plan, (profile.load(under),))
        done = treat(scratch, plan, loaded, setting, secret, profiles=(under,), tell=lambda _: None)
        if chosen.name in done.generalised:
            fixed(chosen, done.generalised[chosen.name], profile.load(under))
        scratch.run("CREATE VIEW ordered AS SELECT work.* FROM work JOIN raw ON work.d0 = raw.d0 ORDER BY raw.n")
        yield scratch, chosen, done


def values(column: dict[str, Any], source: Source, **more: Any) -> list[Any]:
    """Give, per row, the final value of a column that is not generalised."""
    with treated(column, source, **more) as (scratch, chosen, done):
        name = "k0" if chosen.treatment == "token" else done.value(chosen)
        return [row[0] for row in scratch.rows(f"SELECT {name} FROM ordered")]


def levels(column: dict[str, Any], source: Source, **more: Any) -> list[list[Any]]:
    """Give, per row, what is published at each level from the finest allowed to the root."""
    with treated(column, source, **more) as (scratch, chosen, done):
        leaf = pa.array([row[0] for row in scratch.rows(f"SELECT {done.value(chosen)} FROM ordered")])
        tree = done.generalised[chosen.name]
        lowest = floor(chosen, profile.load(more.get("under", "enclave")))
        by_level = [tree.labels(level).take(leaf).to_pylist() for level in range(lowest, tree.hierarchy.levels)]
        return [list(row) for row in zip(*by_level, strict=True)]
