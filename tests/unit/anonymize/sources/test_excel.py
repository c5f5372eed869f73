"""A sheet comes out as the text a CSV export would hold."""

import pytest

from anonymize.errors import SourceError
from policies.source import Source
from tests.unit.anonymize.sources.files import here, number, text, xlsx

EXCEL = Source(format="xlsx")
HEADER = [text("A1", "编号"), text("B1", "值"), text("C1", "日期")]
ROWS = [
    HEADER,
    [number("A2", "1"), text("B2", "007"), number("C2", "43831", 1)],
    [number("A3", "2.5"), '<c r="B3" t="b"><v>1</v></c>', number("C3", "43831.5", 2)],
    [],
    [number("A5", "123456789012"), text("B5", ""), number("C5", "0.1")],
]


def write(tmp_path, sheets, **options):
    path = tmp_path / "a.xlsx"
    path.write_bytes(xlsx(sheets, **options))
    return path


def test_numbers_texts_and_dates_are_rendered_and_empty_rows_left_out(tmp_path):
    assert here(write(tmp_path, {"Data": ROWS}), EXCEL).to_pydict() == {
        "编号": ["1", "2.5", "123456789012"],
        "值": ["007", "true", None],
        "日期": ["2020-01-01", "2020-01-01T12:00:00", "0.1"],
    }


def test_the_pinned_sheet_is_read_and_one_that_is_not_there_is_refused_with_the_names(tmp_path):
    path = write(tmp_path, {"One": [[text("A1", "a")], [text("A2", "x")]], "Two": ROWS})
    assert here(path, EXCEL).to_pydict() == {"a": ["x"]}
    assert here(path, Source(format="xlsx", sheet="Two")).num_rows == 3
    with pytest.raises(SourceError, match="has no sheet 'Three'") as caught:
        here(path, Source(format="xlsx", sheet="Three"))
    assert "One, Two" in caught.value.fix


@pytest.mark.parametrize(
    ("rows", "place", "found"),
    [
        ([], "row 1", "the line is empty"),
        ([[text("A1", "a"), text("C1", "c")]], "row 1", "column 2 has no name"),
        ([[text("A1", "a"), text("B1", "a")]], "row 1", "columns 1 and 2"),
        ([[text("A1", "a")], [text("A2", "1"), text("B2", "SECRET")]], "row 2", "beyond the 1 columns"),
    ],
)
def test_a_sheet_that_is_no_table_is_refused_by_row(tmp_path, rows, place, found):
    with pytest.raises(SourceError, match=found) as caught:
        here(write(tmp_path, {"S": rows}), EXCEL)
    assert caught.value.place.endswith(f"sheet 'S', {place}")
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("keep", [0, 10, 500])
def test_a_workbook_that_is_cut_off_or_none_is_refused(tmp_path, keep):
    path = write(tmp_path, {"S": ROWS})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(SourceError, match="no Excel workbook"):
        here(path, EXCEL)
