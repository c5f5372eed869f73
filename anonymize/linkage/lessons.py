"""What another rendering can teach: where it is finer than the finest edition, and by which columns it is linked."""

from dataclasses import dataclass

import duckdb

from anonymize.linkage.reading import Labels, attach, quote
from anonymize.linkage.renderings import Forest, LinkageError, Rendering


@dataclass(frozen=True, slots=True)
class Lesson:
    """One rendering that is finer somewhere: the columns it shares with the finest edition, and those it teaches."""

    number: int
    shared: tuple[str, ...]
    taught: tuple[str, ...]

    def key(self, name: str) -> str:
        """Name the column of the tables in which both sides agree."""
        return quote(f"{self.number}:{name}")


def prepare(
    connection: duckdb.DuckDBPyConnection,
    forest: Forest,
    finest: Rendering,
    own: Labels,
    other: Rendering,
    number: int,
) -> tuple[Lesson, dict[str, str]]:
    """Make `other_<number>`, distinct keys and taught values, where *other* teaches; give the keys of our side too."""
    here, there = finest.levels(), other.levels()
    quasi = {*finest.quasi_identifiers(), *other.quasi_identifiers()}
    shared = tuple(name for name in here if name in there)
    mixed = [name for name in shared if (here[name] is None) != (there[name] is None)]
    if mixed:
        raise LinkageError(
            f"column {mixed[0]!r}",
            f"is generalised in one of {finest.name} and {other.name}, and not in the other",
            fix="Treat it as in the published releases, or give it another name.",
        )
    taught = tuple(
        name
        for name in there
        if name in quasi
        and ((name not in here and name in other.quasi_identifiers()) or _finer(there.get(name), here.get(name)))
    )
    lesson = Lesson(number, shared, taught)
    if not taught:
        return lesson, {}
    view = f"view_{number}"
    labels = Labels(connection, forest, other, view, attach(connection, view, other.files, other.name))
    mine, theirs = {}, []
    for name in shared:
        left, right = here[name], there[name]
        if left is None or right is None:
            numbers = own.is_number(name) and labels.is_number(name)
            mine[lesson.key(name)] = own.value(name, numbers=numbers)
            theirs.append(f"{labels.value(name, numbers=numbers)} AS {lesson.key(name)}")
        else:
            level = max(left, right)
            mine[lesson.key(name)] = own.at(name, level)
            theirs.append(f"{labels.at(name, level)} AS {lesson.key(name)}")
    theirs += [f"coalesce('+' || {labels.value(name)}, '-') AS {quote(name)}" for name in taught]
    connection.execute(
        f"CREATE TEMP TABLE other_{number:d} AS SELECT DISTINCT {', '.join(theirs)} FROM {labels.source()}"  # noqa: S608
    )
    return lesson, mine


def _finer(there: int | None, here: int | None) -> bool:
    return there is not None and here is not None and there < here
