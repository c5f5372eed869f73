"""A CSV source is read whole and as text; a fault names its place and never a cell."""

import gzip
import os
from pathlib import Path

import pytest

from anonymize.errors import SourceError
from anonymize.sources.csv import header_of, read_csv, sha256_of
from policies.plan import Source

UTF8, GB = Source(), Source(encoding="gb18030")


def written(folder: Path, raw: bytes) -> Path:
    path = folder / "source.csv"
    path.write_bytes(raw)
    return path


def refused(folder: Path, raw: bytes, source: Source = UTF8) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read_csv(written(folder, raw), source)
    return caught.value


def test_every_column_is_text_and_an_empty_cell_is_null(tmp_path):
    table = read_csv(written(tmp_path, '编号,n,d\n007,1,\n"",2.50,2020-01-01\n'.encode()), UTF8)
    assert {str(field.type) for field in table.schema} == {"string"}
    assert table.to_pydict() == {"编号": ["007", None], "n": ["1", "2.50"], "d": [None, "2020-01-01"]}


@pytest.mark.parametrize("text", ["NA", "null", "NULL", "nan", "#N/A", "true", " "])
def test_only_the_empty_cell_is_null(tmp_path, text):
    assert read_csv(written(tmp_path, f"a,b\n{text},x\n".encode()), UTF8)["a"].to_pylist() == [text]


def test_a_quoted_cell_may_hold_line_breaks_delimiters_and_quotes(tmp_path):
    table = read_csv(written(tmp_path, b'a,b\n"one\ntwo, ""three""",x\r\n4,5\n'), UTF8)
    assert table["a"].to_pylist() == ['one\ntwo, "three"', "4"]


@pytest.mark.parametrize(
    ("raw", "source"), [("姓,名\n张,伟\n".encode("utf-8-sig"), UTF8), ("姓,名\n张,伟\n".encode("gb18030"), GB)]
)
def test_a_byte_order_mark_and_gb18030_are_read(tmp_path, raw, source):
    path = written(tmp_path, raw)
    assert header_of(path, source) == ("姓", "名")
    assert read_csv(path, source)["名"].to_pylist() == ["伟"]


def test_another_delimiter_and_no_rows_are_read(tmp_path):
    table = read_csv(written(tmp_path, b"a;b\n"), Source(delimiter=";"))
    assert (table.num_rows, table.column_names) == (0, ["a", "b"])


def test_an_empty_line_is_a_row_only_where_there_is_one_column(tmp_path):
    assert read_csv(written(tmp_path, b"a\n1\n\n2\n"), UTF8)["a"].to_pylist() == ["1", None, "2"]
    assert read_csv(written(tmp_path, b"a,b\n1,2\n\n3,4\n"), UTF8).num_rows == 2


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


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        for read in (lambda p: read_csv(p, UTF8), header_of, sha256_of):
            with pytest.raises(SourceError):
                read(path)


def test_another_file_than_the_pinned_one_is_refused(tmp_path):
    path = written(tmp_path, b"a\n1\n")
    assert read_csv(path, Source(sha256=sha256_of(path))).num_rows == 1
    assert "hash" in refused(tmp_path, b"a\n2\n", Source(sha256=sha256_of(path))).found


def test_a_source_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    from anonymize.sources import csv

    path = written(tmp_path, b"a,b\n1,2\n")
    before = path.stat()
    parse = csv._parsed

    def meddle(*args):
        path.write_bytes(b"a,b\n1,3\n")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return parse(*args)

    monkeypatch.setattr(csv, "_parsed", meddle)
    with pytest.raises(SourceError, match="changed"):
        read_csv(path, UTF8)


def test_packed_bytes_are_refused_without_being_shown(tmp_path):
    assert refused(tmp_path, gzip.compress(b"a,b\n1,2\n")).fix


def test_progress_is_told(tmp_path):
    told: list[str] = []
    read_csv(written(tmp_path, b"a,b\n1,2\n"), UTF8, progress=told.append)
    assert told == ["read 1 rows of 2 columns"]
