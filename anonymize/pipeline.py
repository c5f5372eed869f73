"""The way of a release: load → treat → for each edition, the finest first: search, write, gate → evidence → rename.

Only the last step makes anything visible. Whatever stops a build, an error, a full disk, Ctrl-C or a kill, leaves
nothing at the target. Rows rest in the scratch database (`building.scratch`); Python holds what is distinct.
"""

import os
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from anonymize.building.auditing import audit_texts, known_of
from anonymize.building.body import body_of, describe, keys_of, objections_of
from anonymize.building.days import Days
from anonymize.building.gate import Before, pass_gate
from anonymize.building.joining import pass_join
from anonymize.building.later import Later
from anonymize.building.links import pass_links
from anonymize.building.loading import load
from anonymize.building.nesting import Edition, bounds, find, frame
from anonymize.building.rendering import Rendered, Rendering
from anonymize.building.scratch import MEMORY_MB, Scratch
from anonymize.building.treating import forget_source, setting_of, treat
from anonymize.building.trees import tree
from anonymize.custody import Custody
from anonymize.edition import sync_folder
from anonymize.evidence import Evidence, describe_file
from anonymize.quality import report, smallest_told
from anonymize.signing import Signer
from anonymize.sources import open_source
from anonymize.transform.keys import LastingShift, ReleaseSecret, SeriesSecret
from anonymize.transform.registry import check_kept, check_texts
from anonymize.workplace import Progress, workplace
from policies.columns import Role, Treatment
from policies.editions import by_fineness
from policies.plan import Plan
from policies.profile import Profile

SCRATCH = ".scratch"


def build(
    plan: Plan,
    source: Path,
    out: Path,
    *,
    signer: Signer,
    at: datetime,
    secret: ReleaseSecret | None = None,
    key: bytes | None = None,
    progress: Progress | None = None,
    memory_mb: int = MEMORY_MB,
    custody: Custody | None = None,
    previous: Path | Evidence | None = None,
    series_key: bytes | None = None,
) -> Evidence:
    """Make the editions of *plan* from the source at *source* in the new folder *out*, and sign the proof of them.

    *at* is the moment the evidence states. *secret* is drawn anew unless given, and forgotten. With *key* the source
    is one sealed in a vault. *memory_mb* limits what the scratch database holds in memory. *custody* says who objected,
    and keeps what a later release needs to know of this one; *previous* is the release published before, in its folder
    or as its evidence. *series_key* is that of the plan's series.

    Raises:
        SourceError: the source is not the one planned for, or a cell cannot be read.
        PlanError, PolicyError: the plan asks for what a profile does not allow, its editions are not nested, or it does
            not follow the release before.
        CustodyError: what was kept of the release before is not there.
        InfeasibleError: no generalisation meets a profile; the edition is named.
        GateFailed: an edition as written misses a threshold; nothing was released.
        ScratchError: memory or disk do not suffice.
        TargetError: *out* is there already.
    """
    if at.tzinfo is None:
        raise ValueError("the moment of a build needs a time zone")
    tell = progress or (lambda _: None)
    profiles = by_fineness(plan)
    for profile in profiles:
        for column in plan.carried(profile.name):
            check_kept(column, profile)
            check_texts(column, profile)
    drawn = SeriesSecret.of(secret or ReleaseSecret.draw(), plan, series_key)
    if custody is not None and plan.series is None:
        drawn = LastingShift.of(drawn, custody.shift_key)
    later = Later.of(plan, profiles, custody, previous)
    with workplace(out) as folder:
        with Scratch(folder / SCRATCH, memory_mb) as scratch:
            building = _Build(plan, profiles, scratch, folder, drawn, later, tell)
            signed = Evidence.sign(building.run(source, key, at), signer)
            building.keep(signed.hash)
        shutil.rmtree(folder / SCRATCH)
        signed.write(folder)
    tell(f"built {out.name}")
    return signed


