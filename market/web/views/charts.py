"""Histograms as bars in an SVG: widths in per cent, so that they stay sharp at any width without a style or script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

TALL = 76
"""Pixels of the highest upright bar."""
ROW = 34
"""Pixels of a lying bar with its label."""
MOST_LYING = 6
LONGEST_LABEL = 22


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, and the row that says the same in the table."""

    label: str
    count: int
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars of a column: lying for labels without an order, upright along a line for the rest."""

    lying: bool
    bars: tuple[Bar, ...]
    height: int

    @property
    def drawn(self) -> tuple[Bar, ...]:
        """The bars that are drawn; the table has all."""
        return self.bars[:MOST_LYING] if self.lying else self.bars

    @property
    def most(self) -> Bar:
        """The bar with the most rows."""
        return max(self.bars, key=lambda bar: bar.count)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a column of the open edition."""

    name: str
    kind: str
    nulls: int | None
    distinct: int | None
    rarer: int | None
    other: int | None
    minimum: Any
    maximum: Any
    mean: Any
    median: Any
    chart: Chart | None


def shown(statistics: Mapping[str, Any]) -> list[Shown]:
    """Give what is shown of each column; nothing where the release shows no statistics."""
    return [_shown(column) for column in statistics["open"]["columns"]] if statistics["open"] else []


def _shown(column: Mapping[str, Any]) -> Shown:
    histogram = column.get("histogram", {})
    return Shown(
        name=column["name"],
        kind=column["kind"],
        nulls=column["nulls"],
        distinct=column.get("distinct"),
        rarer=column.get("rarer"),
        other=histogram.get("other", 0),
        minimum=column.get("minimum"),
        maximum=column.get("maximum"),
        mean=column.get("mean"),
        median=column.get("quantiles", {}).get("50"),
        chart=chart(column["kind"], histogram.get("bins", ())),
    )


def chart(kind: str, bins: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Draw the bins of a histogram; nothing where there are none."""
    if not bins:
        return None
    if kind in ("numbers", "dates"):
        return Chart(False, tuple(_stretches(bins)), TALL)
    if kind == "ordered":
        return Chart(False, tuple(_upright(bins)), TALL)
    return Chart(True, tuple(_lying(bins)), ROW * min(len(bins), MOST_LYING))


def _lying(bins: Sequence[Mapping[str, Any]]) -> list[Bar]:
    most = max(entry["count"] for entry in bins)
    return [
        Bar(str(entry["label"]), entry["count"], 0, round(100 * entry["count"] / most, 2), ROW * place, ROW)
        for place, entry in enumerate(bins)
    ]


def _upright(bins: Sequence[Mapping[str, Any]]) -> list[Bar]:
    most, step = max(entry["count"] for entry in bins), 100 / len(bins)
    out = []
    for place, entry in enumerate(bins):
        height = _height(entry["count"] / most)
        x, width = round(place * step, 3), round(step * 0.86, 3)
        out.append(Bar(str(entry["label"]), entry["count"], x, width, TALL - height, height))
    return out


def _stretches(bins: Sequence[Mapping[str, Any]]) -> list[Bar]:
    """Draw bins of uneven width so that their areas compare: the height is rows per unit."""
    edges = [(_place(entry["from"]), _place(entry["to"])) for entry in bins]
    low, span = edges[0][0], (edges[-1][1] - edges[0][0]) or 1
    thick = [entry["count"] / ((high - start) or 1) for entry, (start, high) in zip(bins, edges, strict=True)]
    out = []
    for entry, (start, high), dense in zip(bins, edges, thick, strict=True):
        height, width = _height(dense / max(thick)), 100 * (high - start) / span
        label = f"{_said(entry['from'])} – {_said(entry['to'])}"
        x = round(100 * (start - low) / span, 3)
        out.append(Bar(label, entry["count"], x, round(width * 0.94, 3), TALL - height, height))
    return out


def _height(share: float) -> float:
    return round(max(1.0, share * TALL), 1)


def _place(edge: Any) -> float:
    return float(date.fromisoformat(edge).toordinal()) if isinstance(edge, str) else float(edge)


def _said(edge: Any) -> str:
    return edge if isinstance(edge, str) else f"{edge:,}" if isinstance(edge, int) else f"{edge:,.6g}"
