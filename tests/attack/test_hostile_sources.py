"""Files made to break their reader: refused by name or read as what they are, in a capped child that leaves nothing."""

import gzip
import io
import random
import struct
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anonymize.errors import SourceError
from anonymize.inspect import inspect
from policies.source import Source
from tests.unit.anonymize.sources.files import naaccr, outcome, read, text, xlsx
from tests.unit.anonymize.sources.test_reading import children

SMALL = 512 << 20
"""A cap under which the ordinary passes and a bomb does not."""


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path):
    """No child, and no file beside the source."""
    before = children()
    yield
    assert children() == before
    assert {entry.name for entry in tmp_path.iterdir()} <= {"source"}


def refused(path: Path, source: Source, found: str, **options) -> SourceError:
    with pytest.raises(SourceError, match=found) as caught:
        read(path, source, **options)
    assert caught.value.place.startswith(str(path))
    assert caught.value.fix
    return caught.value


# Parquet

PARQUET = Source(format="parquet")


def test_a_dictionary_of_one_long_value_does_not_go_off(tmp_path):
    path = tmp_path / "source"
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 200_000, pa.int32()), pa.array(["x" * (1 << 20)]))
    pq.write_table(pa.table({"a": long}), path, compression="zstd")
    assert path.stat().st_size < 100_000  # and 200 GB of text
    refused(path, PARQUET, "holds more than 1,073,741,824 bytes of text", memory_bytes=SMALL)


def test_pages_that_decompress_to_very_much_are_refused_before_they_do(tmp_path):
    path = tmp_path / "source"
    zeros = pa.table({"a": pa.array([0]).take(pa.array([0] * 10_000_000))})
    with pq.ParquetWriter(path, zeros.schema, compression="zstd", use_dictionary=False) as writer:
        for _ in range(14):
            writer.write_table(zeros, row_group_size=10_000_000)
    assert path.stat().st_size < 2_000_000
    refused(path, PARQUET, "declares 1,1", memory_bytes=SMALL)


@pytest.mark.parametrize("dictionary", [False, True])
def test_a_cell_longer_than_a_row_may_be_is_refused(tmp_path, dictionary):
    path = tmp_path / "source"
    pq.write_table(pa.table({"a": ["x" * (65 << 20)]}), path, compression="zstd", use_dictionary=dictionary)
    refused(path, PARQUET, "has a row of more than 64 MiB", memory_bytes=2 * SMALL)


def test_rows_that_cost_nothing_are_counted(tmp_path):
    path = tmp_path / "source"
    same = pa.table({name: pa.nulls(10_000_000, pa.int8()) for name in "abc"})
    with pq.ParquetWriter(path, same.schema) as writer:
        for _ in range(10):
            writer.write_table(same, row_group_size=10_000_000)
    refused(path, PARQUET, "declares 100,000,000 rows", memory_bytes=SMALL)


