"""What leaves as CSV is text to a spreadsheet; every other format gives it as it is."""

import io

import pyarrow as pa
import pytest

from market.delivery.formats import Format, Outlet, write

CELLS = ["=1+1", "+1", "-5", "@now", "\tx", "\rx", "＝1", "a=1", "5", "", None]
BATCH = pa.record_batch({"text": CELLS, "large": pa.array(CELLS, pa.large_string()), "n": range(-5, 6)})


def written(format: Format, batch: pa.RecordBatch = BATCH) -> bytes:
    sink = io.BytesIO()
    write(batch.schema, [batch], Outlet(sink), format)
    return sink.getvalue()


@pytest.mark.parametrize("column", [0, 1])
def test_no_text_in_csv_begins_a_formula(column: int) -> None:
    rows = pa.csv.read_csv(
        io.BytesIO(written(Format.CSV)),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(column_types={"text": pa.string(), "large": pa.string()}),
    )
    found = rows.column(column).to_pylist()
    assert found[:7] == [f"'{cell}" for cell in CELLS[:7] if cell]
    assert found[7:9] == ["a=1", "5"]
    assert rows["n"].to_pylist() == list(range(-5, 6))


def test_other_formats_give_texts_as_they_are() -> None:
    assert pa.ipc.open_stream(written(Format.ARROW)).read_all()["text"].to_pylist() == CELLS
    assert pa.parquet.read_table(io.BytesIO(written(Format.PARQUET)))["text"].to_pylist() == CELLS
    assert b"'" not in written(Format.JSON)


def test_texts_without_formulas_are_not_copied() -> None:
    plain = pa.record_batch({"text": ["a", "b"]})
    assert written(Format.CSV, plain) == b'"text"\n"a"\n"b"\n'
