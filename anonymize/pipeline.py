"""The way of a release: read → transform → search → suppress → write → gate → evidence → one rename.

Each step takes values and gives values; only the last makes anything visible. Whatever stops a build, an error, a full
disk, Ctrl-C or a kill, leaves nothing at the target.
"""

import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from anonymize import edition, evidence
from anonymize.errors import GateFailed, SourceError
from anonymize.evidence import Evidence
from anonymize.kanonymity.lattice import Ints, Lattice, Node
from anonymize.kanonymity.search import Bools, Optimum, search
from anonymize.kanonymity.sensitive import Sensitive, accept
from anonymize.risk import Risk, measure
from anonymize.signing import Signer
from anonymize.sources.csv import read_csv, sha256_of
from anonymize.transform.keys import ReleaseSecret
from anonymize.transform.outcome import Generalised, Rewritten, Setting, bad_cell, encode
from anonymize.transform.registry import transform
from anonymize.workplace import workplace
from policies import canonical, profile
from policies.disclosure import judge
from policies.plan import Column, Plan

Progress = Callable[[str], None]
ROUNDING = 1e-9
"""The search keeps this far below the limit of t, so that sums in another order pass the gate."""


def build(
    plan: Plan,
    source: Path,
    out: Path,
    *,
    signer: Signer,
    at: datetime,
    secret: ReleaseSecret | None = None,
    progress: Progress | None = None,
) -> Evidence:
    """Make the edition of *plan* from the file *source* in the new folder *out*, and sign the proof of it.

    *at* is the moment the evidence states. *secret* is drawn anew unless given, and forgotten.

    Raises:
        SourceError: the source is not the one planned for, or a cell cannot be read.
        PlanError, PolicyError: the plan asks for what the profile does not allow.
        InfeasibleError: no generalisation meets the profile.
        GateFailed: the written edition misses a threshold; nothing was released.
        TargetError: *out* is there already.
    """
    if at.tzinfo is None:
        raise ValueError("the moment of a build needs a time zone")
    tell = progress or (lambda _: None)
    thresholds = profile.load(plan.profile)
    with workplace(out) as folder:
        sha256 = plan.source.sha256 or sha256_of(source)
        table = read_csv(source, replace(plan.source, sha256=sha256), progress=progress)
        check_matches(plan, table)
        setting = Setting(plan=plan, profile=thresholds, source=table, secret=secret or ReleaseSecret.draw(), tell=tell)
        tell("transforming columns")
        work = _transform(setting)
        tell("searching the optimum")
        optimum = _search(work, setting, tell)
        rows, subjects = _publish(work, optimum, setting)
        path = folder / plan.profile / "part-00000.parquet"
        path.parent.mkdir()
        tell(f"writing {rows.num_rows:,} rows")
        edition.write(rows, path)
        edition.sync_folder(path.parent)
        tell("measuring risk on the written file")
        body = _body(work, optimum, setting, at)
        body["source"] = {"sha256": sha256, "rows": table.num_rows, "columns": table.column_names}
        body["files"] = [evidence.describe_file(folder, path)]
        body["risk"] = _gate(path, subjects, work, body, setting)
        signed = Evidence.sign(body, signer)
        signed.write(folder)
    tell(f"built {out.name}")
    return signed


def check_matches(plan: Plan, table: pa.Table) -> None:
    """Refuse a source whose columns are not exactly those of the plan, or that has no rows or a row of nobody.

    Raises:
        SourceError: naming the columns that are missing or have no role.
    """
    planned, found = {column.name for column in plan.columns}, set(table.column_names)
    missing, extra = sorted(planned - found), sorted(found - planned)
    if missing or extra:
        parts = [f"lacks {', '.join(map(repr, missing))}"] if missing else []
        parts += [f"has {', '.join(map(repr, extra))}, which the plan gives no role"] if extra else []
        raise SourceError(
            "source", "; ".join(parts), fix="Give every column of the source a role in the plan, and no other."
        )
    if not table.num_rows:
        raise SourceError("source", "has no rows", fix="Give the file with the records.")
    subject = table[plan.subject.name]
    if subject.null_count:
        distinct, position = encode(subject)
        raise bad_cell(plan.subject.name, position, distinct.index(None), "names no subject")


@dataclass(frozen=True, slots=True)
class _Work:
    """The columns after their treatment, and who owns each row."""

    columns: Mapping[str, Generalised | Rewritten]
    quasi: tuple[tuple[Column, Generalised], ...]
    subjects: Ints
    linked: bool
    """A token is published with rows that may be asked for: a subject's rows are seen together."""

    def published(self, column: Column, node: Node) -> tuple[pa.Array, int | None]:
        """Give a column's values as published at *node*, and their level where it is generalised."""
        done = self.columns[column.name]
        if not isinstance(done, Generalised):
            return done, None
        places = {quasi.name: place for place, (quasi, _) in enumerate(self.quasi)}
        if column.name in places:
            level = node[places[column.name]]
        else:
            level = done.usual if column.level is None else column.level
        return done.at(level), level


def _transform(setting: Setting) -> _Work:
    columns = {column.name: transform(column, setting) for column in setting.plan.published}
    quasi = tuple((c, done) for c in setting.plan.quasi_identifiers if isinstance(done := columns[c.name], Generalised))
    _, subjects = encode(setting.source[setting.plan.subject.name])
    linked = setting.plan.subject in setting.plan.published and profile.Mode.RECORDS in setting.profile.modes
    return _Work(columns, quasi, subjects.astype(np.int64), linked)


