"""What commands print of many rows can be opened in a spreadsheet and read in a terminal without harm."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from market.cli.tables import FORMULA, WIDEST, print_rows, printable, safe

MOMENT = datetime(2026, 1, 31, 8, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {"a": "=1+1", "b": -5, "c": None},
    {"a": "plain, with comma", "b": 2.5, "c": {"k": "v"}},
    {"a": "\x1b[2Jgone", "b": 0, "c": MOMENT},
]


@pytest.mark.parametrize("mark", FORMULA)
def test_no_text_in_csv_is_a_formula(mark: str) -> None:
    assert safe(f"{mark}cmd|' /C calc'!A0") == f"'{mark}cmd|' /C calc'!A0"


@pytest.mark.parametrize("value", [-5, -2.5, Decimal("-1.5"), 0, None, "plain", MOMENT, date(2026, 1, 31)])
def test_what_is_no_formula_stays_as_it_is(value: Any) -> None:
    assert not str(safe(value)).startswith("'")


def test_csv_comes_back_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(("a", "b", "c"), ROWS, as_json=False, as_csv=True)
    head, *lines = csv.reader(io.StringIO(capsys.readouterr().out))
    assert head == ["a", "b", "c"]
    assert lines == [
        ["'=1+1", "-5", ""],
        ["plain, with comma", "2.5", '{"k": "v"}'],
        ["\x1b[2Jgone", "0", "2026-01-31T08:00:00Z"],
    ]


def test_a_column_name_is_no_formula_either(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(("=1+1",), [{"=1+1": 1}], as_json=False, as_csv=True)
    assert capsys.readouterr().out.startswith("'=1+1")


def test_json_has_a_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(("a", "b", "c"), ROWS, as_json=True, as_csv=False)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["a"] for line in lines] == [row["a"] for row in ROWS]
    assert lines[2]["c"] == "2026-01-31T08:00:00Z"


def test_a_table_moves_no_cursor_and_keeps_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(("a", "b", "c"), iter(ROWS * 150), as_json=False, as_csv=False)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 451
    assert "\x1b" not in "".join(lines)
    assert lines[3].startswith("\\u001b[2Jgone")
    assert {line.index("-5") for line in lines[1::3]} == {lines[0].index("b")}


def test_a_wide_cell_is_cut_for_people_alone() -> None:
    assert len(printable("x" * 1000)) == WIDEST
    assert len(safe("x" * 1000)) == 1000


def test_no_rows_are_a_head_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(("a", "b"), [], as_json=False, as_csv=False)
    assert capsys.readouterr().out == "a  b\n"
