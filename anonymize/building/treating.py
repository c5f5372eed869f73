"""Every column treated: text becomes a leaf of its hierarchy, or its final value, in the table `work`.

What a treatment has to decide it decides on distinct values, in Python; where rows come in, it is by joins. Per row,
`work` has the draws `d0`, …, and a column `v0`, `v1`, … per published column but the token: the number of its leaf,
or its value. Where some subjects own several rows, `owner` numbers the subject, those who do below zero; `k0`, … is its
token, per edition with one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from anonymize.building.arrivals import Past
from anonymize.building.loading import Loaded, bad_cell, digest_of
from anonymize.building.redacting import redact_column
from anonymize.building.scratch import Scratch
from anonymize.building.standardising import standardised
from anonymize.custody import Custody
from anonymize.kanonymity.hierarchies import Codes
from anonymize.transform import ages, dates
from anonymize.transform.kept import kept
from anonymize.transform.keys import ReleaseSecret
from anonymize.transform.outcome import BadValue, Generalised, Setting
from anonymize.transform.registry import TRANSFORMS
from anonymize.transform.tokens import drawn_of, hmac_sha256, pads, shift_of, token_of
from anonymize.workplace import Progress
from policies.columns import Column, Treatment
from policies.plan import Plan
from policies.profile import Profile


@dataclass(frozen=True, slots=True)
class Treated:
    """What became of the columns."""

    place: Mapping[str, int]
    """Published column, by its name in the source → its number in `work`."""
    generalised: Mapping[str, Generalised]
    """The columns that are leaves of a hierarchy; others hold their values."""
    removed: Mapping[str, int]
    """What redaction removed from free text, by type."""
    standards: Mapping[str, Mapping[str, object]]
    """What standardisation came to, by column."""

    def value(self, column: Column) -> str:
        """Name the column of `work` that holds *column*."""
        return f"v{self.place[column.name]}"


def setting_of(plan: Plan, profiles: tuple[Profile, ...]) -> Setting:
    """Give the limits under which all editions have one tree per column: the strictest of each."""
    return Setting(
        age_top_code=min(profile.age_top_code for profile in profiles),
        population_floor=max(profile.population_floor for profile in profiles),
        population=plan.population,
    )


def treat(
    scratch: Scratch,
    plan: Plan,
    loaded: Loaded,
    setting: Setting,
    secret: ReleaseSecret,
    *,
    profiles: tuple[str, ...],
    tell: Progress,
    custody: Custody | None = None,
    pasts: Mapping[int, Past] | None = None,
) -> Treated:
    """Make `work` from `raw`, for the editions of *profiles*; and with *custody*.

    With it each row has its subject's digest, `who`, and its history by each of *pasts*: `h0`, `h1`, …

    Raises:
        SourceError: a cell cannot be read; its row is named.
    """
    task = _Task(scratch, plan, loaded, setting, secret, custody)
    task.standards.update(standardised(scratch, plan, loaded))
    for number, column in enumerate(plan.published):
        if column.treatment is not Treatment.TOKEN:
            task.selected.append(f"{task.column(column, number, tell)} AS v{number}")
    task.owners(profiles)
    task.histories(pasts or {})
    columns = ", ".join([*(f"d{number}" for number in range(len(profiles))), *task.selected])
    scratch.run(f"CREATE TABLE work AS SELECT {columns} FROM {task.source} {' '.join(task.joins)}", task.parameters)  # noqa: S608  # names of our own
    for name in task.dims:
        scratch.run(f"DROP TABLE {name}")
    place = {column.name: number for number, column in enumerate(plan.published)}
    return Treated(place, task.generalised, task.removed, task.standards)


def forget_source(scratch: Scratch) -> None:
    """Let the text of the source go."""
    scratch.run("DROP VIEW clean")
    for table in ("raw", "several"):
        scratch.run(f"DROP TABLE {table}")


@dataclass(slots=True)
class _Task:
    """The statement in the making: what is selected, and the joins that it needs."""

    scratch: Scratch
    plan: Plan
    loaded: Loaded
    setting: Setting
    secret: ReleaseSecret
    custody: Custody | None = None
    selected: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    dims: list[str] = field(default_factory=list)
    generalised: dict[str, Generalised] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    standards: dict[str, Mapping[str, object]] = field(default_factory=dict)
    parameters: dict[str, bytes] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The rows that are treated, with the shift of each where there are dates."""
        rows = "clean"
        if self.custody is not None:
            rows = f"(SELECT *, {digest_of(self.subject)} AS who FROM clean) AS clean"  # noqa: S608  # names of our own
        if not any(column.treatment is Treatment.DATE for column in self.plan.published):
            return rows
        drawn = f"SELECT *, {drawn_of(self.subject)} AS drawn FROM {rows}"  # noqa: S608  # as above
        return f"(SELECT *, {shift_of('drawn')} AS shift FROM ({drawn})) AS clean"  # noqa: S608  # as above

    @property
    def subject(self) -> str:
        """The name of the subject's cell."""
        return self.loaded.cell(self.plan.subject.name)

    def owners(self, profiles: tuple[str, ...]) -> None:
        """Say whose each row is: by number, and by the token of each edition that carries one."""
        if self.loaded.repeated:
            self.joins.append(f"LEFT JOIN several ON clean.{self.subject} = several.subject")
            self.selected.append("coalesce(-1 - several.number, clean.n) AS owner")
        for number, profile in enumerate(profiles):
            if any(column.treatment is Treatment.TOKEN for column in self.plan.carried(profile)):
                digest = hmac_sha256(f"encode(clean.{self.subject})", f"token{number}")
                self.selected.append(f"{token_of(digest)} AS k{number}")
                self.parameters |= pads(self.secret.token_key(profile), f"token{number}")
        if any(column.treatment is Treatment.DATE for column in self.plan.published):
            self.parameters["shift_key"] = self.secret.shift_key()

    def histories(self, pasts: Mapping[int, Past]) -> None:
        """Say who the subject is to custody, and where it stood in each edition of the release before."""
        if self.custody is None:
            return
        self.selected.append("clean.who AS who")
        self.parameters |= pads(self.custody.key, "custody")
        for number, past in pasts.items():
            self.joins.append(f"LEFT JOIN {past.table} ON clean.who = {past.table}.who")
            self.selected.append(f"coalesce({past.table}.h, 0) AS h{number}")
            self.dims.append(past.table)

    def column(self, column: Column, number: int, tell: Progress) -> str:
        """Give SQL of what `work` holds for *column*."""
        if column.treatment is Treatment.KEEP:
            return self._kept(column)
        if column.treatment is Treatment.REDACT:
            table, removed = redact_column(self.scratch, column, self.plan, self.loaded, self.secret, number, tell)
            for kind, count in removed.items():
                self.removed[kind] = self.removed.get(kind, 0) + count
            self.dims.append(table)
            self.joins.append(f"LEFT JOIN {table} ON clean.n = {table}.n")
            return f"{table}.text"
        if column.treatment is Treatment.DATE:
            return self._date(column)
        if column.treatment is Treatment.AGE and column.birth_date is not None and column.at is not None:
            return self._age(column, column.birth_date, column.at)
        values = self._distinct(column.name)
        try:
            done = TRANSFORMS[column.treatment](column, values, self.setting)
        except BadValue as bad:
            raise self._found(column.name, values[bad.number], bad.found) from None
        self.generalised[column.name] = done
        return self._dim(column.name, values, pa.table({"leaf": _small(done.leaf)}), "leaf")

    def _kept(self, column: Column) -> str:
        how = kept(column, self.loaded.cell(column.name))
        if how.bad is not None:
            row = self.scratch.one(f"SELECT min(n) FROM clean WHERE {how.bad}")  # noqa: S608  # names of our own
            if row is not None:
                raise bad_cell(column.name, row, how.found)
        return how.value

    def _date(self, column: Column) -> str:
        day, days = self._days(column.name)
        known = [day for day in days if day is not None] or [0]
        first = min(known) - dates.WIDEST_SHIFT_DAYS
        span = max(known) + dates.WIDEST_SHIFT_DAYS + 1 - first
        self.generalised[column.name] = dates.span(column.published_as, first, span)
        return f"coalesce({day}.day + shift - {first}, {span})::INTEGER"

    def _age(self, column: Column, birth_date: str, at: str) -> str:
        top = self.setting.age_top_code
        (born, _), (then, _) = self._days(birth_date), self._days(at)
        joins = " ".join(self.joins)
        early = self.scratch.one(f"SELECT min(n) FROM clean {joins} WHERE {then}.day < {born}.day")  # noqa: S608  # names of our own
        if early is not None:
            raise bad_cell(column.name, early, ages.EARLY)
        years = f"{then}.year - {born}.year - ({then}.inside < {born}.inside)::INTEGER"
        self.generalised[column.name] = Generalised(ages.tree(column.published_as, top), np.zeros(0, np.int32))
        return f"(CASE WHEN {years} IS NULL THEN {top + 1} ELSE least({years}, {top}) END)::SMALLINT"

    def _days(self, name: str) -> tuple[str, list[int | None]]:
        """Join the days of a column of dates; give the name of the table, and its distinct days."""
        values = self._distinct(name)
        try:
            days = dates.read_days(values)
        except BadValue as bad:
            raise self._found(name, values[bad.number], bad.found) from None
        calendar = [(None, None) if day is None else dates.calendar(day) for day in days]
        year, inside = zip(*calendar, strict=True) if calendar else ((), ())
        columns = {"day": days, "year": year, "inside": inside}
        self._dim(name, values, pa.table({key: pa.array(cells, pa.int32()) for key, cells in columns.items()}), "day")
        return self.dims[-1], days

    def _distinct(self, name: str) -> list[str | None]:
        cell = self.loaded.cell(name)
        table = self.scratch.table(f"SELECT DISTINCT {cell} FROM clean ORDER BY 1 NULLS LAST")  # noqa: S608  # names of our own
        values: list[str | None] = table.column(0).to_pylist()
        return values

    def _dim(self, name: str, values: list[str | None], columns: pa.Table, wanted: str) -> str:
        """Join what is known of each distinct value of a column; give SQL of the *wanted* one."""
        dim, cell = f"t{len(self.dims)}", self.loaded.cell(name)
        null = columns[wanted][values.index(None)].as_py() if None in values else None
        self.scratch.put(dim, columns.append_column("value", pa.array(values, pa.string())))
        self.dims.append(dim)
        self.joins.append(f"LEFT JOIN {dim} ON clean.{cell} = {dim}.value")
        return f"{dim}.{wanted}" if null is None else f"coalesce({dim}.{wanted}, {null})"

    def _found(self, name: str, value: str | None, found: str) -> Exception:
        row = self.scratch.one(
            f"SELECT min(n) FROM clean WHERE {self.loaded.cell(name)} = $value",  # noqa: S608  # a name of our own
            {"value": value},
        )
        return bad_cell(name, row, found)


def _small(leaf: Codes) -> pa.Array:
    return pa.array(leaf.astype(np.int16) if leaf.max(initial=0) < 2**15 else leaf)
