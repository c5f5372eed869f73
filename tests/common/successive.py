"""Releases of one dataset, one after the other, and the plain reading of what an attacker sees change between them.

Each row carries a number that names it to the test, `serial`; whose it is the test knows from the source alone.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from anonymize.custody import Custody
from anonymize.evidence import Evidence
from anonymize.pipeline import build
from anonymize.signing import Signer
from policies.plan import Plan
from tests.common.clock import BEGIN

COLUMNS: list[dict[str, Any]] = [
    {"name": "id", "role": "subject", "treatment": "drop"},
    {"name": "sex", "role": "quasi_identifier", "treatment": "group"},
    {"name": "age", "role": "quasi_identifier", "treatment": "age"},
    {
        "name": "place",
        "role": "quasi_identifier",
        "treatment": "group",
        "groups": {f"p{n}": f"g{n // 4}" for n in range(12)},
    },
    {"name": "stage", "role": "sensitive_attribute", "treatment": "group"},
    {"name": "serial", "role": "insensitive", "treatment": "keep", "kind": "integer"},
]
MOST = 20_000
ALL = ("enclave", "controlled", "open")

Class = frozenset[tuple[str | None, ...]]
"""What is published of a subject's rows; of one row where they are not linked."""


def columns(**changes: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Give the plan's columns with some of them changed, or left out."""
    kept = [column for column in COLUMNS if changes.get(column["name"], {}) is not None]
    return [{**column, **(changes.get(column["name"]) or {})} for column in kept]


def people(first: int, count: int, *, several: bool = False, seed: int = 3) -> pa.Table:
    """Give the people numbered from *first* on: the same number is the same person. *several*: a third own two rows."""
    rng = np.random.default_rng(seed)
    drawn = {
        "sex": rng.integers(1, 3, 2 * MOST).astype(str),
        "age": rng.integers(30, 80, 2 * MOST).astype(str),
        "place": np.char.add("p", rng.integers(0, 12, 2 * MOST).astype(str)),
        "stage": rng.choice(["I", "II", "III"], 2 * MOST),
    }
    rows = np.arange(first, first + count)
    if several:
        rows = np.concatenate([rows, MOST + rows[rows % 3 == 0]])
    return pa.table(
        {"id": [f"P{row % MOST}" for row in rows], **{name: values[rows] for name, values in drawn.items()}}
        | {"serial": rows.astype(str)}
    )


def without(table: pa.Table, *subjects: str) -> pa.Table:
    """Leave out all rows of *subjects*."""
    return table.filter(pc.invert(pc.is_in(table["id"], pa.array(subjects, pa.string()))))


@dataclass
class Successive:
    """A folder in which releases are built, with their custody."""

    folder: Path
    plan: Mapping[str, Any] = field(default_factory=dict)
    sources: dict[str, pa.Table] = field(default_factory=dict)

    @property
    def custody(self) -> Custody:
        """What is kept between them."""
        return Custody.open(self.folder / "custody")

    def planned(self, **changes: Any) -> Plan:
        """Give the plan, with *changes* at its top."""
        whole = {"dataset": "tumours", "profiles": list(ALL), "column": COLUMNS, **self.plan, **changes}
        return Plan.from_dict(whole)

    def build(self, name: str, table: pa.Table, previous: str | None = None, **changes: Any) -> Evidence:
        """Build *table* into the folder *name*, after the release in the folder *previous*."""
        source, key = self.folder / f"{name}.csv", self.folder / "steward.key"
        arrow_csv.write_csv(table, source)
        self.sources[name] = table
        seed, secret = changes.pop("series_key", None), changes.pop("secret", None)
        return build(
            self.planned(**changes),
            source,
            self.folder / name,
            signer=Signer.load(key) if key.exists() else Signer.create(key),
            at=BEGIN,
            secret=secret,
            custody=self.custody,
            previous=None if previous is None else self.folder / previous,
            series_key=seed,
        )

    def rows(self, name: str, profile: str) -> list[dict[str, Any]]:
        """Read the rows of an edition."""
        files = sorted((self.folder / name / profile).glob("*.parquet"))
        rows: list[dict[str, Any]] = pa.concat_tables(
            [pq.read_table(file, partitioning=None) for file in files]
        ).to_pylist()
        return rows

    def subjects(self, name: str, profile: str) -> set[str]:
        """Say whose rows are in an edition."""
        return {subject for members in self.classes(name, profile).values() for subject in members}

    def classes(self, name: str, profile: str, at: str | None = None, *, linked: bool = False) -> dict[Class, set[str]]:
        """Form the classes of an edition, lifted to the node that release *at* has in it."""
        body = Evidence.read(self.folder / name).body
        target = Evidence.read(self.folder / (at or name)).body["editions"][profile]["node"]
        node = body["editions"][profile]["node"]
        table = self.sources[name]
        owner = dict(zip(map(int, table["serial"].to_pylist()), table["id"].to_pylist(), strict=True))
        said: dict[str, set[tuple[str | None, ...]]] = defaultdict(set)
        for row in self.rows(name, profile):
            lifted = tuple(_lift(body["trees"][q], row[q], node[q], level) for q, level in sorted(target.items()))
            said[owner[row["serial"]]].add(lifted)
        out: dict[Class, set[str]] = defaultdict(set)
        for subject, tuples in said.items():
            for group in [frozenset(tuples)] if linked else [frozenset({each}) for each in tuples]:
                out[group].add(subject)
        return dict(out)


def _lift(tree: Mapping[str, Any], label: str | None, level: int, to: int) -> str | None:
    if to == tree["levels"] - 1:
        return "*"
    for step in range(level, to):
        label = None if label is None else tree["parents"][str(step)][label]
    return label


def changed(then: Mapping[Class, set[str]], now: Mapping[Class, set[str]]) -> dict[Class, tuple[int, int, int, int]]:
    """Say of each class: subjects then, now, added, removed."""
    out = {}
    for each in {*then, *now}:
        before, after = then.get(each, set()), now.get(each, set())
        out[each] = (len(before), len(after), len(after - before), len(before - after))
    return out
