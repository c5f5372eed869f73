"""A file of an answer: it has its name when it is whole and on the disk, and not before.

Until then it is `NAME.<process>.partial` beside its place, held by whoever writes it. A mark in the home says where, so
that housekeeping finds what a killed process left; so does the next answer that goes to the same name.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from anonymize.edition import sync_folder
from anonymize.held import hold, remove_abandoned

SUFFIX, MARK = ".partial", ".output"


@contextmanager
def partial(output: Path, *, marks: Path) -> Iterator[tuple[IO[bytes], Callable[[], None]]]:
    """Give a file to write and what hands it over; unless that is called, nothing is left when the block ends."""
    output = output.absolute()
    for left in output.parent.iterdir():
        if _is_part_of(left, output):
            remove_abandoned(left)
    beside = output.with_name(f"{output.name}.{os.getpid()}{SUFFIX}")
    with _marked(marks, beside):
        try:
            with beside.open("xb") as file:
                hold(file.fileno())

                def hand_over() -> None:
                    file.flush()
                    os.fsync(file.fileno())
                    beside.rename(output)
                    sync_folder(output.parent)

                yield file, hand_over
        finally:
            beside.unlink(missing_ok=True)


def sweep_outputs(marks: Path) -> int:
    """Remove what killed processes left beside their outputs, and their marks; gives how many."""
    removed = 0
    for mark in marks.glob(f"*{MARK}"):
        try:
            left = Path(mark.read_text("utf-8", errors="surrogateescape"))
        except FileNotFoundError:
            continue
        if remove_abandoned(mark):
            removed += 1
            if left.is_absolute() and left.suffix == SUFFIX:
                remove_abandoned(left)
    return removed


@contextmanager
def _marked(marks: Path, beside: Path) -> Iterator[None]:
    mark = marks / f"{os.urandom(8).hex()}{MARK}"
    with mark.open("x", encoding="utf-8", errors="surrogateescape") as file:
        hold(file.fileno())
        file.write(str(beside))
        file.flush()
        try:
            yield
        finally:
            mark.unlink(missing_ok=True)


def _is_part_of(left: Path, output: Path) -> bool:
    name, _, process = left.name.removesuffix(SUFFIX).rpartition(".")
    return left.name.endswith(SUFFIX) and name == output.name and process.isdecimal()
