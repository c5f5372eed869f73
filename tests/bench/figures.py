"""What a bench found, as lines of the table in the README: printed, and kept beside the JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table."""

    bench: str
    measured_on: str
    found: str
    goal: str
    held: bool | None = None
    """Whether the goal was met; None where there is none."""

    def __str__(self) -> str:
        return f"| {self.bench} | {self.measured_on} | {self.found} | {self.goal} |"


def tell(figures: Sequence[Figure], result: Mapping[str, Any], path: Path | None) -> None:
    """Print *figures* with the verdict on each; write them and the whole *result* to *path*, where there is one."""
    for figure in figures:
        verdict = "" if figure.held is None else "  within" if figure.held else "  OVER"
        print(f"{figure}{verdict}")
    if path is not None:
        path.write_text(json.dumps({**result, "figures": [asdict(figure) for figure in figures]}, indent=1))


def table(paths: Sequence[Path]) -> str:
    """Give the figures in the JSON files at *paths* as the table of the README."""
    lines = [Figure(**figure) for path in paths for figure in json.loads(path.read_text())["figures"]]
    return "\n".join(["| bench | measured on | found | goal |", "|---|---|---|---|", *map(str, lines)])