def _search(work: _Work, setting: Setting, tell: Progress) -> Optimum:
    """Find the node; levels that the plan fixes narrow the lattice, l and t of the profile judge the classes."""
    limits = setting.profile
    if not work.quasi:
        everything: Bools = np.ones(setting.source.num_rows, dtype=np.bool_)
        return Optimum((), 0, 0, 1, 0.0, 0, 0.0, everything, 1)
    lowest = tuple(done.lowest if c.level is None else c.level for c, done in work.quasi)
    highest = tuple(done.hierarchy.top if c.level is None else c.level for c, done in work.quasi)
    sensitive = [Sensitive.of(work.published(c, ())[0]) for c in setting.plan.sensitive_attributes]
    return search(
        [done.leaf for _, done in work.quasi],
        [done.hierarchy for _, done in work.quasi],
        k=limits.minimum_class_size,
        suppression=limits.suppression_limit,
        subjects=work.subjects,
        accept=accept(sensitive, minimum_l=limits.minimum_l, maximum_t=limits.maximum_t - ROUNDING)
        if sensitive
        else None,
        progress=lambda checks, nodes: tell(f"checked {checks} of {nodes} nodes") if checks % 100 == 0 else None,
        lattice=Lattice(lowest, highest),
        linked=work.linked,
    )


def _publish(work: _Work, optimum: Optimum, setting: Setting) -> tuple[pa.Table, Ints]:
    """Give the edition's rows in its order, and the subject of each."""
    kept = np.flatnonzero(optimum.kept)
    columns = {c.published_as: work.published(c, optimum.node)[0].take(pa.array(kept)) for c in setting.plan.published}
    table = pa.table(columns)
    positions = edition.order(table, setting.plan.sort_by, setting.secret.order_key(setting.profile.name))
    return table.take(pa.array(positions)), work.subjects[kept[positions]]


def _gate(path: Path, subjects: Ints, work: _Work, body: Mapping[str, Any], setting: Setting) -> dict[str, Any]:
    """Measure the written file and judge it; give the figures.

    Raises:
        GateFailed: a threshold does not hold, or could not be measured.
    """
    written = pq.read_table(path, partitioning=None)
    alone = evidence.from_parquet(written, body)
    quasi = [column.published_as for column in setting.plan.quasi_identifiers]
    sensitive = [column.published_as for column in setting.plan.sensitive_attributes]
    subject = _unused(written.column_names)
    people = written.append_column(subject, pa.array(subjects))
    after = measure(people, quasi, sensitive, subject, whole_sets=work.linked)
    share = body["suppression"]["rows"] / body["source"]["rows"]
    for risk in (after, alone):
        failures = judge(risk.measured(suppressed_share=share), setting.profile, tuple(sensitive))
        if failures:
            raise GateFailed(failures)
    before = _before(work, setting)
    return {"before": before.to_dict(), "after": after.to_dict(), "from_parquet": alone.to_dict()}


def _before(work: _Work, setting: Setting) -> Risk:
    """Measure all rows on the leaves of the hierarchies, as they would stand if nothing were generalised."""
    columns = {
        c.published_as: pa.array(done.hierarchy.leaves, pa.string()).take(pa.array(done.leaf)) for c, done in work.quasi
    }
    for c in setting.plan.sensitive_attributes:
        columns[c.published_as] = work.published(c, ())[0]
    subject = _unused(columns)
    columns[subject] = pa.array(work.subjects)
    sensitive = [c.published_as for c in setting.plan.sensitive_attributes]
    quasi = [c.published_as for c, _ in work.quasi]
    return measure(pa.table(columns), quasi, sensitive, subject, whole_sets=work.linked)


def _unused(names: Iterable[str]) -> str:
    """Name the column of subjects that stands beside an edition while it is measured, and is never written."""
    return "subject" + "_" * max((len(name) for name in names), default=0)


def _body(work: _Work, optimum: Optimum, setting: Setting, at: datetime) -> dict[str, Any]:
    """Give the body of the evidence, but for the source, the files and the risk."""
    plan, limits = setting.plan, setting.profile
    return {
        "format": evidence.FORMAT,
        "dataset": plan.dataset,
        "edition": plan.profile,
        "created_at": at,
        "plan": plan.to_dict(),
        "plan_hash": canonical.digest(plan.to_dict()),
        "profile": canonical.plain(limits),
        "published": [_described(c, work, optimum.node) for c in plan.published],
        "node": dict(zip((c.published_as for c in plan.quasi_identifiers), optimum.node, strict=True)),
        "search": {
            "nodes": optimum.nodes,
            "checks": optimum.checks,
            "seconds": round(optimum.seconds, 3),
            "loss": optimum.loss,
        },
        "suppression": {
            "rows": optimum.suppressed,
            "classes": optimum.suppressed_classes,
            "classes_kept": optimum.classes,
            "limit": limits.suppression_limit,
        },
        "text_removals": dict(sorted(setting.removed.items())),
        "keys": "release secret was held in memory only and is gone; operator attests deletion",
        "attacks": "not run",
        "recomputable": list(evidence.RECOMPUTABLE),
        "attested": list(evidence.ATTESTED),
        "tools": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("cryptography", "duckdb", "numpy", "pyarrow")},
        },
    }


def _described(column: Column, work: _Work, node: Node) -> dict[str, Any]:
    done = work.columns[column.name]
    return {
        "name": column.published_as,
        "role": column.role,
        "treatment": column.treatment,
        "level": work.published(column, node)[1],
        "levels": done.hierarchy.levels if isinstance(done, Generalised) else None,
    }
