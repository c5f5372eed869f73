"""A file of texts written again without its personal data: whole, or not at all."""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from anonymize.edition import sync_folder
from anonymize.texts.lines import ID, JsonLines
from anonymize.texts.searching import together
from anonymize.texts.tables import TextSource
from anonymize.transform.keys import ReleaseSecret
from anonymize.transform.text import Rules, Scrubbed, Taken, scrub, survey
from anonymize.transform.tokens import shift_days
from anonymize.workplace import TargetError

TOGETHER_ROWS = 100_000
"""Rows written at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is done to a file of texts."""

    rules: Rules
    columns: Sequence[str]
    own: Sequence[tuple[str, str]] = ()
    """Pairs of kind (`name`, `address` or `value`) and column: cells that are looked for in the text of their row."""
    subject: str | None = None
    """The column that says whose each row is."""
    secret: ReleaseSecret = field(default_factory=ReleaseSecret.draw)
    processes: int | None = None


def rewrite(
    source: TextSource, file: BinaryIO, settings: Settings, progress: Callable[[str], None] | None = None
) -> dict[str, Any]:
    """Write *source* to *file* as *settings* say; give the rows, and how much was removed by type.

    Where surrogates are wanted the source is read twice, so that none of them is a value of it.

    Raises:
        SourceError: the source is at fault, or its form is not written again.
        ModelError: a file of the language's model is missing or altered.
    """
    tell = progress or (lambda _: None)
    rules, taken = settings.rules, Taken()
    beside = [name for _, name in settings.own] + ([settings.subject] if settings.subject else [])
    columns = list(dict.fromkeys([*settings.columns, *beside, *([ID] if isinstance(source, JsonLines) else [])]))
    if rules.use("surrogate"):
        seen = 0
        for batch in source.batches(columns):
            for column in settings.columns:
                survey(taken, batch.column(column), _own(settings, batch), rules, processes=settings.processes)
            seen += batch.num_rows
            tell(f"looked for values in {seen:,} rows, so that none is invented")
    rows, removed = 0, Counter[str]()
    for table in together(source.batches(columns), TOGETHER_ROWS):
        batch = table.combine_chunks().to_batches()[0]
        texts = {}
        for column in settings.columns:
            done = _scrubbed(settings, batch, column, taken)
            texts[column] = done.texts
            removed.update(done.counts)
        source.write(file, batch, texts)
        rows += batch.num_rows
        tell(f"wrote {rows:,} rows")
    source.end(file)
    return {"rows": rows, "columns": list(settings.columns), "removed": dict(sorted(removed.items()))}


def _scrubbed(settings: Settings, batch: pa.RecordBatch, column: str, taken: Taken) -> Scrubbed:
    whose = batch.column(settings.subject).cast(pa.string()).to_pylist() if settings.subject else None
    shifts = None
    if whose is not None and settings.rules.use("shift"):
        key = settings.secret.shift_key()
        shifts = [None if subject is None else shift_days(key, subject) for subject in whose]
    return scrub(
        batch.column(column),
        _own(settings, batch),
        rules=settings.rules,
        key=settings.secret.text_key(),
        whose=whose,
        shifts=shifts,
        taken=taken,
        processes=settings.processes,
    )


def _own(settings: Settings, batch: pa.RecordBatch) -> list[tuple[str, pa.Array]]:
    return [(kind, batch.column(name).cast(pa.string())) for kind, name in settings.own]


@contextmanager
def appearing(target: Path) -> Iterator[BinaryIO]:
    """Give a file that is *target* once the block ends well, and is gone on any exception.

    Raises:
        TargetError: *target* is there already, or its folder is not.
    """
    _refuse(target)
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _refuse(target)
        Path(temporary).rename(target)
        sync_folder(target.parent)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _refuse(target: Path) -> None:
    if not target.parent.is_dir():
        raise TargetError(str(target), "its folder does not exist", fix="Make the folder first.")
    if target.exists() or target.is_symlink():
        raise TargetError(str(target), "is there already", fix="Name a file that does not exist.")
