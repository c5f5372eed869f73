"""The gate: risk measured on the files as written, by code that did not write them, and judged. It fails closed."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from anonymize.building.classes import ROOM
from anonymize.building.nesting import Edition, Frame
from anonymize.building.rendering import Rendered
from anonymize.building.scratch import Scratch
from anonymize.building.treating import Treated
from anonymize.errors import GateFailed
from anonymize.evidence import from_parquet, named
from anonymize.risk import Held, Risk, measure
from policies.columns import Column, Role
from policies.disclosure import judge


def pass_gate(rendered: Rendered, edition: Edition, described: Mapping[str, Any], *, rows: int) -> tuple[Risk, Risk]:
    """Measure what was written, with subjects where they are known and from the columns alone; *rows* had the source.

    Raises:
        GateFailed: a threshold does not hold, or could not be measured.
    """
    sensitive = named(described, "sensitive_attribute")
    with ThreadPoolExecutor(1) as beside:
        columns = beside.submit(from_parquet, rendered.files, described)
        after = None
        if rendered.subjects is not None:
            quasi = named(described, "quasi_identifier")
            after = measure(rendered.files, quasi, sensitive, subjects=rendered.subjects, whole_sets=edition.linked)
        alone = columns.result()
    after = after or alone
    share = edition.suppressed / rows
    for risk in (after, alone):
        failures = judge(risk.measured(suppressed_share=share), edition.profile, tuple(sensitive))
        if failures:
            raise GateFailed(failures, f"gate of edition {edition.profile.name!r}")
    return after, alone


@dataclass(slots=True)
class Before:
    """The risk of all rows on the leaves of the hierarchies, as they would stand if nothing were generalised."""

    scratch: Scratch
    treated: Treated
    repeated: bool
    _known: dict[Any, Risk] = field(default_factory=dict)

    def measure(self, edition: Frame) -> Risk:
        """Measure the columns that *edition* carries; what two editions share is measured once.

        It may run beside the making of the edition, in a thread of its own.
        """
        quasi, sensitive = edition.carries(Role.QUASI_IDENTIFIER), edition.carries(Role.SENSITIVE_ATTRIBUTE)
        key = (
            tuple(c.name for c in quasi),
            tuple((c.name, edition.levels[c.name]) for c in sensitive),
            edition.linked and self.repeated,
        )
        if key not in self._known:
            with self.scratch.beside() as scratch:
                self._known[key] = self._measure(scratch, quasi, sensitive, edition)
        return self._known[key]

    def _measure(self, scratch: Scratch, quasi: list[Column], sensitive: list[Column], edition: Frame) -> Risk:
        columns = self._keys(quasi)
        keys = [f"q{place}" for place in range(len(columns))]
        joins = []
        for place, column in enumerate(sensitive):
            level, value = edition.levels[column.name], self.treated.value(column)
            if level is None:
                columns.append(f"{value} AS s{place}")
                continue
            table = f"before_s{place}"
            labels = self.treated.generalised[column.name].labels(level)
            scratch.put(table, pa.table({"leaf": np.arange(len(labels), dtype=np.int32), "label": labels}))
            joins.append(f"JOIN {table} ON work.{value} = {table}.leaf")
            columns.append(f"{table}.label AS s{place}")
        if self.repeated:
            columns.append("owner")
        selected = ", ".join(columns) or "1 AS nothing"
        scratch.run(f"CREATE OR REPLACE VIEW before AS SELECT {selected} FROM work {' '.join(joins)}")  # noqa: S608  # names of our own
        names = [f"s{place}" for place in range(len(sensitive))]
        found = measure(
            Held(scratch.connection, "before", several="owner < 0"),
            keys,
            names,
            "owner" if self.repeated else None,
            whole_sets=edition.linked,
        )
        return found.renamed(dict(zip(names, (c.published_as for c in sensitive), strict=True)))

    def _keys(self, quasi: list[Column]) -> list[str]:
        """Select the leaves of *quasi* as `q0`, …: as one number while they fit, which groups quicker."""
        mixed, room = "0::BIGINT", 1
        for column in quasi:
            leaves = len(self.treated.generalised[column.name].hierarchy.leaves)
            mixed, room = f"({mixed} * {leaves} + {self.treated.value(column)})", room * leaves
        if quasi and room < ROOM:
            return [f"{mixed} AS q0"]
        return [f"{self.treated.value(column)} AS q{place}" for place, column in enumerate(quasi)]
