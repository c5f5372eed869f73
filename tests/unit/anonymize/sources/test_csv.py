"""A CSV source is read as text, in blocks of any size; a fault names its place and never a cell."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from anonymize.errors import SourceError
from anonymize.sources import columns_of
from policies.source import Source
from tests.unit.anonymize.sources.files import PACKINGS, parsed, read

UTF8, GB = Source(), Source(encoding="gb18030")


def written(folder: Path, raw: bytes) -> Path:
    path = folder / "source.csv"
    path.write_bytes(raw)
    return path


def refused(folder: Path, raw: bytes, source: Source = UTF8, *, size: int = 1 << 20) -> SourceError:
    with pytest.raises(SourceError) as caught:
        parsed(written(folder, raw), source, size=size)
    return caught.value


def test_every_column_is_text_and_an_empty_cell_is_null(tmp_path):
    table = parsed(written(tmp_path, '编号,n,d\n007,1,\n"",2.50,2020-01-01\n'.encode()), UTF8)
    assert {str(field.type) for field in table.schema} == {"string"}
    assert table.to_pydict() == {"编号": ["007", None], "n": ["1", "2.50"], "d": [None, "2020-01-01"]}


@pytest.mark.parametrize("text", ["NA", "null", "NULL", "nan", "#N/A", "true", " "])
def test_only_the_empty_cell_is_null(tmp_path, text):
    assert parsed(written(tmp_path, f"a,b\n{text},x\n".encode()), UTF8)["a"].to_pylist() == [text]


def test_a_quoted_cell_may_hold_line_breaks_delimiters_and_quotes(tmp_path):
    table = parsed(written(tmp_path, b'a,b\n"one\ntwo, ""three""",x\r\n4,5\n'), UTF8)
    assert table["a"].to_pylist() == ['one\ntwo, "three"', "4"]


@pytest.mark.parametrize(
    ("raw", "source"), [("姓,名\n张,伟\n".encode("utf-8-sig"), UTF8), ("姓,名\n张,伟\n".encode("gb18030"), GB)]
)
def test_a_byte_order_mark_and_gb18030_are_read(tmp_path, raw, source):
    path = written(tmp_path, raw)
    assert columns_of(path, source) == ("姓", "名")
    assert parsed(path, source)["名"].to_pylist() == ["伟"]


def test_another_delimiter_and_no_rows_are_read(tmp_path):
    table = parsed(written(tmp_path, b"a;b\n"), Source(delimiter=";"))
    assert (table.num_rows, table.column_names) == (0, ["a", "b"])


def test_an_empty_line_is_a_row_only_where_there_is_one_column(tmp_path):
    assert parsed(written(tmp_path, b"a\n1\n\n2\n"), UTF8)["a"].to_pylist() == ["1", None, "2"]
    assert parsed(written(tmp_path, b"a,b\n1,2\n\n3,4\n"), UTF8).num_rows == 2


def test_a_ragged_row_is_told_by_line_and_columns(tmp_path):
    error = refused(tmp_path, b'a,b\n"x\ny",2\n3,SECRET,5\n')
    assert error.place.endswith("line 4")
    assert "3 columns" in error.found
    assert "header 2" in error.found


@pytest.mark.parametrize("raw", [b"a,b\n1,2\n3\n", b'a,b\n1,"SECRET\n2,y\n', b'a,b\n"SECRET"x",2\n'])
def test_a_fault_quotes_no_cell_and_chains_no_parser_message(tmp_path, raw):
    error = refused(tmp_path, raw)
    assert "SECRET" not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    assert error.fix


def test_a_quote_never_closed_is_found_where_its_row_begins(tmp_path):
    assert refused(tmp_path, b'a,b\n1,2\n3,"x\n4,y\n').place.endswith("line 3")


def test_misencoded_bytes_are_told_by_line_character_and_remedy(tmp_path):
    error = refused(tmp_path, "号,名\n1,张\n".encode("gb18030"))
    assert "gb18030" in error.fix
    error = refused(tmp_path, b"a,b\n1,2\nxy\xff,3\n")
    assert error.place.endswith("line 3")
    assert "byte 10 (character 3" in error.found


