"""Parquet comes out as the text a CSV export would hold."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymize.errors import SourceError
from policies.source import Source
from tests.unit.anonymize.sources.files import here, read

PARQUET = Source(format="parquet")
MOMENT = datetime(2020, 2, 3, 4, 5, 6, 120000)

COLUMNS = [
    (pa.array(["a", "", None]), ["a", None, None]),
    (pa.array(["a", "", "a"]).dictionary_encode(), ["a", None, "a"]),
    (pa.array(["a", "bc", None], pa.large_string()), ["a", "bc", None]),
    (pa.array(["重庆".encode(), b"", None], pa.binary()), ["重庆", None, None]),
    (pa.array([1, -2, None], pa.int8()), ["1", "-2", None]),
    (pa.array([1.0, 2.5, 1e300]), ["1", "2.5", "1e+300"]),
    (pa.array([Decimal("1.50"), None, Decimal("2.00")]), ["1.50", None, "2.00"]),
    (pa.array([True, False, None]), ["true", "false", None]),
    (pa.array([date(2020, 2, 29), None, date(1, 1, 1)]), ["2020-02-29", None, "0001-01-01"]),
    (pa.array([MOMENT, None, datetime(2020, 1, 1)]), ["2020-02-03T04:05:06.12", None, "2020-01-01T00:00:00"]),
    (pa.array([datetime(2020, 1, 1, 10)] * 3, pa.timestamp("s")), ["2020-01-01T10:00:00"] * 3),
    (pa.array([MOMENT.replace(tzinfo=UTC)] * 3, pa.timestamp("us", "Asia/Shanghai")), ["2020-02-03T04:05:06.12Z"] * 3),
    (pa.array([time(1, 2, 30)] * 3), ["01:02:30"] * 3),
    (pa.nulls(3), [None] * 3),
]


@pytest.mark.parametrize(("values", "expected"), COLUMNS, ids=[str(values.type) for values, _ in COLUMNS])
def test_each_type_is_rendered(tmp_path, values, expected):
    pq.write_table(pa.table({"x": values}), tmp_path / "a.parquet")
    table = here(tmp_path / "a.parquet", PARQUET)
    assert table["x"].type == pa.string()
    assert table["x"].to_pylist() == expected


def test_the_child_reads_it_too(tmp_path):
    pq.write_table(pa.table({"x": range(70_000)}), tmp_path / "a.parquet", row_group_size=9_999)
    assert read(tmp_path / "a.parquet", PARQUET)["x"].to_pylist() == [str(n) for n in range(70_000)]


@pytest.mark.parametrize(
    "values",
    [pa.array([[1]]), pa.array([{"a": 1}]), pa.array([1], pa.duration("s")), pa.array([[(1, 2)]], pa.map_("i8", "i8"))],
)
def test_what_is_no_cell_is_refused_by_column_and_type(tmp_path, values):
    pq.write_table(pa.table({"ok": pa.array([1]), "x": values}), tmp_path / "a.parquet")
    with pytest.raises(SourceError, match=r"column 'x': is of the type") as caught:
        here(tmp_path / "a.parquet", PARQUET)
    assert str(values.type).partition("<")[0] in caught.value.found


def test_bytes_that_are_no_text_are_refused(tmp_path):
    pq.write_table(pa.table({"x": pa.array([b"\xff"])}), tmp_path / "a.parquet")
    with pytest.raises(SourceError, match=r"column 'x': holds a text that is not UTF-8"):
        here(tmp_path / "a.parquet", PARQUET)


def test_row_groups_come_in_order_and_large_cells_in_smaller_batches(tmp_path):
    count, cell = 3000, "x" * 50_000
    table = pa.table({"n": pa.array(range(count)), "x": pa.array([cell] * count)})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=1000)
    from anonymize.sources import open_source

    source = Source(format="parquet", max_bytes=1 << 30)
    with open_source(tmp_path / "a.parquet", source) as reading:
        numbers = []
        for batch in reading:
            assert batch.nbytes <= (64 << 20) + (1 << 16)
            numbers += batch["n"].to_pylist()
    assert numbers == [str(n) for n in range(count)]


def test_a_header_with_a_name_twice_is_refused(tmp_path):
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(SourceError, match="columns 1 and 2"):
        here(tmp_path / "a.parquet", PARQUET)


def test_a_file_that_is_no_parquet_is_refused(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"a,b\n1,2\n")
    with pytest.raises(SourceError, match="no Parquet file"):
        here(tmp_path / "a.parquet", PARQUET)
