"""The audit of a column as it was written: every distinct text once, in bounded memory, with progress."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from anonymize.held import work_folder
from anonymize.residual.figures import Figures
from anonymize.residual.known import Known
from anonymize.residual.plain import unmarked
from anonymize.residual.search import search
from anonymize.risk.loading import literal, quote
from anonymize.spilling import spilling

MEMORY = "512MB"
"""Memory for telling texts apart; what exceeds it goes to encrypted files."""
ROWS = 10_000


def texts_of(files: Sequence[Path], column: str) -> Iterator[list[str]]:
    """Give each distinct text of *column* in the Parquet *files* once, in lists."""
    paths = ", ".join(map(literal, files))
    name = quote(column)
    with work_folder("audit") as folder, spilling(folder, MEMORY, threads=2) as database:
        asked = database.sql(
            f"SELECT DISTINCT {name} FROM read_parquet([{paths}], hive_partitioning = false) WHERE {name} IS NOT NULL"  # noqa: S608  # quoted names
        )
        for batch in asked.to_arrow_reader(ROWS):
            yield batch.column(0).cast("string").to_pylist()


def audit(
    texts: Iterable[Sequence[str]], known: Known | None = None, progress: Callable[[str], None] | None = None
) -> Figures:
    """Search distinct *texts*, given in lists, and count what is found; *known* are values of their source."""
    figures = Figures()
    for batch in texts:
        for text in batch:
            for start, end, kind in search(text):
                figures.findings[kind] += 1
                figures.lengths[kind] += end - start
        if known is not None:
            figures.known.update(known.count([unmarked(text) for text in batch]))
        figures.texts += len(batch)
        figures.characters += sum(map(len, batch))
        if progress is not None:
            progress(f"audited {figures.texts:,} distinct texts, {figures.characters:,} characters")
    return figures
