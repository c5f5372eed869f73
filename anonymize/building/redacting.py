"""Free text, scrubbed in batches: each row's text beside the row's own names, into a table of its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from anonymize.building.loading import Loaded
from anonymize.building.scratch import Scratch
from anonymize.transform.keys import ReleaseSecret
from anonymize.transform.tokens import shift_days
from anonymize.workplace import Progress
from policies.columns import Column, Treatment
from policies.editions import by_fineness
from policies.plan import Plan
from policies.profile import Mode

BATCH_ROWS = 20_000
SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string())])


def redact_column(
    scratch: Scratch,
    column: Column,
    plan: Plan,
    loaded: Loaded,
    secret: ReleaseSecret,
    number: int,
    tell: Progress,
) -> tuple[str, Mapping[str, int]]:
    """Scrub *column* into a table of row numbers and texts; give its name, and what was removed by type.

    What the plan marks with `scrub` is removed from the text of its own row. Where surrogates are wanted the column is
    searched once more beforehand, so that none of them is a value of any row.
    """
    from anonymize.transform.text import Rules, Taken, scrub, survey  # few plans have texts

    rules = Rules.of(column)
    own = _own(plan, shifting=rules.use("shift"))
    texts = _Texts(scratch, column, plan, loaded, tuple(name for _, name in own))
    kinds = [kind for kind, _ in own]
    removed: dict[str, int] = {}
    taken = Taken()
    if rules.use("surrogate"):
        done = 0
        for _, values, cells, _ in texts.batches():
            survey(taken, values, list(zip(kinds, cells, strict=True)), rules)
            done += len(values)
            tell(f"looked for values of {done:,} texts, so that none is invented")

    def scrubbed() -> Iterator[pa.RecordBatch]:
        done = 0
        for numbers, values, cells, subjects in texts.batches():
            whose = [str(n) for n in numbers.to_pylist()] if _linked(plan, loaded) else subjects
            shifts = [shift_days(secret.shift_key(), subject) for subject in subjects] if rules.use("shift") else None
            result = scrub(
                values,
                list(zip(kinds, cells, strict=True)),
                rules=rules,
                key=secret.text_key(),
                whose=whose,
                shifts=shifts,
                taken=taken,
            )
            for kind, count in result.counts.items():
                removed[kind] = removed.get(kind, 0) + count
            done += len(values)
            tell(f"redacted {done:,} texts")
            yield pa.record_batch([numbers, result.texts], schema=SCHEMA)

    table = f"r{number}"
    scratch.fill(f"CREATE TABLE {table} AS FROM stream", SCHEMA, scrubbed(), {})
    return table, removed


@dataclass(frozen=True, slots=True)
class _Texts:
    """The texts of a column with what stands beside them, as often as they are asked for."""

    scratch: Scratch
    column: Column
    plan: Plan
    loaded: Loaded
    beside: Sequence[str]

    def batches(self) -> Iterator[tuple[pa.Array, pa.Array, list[pa.Array], list[str]]]:
        """Give row numbers, texts, the cells of each column beside them, and whose each row is."""
        cell = self.loaded.cell
        cells = [f"{cell(self.column.name)} AS text", f"{cell(self.plan.subject.name)} AS subject"]
        cells += [f"raw.{cell(name)}" for name in self.beside]
        rows = f"SELECT n, {', '.join(cells)} FROM raw WHERE text IS NOT NULL ORDER BY n"  # noqa: S608  # names of our own
        for batch in self.scratch.batches(rows, BATCH_ROWS):
            numbers, texts, subjects, *beside = batch.columns
            yield numbers, texts, beside, subjects.to_pylist()


def _own(plan: Plan, *, shifting: bool) -> list[tuple[str, str]]:
    """Pair what kind of cell is looked for in texts with its column; where dates are shifted, birth dates are."""
    own = [(column.scrub, column.name) for column in plan.columns if column.scrub is not None]
    if shifting:
        births = {column.birth_date for column in plan.columns if column.birth_date is not None}
        own += [("value", name) for name in sorted(births - {name for _, name in own})]
    return own


def _linked(plan: Plan, loaded: Loaded) -> bool:
    """Say whether a name kept the same would tell which rows are one person's, where no token does so anyway."""
    if not loaded.repeated:
        return False
    served = (profile for profile in by_fineness(plan) if Mode.RECORDS in profile.modes)
    return any(
        all(column.treatment is not Treatment.TOKEN for column in plan.carried(profile.name)) for profile in served
    )
