"""A diff as plain text: one line a change, the worst first, columns aligned for Chinese and Latin alike."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

NOTABLE = 0.1
"""From this distance on a distribution is marked."""
_LEGEND = "! finer, weaker, riskier, or gone   ~ at least one row in ten says something else"
_SECTIONS = (("risk", 3.0), ("schema", 2.5), ("plan", 2.0), ("counts", 1.5))

Line = tuple[float, Sequence[str]]


def render(diff: Mapping[str, Any]) -> str:
    """Write a diff of `differences` for a terminal."""
    if diff["same"]:
        lines = ["The two releases do not differ in schema, counts, distributions, risk or plan."]
    else:
        ordered = sorted([*_changes(diff), *_moves(diff)], key=lambda line: -line[0])
        lines = [*_aligned([cells for _, cells in ordered]), "", _LEGEND]
    if diff["why_no_distributions"]:
        lines.append(f"Distributions are not compared: {diff['why_no_distributions']}")
    if diff["uncompared"]:
        lines.append(f"Not comparable: {', '.join(diff['uncompared'])}")
    return "\n".join(lines)


def _changes(diff: Mapping[str, Any]) -> Iterator[Line]:
    for section, weight in _SECTIONS:
        for entry in diff[section]:
            mark = "!" if entry["concern"] else " "
            words = f"{_word(entry['old'])} → {_word(entry['new'])}"
            yield weight if entry["concern"] else weight / 100, (mark, section, entry["where"], entry["what"], words)


def _moves(diff: Mapping[str, Any]) -> Iterator[Line]:
    for entry in diff["distributions"]:
        mark = "~" if entry["distance"] >= NOTABLE else " "
        movers = "; ".join(f"{m['value']} {m['old']:.1%} → {m['new']:.1%}" for m in entry["movers"])
        # a notable move stands below every concern, the others above what needs no look
        weight = entry["distance"] + (0.1 if mark == "~" else 0)
        yield weight, (mark, "spread", "open", entry["column"], f"{entry['distance']:.1%} moved: {movers}")


def _word(value: Any) -> str:
    match value:
        case None:
            return "–"
        case float():
            return f"{value:.4g}"
        case bool() | str():
            return str(value)
        case int():
            return f"{value:,}"
        case list() | tuple():
            return ", ".join(map(_word, value))
    return str(value)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(_width(row[place]) for row in rows) for place in range(len(rows[0]) - 1)]
    return [
        "  ".join([*(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    ]


def _width(text: str) -> int:
    """Count the columns a text takes on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