class _Build:
    """One build under way."""

    def __init__(
        self,
        plan: Plan,
        profiles: tuple[Profile, ...],
        scratch: Scratch,
        folder: Path,
        secret: ReleaseSecret,
        later: Later,
        tell: Progress,
    ) -> None:
        self.plan, self.profiles, self.scratch = plan, profiles, scratch
        self.folder, self.secret, self.later, self.tell = folder, secret, later, tell

    def run(self, source: Path, key: bytes | None, at: datetime) -> dict[str, Any]:
        """Do all steps, and give the body of the evidence."""
        plan, scratch, tell = self.plan, self.scratch, self.tell
        with open_source(source, plan.source, key=key, progress=tell) as reading:
            names = tuple(profile.name for profile in self.profiles)
            self.loaded = load(scratch, reading, plan, names, self.secret, self.later.custody)
        self.pasts = self.later.pasts(scratch, plan, self.profiles)
        with ThreadPoolExecutor(1) as beside:  # the engine has cores to spare while columns are treated
            quality = beside.submit(self._quality)
            self._treat()
        self.known = known_of(scratch, plan, self.loaded, tell)
        forget_source(scratch)
        self.before = Before(scratch, self.treated, self.loaded.repeated)
        made = self._editions()
        finest, first = made[0][0], made[0][1]
        trees = {
            column.published_as: tree(self.treated.generalised[column.name].hierarchy, level, first.shown[column.name])
            for column in finest.columns
            if (level := finest.levels[column.name]) is not None
        }
        tell("measuring risk of all editions together")
        join = pass_join(made, trees, self.later.renderings())
        editions = {edition.profile.name: told for edition, _, told in made}
        self.made = [edition for edition, _, _ in made]
        custody, group = self.later.custody, self.profiles[-1].minimum_class_size
        return body_of(
            plan,
            at,
            self.loaded,
            editions,
            quality=quality.result(),
            standardised=self.treated.standards,
            trees=trees,
            join=join,
            previous=self.later.told(self.made),
            objections=None if custody is None else objections_of(self.loaded.objected, group),
            keys=keys_of(plan, kept=custody is not None),
        )

    def keep(self, evidence: str) -> None:
        """Keep who is published where, for the release after the one of *evidence*."""
        self.later.keep(self.scratch, self.made, self.treated, evidence, repeated=self.loaded.repeated)

    def _treat(self) -> None:
        self.tell("transforming columns")
        names = tuple(profile.name for profile in self.profiles)
        setting = setting_of(self.plan, self.profiles)
        self.treated = treat(
            self.scratch,
            self.plan,
            self.loaded,
            setting,
            self.secret,
            profiles=names,
            tell=self.tell,
            custody=self.later.custody,
            pasts=self.pasts,
        )

    def _quality(self) -> dict[str, Any]:
        """Report on the source as read."""
        names = ", ".join(f"{self.loaded.cell(column.name)} AS {_quoted(column.name)}" for column in self.plan.columns)
        with self.scratch.connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP VIEW read AS SELECT {names} FROM raw")  # noqa: S608  # quoted names
            return report(cursor, "read", self.plan, several="several")

    def _editions(self) -> list[tuple[Edition, Rendered, Mapping[str, Any]]]:
        """Find, write and gate each edition, the finest first."""
        made: list[tuple[Edition, Rendered, Mapping[str, Any]]] = []
        levels = bounds(self.plan, self.treated, self.profiles, self.later.least(self.plan))
        days = Days(self.scratch, self.treated)
        with ThreadPoolExecutor(1) as beside:
            for draw, profile in enumerate(self.profiles):
                finer = made[-1][0] if made else None
                wanted = frame(self.plan, self.treated, profile, levels, finer)
                days.refuse(wanted, (c for c in wanted.columns if c.role is not Role.QUASI_IDENTIFIER))
                before = beside.submit(self.before.measure, wanted)  # the engine has cores to spare
                self.tell(f"searching the optimum of {profile.name}")
                edition = find(
                    self.scratch,
                    self.treated,
                    wanted,
                    finer,
                    rows=self.loaded.rows,
                    repeated=self.loaded.repeated,
                    past=(f"h{draw}", self.pasts[draw]) if draw in self.pasts else None,
                    progress=self._checked,
                )
                days.refuse(edition, edition.carries(Role.QUASI_IDENTIFIER))
                pass_links(self.scratch, edition, self.treated, rows=self.loaded.rows, repeated=self.loaded.repeated)
                self.tell(f"writing {self.loaded.rows - edition.suppressed:,} rows of {profile.name}")
                rendered = self._render(edition, draw)
                told = describe(edition, self.treated, small=smallest_told(self.plan))
                told["files"] = [describe_file(self.folder, path) for path in rendered.files]
                self.tell(f"measuring risk of {profile.name} on the written files")
                after, alone = pass_gate(rendered, edition, told, rows=self.loaded.rows)
                told["residual"] = audit_texts(rendered.files, edition.columns, profile, self.known, self.tell)
                risks = {"before": before.result(), "after": after, "from_parquet": alone}
                told["risk"] = {when: risk.to_dict() for when, risk in risks.items()}
                made.append((edition, rendered, told))
        return made

    def _render(self, edition: Edition, draw: int) -> Rendered:
        name = edition.profile.name
        carried = {column.published_as for column in edition.columns}
        token = any(column.treatment is Treatment.TOKEN for column in edition.columns)
        rendering = Rendering(
            name=name,
            draw=draw,
            columns=edition.columns,
            levels=edition.levels,
            sort_by=tuple(wanted for wanted in self.plan.sort_by if wanted in carried),
            aside=self.loaded.repeated and not token,
        )
        threads = len(os.sched_getaffinity(0))
        rendered = rendering.write(self.scratch, edition.rows, self.treated, self.folder, threads)
        sync_folder(self.folder / name)
        return rendered

    def _checked(self, checks: int, nodes: int) -> None:
        if checks % 100 == 0:
            self.tell(f"checked {checks} of {nodes} nodes")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