def test_cut_off_or_altered_parquet_is_refused_or_read_as_a_table(tmp_path):
    good = io.BytesIO()
    pq.write_table(pa.table({"a": [str(n) for n in range(1000)], "b": list(range(1000))}), good, row_group_size=100)
    raw, path = good.getvalue(), tmp_path / "source"
    for size in (0, 3, 4, 11, len(raw) // 2, len(raw) - 1):
        path.write_bytes(raw[:size])
        refused(path, PARQUET, "no Parquet file")
    for place in range(4, len(raw), len(raw) // 6):
        path.write_bytes(raw[:place] + bytes([raw[place] ^ 0xFF]) + raw[place + 1 :])
        found = outcome(path, PARQUET)
        assert isinstance(found, SourceError) or found.num_rows <= 1000


# XML

ENTITIES = "".join(f'<!ENTITY e{n} "{"".join([f"&e{n - 1};"] * 10)}">' for n in range(1, 12))
BOMB = f'<!DOCTYPE NaaccrData [<!ENTITY e0 "SECRET">{ENTITIES}]>'


@pytest.mark.parametrize(
    "before",
    [
        BOMB,
        '<!DOCTYPE NaaccrData [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE NaaccrData SYSTEM "http://127.0.0.1/x.dtd">',
        '<!DOCTYPE NaaccrData [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    ],
)
def test_a_document_type_is_refused_and_with_it_every_entity(tmp_path, before):
    body = '<Patient><Tumor><Item naaccrId="textRemarks">&e11;&x;</Item></Tumor></Patient>'
    path = tmp_path / "source"
    path.write_bytes(naaccr(body, before=before))
    error = refused(path, Source(format="naaccr"), "declares a document type")
    assert error.place.endswith("line 1")
    assert "SECRET" not in str(error)


def test_a_token_without_end_is_refused_at_the_cap(tmp_path):
    path = tmp_path / "source"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(naaccr("")[: -len("\n</NaaccrData>")] + b'<Patient><Item naaccrId="')
        for _ in range(300):
            file.write(b"a" * (1 << 20))
    refused(path, Source(format="naaccr"), "memory", memory_bytes=SMALL)


@pytest.mark.parametrize("deep", ["<Patient>" * 5, '<x:a xmlns:x="urn:x">' + "<x:a>" * 5000])
def test_elements_too_deep_in_each_other_are_refused(tmp_path, deep):
    path = tmp_path / "source"
    path.write_bytes(naaccr(deep))
    refused(path, Source(format="naaccr"), "stands where|too deep")


# Archives

EXCEL = Source(format="xlsx")


def test_a_zip_bomb_is_refused_by_what_it_declares(tmp_path):
    path = tmp_path / "source"
    path.write_bytes(xlsx({"S": [[text("A1", "a")]]}, extra={"xl/media/zeros": bytes(80 << 20)}))
    assert path.stat().st_size < 100_000
    refused(path, Source(format="xlsx", max_bytes=50 << 20), "unpacks to 83,")


def test_a_zip_bomb_that_declares_little_ends_at_the_cap(tmp_path):
    path = tmp_path / "source"
    cells = "".join(f"<row><c t='inlineStr'><is><t>{'x' * 1000}</t></is></c></row>" for _ in range(1000))
    sheet = f"<worksheet><sheetData>{cells * 200}</sheetData></worksheet>".encode()
    raw = bytearray(xlsx({"S": []}, extra={"xl/worksheets/sheet9.xml": sheet}))
    size = struct.pack("<L", len(sheet))
    assert raw.count(size) >= 1
    raw = raw.replace(size, struct.pack("<L", 1000)).replace(b"worksheets/sheet1.xml", b"worksheets/sheet9.xml")
    path.write_bytes(raw)
    del sheet, cells
    found = outcome(path, EXCEL, memory_bytes=SMALL)
    assert isinstance(found, SourceError) or found.nbytes < SMALL


def test_entities_in_a_workbook_are_not_expanded(tmp_path):
    path = tmp_path / "source"
    raw = xlsx({"S": [[text("A1", "a")], [text("A2", "&e11;")]]})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, BOMB.encode() * ("sheet1" in entry.filename) + old.read(entry))
    path.write_bytes(out.getvalue())
    found = outcome(path, EXCEL, memory_bytes=SMALL)
    assert isinstance(found, SourceError) or found.nbytes < 1000
    assert "SECRET" not in str(found)


@pytest.mark.parametrize(
    ("pack", "allowed", "limit"), [("gzip", 50 << 20, "52,428,800"), ("zstd", None, "1,073,741,824")]
)
def test_packed_text_that_unpacks_to_very_much_is_refused(tmp_path, pack, allowed, limit):
    path = tmp_path / "source"
    row = (b"x" * 65_535 + b"\n") * 16
    with pa.OSFile(str(path), "wb") as file, pa.CompressedOutputStream(file, pack) as out:
        out.write(b"a\n")
        for _ in range(1030 if allowed is None else 60):
            out.write(row)
    error = refused(path, Source(max_bytes=allowed), f"unpacks to more than {limit} bytes", memory_bytes=1 << 30)
    assert "max_bytes" in error.fix
    if allowed is not None:
        assert read(path, Source(max_bytes=2 * allowed)).num_rows == 60 * 16


# Text


def test_a_field_of_a_gigabyte_is_refused_with_its_line(tmp_path):
    path = tmp_path / "source"
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n3,")
        for _ in range(80):
            file.write(b"x" * (1 << 20))
        file.truncate(1 << 30)  # the rest is never reached
    error = refused(path, Source(), "longer than 64 MiB", memory_bytes=1 << 30)
    assert error.place.endswith("line 3")


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"a,b\n1,\x00SECRET\n", "NUL byte at byte 6"),
        (",".join(f"c{n}" for n in range(10_000)).encode() + b"\n", "10,000 columns"),
        (b"a,b,a\n1,2,3\n", "columns 1 and 3"),
        (b'a,b\n1,"SECRET\n' + b"2,3\n" * 1000, "not closed"),
        (random.Random(3).randbytes(100_000).replace(b"\0", b"\1"), "not utf-8|columns|quote"),
        (b'"' * 100_001, "not closed"),
        (b"\n" * 1_000_000, "empty"),
        (b"\r" * 1_000_001, "empty"),
    ],
)
def test_text_that_is_no_table_is_refused_without_a_word_of_it(tmp_path, raw, found):
    path = tmp_path / "source"
    path.write_bytes(raw)
    error = refused(path, Source(), found, memory_bytes=SMALL)
    assert "SECRET" not in str(error)


def test_the_first_look_at_a_hostile_file_is_taken_in_the_child_too(tmp_path):
    path = tmp_path / "source"
    for raw in (naaccr("", before=BOMB), b"PK\x03\x04" + b"\xff" * 1000, b"\x28\xb5\x2f\xfd" + b"\xff" * 1000):
        path.write_bytes(raw)
        with pytest.raises(SourceError):
            inspect(path)
