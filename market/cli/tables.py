"""Print many rows: as a table for people, as JSON lines, or as CSV that no spreadsheet takes for formulas."""

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any, Final

import click

from policies.canonical import plain

FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")
"""What makes a spreadsheet take a text for a formula (OWASP, CSV injection)."""

WIDEST: Final = 60
"""Characters of a cell in a table for people; the JSON has all of them."""

SAMPLE: Final = 200
"""Rows by which the widths of the columns are measured."""

csv_option = click.option("--csv", "as_csv", is_flag=True, help="Print CSV, in which no cell is a formula.")


def print_rows(names: Sequence[str], rows: Iterable[Mapping[str, Any]], *, as_json: bool, as_csv: bool) -> None:
    """Print *rows* with the columns *names* as they come."""
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False, default=_plain))
    elif as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow([safe(name) for name in names])
        writer.writerows([safe(row[name]) for name in names] for row in rows)
    else:
        _table(names, rows)


def safe(value: Any) -> Any:
    """Give a cell for CSV: a text that a spreadsheet would take for a formula gets a quote in front."""
    text = _text(value)
    return f"'{text}" if not _is_number(value) and text.startswith(FORMULA) else text


def printable(value: Any) -> str:
    """Give a cell for a terminal: what would move its cursor is written out."""
    text = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in _text(value))
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _table(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    cells = ([printable(row[name]) for name in names] for row in rows)
    sample = list(islice(cells, SAMPLE))
    widths = [max(map(len, column)) for column in zip(map(printable, names), *sample, strict=True)]
    for line in chain([list(map(printable, names))], sample, cells):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case datetime() | date():
            return str(_plain(value))
        case dict() | list() | tuple():
            return json.dumps(value, ensure_ascii=False, default=_plain, sort_keys=True)
        case _:
            return str(value)


def _plain(value: Any) -> Any:
    """Turn what JSON does not know into what it does."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.isoformat()
    try:
        return plain(value)
    except TypeError:
        return value.hex() if isinstance(value, bytes) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
