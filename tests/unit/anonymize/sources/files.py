"""Small source files of every format, and ways to read them: in this process, or as the product does, in a child."""

import gzip
import io
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pyarrow as pa

from anonymize.errors import SourceError
from anonymize.sources import csv as csv_source
from anonymize.sources import open_source
from anonymize.sources.feed import schema_of
from anonymize.sources.files import Files
from anonymize.sources.steady import Steady
from policies.source import Source


def read(path: Path, source: Source | None = None, **options) -> pa.Table:
    """Read as the product does."""
    with open_source(path, source or Source(), **options) as reading:
        batches = list(reading)
        return pa.Table.from_batches(batches, schema_of(reading.columns))


def here(path: Path, source: Source) -> pa.Table:
    """Read in this process, which is quicker to start: what a format holds, not how the child is kept."""
    files = Files.open(path, str(path), source)
    batches = list(files.batches())
    files.settle()
    return pa.Table.from_batches(batches, schema_of(files.columns))


def parsed(path: Path, source: Source | None = None, *, size: int = 1 << 20) -> pa.Table:
    """Read a CSV in this process, cut into blocks of *size*."""
    with closing(Steady(path, str(path))) as file:
        feed = csv_source.read(file, source or Source(), size=size)
        return pa.Table.from_batches(list(feed.batches), schema_of(feed.columns))


def outcome(path: Path, source: Source | None = None, **options) -> pa.Table | SourceError:
    """The table, or the named refusal: anything else fails."""
    try:
        return read(path, source, **options)
    except SourceError as error:
        return error


def naaccr(body: str, *, dictionary: str = "naaccr-dictionary-250.xml", before: str = "") -> bytes:
    """A NAACCR XML file around *body*."""
    uri = f"http://naaccr.org/naaccrxml/{dictionary}"
    head = f'<?xml version="1.0"?>{before}\n<NaaccrData baseDictionaryUri="{uri}" recordType="I"'
    return f'{head} specificationVersion="1.7" xmlns="http://naaccr.org/naaccrxml">\n{body}\n</NaaccrData>'.encode()


_TYPES = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def xlsx(sheets: Mapping[str, Sequence[Sequence[str]]], *, extra: Mapping[str, bytes] | None = None) -> bytes:
    """A workbook whose cells are XML: `<v>1</v>`, or ` t="inlineStr"><is><t>x</t></is>`; see `text` and `number`."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_TYPES}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(f'<sheet name="{name}" sheetId="{i}" r:id="s{i}"/>' for i, name in enumerate(sheets, 1))
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_TYPES}/relationships">'
        + "".join(
            f'<Relationship Id="s{i}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i in range(1, len(sheets) + 1)
        )
        + f'<Relationship Id="st" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/>'
        '<xf numFmtId="22"/></cellXfs></styleSheet>',
    }
    for i, rows in enumerate(sheets.values(), 1):
        body = "".join(f'<row r="{n}">{"".join(row)}</row>' for n, row in enumerate(rows, 1))
        parts[f"xl/worksheets/sheet{i}.xml"] = f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        for name, raw in (extra or {}).items():
            archive.writestr(name, raw)
    return out.getvalue()


def text(place: str, value: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def number(place: str, value: str, style: int = 0) -> str:
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


def zstd(raw: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as out:
        out.write(raw)
    return sink.getvalue().to_pybytes()


PACKINGS = {"plain": bytes, "gzip": gzip.compress, "zstd": zstd}
