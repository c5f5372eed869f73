"""Statistics of a column, each computed from its safe margin and from nothing else, as plain JSON."""

from typing import Any

from anonymize.previews import grids
from anonymize.previews.margins import Cell, Kind, Margin

SHARES = (5, 25, 50, 75, 95)
"""The quantiles given, in per cent of the shown rows."""


def figures(margin: Margin) -> dict[str, Any]:
    """Describe a column: nulls, distinct values, range, mean, quantiles and histogram, as `previews.md` explains."""
    out: dict[str, Any] = {"name": margin.name, "kind": margin.kind, "nulls": margin.nulls}
    if margin.kind is Kind.HIDDEN:
        return out
    out |= {"distinct": margin.distinct, "rarer": margin.rarer}
    out |= {"minimum": None, "maximum": None, "mean": None, "quantiles": {}}
    if margin.cells and margin.kind is not Kind.LABELS:
        out["minimum"], out["maximum"] = _ends(margin)
        out["quantiles"] = {str(share): _quantile(margin, share / 100) for share in SHARES}
    if margin.cells and margin.kind is Kind.NUMBERS:
        out["mean"] = _short(sum(cell.count * _middle(cell, margin) for cell in margin.cells) / margin.shown)
    out["histogram"] = {
        "kind": margin.kind,
        "bins": [_bin(cell, margin) for cell in margin.cells],
        "other": margin.other,
    }
    return out


def _bin(cell: Cell, margin: Margin) -> dict[str, Any]:
    if not margin.kind.binned:
        return {"label": cell.label, "count": cell.count}
    return {"from": _edge(cell.low, margin), "to": _edge(cell.high, margin), "count": cell.count}


def _ends(margin: Margin) -> tuple[Any, Any]:
    first, last = margin.cells[0], margin.cells[-1]
    if margin.kind is Kind.ORDERED:
        return first.label, last.label
    return _edge(first.low, margin), _edge(last.high, margin)


def _quantile(margin: Margin, share: float) -> Any:
    """Find the cell where *share* of the shown rows is reached; inside a bin rows count as evenly spread."""
    due, cell = share * margin.shown, margin.cells[0]
    for cell in margin.cells:
        if due <= cell.count:
            break
        due -= cell.count
    if margin.kind is Kind.ORDERED:
        return cell.label
    value = cell.low + (cell.high - cell.low) * min(due / cell.count, 1.0)
    return grids.text_of(min(value, cell.high - 1)) if margin.kind is Kind.DATES else _short(value)


def _middle(cell: Cell, margin: Margin) -> float:
    return (cell.low + cell.high - (1 if margin.whole else 0)) / 2


def _edge(value: float, margin: Margin) -> Any:
    if margin.kind is Kind.DATES:
        return grids.text_of(value)
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else float(value)


def _short(value: float) -> float:
    return float(f"{value:.6g}")
