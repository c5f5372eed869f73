"""A guess is right where it can be, and says its doubts where it cannot."""

import gzip
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymize.errors import SourceError
from anonymize.sources import Sniffed, sniff
from anonymize.sources.sniff import sniffed
from policies.source import Source
from tests.unit.anonymize.sources.files import here, naaccr, text, xlsx, zstd

TABLE = "姓名,地址\n王芳,重庆市渝中区解放路\n李伟,成都市锦江区人民路\n"


def parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), sink)
    return sink.getvalue()


def guess(path: Path) -> Sniffed:
    """What the child is asked for, in this process."""
    said = sniffed(path, str(path))
    return Sniffed(Source(**said["source"]), tuple(said["doubts"]))


SHEET = [[text("A1", "a")]]
CASES = [
    (b"a,b\n1,2\n", Source(), []),
    (TABLE.encode(), Source(), []),
    (TABLE.encode("utf-8-sig"), Source(), []),
    (TABLE.encode("gb18030"), Source(encoding="gb18030"), []),
    (gzip.compress(TABLE.replace(",", "|").encode("gb18030"), mtime=0), Source(encoding="gb18030", delimiter="|"), []),
    (zstd(b"a;b;c\n1,5;2;3\n2,5;2;3\n"), Source(delimiter=";"), []),
    (b"a\tb\n1,5\t2\n", Source(delimiter="\t"), []),
    (b'a,b\n"x;y\n;z",2\n', Source(), []),
    (b"a;b,c\n1;2,3\n", Source(), ["semicolon would do as well"]),
    (b"a;b,c\n1;2,3\n1;2,3,4\n", Source(delimiter=";"), []),
    (b"a,b\n1,2\n1,2,3\n", Source(), ["66.7% of the rows the header's 2 columns"]),
    (b"a\n1\n", Source(), ["none of comma, semicolon"]),
    ("é,b\n1,2\n".encode(), Source(), ["both utf-8 and gb18030 fit"]),
    ("caf\xe9 cr\xe8me,b\n\xfcber stra\xdfe,2\n".encode("latin-1"), None, ["encoding: "]),
    (b"\xff\xff,b\n1,2\n", Source(), ["neither utf-8 nor gb18030"]),
    (parquet(), Source(format="parquet"), []),
    (naaccr(""), Source(format="naaccr"), []),
    (gzip.compress(naaccr(""), mtime=0), Source(format="naaccr"), []),
    (xlsx({"One": SHEET}), Source(format="xlsx", sheet="One"), []),
    (
        xlsx({"One": SHEET, "Two": SHEET}),
        Source(format="xlsx", sheet="One"),
        ["there are 2; the first is read, not Two"],
    ),
]


@pytest.mark.parametrize(("raw", "source", "doubts"), CASES)
def test_a_source_is_told_by_its_bytes(tmp_path, raw, source, doubts):
    (tmp_path / "source").write_bytes(raw)
    found = guess(tmp_path / "source")
    assert source is None or found.source == source
    assert len(found.doubts) == len(doubts), found.doubts
    for doubt, words in zip(found.doubts, doubts, strict=True):
        assert words in doubt


def test_what_is_guessed_reads(tmp_path):
    for raw, source, doubts in CASES[:9]:
        (tmp_path / "source").write_bytes(raw)
        assert here(tmp_path / "source", guess(tmp_path / "source").source).num_columns > 1, (source, doubts)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
        (b"PK\x03\x04nothing", "no Excel workbook"),
        (b"<?xml version='1.0'?><html/>", "not of NAACCR"),
        ("a,b\n".encode("utf-16"), "UTF-16"),
        (b"\x7fELF\x00\x01\x02,\n", "NUL"),
    ],
)
def test_what_is_no_source_is_named(tmp_path, raw, found):
    (tmp_path / "source").write_bytes(raw)
    with pytest.raises(SourceError, match=found):
        guess(tmp_path / "source")


def test_of_a_folder_the_first_file_is_looked_at(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text("a;b\n1;2\n")
    found = sniff(tmp_path)
    assert found.source == Source(delimiter=";")
    assert found.doubts == ("2 files: only the first was looked at",)
