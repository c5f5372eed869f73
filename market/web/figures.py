"""How figures are written: thousands, percent, days and moments of the city, sizes and money."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from policies.calendar import CITY_TIME


def number(value: float | None) -> str:
    """Write a number with its thousands apart."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def percent(share: float | None) -> str:
    """Write a share of one as percent, small ones with two digits."""
    if share is None:
        return "–"
    value = 100 * share
    digits = 0 if value == int(value) else 1 if value >= 0.95 else 2
    return f"{value:.{digits}f}%"


def day(value: datetime | date | None) -> str:
    """Write the day, in the city's time."""
    if value is None:
        return "–"
    return (value.astimezone(CITY_TIME) if isinstance(value, datetime) else value).strftime("%Y-%m-%d")


def moment(value: datetime | None) -> str:
    """Write a moment in the city's time, to the minute."""
    return "–" if value is None else value.astimezone(CITY_TIME).strftime("%Y-%m-%d %H:%M")


def size(count: int) -> str:
    """Write a number of bytes in the unit that suits it."""
    value, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:
        value, units = value / 1000, units[1:]
    return f"{value:.3g} {units[0]}"


def yuan(fen: int) -> str:
    """Write an amount of fen as yuan."""
    return f"{fen // 100:,}.{fen % 100:02}"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "number": number,
    "percent": percent,
    "day": day,
    "moment": moment,
    "size": size,
    "yuan": yuan,
}