def test_utf_8_pinned_as_gb18030_is_refused_rather_than_garbled(tmp_path):
    assert "utf-8" in refused(tmp_path, "姓名,住址\n张伟,重庆市渝中区解放路\n".encode(), GB).fix


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\n", "empty"),
        (b"\n1,2\n", "empty"),
        (b"a,a\n1,2\n", "columns 1 and 2"),
        (b"a,,c\n1,2,3\n", "column 2"),
        (b"a,b\n1,\x002\n", "NUL byte at byte 6"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b'a,"b\n', "header"),
    ],
)
def test_what_is_no_csv_is_refused_with_its_fault(tmp_path, raw, found):
    assert found in refused(tmp_path, raw).found


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1 << 20])
def test_the_size_of_the_blocks_makes_no_difference(tmp_path, end, size):
    lines = [b"a,b", b'"one', b'""two"",",2', b"3,4", b"", b'5" pipe,6', b'"7 ""8""","9', b',"', b'10,"11"']
    path = written(tmp_path, end.join(lines))
    breaks = end.decode()
    assert parsed(path, UTF8, size=size).to_pydict() == {
        "a": [f'one{breaks}"two",', "3", '5" pipe', '7 "8"', "10"],
        "b": ["2", "4", "6", f"9{breaks},", "11"],
    }


@pytest.mark.parametrize("size", [1, 5, 1 << 20])
def test_a_fault_far_into_the_file_is_told_by_its_line(tmp_path, size):
    good = b'1,"x\ny"\r\n' * 100
    assert refused(tmp_path, b"a,b\n" + good + b"3\n", size=size).place.endswith("line 202")
    assert refused(tmp_path, b"a,b\n" + good + b'3,"SECRET\n', size=size).place.endswith("line 202")
    assert refused(tmp_path, b"a,b\n" + good + b'3,"x"y\n' + good, size=size).place.endswith("line 202")
    error = refused(tmp_path, b"\xef\xbb\xbfa,b\n" + good + b"3,\xff\n", size=size)
    assert error.place.endswith("line 202")
    assert "byte 909 (character 3" in error.found
    assert "byte 907" in refused(tmp_path, b"\xef\xbb\xbfa,b\n" + good + b"\x003,4\n", size=size).found


@pytest.mark.parametrize("size", [1, 3, 10, 1 << 20])
def test_gb18030_is_read_whatever_the_blocks_cut_through(tmp_path, size):
    rows = [["姓名", "备注"], *([f"張伟{n}", f"\U00020000 | {n}、“引”\n换行"] for n in range(50))]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter="|").writerows(rows)
    table = parsed(
        written(tmp_path, out.getvalue().encode("gb18030")), Source(encoding="gb18030", delimiter="|"), size=size
    )
    assert [table.column_names, *map(list, zip(*table.to_pydict().values(), strict=True))] == rows
    error = refused(tmp_path, "a,b\n张,伟\n李,".encode("gb18030") + b"\xff\n", GB, size=size)
    assert error.place.endswith("line 3")
    assert "byte 13" in error.found


def test_a_byte_order_mark_within_the_text_is_a_character(tmp_path):
    path = written(tmp_path, "a\n\ufeff1\n\ufeff2\n".encode())
    assert parsed(path, UTF8, size=3)["a"].to_pylist() == ["\ufeff1", "\ufeff2"]


@pytest.mark.parametrize("packing", PACKINGS)
def test_packed_text_is_told_by_its_first_bytes_and_read(tmp_path, packing):
    path = written(tmp_path, PACKINGS[packing](b"a,b\n" + b"1,2\n" * 5000))
    assert read(path).num_rows == 5000


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_packed_text_that_is_cut_off_is_refused(tmp_path, packing):
    noise = np.random.default_rng(1).integers(97, 120, 100_000, np.uint8).tobytes()
    raw = PACKINGS[packing](b"a\n" + noise)
    assert "damaged or cut off" in refused(tmp_path, raw[: len(raw) // 2]).found


def test_text_packed_otherwise_is_named(tmp_path):
    import lzma

    assert "xz" in refused(tmp_path, lzma.compress(b"a,b\n1,2\n")).found


def test_a_row_longer_than_a_row_may_be_is_refused_with_its_line(tmp_path, monkeypatch):
    from anonymize.sources import cut

    monkeypatch.setattr(cut, "LONGEST_ROW", 1 << 20)
    for cell in (b"x" * (2 << 20), b'"' + b"x\n" * (1 << 20) + b'"'):
        error = refused(tmp_path, b"a\n1\n" + cell + b"\n2\n", size=1 << 16)
        assert error.place.endswith("line 3")
        assert "longer than" in error.found


def test_too_many_columns_are_counted_and_refused(tmp_path):
    header = ",".join(f"c{n}" for n in range(10_000)).encode()
    assert "10,000 columns" in refused(tmp_path, header + b"\n").found


def test_a_delimiter_that_cannot_be_told_apart_is_no_source():
    from policies.errors import PlanError

    for delimiter in ('"', "\n", "，", "\0"):
        with pytest.raises(PlanError):
            Source(delimiter=delimiter)
